"""`manage.py federation …`: whom this node pulls from, and how that goes."""

import sys
import time
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, no_translations
from django.db import DatabaseError
from django.utils import timezone

from core.errors import HavenlinkError
from core.node import this_node
from core.records.checkpoint import VerifierKey
from core.records.selectors.logs import log_get, logs, unreadable_entries
from federation.management.console import console_account
from federation.models import Action, Peer
from federation.selectors.network import NodeStatus, network_status
from federation.selectors.peers import peer_get, peers
from federation.services.actions import action_record
from federation.services.ask import ask_description
from federation.services.due import peer_pull
from federation.services.operate import (
    deletions_confirm,
    node_admit,
    origin_forget,
    origin_freeze,
    origin_release,
    peer_step,
)
from federation.services.verify_runs import verify_now
from federation.verify_words import fault_words

_MOVES = ("pause", "resume", "remove")
# As monitoring plugins end: all is well, something to be known, something is wrong, nobody knows.
EXIT_CODES = {"good": 0, "repaired": 1, "bad": 2, "unknown": 3}
_NAMED = 10
_PROGRESS_SECONDS = 2.0
_PEER_HELP = "the peer's web address or id"
_ORIGIN_HELP = "the id of the node whose log it is"
_REASON_HELP = "why, for those who come after"


VERBS = "admit|list|pull|pause|resume|remove|status|freeze|release|confirm|forget|unreadable|verify|actions"


