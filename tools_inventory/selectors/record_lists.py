"""Lists of records for programs: pages of a search, and of everything; REST and GraphQL share their cursors.

A list without conditions comes from the database, so that everything can be read, to the end and without an index;
one with conditions comes from the search index.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from core.cursors import Keyset, decode, encode
from core.errors import InvalidInput
from core.records import definition as d
from core.records.models import Record
from core.records.selectors.records import records, records_get
from core.search.seam import Hit, Query, engine
from tools_inventory.selectors.coverage import value_label
from tools_inventory.selectors.nodes import node_names

NEWEST_FIRST = Keyset("records", {"-published_at": datetime, "-uuid": UUID})
# The index ranks everything before a page to find it; whoever wants all reads a list without conditions.
MAX_OFFSET = 10_000


@dataclass(frozen=True, slots=True)
class Listed:
    """A record in a list: `hit` says how the search found it, None outside a search."""

    record: Record
    cursor: str
    hit: Hit | None = None


@dataclass(frozen=True, slots=True)
class RecordPage:
    """`facets` holds (code, label, count) by facet. `total` is None where nobody counted."""

    rows: tuple[Listed, ...]
    has_next: bool
    total: int | None = None
    facets: Mapping[str, tuple[tuple[str, str, int], ...]] | None = None
    did_you_mean: str | None = None

    @property
    def end(self) -> str | None:
        return self.rows[-1].cursor if self.rows else None


def record_page(query: Query, *, after: str | None) -> RecordPage:
    """The newest records first that meet the query's conditions; its text is one of them.

    `limit` is the page's size; `offset` is the cursor's business. Raises InvalidInput `bad_cursor`, `too_deep`.
    """
    conditions = {name: codes for name, codes in query.filters.items() if name != "kind"}
    if query.text or conditions or query.age is not None or query.sort == "title":
        return search_page(query, after=after)
    kinds = query.filters.get("kind") or tuple(kind.name for kind in d.kinds() if kind.searched)
    return newest_page(kinds, after=after, size=query.limit)


def newest_page(kinds: Sequence[str], *, after: str | None, size: int) -> RecordPage:
    """All records of these kinds, the newest first. One query."""
    page = NEWEST_FIRST.page(records().filter(kind__in=kinds), after=after, size=size)
    return RecordPage(tuple(Listed(record, NEWEST_FIRST.cursor(record)) for record in page.rows), page.has_next)


def search_page(query: Query, *, after: str | None) -> RecordPage:
    """The same by the index, in the order asked for, with the total and the facets that the query names."""
    name = f"search {_fingerprint(query):x}"
    offset = _offset(name, after) if after else 0
    results = engine().search(replace(query, offset=offset))
    found = {record.uuid: record for record in records_get([hit.uuid for hit in results.hits])}
    # The index may be a moment behind the logs: what was withdrawn since is left out.
    rows = tuple(
        Listed(found[hit.uuid], encode(name, [place]), hit)
        for place, hit in enumerate(results.hits, start=offset + 1)
        if hit.uuid in found
    )
    return RecordPage(
        rows=rows,
        has_next=offset + len(results.hits) < results.total and bool(rows),
        total=results.total,
        facets=_labelled(results.facets, query.language),
        did_you_mean=results.did_you_mean,
    )


def _fingerprint(query: Query) -> int:
    """A cursor counts hits of one search; under another it would skip or repeat some."""
    parts = (query.text, query.language, sorted(query.filters.items()), query.age, query.sort)
    return zlib.crc32(repr(parts).encode())


def _offset(name: str, after: str) -> int:
    (offset,) = decode(name, after, [int])
    if not isinstance(offset, int) or not 0 < offset < MAX_OFFSET:
        raise InvalidInput(
            _("A search can be followed for %(most)s results.") % {"most": MAX_OFFSET},
            remedy=_("Narrow it with filters, or read a list without any."),
            field="after",
            code="too_deep",
        )
    return offset


def _labelled(
    facets: Mapping[str, Sequence[tuple[str, int]]], language: str
) -> dict[str, tuple[tuple[str, str, int], ...]]:
    names = node_names() if "node" in facets else {}
    return {
        facet: tuple(
            (code, names.get(code, code) if facet == "node" else value_label(facet, code, language), count)
            for code, count in counts
        )
        for facet, counts in facets.items()
    }
