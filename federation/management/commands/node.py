"""`manage.py node …`: this node's key and its description of itself."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, no_translations

from core.errors import HavenlinkError
from core.records.keys import own_verifier_key, signing_key_create
from federation.selectors.well_known import well_known
from federation.services.describe import node_describe


class Command(BaseCommand):
    """Exit code 0, or 1 with the reason and the remedy."""

    help = "Prepare this node (init), or show what it says of itself (show)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="init|show")
        verbs.add_parser(
            "init",
            help="make the signing key unless there is one, and publish this node's description if it changed",
        )
        verbs.add_parser(
            "show", help="print the JSON of /.well-known/havenlink.json, with verifier key and fingerprint"
        )

    @no_translations
    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            self._init() if options["verb"] == "init" else self._show()
        except HavenlinkError as error:
            raise CommandError(f"{error.message} {error.remedy} ({error.reason})") from error

    def _init(self) -> None:
        path = Path(settings.SIGNING_KEY_FILE)
        made = signing_key_create(path)
        self.stdout.write(f"Made the signing key {path}. Keep a copy." if made else f"The signing key is {path}.")
        published = node_describe()
        self.stdout.write("Published this node's description." if published else "The description is up to date.")
        self.stdout.write(f"Fingerprint: {own_verifier_key().fingerprint}")

    def _show(self) -> None:
        self.stdout.write(orjson.dumps(well_known(), option=orjson.OPT_INDENT_2).decode())
