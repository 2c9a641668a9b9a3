"""A record's document as a reader sees it: groups of labelled rows, in the reader's language, by its kind's definition.

Plain dataclasses come out, so that no template can cause a query. One query looks up which references and links lead to
records held here. Knows no addresses of pages: `Part.record` and `Part.search` say where to lead.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID

from django.utils.translation import gettext as _

from core.records import definition as d
from core.records.models import Log, Record
from i18n.formats import format_number, format_partial_date
from i18n.languages import country_name, text_direction
from i18n.texts import choose
from i18n.vocabularies.vocabulary import vocabulary
from tools_inventory.selectors.nodes import node_names

Document = dict[str, Any]
# Parameters of the search page, in order, as (name, value).
SearchParameters = tuple[tuple[str, str], ...]

RECORD_ID = re.compile(r"^https?://[^\s]+/records/([0-9a-f-]{36})$")


@dataclass(frozen=True, slots=True)
class Part:
    """One value of a row. Only `text` is always there; what is empty does not apply.

    `language` is set for texts in a language, `method` says who wrote it (source, human, machine), `original` is the
    source text of a translation. `href` leads out of the node, `record` to a record held here, `search` to a search.
    `note` is a word beside the text (a partner's role). `rows` are the fields of an item (a phase, an edition).
    """

    text: str
    language: str = ""
    method: str = ""
    outdated: bool = False
    original: "Part | None" = None
    code: str = ""
    href: str = ""
    record: UUID | None = None
    search: SearchParameters = ()
    note: str = ""
    rows: tuple["Row", ...] = ()

    @property
    def is_translation(self) -> bool:
        return self.method in ("human", "machine")

    @property
    def direction(self) -> str:
        return text_direction(self.language) if self.language else ""


@dataclass(frozen=True, slots=True)
class Row:
    """A field and what the record states for it; no parts means "not stated".

    `kind` is text, strings, codes, references, items, links, date, count, ages, place, contact or sources.
    """

    field: str
    label: str
    kind: str
    parts: tuple[Part, ...] = ()

    @property
    def stated(self) -> bool:
        return bool(self.parts)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading; `name` is a key of definition.GROUPS."""

    name: str
    label: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """A record in a line: for lists, trays, headings of columns."""

    uuid: UUID
    id: str
    kind: str
    kind_label: str
    title: Part
    summary: Part | None
    activity: str
    activity_label: str
    region: str
    region_label: str
    origin: str
    node_name: str
    language: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the record stands. `index` counts from 0; `verified`: covered by a checkpoint that this node verified."""

    origin: str
    node_name: str
    index: int
    size: int
    revision: int
    published_at: datetime
    verified: bool
    frozen: bool
    licence: str
    source_date: str
    sources: tuple[Part, ...]

    @property
    def number(self) -> int:
        """The entry as people count: the first is 1."""
        return self.index + 1


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the map."""

    label: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class RecordView:
    """All that a record's page shows. `languages` are those its title stands in, the source language first."""

    brief: Brief
    groups: tuple[Group, ...]
    provenance: Provenance
    languages: tuple[str, ...]
    place: Place | None

    def row(self, name: str) -> Row | None:
        return next((row for group in self.groups for row in group.rows if row.field == name), None)


def view_of(record: Record, language: str) -> RecordView:
    """For a record that has `entry` and `log` selected."""
    document = record.document
    names = node_names()
    return RecordView(
        brief=brief(record, language, names),
        groups=document_groups(document, language, held_records([document])),
        provenance=_provenance(record, document, language, names),
        languages=_languages(document),
        place=place(document, language),
    )


def source_title(document: Document) -> str:
    """What the record is called where it comes from; "" for what has no title."""
    chosen = choose(document.get("title"), str(document.get("language", "")))
    return chosen.text if chosen else ""


def briefs(records: Iterable[Record], language: str, names: Mapping[str, str] | None = None) -> list[Brief]:
    """For records that have `entry` and `log` selected, in their order. A query if the nodes' names are not given."""
    names = node_names() if names is None else names
    return [brief(record, language, names) for record in records]


def brief(record: Record, language: str, names: Mapping[str, str]) -> Brief:
    document = record.document
    kind = d.kind(record.kind)
    summary = document.get("summary")
    activity, region = str(document.get("activity", "")), str(document.get("region", ""))
    return Brief(
        uuid=record.uuid,
        id=str(document.get("id", "")),
        kind=record.kind,
        kind_label=str(kind.label) if kind else record.kind,
        title=_text(document.get("title"), language, record.language) or Part(str(record.uuid)),
        summary=_text(summary, language, record.language),
        activity=activity,
        activity_label=vocabulary("activities").label(activity, language) if activity else "",
        region=region,
        region_label=vocabulary("regions").label(region, language) if region else "",
        origin=record.log.origin,
        node_name=names.get(record.log.origin, record.log.origin),
        language=record.language,
        published_at=record.published_at,
    )


def document_groups(document: Document, language: str, held: frozenset[UUID] = frozenset()) -> tuple[Group, ...]:
    """All fields of the document's kind, also those not stated, in the definition's groups and order.

    Serves drafts too: a draft's content with `kind` and `language` is a document as far as this is concerned.
    """
    kind = d.kind(str(document.get("kind")))
    if kind is None:
        return ()
    groups = []
    for name, label in d.GROUPS.items():
        rows = tuple(row(field, document, language, held) for field in kind.fields if field.group == name)
        if rows:
            groups.append(Group(name, str(label), rows))
    return tuple(groups)


def row(field: d.Field, document: Document, language: str, held: frozenset[UUID] = frozenset()) -> Row:
    """One field's row; `held` are the records that references may lead to."""
    shown = _shape(field.type)
    value = document.get(field.name)
    source_language = str(document.get("language", ""))
    parts = shown.parts(_Context(field, language, source_language, held), value) if value not in (None, [], {}) else []
    return Row(field.name, str(field.label), shown.name, tuple(parts))


def held_records(documents: Sequence[Document]) -> frozenset[UUID]:
    """Which of the records that the documents refer to this node holds. One query."""
    mentioned = {uuid for document in documents for uuid in _mentioned(document)}
    if not mentioned:
        return frozenset()
    return frozenset(Record.objects.filter(uuid__in=mentioned, deleted=False).values_list("uuid", flat=True))


def place(document: Document, language: str) -> Place | None:
    """Where the record's region lies; a record states a city by name only."""
    region = vocabulary("regions").get(str(document.get("region", "")))
    if region is None or region.lat is None or region.lon is None:
        return None
    city = document.get("location", {}).get("city")
    return Place(city or vocabulary("regions").label(region.code, language), region.lat, region.lon)


# How each type of value is shown


@dataclass(frozen=True, slots=True)
class _Context:
    field: d.Field
    language: str
    source_language: str
    held: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class _Shape:
    name: str
    parts: Callable[[_Context, Any], list[Part]]


def _shape(field_type: d.FieldType) -> _Shape:
    return _SHAPES[type(field_type)]


def _texts(context: _Context, value: Any) -> list[Part]:
    part = _text(value, context.language, context.source_language)
    return [part] if part else []


def _text(texts: Any, language: str, source_language: str) -> Part | None:
    if not texts:
        return None
    chosen = choose(texts, language, source_language)
    if chosen is None:
        return None
    original = None
    if chosen.is_translation and source_language in texts:
        original = Part(str(texts[source_language]["text"]), language=source_language, method="source")
    return Part(
        chosen.text, language=chosen.language, method=chosen.method, outdated=chosen.outdated, original=original
    )


def _strings(context: _Context, value: Any) -> list[Part]:
    return [Part(text) for text in value]


def _short(context: _Context, value: Any) -> list[Part]:
    return [Part(str(value))]


def _codes(context: _Context, value: Any) -> list[Part]:
    codes = value if isinstance(value, list) else [value]
    known = vocabulary(cast(d.Code | d.Codes, context.field.type).vocabulary)
    facet = context.field.facet
    return [
        Part(known.label(code, context.language), code=code, search=((facet, code),) if facet else ()) for code in codes
    ]


def _references(context: _Context, value: Any) -> list[Part]:
    return [_reference(context, item) for item in (value if isinstance(value, list) else [value])]


def _reference(context: _Context, value: Any) -> Part:
    role = value.get("role")
    uuid = _uuid_in(value.get("id"))
    return Part(
        value["name"],
        record=uuid if uuid in context.held else None,
        note=vocabulary("partner_roles").label(role, context.language) if role else "",
    )


def _items(context: _Context, value: Any) -> list[Part]:
    fields = cast(d.Items, context.field.type).fields
    parts = []
    for item in value:
        document = {**item, "language": context.source_language}
        rows = tuple(row(field, document, context.language, context.held) for field in fields)
        # The item's first field is its name; the others follow beside it.
        first = rows[0].parts[0] if rows[0].parts else Part("")
        parts.append(
            Part(
                first.text,
                language=first.language,
                method=first.method,
                outdated=first.outdated,
                original=first.original,
                rows=tuple(inner for inner in rows[1:] if inner.stated),
            )
        )
    return parts


def _links(context: _Context, value: Any) -> list[Part]:
    parts = []
    for address in value if isinstance(value, list) else [value]:
        uuid = _uuid_in(address)
        parts.append(Part(link_text(address), href=address, record=uuid if uuid in context.held else None))
    return parts


def _date(context: _Context, value: Any) -> list[Part]:
    return [Part(format_partial_date(value, context.language))]


def _count(context: _Context, value: Any) -> list[Part]:
    return [Part(format_number(value, context.language))]


def _ages(context: _Context, value: Any) -> list[Part]:
    low, high = value.get("min"), value.get("max")
    if low is not None and high is not None:
        text = str(low) if low == high else f"{low}–{high}"
    elif low is not None:
        text = _("from %(age)s") % {"age": low}
    else:
        text = _("up to %(age)s") % {"age": high}
    return [Part(text, search=(("age", str(low if low is not None else high)),))]


def _place(context: _Context, value: Any) -> list[Part]:
    country = value.get("country")
    names = [value.get("city"), country_name(country, context.language) if country else None]
    nuts = f"NUTS {value['nuts']}" if value.get("nuts") else ""
    text = ", ".join(name for name in names if name) or nuts
    return [Part(text, code=country or "", search=(("country", country),) if country else (), note=nuts)]


def _contact(context: _Context, value: Any) -> list[Part]:
    return [Part(value["role"], href=value.get("url", ""))]


def _sources(context: _Context, value: Any) -> list[Part]:
    return [_source(source, context.language) for source in value]


def _source(source: Any, language: str) -> Part:
    address = source.get("url", "")
    date = source.get("date")
    return Part(
        source.get("text") or link_text(address),
        href=address,
        note=format_partial_date(date, language) if date else "",
    )


_SHAPES: dict[type[d.FieldType], _Shape] = {
    d.Texts: _Shape("text", _texts),
    d.Strings: _Shape("strings", _strings),
    d.ShortText: _Shape("strings", _short),
    d.Code: _Shape("codes", _codes),
    d.Codes: _Shape("codes", _codes),
    d.Reference: _Shape("references", _references),
    d.References: _Shape("references", _references),
    d.Items: _Shape("items", _items),
    d.Link: _Shape("links", _links),
    d.Links: _Shape("links", _links),
    d.PartialDate: _Shape("date", _date),
    d.Count: _Shape("count", _count),
    d.AgeRange: _Shape("ages", _ages),
    d.Location: _Shape("place", _place),
    d.Contact: _Shape("contact", _contact),
    d.Sources: _Shape("sources", _sources),
}


def link_text(address: str) -> str:
    """An address as people read it: without scheme, `www.` and a closing slash. One that cannot be read stays whole."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    host = (parts.hostname or "").removeprefix("www.")
    return f"{host}{parts.path.rstrip('/')}" if host else address


def _provenance(record: Record, document: Document, language: str, names: Mapping[str, str]) -> Provenance:
    return Provenance(
        origin=record.log.origin,
        node_name=names.get(record.log.origin, record.log.origin),
        index=record.entry.index,
        size=record.log.size,
        revision=record.revision,
        published_at=record.published_at,
        verified=record.entry.index < record.log.checkpoint_size,
        frozen=record.log.state == Log.State.FROZEN,
        licence=str(document.get("licence", "")),
        source_date=format_partial_date(document["source_date"], language) if document.get("source_date") else "",
        sources=tuple(_source(source, language) for source in document.get("sources", [])),
    )


def _languages(document: Document) -> tuple[str, ...]:
    source = str(document.get("language", ""))
    return tuple(sorted(document.get("title", {}), key=lambda language: (language != source, language)))


def _mentioned(document: Document) -> Iterable[UUID]:
    kind = d.kind(str(document.get("kind")))
    for field in kind.fields if kind else ():
        value = document.get(field.name)
        if not value:
            continue
        if isinstance(field.type, d.Reference):
            found = [_uuid_in(value.get("id"))]
        elif isinstance(field.type, d.References):
            found = [_uuid_in(item.get("id")) for item in value]
        elif isinstance(field.type, d.Links):
            found = [_uuid_in(address) for address in value]
        else:
            continue
        yield from (uuid for uuid in found if uuid)


def _uuid_in(address: str | None) -> UUID | None:
    """The uuid at the end of a record's id; None for any other address."""
    match = RECORD_ID.match(address or "")
    try:
        return UUID(match.group(1)) if match else None
    except ValueError:
        return None
