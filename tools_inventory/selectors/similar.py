"""Records like a given one, other cities' first: for its page. By codes, so in any language; no text is compared.

The index finds candidates by ever fewer of the record's codes; what they share with it is then counted in the records
themselves, which also says why each is shown. An engine that knows a better way can take this function's place.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from core.errors import Unavailable
from core.records import definition as d
from core.records.models import Record
from core.records.selectors.records import records_get
from core.search.seam import Query, engine
from tools_inventory.selectors.facet_sets import expanded
from tools_inventory.selectors.facets import facet_label, value_label
from tools_inventory.selectors.presentation import Brief, briefs

SHOWN = 5
# A city's own inventory must not fill the list.
SHOWN_PER_NODE = 2
CANDIDATES = 40
# What each code in common is worth. Codes that hardly tell records apart are worth little.
WORTH = {"activity": 3.0, "theme": 2.0, "sector": 2.0, "stage": 1.5, "audience": 0.5}
OTHER_NODE = 2.0
SAME_KIND = 0.5
# From all of these facets to fewer: the first searches find the nearest.
ATTEMPTS = (
    ("activity", "sector", "stage"),
    ("activity", "theme"),
    ("activity", "stage"),
    ("activity", "sector"),
    ("sector", "stage"),
    ("activity",),
    ("theme", "sector"),
    ("theme",),
    ("sector",),
)
FACETS_NAMED = 3
CODES_NAMED = 2

# "Other activity" is nothing to have in common.
CATCH_ALL = "other"

Codes = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Similar:
    """`common` is what it shares with the record, the most telling first: ("Themes", "STEM, choice of studies")."""

    brief: Brief
    common: tuple[tuple[str, str], ...]


def similar_records(record: Record, language: str) -> tuple[Similar, ...]:
    """The most alike first; () for a record without codes, and while the index does not answer."""
    codes = _codes(record)
    try:
        uuids = _candidates(record, codes, language)
    except Unavailable:
        return ()
    # What each has in common with the record, and how much that is worth. Documents are read once.
    theirs = {other: _codes(other) for other in records_get(uuids)}
    worth = {other: _worth(record, codes, other, carried) for other, carried in theirs.items()}
    chosen = list(_spread(sorted((other for other in worth if worth[other]), key=lambda other: -worth[other])))
    return tuple(
        Similar(brief, tuple(_in_common(codes, theirs[other], language)))
        for other, brief in zip(chosen, briefs(chosen, language), strict=True)
    )


def _candidates(record: Record, codes: Codes, language: str) -> list[UUID]:
    found: dict[UUID, None] = {}
    for facets in ATTEMPTS:
        if len(found) >= CANDIDATES or any(facet not in codes for facet in facets):
            continue
        filters = {facet: codes[facet] for facet in facets}
        results = engine().search(Query(language=language, filters=filters, limit=CANDIDATES, facets=()))
        found |= {hit.uuid: None for hit in results.hits if hit.uuid != record.uuid}
    return list(found)


def _worth(record: Record, codes: Codes, other: Record, theirs: Codes) -> float:
    """0.0 if they have no code in common."""
    shared = sum(WORTH[facet] * len(common) for facet, common in _shared(codes, theirs).items())
    if not shared:
        return 0.0
    # A record with many codes has something in common with everything.
    breadth = sum(WORTH[facet] * len(carried) for facet, carried in theirs.items())
    elsewhere, same_kind = other.log_id != record.log_id, other.kind == record.kind
    return shared / (1.0 + breadth) ** 0.25 + OTHER_NODE * elsewhere + SAME_KIND * same_kind


def _spread(ranked: list[Record]) -> Iterator[Record]:
    """The first few, no more than SHOWN_PER_NODE of a node while others have some; in their order."""
    seen: Counter[int] = Counter()
    first: list[Record] = []
    rest: list[Record] = []
    for other in ranked:
        seen[other.log_id] += 1
        (first if seen[other.log_id] <= SHOWN_PER_NODE else rest).append(other)
    chosen = {other.uuid for other in (first + rest)[:SHOWN]}
    return (other for other in ranked if other.uuid in chosen)


def _in_common(codes: Codes, theirs: Codes, language: str) -> Iterator[tuple[str, str]]:
    for facet, common in list(_shared(codes, theirs).items())[:FACETS_NAMED]:
        labels = [value_label(facet, code, language, {}) for code in common[:CODES_NAMED]]
        yield facet_label(facet, language), ", ".join(labels)


def _shared(codes: Codes, theirs: Codes) -> dict[str, list[str]]:
    """The record's codes that the other carries too, as itself, narrower, or in another school system."""
    shared = {
        facet: [
            code
            for code in codes[facet]
            if code in theirs[facet] or not expanded(facet, code).isdisjoint(theirs[facet])
        ]
        for facet in WORTH
        if facet in codes and facet in theirs
    }
    return {facet: common for facet, common in shared.items() if common}


def _codes(record: Record) -> dict[str, tuple[str, ...]]:
    """The record's own codes of the facets that count here."""
    document = record.document
    found: dict[str, tuple[str, ...]] = {}
    for name, facet in _counted_fields(record.kind):
        value = document.get(name)
        carried = tuple(map(str, value)) if isinstance(value, list) else (str(value),) if value else ()
        if kept := tuple(code for code in carried if code != CATCH_ALL):
            found[facet] = kept
    return found


@cache
def _counted_fields(kind_name: str) -> tuple[tuple[str, str], ...]:
    kind = d.kind(kind_name)
    return tuple(
        (field.name, field.facet)
        for field in (kind.fields if kind else ())
        if field.facet in WORTH and isinstance(field.type, d.Code | d.Codes)
    )
