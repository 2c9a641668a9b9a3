"""What an organisation does in the records of the network: what it organises, hosts, takes part in."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.errors import Unavailable
from core.records import definition as d
from core.records.models import Record
from core.records.selectors.records import records_get
from core.search.seam import Query, engine
from tools_inventory.selectors.presentation import RECORD_ID, Brief, briefs, source_title

# Hits of its name looked through for its id: enough for the busiest of the inventory.
LOOKED_THROUGH = 100
MOST_SHOWN = 25


@dataclass(frozen=True, slots=True)
class Role:
    """Records that name the organisation in one field."""

    field: str
    label: str
    records: tuple[Brief, ...]
    count: int


def organisation_roles(record: Record, language: str) -> tuple[Role, ...]:
    """By field, those with most first. Found by its name, taken by its id; nothing while the index is down."""
    kinds = tuple(kind.name for kind in d.kinds() if kind.searched)
    query = Query(
        text=source_title(record.document),
        language=record.language,
        filters={"kind": kinds},
        limit=LOOKED_THROUGH,
        facets=(),
        concepts=False,
    )
    try:
        hits = engine().search(query).hits
    except Unavailable:
        return ()
    found: dict[str, list[Record]] = {}
    labels: dict[str, str] = {}
    for candidate in records_get([hit.uuid for hit in hits]):
        for field in _fields_naming(candidate.kind, candidate.document, record.uuid):
            found.setdefault(field.name, []).append(candidate)
            labels[field.name] = str(field.label)
    return tuple(
        Role(name, labels[name], tuple(briefs(records[:MOST_SHOWN], language)), len(records))
        for name, records in sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    )


def _fields_naming(kind_name: str, document: dict[str, Any], uuid: UUID) -> list[d.Field]:
    kind = d.kind(kind_name)
    fields = []
    for field in kind.fields if kind else ():
        value = document.get(field.name)
        if value and isinstance(field.type, d.Reference | d.References):
            references = value if isinstance(value, list) else [value]
            if any(_is(reference.get("id"), uuid) for reference in references):
                fields.append(field)
    return fields


def _is(address: str | None, uuid: UUID) -> bool:
    match = RECORD_ID.match(address or "")
    return match is not None and match[1] == str(uuid)
