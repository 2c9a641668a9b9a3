"""Which current records carry which code, as sets of bits: counts of any two or three facets together in microseconds.

Held by each process and read forward from the logs, like a small index: what was read is remembered by log and
position, so that a request pays only for what is new since the last one. Chosen over the search engine's facets (one
query a row of the matrix, a third facet for every hole) and over SQL (a self-join of a million rows); measured in
tests/benchmarks/coverage.py. A code unknown to this version has no set: it has no row in a matrix either, and what
peers send cannot grow the memory.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from django.db.models import QuerySet

from core.records import definition as d
from core.records.models import Log, Record
from i18n.vocabularies.vocabulary import vocabulary

# Facets that no coded field holds: the envelope has them, or they are part of a place.
OTHER_FACETS = ("country", "node", "language", "kind")
CHUNK = 2000


@dataclass(frozen=True, slots=True)
class FacetSets:
    """A snapshot. Bit n of a set is the nth record read; a facet's value without records has no set."""

    sets: Mapping[tuple[str, str], int]

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
    """Reads the logs forward into bits. One a process; `current()` is safe to call from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clear()

    def _clear(self) -> None:
        self._sizes: dict[int, tuple[int, bytes]] = {}
        self._numbers: dict[bytes, int] = {}
        self._bits: dict[tuple[str, str], bytearray] = {}
        self._snapshot = FacetSets({})

    def forget(self) -> None:
        """Read everything anew at the next call: after a restore, and between tests."""
        with self._lock:
            self._clear()

    def current(self) -> FacetSets:
        """The sets as of now. One query when nothing changed."""
        with self._lock:
            self._advance()
            return self._snapshot

    def _advance(self) -> None:
        logs = list(Log.objects.all())
        if any(self._went_back(log) for log in logs) or self._sizes.keys() - {log.id for log in logs}:
            self._clear()
        changed: set[tuple[str, str]] = set()
        for log in logs:
            size, _root = self._sizes.get(log.id, (0, b""))
            if log.size > size:
                for uuid, carried in _changes(log, size):
                    changed.update(self._taken_back(uuid))
                    self._set(self._numbers[uuid.bytes], carried)
                    changed.update(carried)
                self._sizes[log.id] = (log.size, bytes(log.root))
        if changed:
            fresh = {key: int.from_bytes(self._bits[key], "little") for key in changed}
            self._snapshot = FacetSets({**self._snapshot.sets, **fresh})

    def _went_back(self, log: Log) -> bool:
        size, root = self._sizes.get(log.id, (0, b""))
        return log.size < size or (log.size == size and size > 0 and bytes(log.root) != root)

    def _taken_back(self, uuid: UUID) -> set[tuple[str, str]]:
        """Number a record that is new; clear the bits of one that is not. Returns the sets that changed."""
        if uuid.bytes not in self._numbers:
            self._numbers[uuid.bytes] = len(self._numbers)
            return set()
        number = self._numbers[uuid.bytes]
        # What it carried is not remembered, for memory's sake; its bit is looked for in every set.
        place, bit = number >> 3, 1 << (number & 7)
        before = {key for key, bits in self._bits.items() if len(bits) > place and bits[place] & bit}
        for key in before:
            self._bits[key][place] &= ~bit
        return before

    def _set(self, number: int, carried: Sequence[tuple[str, str]]) -> None:
        place, bit = number >> 3, 1 << (number & 7)
        for key in carried:
            bits = self._bits.get(key)
            if bits is None:
                bits = self._bits[key] = bytearray()
            if len(bits) <= place:
                # Room for some more at once: growing by a byte a record takes longer than all else.
                bits.extend(bytes(place + 1024 - len(bits)))
            bits[place] |= bit


facet_reader = FacetReader()


def facet_sets() -> FacetSets:
    """This process's sets, read forward to now."""
    return facet_reader.current()


def _changes(log: Log, after: int) -> Iterator[tuple[UUID, list[tuple[str, str]]]]:
    """Records whose current revision stands in the log at `after` or later, and what they carry now."""
    rows: QuerySet[Record] = Record.objects.filter(
        entry_id__gte=log.entry_id(after), entry_id__lt=log.entry_id(log.size)
    )
    columns = ("uuid", "kind", "language", "deleted", "entry__document")
    for uuid, kind, language, deleted, document in rows.values_list(*columns).iterator(chunk_size=CHUNK):
        known = not deleted and document is not None
        yield uuid, _carried(log.origin, kind, language, orjson.loads(document)) if known else []


def _carried(origin: str, kind: str, language: str, document: dict[str, Any]) -> list[tuple[str, str]]:
    carried: list[tuple[str, str] | None] = [("node", origin)]
    if d.kind(kind) is not None:
        carried += [("kind", kind), _known("language", "languages").get(language)]
        carried.append(_known("country", "countries").get(document.get("location", {}).get("country")))
        for name, pairs in _coded_fields(kind):
            value = document.get(name)
            if isinstance(value, str):
                carried.append(pairs.get(value))
            elif value:
                carried += map(pairs.get, value)
    return [pair for pair in carried if pair is not None]


@cache
def _coded_fields(kind_name: str) -> tuple[tuple[str, dict[str, tuple[str, str]]], ...]:
    """(field, its known codes as members of a set) for each coded facet of the kind."""
    kind = d.kind(kind_name)
    return tuple(
        (field.name, _known(field.facet, field.type.vocabulary))
        for field in (kind.fields if kind else ())
        if field.facet and isinstance(field.type, d.Code | d.Codes)
    )


@cache
def _known(facet: str, vocabulary_name: str) -> dict[str, tuple[str, str]]:
    """{code: (facet, code)}: one pair a code, and none for what the vocabulary lacks."""
    return {code: (facet, code) for code in vocabulary(vocabulary_name).concepts}
