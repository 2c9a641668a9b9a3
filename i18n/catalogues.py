"""Message catalogues: from the source to `locale/<language>/LC_MESSAGES/django.po`, to the compiled `.mo` beside it.

Babel does all of it, so that no GNU gettext need be installed. The `.mo` files are built, never committed.
English is the language of the message ids: its catalogue may stay empty.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_python
from babel.messages.extract import extract as babel_extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from i18n.languages import INTERFACE_LANGUAGES

ROOT = Path(__file__).resolve().parents[1]
LOCALE = Path(__file__).parent / "locale"
PACKAGES = ("core", "deploy", "federation", "i18n", "tools_inventory")
PYTHON = (".py",)
TEMPLATES = (".html", ".txt")
SOURCE_LANGUAGE = "en"

KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
TRANSLATOR_COMMENTS = ("Translators:",)

# %(name)s, %s and {name}; not %% and {{.
PLACEHOLDER = re.compile(r"%\([^)]+\)[a-z]|(?<!%)%[sd]|(?<!\{)\{[a-z_][a-z0-9_.]*\}(?!\})", re.IGNORECASE)
LEADING_SPACE = re.compile(r"^[ \t]+", re.MULTILINE)
# Lines that would change with every run and say nothing.
VOLATILE_HEADERS = (b'"POT-Creation-Date:', b'"PO-Revision-Date:', b'"Generated-By:')


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one message of one catalogue: missing, untranslated, fuzzy, obsolete or placeholders."""

    language: str
    what: str
    message: str
    detail: str = ""


def extract() -> Catalog:
    """All messages of the source tree, as a template without translations."""
    template = Catalog(project="Havenlink", charset="utf-8", header_comment="")
    for path in _sources():
        for line, ids, comments, context in _messages(path):
            template.add(ids, None, [(str(path.relative_to(ROOT)), line)], auto_comments=comments, context=context)
    return template


def update(template: Catalog, language: str) -> Catalog:
    """Brings a catalogue up to the template and writes it: new messages empty, changed ones fuzzy, unused ones gone."""
    path = po_path(language)
    catalogue = read(language)
    catalogue.update(template, no_fuzzy_matching=language == SOURCE_LANGUAGE)
    catalogue.obsolete.clear()
    catalogue.fuzzy = False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_as_po(catalogue))
    return catalogue


def compile_catalogue(language: str) -> int:
    """Writes the .mo and answers how many messages it translates; fuzzy ones are left out."""
    catalogue = read(language)
    with po_path(language).with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)
    return sum(1 for message in catalogue if message.id and message.string and not message.fuzzy)


def check(template: Catalog, language: str) -> list[Fault]:
    """What stands between this catalogue and a complete one."""
    catalogue = read(language)
    faults = [
        Fault(language, "missing", _name(wanted))
        for wanted in template
        if wanted.id and catalogue.get(wanted.id, wanted.context) is None
    ]
    for message in catalogue:
        if message.id:
            faults.extend(_message_faults(message, template, language))
    faults.extend(Fault(language, "obsolete", _name(message)) for message in catalogue.obsolete.values())
    return faults


def read(language: str) -> Catalog:
    """The catalogue of a language; an empty one if there is none yet."""
    path = po_path(language)
    if not path.exists():
        return Catalog(locale=language, project="Havenlink", charset="utf-8", fuzzy=False, header_comment="")
    with path.open("rb") as file:
        return read_po(file, locale=language, domain="django")


def existing_languages() -> list[str]:
    return [language for language in INTERFACE_LANGUAGES if po_path(language).exists()]


def po_path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def extract_template(file: IO[bytes], keywords: Any, comment_tags: Any, options: Any) -> Iterator[Any]:
    """A Babel extractor for Django templates: Django turns the template into Python calls, Babel reads these."""
    code = templatize(file.read().decode(), origin=getattr(file, "name", None))
    code = LEADING_SPACE.sub("", code)  # the template's indentation means nothing to Python
    yield from extract_python(BytesIO(code.encode()), keywords, comment_tags, options)


def _sources() -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            in_templates = "templates" in path.parts
            if "migrations" not in path.parts and path.suffix in (TEMPLATES if in_templates else PYTHON):
                yield path


def _messages(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    """(line, id or (id, plural), comments, context) of each message in one file."""
    extractor: Any = extract_python if path.suffix in PYTHON else extract_template
    with path.open("rb") as file:
        yield from babel_extract(extractor, file, KEYWORDS, TRANSLATOR_COMMENTS)


def _message_faults(message: Message, template: Catalog, language: str) -> Iterator[Fault]:
    if template.get(message.id, message.context) is None:
        yield Fault(language, "obsolete", _name(message))
        return
    forms = [form or "" for form in _all_forms(message.string)]
    if message.fuzzy:
        yield Fault(language, "fuzzy", _name(message))
    if not all(forms):
        if language != SOURCE_LANGUAGE or any(forms):
            yield Fault(language, "untranslated", _name(message))
        return
    allowed = [_placeholders(text) for text in _all_forms(message.id)]
    for form in forms:
        # A plural form may leave out the number, as English does in its singular: then it equals one of the ids.
        if _placeholders(form) not in allowed:
            wanted = ", ".join(sorted(allowed[-1])) or "none"
            yield Fault(language, "placeholders", _name(message), f"{form!r} should have: {wanted}")


def _all_forms(text: Any) -> tuple[Any, ...]:
    """A message with a plural has several forms of id and translation, any other one."""
    return tuple(text) if isinstance(text, tuple | list) else (text,)


def _placeholders(text: str) -> frozenset[str]:
    return frozenset(PLACEHOLDER.findall(text))


def _name(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _as_po(catalogue: Catalog) -> bytes:
    """Sorted by file, without line numbers and dates: a change in the source is a small change here."""
    buffer = BytesIO()
    write_po(buffer, catalogue, width=120, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    lines = buffer.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(VOLATILE_HEADERS))
