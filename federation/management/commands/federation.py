"""`manage.py federation …`: whom this node pulls from, and how that goes."""

import getpass
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, no_translations
from django.utils import timezone

from core.errors import HavenlinkError
from core.node import this_node
from core.records.checkpoint import VerifierKey
from core.records.selectors.logs import log_get, logs, unreadable_entries
from federation.models import Action, Peer
from federation.selectors.network import NodeStatus, network_status
from federation.selectors.peers import peer_get, peers
from federation.services.admission import peer_admit, peer_pause, peer_remove, peer_resume
from federation.services.ask import ask_description
from federation.services.due import peer_pull
from federation.services.operate import (
    action_record,
    deletions_confirm,
    origin_forget,
    origin_freeze,
    origin_release,
)

_MOVES: dict[str, Callable[..., Peer]] = {"pause": peer_pause, "resume": peer_resume, "remove": peer_remove}
_PEER_HELP = "the peer's web address or id"
_ORIGIN_HELP = "the id of the node whose log it is"


VERBS = "admit|list|pull|pause|resume|remove|status|freeze|release|confirm|forget|unreadable|actions"


class Command(BaseCommand):
    """Exit code 0; 1 with the reason and the remedy; 2 for arguments that cannot be read."""

    help = "Admit nodes, pull from them, and see how that goes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar=VERBS)
        admit = verbs.add_parser("admit", help="admit a node: pull from it and follow its log")
        admit.add_argument("url", help="its web address, such as https://antwerp.example.org")
        admit.add_argument("--key", help="its verifier key, if its operator sent it; otherwise the node is asked")
        admit.add_argument("--replace-key", action="store_true", help="its old key is lost: trust the new one instead")
        admit.add_argument("--yes", action="store_true", help="do not ask whether the fingerprint was compared")
        verbs.add_parser("list", help="list the peers")
        pull = verbs.add_parser("pull", help="pull now from one peer, or from all admitted ones")
        pull.add_argument("peer", nargs="?", help=_PEER_HELP)
        for verb, text in (
            ("pause", "ask a peer nothing until it is resumed"),
            ("resume", "pull from a paused or removed peer again"),
            ("remove", "follow a peer and its log no longer; what is held of it stays"),
        ):
            verbs.add_parser(verb, help=text).add_argument("peer", help=_PEER_HELP)
        status = verbs.add_parser("status", help="what is held of every node, how it lags, what went wrong")
        status.add_argument("--json", action="store_true", help="as JSON, for monitoring")
        freeze = verbs.add_parser("freeze", help="take nothing more of an origin's log; what is held stays readable")
        freeze.add_argument("origin", help=_ORIGIN_HELP)
        freeze.add_argument("--reason", required=True, help="why, for those who come after")
        for verb, text in (
            ("release", "follow a frozen log again"),
            ("confirm", "take the many deletions for which an origin's log is held"),
            ("forget", "delete what is held of an origin, and the peer"),
        ):
            named = verbs.add_parser(verb, help=text)
            named.add_argument("origin", help=_ORIGIN_HELP)
            named.add_argument("--yes", action="store_true", help="do not ask again")
        unreadable = verbs.add_parser("unreadable", help="list entries whose documents this version cannot read")
        unreadable.add_argument("origin", nargs="?", help=_ORIGIN_HELP)
        verbs.add_parser("actions", help="what operators did, the newest first")

    @no_translations
    def handle(self, *_args: Any, **options: Any) -> None:
        verb = options["verb"]
        try:
            if verb in _MOVES:
                peer = _MOVES[verb](peer=peer_get(options["peer"]))
                action_record(by=_by(), verb=verb, origin=peer.origin)
                self.stdout.write(f"{peer.name} is now {Peer.State(peer.state).label}.")
            elif verb == "admit":
                self._admit(options["url"].rstrip("/"), options["key"], options["yes"], options["replace_key"])
            elif verb == "pull":
                self._pull([peer_get(options["peer"])] if options["peer"] else None)
            elif verb == "status":
                self._status(options["json"])
            elif verb in ("list", "unreadable", "actions"):
                {"list": self._list, "unreadable": self._unreadable, "actions": self._actions}[verb](options)
            else:
                self._step(verb, options["origin"], options)
        except HavenlinkError as error:
            raise CommandError(f"{error.message} {error.remedy} ({error.reason})") from error

    def _step(self, verb: str, origin: str, options: dict[str, Any]) -> None:
        if verb == "freeze":
            origin_freeze(by=_by(), origin=origin, reason=options["reason"])
            self.stdout.write(f"The log of {origin} is frozen.")
        elif verb == "release":
            origin_release(by=_by(), origin=origin)
            self.stdout.write(f"The log of {origin} is followed again.")
        elif verb == "confirm":
            deletions_confirm(by=_by(), origin=origin)
            self.stdout.write(f"The deletions of {origin} are taken with the next pull.")
        elif options["yes"] or self._sure(origin):
            unindexed = origin_forget(by=_by(), origin=origin)
            self.stdout.write(f"{origin} is forgotten.")
            if not unindexed:
                self.stdout.write("The search index was busy: build it anew with “manage.py search rebuild”.")

    def _sure(self, origin: str) -> bool:
        if not sys.stdin.isatty():
            raise CommandError("Nobody is there to confirm: give --yes.")
        return input(f"Delete all that is held of {origin}? [yes/no] ").strip().lower() in ("y", "yes")

    def _unreadable(self, options: dict[str, Any]) -> None:
        for log in [log_get(options["origin"])] if options["origin"] else logs():
            for entry in unreadable_entries(log):
                self.stdout.write(f"{log.origin} {entry.index} {entry.record_id} ({entry.kind}): {entry.unreadable}")

    def _actions(self, _options: dict[str, Any]) -> None:
        for action in Action.objects.all()[:1000]:
            self.stdout.write(f"{action.at:%Y-%m-%d %H:%M} {action.by}: {action.verb} {action.origin} {action.detail}")

    def _admit(self, url: str, key_text: str | None, confirmed: bool, replace_key: bool) -> None:
        if key_text:
            key, name = VerifierKey.parse(key_text), ""
        else:
            description = ask_description(url)
            key, name = description.key, description.name
            self.stdout.write(f"At {url} answers {name} ({key.name}).\nFingerprint of its key: {key.fingerprint}")
            if not confirmed and not self._compared():
                raise CommandError("Nothing was admitted. Compare the fingerprint with the node's operator first.")
        peer = peer_admit(url=url, verifier_key=str(key), name=name, replace_key=replace_key)
        action_record(by=_by(), verb="admit", origin=peer.origin, detail=peer.fingerprint)
        self.stdout.write(f"Admitted {peer.name} ({peer.origin}), fingerprint {peer.fingerprint}.")

    def _compared(self) -> bool:
        if not sys.stdin.isatty():
            raise CommandError("Nobody is there to compare the fingerprint: give --key, or --yes.")
        return input("Is this the fingerprint that its operator read to you? [yes/no] ").strip().lower() in ("y", "yes")

    def _list(self, _options: dict[str, Any]) -> None:
        found = peers()
        for peer in found:
            self.stdout.write(f"{peer.origin}  {peer.url}  {Peer.State(peer.state).label}  {peer.fingerprint}")
        if not found:
            self.stdout.write("There are no peers. Admit one: manage.py federation admit https://…")

    def _pull(self, chosen: list[Peer] | None) -> None:
        wanted = chosen or [peer for peer in peers() if peer.state == Peer.State.ADMITTED]
        failed = [peer.name for peer in wanted if not self._pulled(peer)]
        if failed:
            raise CommandError(f"Not pulled: {', '.join(failed)}.")

    def _pulled(self, peer: Peer) -> bool:
        while True:
            outcome = peer_pull(peer=peer)
            if outcome is None:
                self.stderr.write(f"{peer.name}: {peer.last_error_text} ({peer.last_error_code})")
                return False
            for origin, count in outcome.added.items():
                self.stdout.write(f"{peer.name}: {count} entries of {origin}")
            for problem in outcome.problems:
                self.stderr.write(f"{peer.name}: {problem.origin}: {problem.error.message} ({problem.error.reason})")
            if outcome.problems:
                return False
            if outcome.finished:
                self.stdout.write(f"{peer.name}: nothing more to take")
                return True

    def _status(self, as_json: bool) -> None:
        statuses = network_status()
        if as_json:
            report = {"node": this_node().id, "at": timezone.now(), "nodes": [asdict(status) for status in statuses]}
            self.stdout.write(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode())
            return
        for status in statuses:
            self.stdout.write(_line(status))


def _by() -> str:
    """The account of the machine that runs the command."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


def _line(status: NodeStatus) -> str:
    words = f"{status.name} ({status.origin}): {status.state}, {status.record_count} records, "
    words += f"{status.entry_count} entries verified"
    if status.lag_count:
        words += f", {status.lag_count} behind"
    if status.failing:
        words += (
            f"; failing: {status.last_error_text} ({status.last_error_code}), next try {status.next_pull_at:%H:%M:%S}"
        )
    return words
