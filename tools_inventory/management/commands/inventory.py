"""`manage.py inventory import FILE`: bring an inventory in from JSON lines, as drafts or published at once."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations

from core.accounts.roles import OPERATOR
from core.errors import HavenlinkError
from tools_inventory.services.importing.inventory import ImportReport, inventory_import
from tools_inventory.services.importing.lines import Problem


class Command(BaseCommand):
    help = "Import an inventory. Fails (exit code 1) if a row could not be taken; the others are imported all the same."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        importing = actions.add_parser("import", help="Import records and the organisations that they name.")
        importing.add_argument("file", type=Path, metavar="FILE", help="Records, one JSON object a line.")
        importing.add_argument("--organisations", type=Path, metavar="FILE", help="Organisations, one a line.")
        importing.add_argument("--only", default="", metavar="REGIONS", help="Only rows of these regions (a,b,c).")
        importing.add_argument("--publish", action="store_true", help="Publish what is new or changed.")
        importing.add_argument("--json", action="store_true", help="Print the report as JSON.")

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        only = [region.strip() for region in options["only"].split(",") if region.strip()]
        try:
            report = inventory_import(
                by=OPERATOR,
                records_file=options["file"],
                organisations_file=options["organisations"],
                only=only,
                publish=options["publish"],
                progress=self._progress,
            )
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        except HavenlinkError as error:
            raise CommandError(f"{error.message} {error.remedy} ({error.reason})") from error
        if options["json"]:
            self.stdout.write(json.dumps(asdict(report), ensure_ascii=False, indent=2))
        else:
            self._print(report)
        if report.refused:
            raise CommandError(f"{report.refused_rows} rows could not be taken", returncode=1)

    def _progress(self, what: str, done: int, total: int) -> None:
        self.stderr.write(f"{what}: {done}" + (f" of {total}" if total else ""))

    def _print(self, report: ImportReport) -> None:
        self._list("Not taken:", report.refused)
        self._list("Taken, but:", report.notes)
        self.stdout.write(
            f"{report.created} new, {report.updated} updated, {report.unchanged} unchanged "
            f"(of these {report.organisations} organisations); {report.published} published; "
            f"{report.elsewhere} rows of other regions; {report.refused_rows} not taken"
        )

    def _list(self, heading: str, problems: list[Problem]) -> None:
        if problems:
            self.stdout.write(heading)
        for problem in problems:
            self.stdout.write(f"  {problem}")
