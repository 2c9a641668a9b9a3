"""What is new for a saved search since it was last looked at.

New is a match that its reader was never told of, and that arrived here, or was revised, since the last look but one.
Where it stands in a log counts, not when its origin says that it was published: a replica arrives later than that.
Matches that are older are taken note of silently: a better analysis, or a word that became a synonym, is no news.

Why the last look but one: a record can be found somewhat later than it arrived (an index that lags, vectors computed in
the background). That nothing is told twice does not depend on it: for that, every match met is remembered.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from core.errors import InvalidInput, Unavailable
from core.records.models import ENTRIES_PER_LOG, Record
from core.search.seam import Hit, Query, Understood, engine
from core.search.selectors.status import index_status
from tools_inventory.models import SavedSearch
from tools_inventory.selectors.hits import HitRow, hit_rows
from tools_inventory.selectors.nodes import node_names
from tools_inventory.selectors.saved_searches import saved_query

# More than this is no search but the whole inventory: its feed is for that. 16 bytes each are kept.
MAX_MATCHES = 20_000
# Hits asked for at a time: nearly every search is one page, so that the index cannot change between two.
PAGE = 1_000
TRIES = 3
# As many uuids as a query takes on every database.
CHUNK = 5_000
ROWS = 20

# {origin: entries}
Positions = dict[str, int]


@dataclass(frozen=True, slots=True)
class Look:
    """What a look found. `rows` are the first of `new_count`; `told` and `looked_to` are to be kept for the next."""

    rows: tuple[HitRow, ...]
    new_count: int
    total: int
    told: bytes
    looked_to: Positions


def positions(before: Mapping[str, int] | None = None) -> Positions:
    """How far into each log the index that answers has read; never further back than `before`.

    Where no index answers: the logs' own sizes. An index that is being built anew does not make old records new.
    """
    status = index_status()
    found = {}
    for log in status.logs:
        read = min(log.indexed, log.size) if status.health.ok and status.health.name else log.size
        found[log.origin] = min(log.size, max(read, (before or {}).get(log.origin, 0)))
    return found


def look(saved: SavedSearch) -> Look:
    """Raises InvalidInput `search_invalid` or `search_too_wide`, Unavailable while the index does not answer."""
    query = saved_query(saved.scope, saved.parameters, saved.language)
    # Before the search: what the index reads in between may be found, and must not be counted as looked at.
    looked_to = positions(saved.looked_to)
    hits, understood = _all_hits(query)
    told = saved.told_uuids()
    unheard = [hit for hit in hits if hit.uuid.bytes not in told]
    held = dict(_held([hit.uuid for hit in unheard]))
    new = [hit for hit in unheard if _arrived_since(saved.looked_to_before, held.get(hit.uuid))]
    rows = hit_rows(new[:ROWS], understood, query.language, node_names())
    return Look(
        rows=tuple(rows),
        new_count=len(new),
        total=len(hits),
        told=_kept(told, hits, held),
        looked_to=looked_to,
    )


def too_wide(total: int) -> InvalidInput:
    return InvalidInput(
        _("This search finds too many records to be followed by mail: %(total)s.") % {"total": total},
        remedy=_("Narrow it with more words or filters, or follow its feed."),
        code="search_too_wide",
    )


def _all_hits(query: Query) -> tuple[list[Hit], Understood]:
    """Every match, in the search's own order. Looks again if the index changed between two pages."""
    for _attempt in range(TRIES):
        found: dict[UUID, Hit] = {}
        offset, total, understood = 0, 1, Understood()
        while offset < total:
            results = engine().search(replace(query, offset=offset, limit=PAGE, facets=()))
            total, understood = results.total, results.understood
            if total > MAX_MATCHES:
                raise too_wide(total)
            found |= {hit.uuid: hit for hit in results.hits}
            offset += PAGE
        if len(found) == total:
            return list(found.values()), understood
    raise Unavailable(_("The search index changes faster than it can be read."), code="index_restless")


def _held(uuids: list[UUID]) -> Iterator[tuple[UUID, tuple[str, int]]]:
    """Where each of them that is not withdrawn stands: (origin, index in its log)."""
    for first in range(0, len(uuids), CHUNK):
        rows = Record.objects.filter(uuid__in=uuids[first : first + CHUNK], deleted=False)
        for uuid, origin, entry_id in rows.values_list("uuid", "log__origin", "entry_id"):
            yield uuid, (origin, entry_id % ENTRIES_PER_LOG)


def _arrived_since(before: Mapping[str, int], place: tuple[str, int] | None) -> bool:
    return place is not None and place[1] >= before.get(place[0], 0)


def _kept(told: frozenset[bytes], hits: Iterable[Hit], held: Mapping[UUID, object]) -> bytes:
    """All matches met so far; what the index still finds and its origin withdrew may yet come back."""
    now = {hit.uuid.bytes for hit in hits if hit.uuid.bytes in told or hit.uuid in held}
    met = told | now
    return b"".join(sorted(met if len(met) <= 2 * MAX_MATCHES else now))
