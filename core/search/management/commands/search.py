"""manage.py search: prepare the languages, rebuild the index, see how it stands, bring it up to date."""

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations

from core.errors import HavenlinkError
from core.search import analysis
from core.search.lemmas import BuildFailed
from core.search.selectors.status import index_status
from core.search.services.catch_up import catch_up
from core.search.services.lease import LeaseHeld
from core.search.services.rebuild import rebuild


class Command(BaseCommand):
    help = "Looks after the search index: prepare, rebuild, status or catch-up."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        prepare = verbs.add_parser("prepare", help="build the words of languages, once per machine (half a minute)")
        prepare.add_argument(
            "language",
            nargs="*",
            help="such as fi; without one, those that the network's records are in; others are built when records come",
        )
        verbs.add_parser("rebuild", help="build the index anew beside the old one, then swap")
        verbs.add_parser(
            "status", help="show how far the index stands behind each log; exit code 1 if it cannot answer"
        )
        verbs.add_parser("catch-up", help="index what the logs hold and the index does not")

    @no_translations
    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        try:
            if verb == "prepare":
                self.prepare(options["language"] or analysis.SET_UP_LANGUAGES)
            else:
                {"rebuild": self.rebuild, "status": self.status, "catch-up": self.catch_up}[verb]()
        except LeaseHeld as error:
            raise CommandError("Another process is writing to the index. Try again when it is done.") from error
        except BuildFailed as error:
            raise CommandError(str(error)) from error
        except HavenlinkError as error:
            raise CommandError(f"{error.message} {error.remedy} ({error.reason})") from error

    def prepare(self, languages: Sequence[str]) -> None:
        for language in languages:
            if analysis.read_as(language) not in analysis.LANGUAGES:
                raise CommandError(f"There is no dictionary of {language}; there are {', '.join(analysis.LANGUAGES)}.")
        for language in analysis.prepare(languages):
            self.stdout.write(f"words of {language} built")
        self.stdout.write(f"words of {len(analysis.ready_languages())} languages are there")

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
