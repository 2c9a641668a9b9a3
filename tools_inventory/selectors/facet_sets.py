"""Which current records carry which code, as sets of bits: counts of any two or three facets together in microseconds.

A process begins with what the worker kept (`facet_snapshot.py`) and reads on from there in the logs, like a small
index, so that a request pays only for what is new since the last one, and is exact whether a worker runs or not. Chosen
over the search engine's facets (one query a row of the matrix, a third facet for every hole) and over SQL (a self-join
of a million rows); measured in tests/benchmarks/coverage.py.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.records import definition as d
from core.records.models import Log
from i18n.vocabularies.vocabulary import vocabulary
from tools_inventory.selectors.facet_counting import Code, Counted, read_forward
from tools_inventory.selectors.facet_snapshot import snapshot_counted

# Facets that no coded field holds: the envelope has them, or they are part of a place.
OTHER_FACETS = ("country", "node", "language", "kind")
# Entries behind which a process looks for what the worker has counted meanwhile, instead of reading them itself.
FAR_BEHIND = 5000


@dataclass(frozen=True, slots=True)
class FacetSets:
    """A snapshot. Bit n of a set is one record; a facet's value without records has no set."""

    sets: Mapping[Code, int]

    def mask(self, facet: str, values: Iterable[str]) -> int:
        """Records that carry at least one of the values."""
        union = 0
        for value in values:
            union |= self.sets.get((facet, value), 0)
        return union

    def filtered(self, facet: str, value: str) -> int:
        """Records that a search filter on this value finds: narrower codes and other school systems included."""
        return self.mask(facet, expanded(facet, value))

    def values(self, facet: str) -> list[str]:
        """The values that records carry, by name."""
        return sorted(value for name, value in self.sets if name == facet and self.sets[name, value])


def expanded(facet: str, value: str) -> frozenset[str]:
    """The codes that a filter on `value` matches."""
    name = vocabulary_of(facet)
    return vocabulary(name).expand(value) if name else frozenset((value,))


def vocabulary_of(facet: str) -> str | None:
    """The vocabulary whose codes a facet's values are: what the definitions say; None for kind and node."""
    if facet in ("country", "language"):
        return {"country": "countries", "language": "languages"}[facet]
    for kind in d.kinds():
        for field in kind.fields:
            if field.facet == facet and isinstance(field.type, d.Code | d.Codes):
                return field.type.vocabulary
    return None


def coded_facets() -> tuple[str, ...]:
    """All facets that can be counted, in the definitions' order, the others last."""
    names = [
        field.facet
        for kind in d.kinds()
        for field in kind.fields
        if field.facet and isinstance(field.type, d.Code | d.Codes)
    ]
    return tuple(dict.fromkeys([*names, *OTHER_FACETS]))


class FacetReader:
    """What this process has counted. `current()` is safe to call from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted = Counted()

    def forget(self) -> None:
        """Begin anew at the next call: between tests."""
        with self._lock:
            self._counted = Counted()

    def current(self) -> FacetSets:
        """The sets as of now. One query when nothing changed."""
        with self._lock:
            logs = list(Log.objects.only("id", "origin", "size", "root"))
            self._counted = read_forward(self._start(logs), logs)
            return FacetSets(self._counted.sets)

    def _start(self, logs: list[Log]) -> Counted:
        """What was counted already, here or by the worker, whichever is nearer to now."""
        own = self._counted if self._counted.is_of(logs) else Counted()
        if own.behind(logs) > (FAR_BEHIND if own.positions else 0):
            kept = snapshot_counted()
            if kept is not None and kept.is_of(logs) and kept.behind(logs) < own.behind(logs):
                return kept
        return own


facet_reader = FacetReader()


def facet_sets() -> FacetSets:
    """This process's sets, read forward to now."""
    return facet_reader.current()
