"""Records that one could add to a comparison: what a search finds, or without words what is like the ones chosen."""

from collections.abc import Sequence

from core.errors import Unavailable
from core.records.models import Record
from core.records.selectors.records import records_get
from core.search.seam import Query, engine
from tools_inventory.selectors.presentation import Brief, briefs

SHOWN = 6
# Looked through for six of different regions.
LOOKED_THROUGH = 24


def candidates(text: str, chosen: Sequence[Brief], language: str) -> list[Brief]:
    """Without those chosen already. Without words: the same activity elsewhere, a region at a time."""
    filters = {} if text else _like(chosen)
    if not text and not filters:
        return []
    query = Query(text=text, language=language, filters=filters, limit=LOOKED_THROUGH, facets=())
    try:
        hits = engine().search(query).hits
    except Unavailable:
        return []
    taken = {brief.uuid for brief in chosen}
    found = records_get([hit.uuid for hit in hits if hit.uuid not in taken])
    return briefs((found if text else _from_everywhere(found, chosen))[:SHOWN], language)


def _like(chosen: Sequence[Brief]) -> dict[str, tuple[str, ...]]:
    activities = tuple(dict.fromkeys(brief.activity for brief in chosen if brief.activity))
    return {"activity": activities} if activities else {}


def _from_everywhere(found: Sequence[Record], chosen: Sequence[Brief]) -> list[Record]:
    """One of each region that is not compared yet, then the others."""
    seen = {brief.region for brief in chosen}
    first: list[Record] = []
    rest: list[Record] = []
    for record in found:
        region = record.document.get("region", "")
        (rest if region in seen else first).append(record)
        seen.add(region)
    return first + rest
