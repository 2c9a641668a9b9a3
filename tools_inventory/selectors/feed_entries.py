"""Records as entries of a feed: words in the reader's language, codes as categories, nothing that XML forbids."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.records import definition as d
from core.records.models import Record
from core.records.selectors.records import records_get
from i18n.vocabularies.vocabulary import vocabulary
from tools_inventory.selectors.presentation import briefs

# XML 1.0, 2.2: what a document may hold at all. Escapes do not help: &#0; is forbidden too.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Where the text of a licence stands.
LICENCES = {
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
}


@dataclass(frozen=True, slots=True)
class Category:
    """A code, the vocabulary that it is of (an address), its label."""

    term: str
    scheme: str
    label: str


@dataclass(frozen=True, slots=True)
class FeedText:
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """`id` is the record's own, the same on every node and in every revision; `updated` is when that was published."""

    id: str
    uuid: UUID
    title: FeedText
    summary: FeedText | None
    node_name: str
    updated: datetime
    licence: str
    licence_url: str
    categories: tuple[Category, ...]


def feed_entries(uuids: Sequence[UUID], language: str) -> list[FeedEntry]:
    """In the order asked for; withdrawn ones are left out."""
    found = records_get(uuids)
    entries = []
    for record, brief in zip(found, briefs(found, language), strict=True):
        licence = str(record.document.get("licence", ""))
        entries.append(
            FeedEntry(
                id=xml_text(brief.id),
                uuid=brief.uuid,
                title=FeedText(xml_text(brief.title.text), xml_text(brief.title.language or brief.language)),
                summary=FeedText(xml_text(brief.summary.text), xml_text(brief.summary.language))
                if brief.summary
                else None,
                node_name=xml_text(brief.node_name),
                updated=brief.published_at,
                licence=xml_text(licence),
                licence_url=LICENCES.get(licence, ""),
                categories=tuple(_categories(record, language)),
            )
        )
    return entries


def xml_text(text: str) -> str:
    return NOT_XML.sub(" ", text)


def _categories(record: Record, language: str) -> Iterator[Category]:
    kind = d.kind(record.kind)
    if kind is None:
        return
    yield Category(kind.name, "", str(kind.label))
    document = record.document
    for field in kind.fields:
        if field.facet and isinstance(field.type, d.Code | d.Codes):
            known = vocabulary(field.type.vocabulary)
            for code in _codes(document.get(field.name)):
                yield Category(xml_text(code), known.uri, xml_text(known.label(code, language)))


def _codes(value: Any) -> list[str]:
    if not value:
        return []
    return [str(code) for code in value] if isinstance(value, list) else [str(value)]
