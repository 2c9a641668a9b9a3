"""Records like a given one, for its page: found by the index, in any language, by meaning, words and codes.

Other cities' first: a reader of a record can find its neighbours at home. What they have in common is counted in the
records themselves.
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
from core.search.documents import index_document
from core.search.seam import engine
from core.search.vectors.records import with_known_vectors
from tools_inventory.selectors.facet_sets import expanded
from tools_inventory.selectors.facets import facet_label, value_label
from tools_inventory.selectors.presentation import Brief, briefs

SHOWN = 5
# A city's own inventory must not fill the list.
SHOWN_PER_NODE = 2
CANDIDATES = 30
# A record of another node is as welcome as one of this node that fits by half more.
ELSEWHERE = 1.5
# What fits this much less than the best is not alike.
LEAST = 0.5
# In the order in which they are said; what is common in these tells records apart.
COMPARED = ("activity", "theme", "sector", "stage", "audience")
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
    """The most alike first, each with something in common; () while the index does not answer."""
    try:
        scores = _scores(record)
    except Unavailable:
        return ()
    codes = _codes(record)
    shared = {other: common for other in records_get(list(scores)) if (common := _shared(codes, _codes(other)))}
    welcome = {other: scores[other.uuid] * (1.0 if other.log_id == record.log_id else ELSEWHERE) for other in shared}
    least = LEAST * max(welcome.values(), default=0.0)
    ranked = sorted((other for other in shared if welcome[other] >= least), key=lambda other: -welcome[other])
    chosen = list(_spread(ranked))
    return tuple(
        Similar(brief, tuple(_said(shared[other], language)))
        for other, brief in zip(chosen, briefs(chosen, language), strict=True)
    )


def _scores(record: Record) -> dict[UUID, float]:
    documents, _unknown = with_known_vectors(list(filter(None, [index_document(record.document)])))
    vector = documents[0].vector if documents else None
    return {hit.uuid: hit.score for hit in engine().similar(record.uuid, CANDIDATES, vector)}


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


def _said(shared: Mapping[str, list[str]], language: str) -> Iterator[tuple[str, str]]:
    for facet, common in list(shared.items())[:FACETS_NAMED]:
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
        for facet in COMPARED
        if facet in codes and facet in theirs
    }
    return {facet: common for facet, common in shared.items() if common}


def _codes(record: Record) -> dict[str, tuple[str, ...]]:
    """The record's own codes of the facets that count here."""
    document = record.document
    found: dict[str, tuple[str, ...]] = {}
    for name, facet in _compared_fields(record.kind):
        value = document.get(name)
        carried = tuple(map(str, value)) if isinstance(value, list) else (str(value),) if value else ()
        if kept := tuple(code for code in carried if code != CATCH_ALL):
            found[facet] = kept
    return found


@cache
def _compared_fields(kind_name: str) -> tuple[tuple[str, str], ...]:
    kind = d.kind(kind_name)
    return tuple(
        (field.name, field.facet)
        for field in (kind.fields if kind else ())
        if field.facet in COMPARED and isinstance(field.type, d.Code | d.Codes)
    )
