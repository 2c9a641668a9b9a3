"""How to cite a record: as a sentence, and for reference managers (BibTeX, CSL-JSON, RIS)."""

import re
from dataclasses import dataclass
from typing import Any

import orjson
from django.utils.translation import gettext as _

from i18n.formats import format_date
from tools_inventory.selectors.presentation import RecordView

# What BibTeX reads as markup. The backslash first: it is what the others become.
BIBTEX_SPECIAL = re.compile(r"([\\{}$&#^_~%])")
BIBTEX_WORDS = {"\\": r"\textbackslash{}", "^": r"\^{}", "~": r"\~{}"}


@dataclass(frozen=True, slots=True)
class Citation:
    text: str
    bibtex: str
    csl: str
    ris: str


def citation(view: RecordView, language: str) -> Citation:
    """Cites the revision shown: what is published later is another text."""
    return Citation(_sentence(view, language), _bibtex(view), _csl(view), _ris(view))


def _author(view: RecordView) -> str:
    """The organiser as stated, else the node that describes it."""
    organiser = view.row("organiser")
    return organiser.parts[0].text if organiser and organiser.parts else view.provenance.node_name


def _title(view: RecordView) -> str:
    """In the source language: what is cited is the record, not its translation."""
    title = view.brief.title
    return title.original.text if title.original else title.text


def _sentence(view: RecordView, language: str) -> str:
    return _(
        "%(author)s: %(title)s. Record of %(node)s, revision %(revision)s, %(date)s. %(address)s (%(licence)s)"
    ) % {
        "author": _author(view),
        "title": _title(view),
        "node": view.provenance.node_name,
        "revision": view.provenance.revision,
        "date": format_date(view.provenance.published_at.date(), language),
        "address": view.brief.id,
        "licence": view.provenance.licence,
    }


def _bibtex(view: RecordView) -> str:
    published = view.provenance.published_at
    fields = {
        "author": "{" + _bibtex_text(_author(view)) + "}",
        "title": "{" + _bibtex_text(_title(view)) + "}",
        "year": str(published.year),
        "month": str(published.month),
        "publisher": _bibtex_text(f"{view.provenance.node_name} (Havenlink)"),
        "note": _bibtex_text(f"Revision {view.provenance.revision}, {view.provenance.licence}"),
        "url": view.brief.id,
    }
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{havenlink-{view.brief.uuid},\n{lines}\n}}\n"


def _bibtex_text(text: str) -> str:
    return BIBTEX_SPECIAL.sub(lambda match: BIBTEX_WORDS.get(match[1], "\\" + match[1]), text)


def _csl(view: RecordView) -> str:
    published = view.provenance.published_at
    item: dict[str, Any] = {
        "id": view.brief.id,
        "type": "webpage",
        "title": _title(view),
        "author": [{"literal": _author(view)}],
        "publisher": view.provenance.node_name,
        "container-title": "Havenlink",
        "issued": {"date-parts": [[published.year, published.month, published.day]]},
        "language": view.brief.language,
        "version": str(view.provenance.revision),
        "license": view.provenance.licence,
        "URL": view.brief.id,
    }
    return orjson.dumps([item], option=orjson.OPT_INDENT_2).decode() + "\n"


def _ris(view: RecordView) -> str:
    published = view.provenance.published_at
    lines = [
        ("TY", "ELEC"),
        ("AU", _author(view)),
        ("TI", _title(view)),
        ("PB", view.provenance.node_name),
        ("PY", str(published.year)),
        ("DA", f"{published:%Y/%m/%d}"),
        ("LA", view.brief.language),
        ("UR", view.brief.id),
        ("N1", f"Revision {view.provenance.revision}, {view.provenance.licence}"),
        ("ER", ""),
    ]
    # A line break inside a value would begin a tag of its own.
    return "".join(f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in lines)
