"""`manage.py catalogues extract|update|compile|check`: the message catalogues, without a database."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from i18n import catalogues
from i18n.languages import INTERFACE_LANGUAGES

SHOWN_FAULTS = 20


class Command(BaseCommand):
    help = "Works on the message catalogues in i18n/locale."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="verb")
        verbs.add_parser("extract", help="count the messages in the source, file by file; write nothing")
        for verb, explanation in (
            (
                "update",
                "bring the .po files up to the source: new messages empty, changed ones fuzzy, unused ones gone",
            ),
            ("compile", "build the .mo files that a node reads"),
            ("check", "fail if a message is missing, untranslated, fuzzy or obsolete, or placeholders differ"),
        ):
            sub = verbs.add_parser(verb, help=explanation)
            sub.add_argument("--language", choices=INTERFACE_LANGUAGES, help="this one only")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = options.get("language")
        languages = (chosen,) if chosen else INTERFACE_LANGUAGES
        match options["verb"]:
            case "extract":
                self._extract()
            case "update":
                self._update(languages)
            case "compile":
                self._compile(languages)
            case "check":
                self._check(languages)

    def _extract(self) -> None:
        template = catalogues.extract()
        for path, count in sorted(Counter(path for message in template for path, _ in message.locations).items()):
            self.stdout.write(f"{count:5}  {path}")
        self.stdout.write(f"{len(template):5}  messages in all")

    def _update(self, languages: tuple[str, ...]) -> None:
        template = catalogues.extract()
        for language in languages:
            catalogue = catalogues.update(template, language)
            empty = sum(1 for message in catalogue if message.id and not message.string)
            self.stdout.write(f"{language}: {len(catalogue)} messages, {empty} without a translation")

    def _compile(self, languages: tuple[str, ...]) -> None:
        for language in languages:
            if language in catalogues.existing_languages():
                self.stdout.write(f"{language}: {catalogues.compile_catalogue(language)} messages compiled")

    def _check(self, languages: tuple[str, ...]) -> None:
        template = catalogues.extract()
        faults = [fault for language in languages for fault in catalogues.check(template, language)]
        for fault in faults[:SHOWN_FAULTS]:
            detail = f" ({fault.detail})" if fault.detail else ""
            self.stdout.write(f"{fault.language}: {fault.what}: {fault.message!r}{detail}")
        if faults:
            counts = Counter((fault.language, fault.what) for fault in faults)
            summary = ", ".join(f"{language} {count} {what}" for (language, what), count in sorted(counts.items()))
            raise CommandError(f"The catalogues are not complete: {summary}.")
        self.stdout.write(f"{len(template)} messages, complete in {', '.join(languages)}")