class Command(BaseCommand):
    """Exit code 0; 1 with the reason and the remedy; 2 for arguments that cannot be read.

    `verify` has its own: 0 all is as it was signed, 1 there were faults and all are repaired, 2 something is wrong,
    3 not everything could be verified.
    """

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
            move = verbs.add_parser(verb, help=text)
            move.add_argument("peer", help=_PEER_HELP)
            move.add_argument("--reason", default="", help=_REASON_HELP)
        status = verbs.add_parser("status", help="what is held of every node, how it lags, what went wrong")
        status.add_argument("--json", action="store_true", help="as JSON, for monitoring")
        freeze = verbs.add_parser("freeze", help="take nothing more of an origin's log; what is held stays readable")
        freeze.add_argument("origin", help=_ORIGIN_HELP)
        freeze.add_argument("--reason", required=True, help=_REASON_HELP)
        for verb, text in (
            ("release", "follow a frozen log again"),
            ("confirm", "take the many deletions for which an origin's log is held"),
            ("forget", "delete what is held of an origin, and the peer"),
        ):
            named = verbs.add_parser(verb, help=text)
            named.add_argument("origin", help=_ORIGIN_HELP)
            named.add_argument("--yes", action="store_true", help="do not ask again")
            named.add_argument("--reason", default="", help=_REASON_HELP)
        unreadable = verbs.add_parser("unreadable", help="list entries whose documents this version cannot read")
        unreadable.add_argument("origin", nargs="?", help=_ORIGIN_HELP)
        verify = verbs.add_parser(
            "verify", help="prove all that is held: documents, trees, signatures, records, index; or mend it"
        )
        verify.add_argument("--origin", default="", help="only this node's log, and not the index")
        verify.add_argument("--repair", action="store_true", help="mend what can be, with what peers hold")
        verify.add_argument("--json", action="store_true", help="as JSON, for monitoring")
        verbs.add_parser("actions", help="what operators did, the newest first")

    @no_translations
    def handle(self, *_args: Any, **options: Any) -> None:
        verb = options["verb"]
        try:
            if verb in _MOVES:
                found = peer_get(options["peer"])
                peer = peer_step(by=console_account(), verb=verb, peer=found, reason=options["reason"])
                self.stdout.write(f"{peer.name} is now {Peer.State(peer.state).label}.")
            elif verb == "admit":
                self._admit(options["url"].rstrip("/"), options["key"], options["yes"], options["replace_key"])
            elif verb == "pull":
                self._pull([peer_get(options["peer"])] if options["peer"] else None)
            elif verb == "verify":
                self._verify(options["origin"], options["repair"], options["json"])
            elif verb == "status":
                self._status(options["json"])
            elif verb in ("list", "unreadable", "actions"):
                {"list": self._list, "unreadable": self._unreadable, "actions": self._actions}[verb](options)
            else:
                self._step(verb, options["origin"], options)
        except HavenlinkError as error:
            raise CommandError(f"{error.message} {error.remedy} ({error.reason})") from error

    def _step(self, verb: str, origin: str, options: dict[str, Any]) -> None:
        by, reason = console_account(), options["reason"]
        if verb == "freeze":
            origin_freeze(by=by, origin=origin, reason=reason)
            self.stdout.write(f"The log of {origin} is frozen.")
        elif verb == "release":
            origin_release(by=by, origin=origin, reason=reason)
            self.stdout.write(f"The log of {origin} is followed again.")
        elif verb == "confirm":
            deletions_confirm(by=by, origin=origin, reason=reason)
            self.stdout.write(f"The deletions of {origin} are taken with the next pull.")
        elif options["yes"] or self._sure(origin):
            unindexed = origin_forget(by=by, origin=origin, reason=reason)
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
        peer = node_admit(by=console_account(), url=url, verifier_key=str(key), name=name, replace_key=replace_key)
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
        for peer in wanted:
            action_record(by=console_account(), verb="pull", origin=peer.origin)
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

    def _verify(self, origin: str, repair: bool, as_json: bool) -> None:
        shown = [time.monotonic()]

        def progress(name: str, done: int, total: int) -> None:
            if time.monotonic() - shown[0] > _PROGRESS_SECONDS:
                shown[0] = time.monotonic()
                self.stderr.write(f"{name}: {done} of {total} entries …")

        try:
            run = verify_now(by=console_account(), origin=origin, repair=repair, on_progress=progress)
        except HavenlinkError as error:
            raise CommandError(f"{error.message} {error.remedy} ({error.reason})", returncode=3) from error
        except DatabaseError as error:
            raise CommandError(f"The database cannot be read: {error}", returncode=3) from error
        if as_json:
            self.stdout.write(orjson.dumps(run.report, option=orjson.OPT_INDENT_2).decode())
        else:
            self._say_verified(run.report)
        if run.verdict != "good":
            verdict = str(run.get_verdict_display())
            raise CommandError(f"{verdict[:1].upper()}{verdict[1:]}.", returncode=EXIT_CODES[run.verdict])

    def _say_verified(self, report: dict[str, Any]) -> None:
        for log in report["logs"]:
            entries = f"{log['entries']} entries, {log['checkpoint_size']} of them signed, {log['records']} records"
            self.stdout.write(f"{log['origin']}: {entries}: {log['verdict']}")
            for code, count in log["found"].items():
                left = log["remaining"].get(code, 0)
                outcome = f"{left} of them not repaired: {fault_words(code).remedy}" if left else "repaired"
                self.stdout.write(f"  {count} {code}: {fault_words(code).meaning} {outcome}")
            for fault in log["faults"][:_NAMED]:
                where = "" if fault["entry"] is None else f" entry {fault['entry']}"
                self.stdout.write(f"    {fault['code']}{where} {fault['record']} {fault['detail']}".rstrip())
            for problem in log["problems"]:
                self.stdout.write(f"  not had from a peer: {problem}")
        if index := report["index"]:
            differing = index["missing"] + index["outdated"] + index["extra"]
            self.stdout.write(f"index: {index['alike']} records alike, {differing} different: {index['verdict']}")
            if index["error"]:
                self.stdout.write(f"  {fault_words('index_unverified').meaning} {index['error']}")
        entries = sum(log["entries"] for log in report["logs"])
        self.stdout.write(f"{entries} entries in {report['seconds']:.1f} s")

    def _status(self, as_json: bool) -> None:
        statuses = network_status()
        if as_json:
            report = {"node": this_node().id, "at": timezone.now(), "nodes": [asdict(status) for status in statuses]}
            self.stdout.write(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode())
            return
        for status in statuses:
            self.stdout.write(_line(status))


def _line(status: NodeStatus) -> str:
    words = f"{status.name} ({status.origin}): {status.state}, {status.record_count} records, "
    words += f"{status.entry_count} entries verified"
    if status.lag_count:
        words += f", {status.lag_count} behind"
        words += f" for {status.lag_seconds:.0f} s" if status.lag_seconds is not None else ""
    if status.holds_of_ours is not None and status.reported_at is not None:
        words += f"; holds {status.holds_of_ours} of ours, seen {status.reported_at:%H:%M:%S}"
    if status.failing:
        words += (
            f"; failing: {status.last_error_text} ({status.last_error_code}), next try {status.next_pull_at:%H:%M:%S}"
        )
    return words
