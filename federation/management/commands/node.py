"""`manage.py node …`: this node's key and its description of itself."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, no_translations
from django.db import transaction

from core.errors import HavenlinkError
from core.node import this_node
from core.records.keys import old_key_drop, own_verifier_key, signing_key_create
from core.records.models import Log
from core.records.selectors.records import record_or_withdrawal, record_uuid
from core.records.services.erase import record_erase
from core.records.services.recovery import recovery_end
from federation.management.console import console_account
from federation.models import Peer
from federation.selectors.peers import peers
from federation.selectors.well_known import well_known
from federation.services.actions import action_record
from federation.services.describe import node_describe, node_retire, node_rotate_key
from federation.services.due import peer_pull
from federation.services.recovery import recovery_demand, recovery_look, recovery_missing


class Command(BaseCommand):
    """Exit code 0, or 1 with the reason and the remedy."""

    help = "This node's key, its description of itself, and the whole of its log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(
            dest="verb", required=True, metavar="init|show|rotate-key|drop-old-key|retire|restored|recover|erase"
        )
        verbs.add_parser(
            "init",
            help="make the signing key unless there is one, and publish this node's description if it changed",
        )
        verbs.add_parser(
            "show", help="print the JSON of /.well-known/havenlink.json, with verifier key and fingerprint"
        )

        verbs.add_parser("rotate-key", help="make a new signing key; old and new one sign until the old one is dropped")
        verbs.add_parser("drop-old-key", help="sign with the new key alone, once every peer has pulled")
        retire = verbs.add_parser("retire", help="close this node's log for ever, naming who goes on")
        retire.add_argument("--successor", required=True, help="verifier key or web address of the node that goes on")
        retire.add_argument("--yes", action="store_true", help="do not ask again")
        verbs.add_parser("restored", help="a backup was put back: publish nothing until the peers have been asked")
        recover = verbs.add_parser(
            "recover", help="pull this node's log back from its peers now, and say what is missing"
        )
        recover.add_argument(
            "--accept-loss", action="store_true", help="publish again all the same: peers may freeze it"
        )
        erase = verbs.add_parser("erase", help="erase the documents of a withdrawn record for good; headers stay")
        erase.add_argument("id", help="the record's id")

    @no_translations
    def handle(self, *_args: Any, **options: Any) -> None:
        steps: dict[str, Callable[[dict[str, Any]], None]] = {
            "init": self._init,
            "show": self._show,
            "rotate-key": self._rotate,
            "drop-old-key": self._drop,
            "retire": self._retire,
            "restored": self._restored,
            "recover": self._recover,
            "erase": self._erase,
        }
        try:
            steps[options["verb"]](options)
        except HavenlinkError as error:
            raise CommandError(f"{error.message} {error.remedy} ({error.reason})") from error

    def _init(self, _options: dict[str, Any]) -> None:
        path = Path(settings.SIGNING_KEY_FILE)
        made = signing_key_create(path)
        self.stdout.write(f"Made the signing key {path}. Keep a copy." if made else f"The signing key is {path}.")
        published = node_describe()
        if made or published:
            _record("init", "signing key made" if made else "description published")
        self.stdout.write("Published this node's description." if published else "The description is up to date.")
        self.stdout.write(f"Fingerprint: {own_verifier_key().fingerprint}")

    def _show(self, _options: dict[str, Any]) -> None:
        self.stdout.write(orjson.dumps(well_known(), option=orjson.OPT_INDENT_2).decode())

    def _rotate(self, _options: dict[str, Any]) -> None:
        node_rotate_key()
        _record("rotate-key", own_verifier_key().fingerprint)
        self.stdout.write(f"Signed with a new key from now on, and with the old one too: {own_verifier_key()}")
        self.stdout.write(f"Fingerprint: {own_verifier_key().fingerprint}. Keep a copy of the key.")

    def _drop(self, _options: dict[str, Any]) -> None:
        dropped = old_key_drop()
        if dropped:
            _record("drop-old-key")
        self.stdout.write("The old key signs no more." if dropped else "There is no old key.")

    def _retire(self, options: dict[str, Any]) -> None:
        if not options["yes"] and not self._sure("Close this node's log for ever?"):
            raise CommandError("Nothing was changed.")
        with transaction.atomic():
            node_retire(successor=options["successor"])
            _record("retire", options["successor"])
        self.stdout.write(
            f"This node is retired; {options['successor']} goes on. Keep it running until all have pulled."
        )

    def _restored(self, _options: dict[str, Any]) -> None:
        recovery_demand()
        _record("restored")
        self.stdout.write("Nothing is published until the peers have been asked: manage.py node recover")

    def _recover(self, options: dict[str, Any]) -> None:
        log = recovery_look()
        if log.state == Log.State.RECOVERING:
            _record("recover", log.state_reason)
            for peer in peers():
                if peer.state == Peer.State.ADMITTED:
                    self._pull_whole(peer)
            log.refresh_from_db()
        if log.state == Log.State.RECOVERING and options["accept_loss"]:
            recovery_end()
            _record("accept-loss", log.state_reason)
            log.refresh_from_db()
        if log.state == Log.State.RECOVERING:
            missing = ", ".join(peer.name for peer in recovery_missing(log)) or "nobody"
            raise CommandError(f"Still not whole: {log.state_reason}. Not heard, or not in full: {missing}.")
        self.stdout.write(f"The log is whole: {log.size} entries.")

    def _pull_whole(self, peer: Peer) -> None:
        while (outcome := peer_pull(peer=peer)) is not None and not outcome.finished and not outcome.problems:
            pass
        found = "cannot be pulled" if outcome is None else f"{sum(outcome.added.values())} entries"
        self.stdout.write(f"{peer.name}: {found}")

    def _erase(self, options: dict[str, Any]) -> None:
        record = record_or_withdrawal(record_uuid(options["id"]))
        with transaction.atomic():
            erased = record_erase(record)
            _record("erase", record.entry.record_id, origin=record.log.origin)
        self.stdout.write(f"{erased} documents erased. Peers hold their own copies: tell their operators.")

    def _sure(self, question: str) -> bool:
        if not sys.stdin.isatty():
            raise CommandError("Nobody is there to confirm: give --yes.")
        return input(f"{question} [yes/no] ").strip().lower() in ("y", "yes")


def _record(verb: str, detail: str = "", *, origin: str = "") -> None:
    """In the audit trail, what was done to this node or, with `origin`, to what it holds of another."""
    action_record(by=console_account(), verb=verb, origin=origin or this_node().id, detail=detail)
