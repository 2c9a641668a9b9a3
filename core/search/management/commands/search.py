"""manage.py search: prepare the languages, rebuild the index, see how it stands, bring it up to date."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations

from core.errors import HavenlinkError
from core.search import analysis
from core.search.selectors.status import index_status
from core.search.services.catch_up import catch_up
from core.search.services.lease import LeaseHeld
from core.search.services.rebuild import rebuild


class Command(BaseCommand):
    help = "Looks after the search index: prepare, rebuild, status or catch-up."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("prepare", help="build the lemmas of every language, once per machine (20 seconds)")
        verbs.add_parser("rebuild", help="build the index anew beside the old one, then swap")
        verbs.add_parser(
            "status", help="show how far the index stands behind each log; exit code 1 if it cannot answer"
        )
        verbs.add_parser("catch-up", help="index what the logs hold and the index does not")

    @no_translations
    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        try:
            {"prepare": self.prepare, "rebuild": self.rebuild, "status": self.status, "catch-up": self.catch_up}[verb]()
        except LeaseHeld as error:
            raise CommandError("Another process is writing to the index. Try again when it is done.") from error
        except HavenlinkError as error:
            raise CommandError(f"{error.message} {error.remedy} ({error.reason})") from error

    def prepare(self) -> None:
        for language in analysis.prepare():
            self.stdout.write(f"lemmas of {language} built")
        self.stdout.write(f"lemmas of {len(analysis.ready_languages())} languages are there")

    def rebuild(self) -> None:
        self.stdout.write(f"rebuilt from {rebuild(self._progress)} entries")

    def catch_up(self) -> None:
        self.stdout.write(f"{catch_up(self._progress)} entries indexed")

    def status(self) -> None:
        status = index_status()
        for log in status.logs:
            self.stdout.write(f"{log.origin}: {log.indexed} of {log.size} entries indexed")
        if not status.health.ok:
            raise CommandError(status.health.detail)
        self.stdout.write(f"{status.health.documents} records in {status.health.name}, {status.behind} entries behind")

    def _progress(self, entry_count: int) -> None:
        self.stdout.write(f"{entry_count} entries …")
