"""Reading the logs forward into sets of bits: which current record carries which code.

What was counted is a value: reading on gives another one, so that threads share it without a lock and a snapshot of it
can be kept (`facet_snapshot.py`). A code unknown to this version has no set: it has no row in a matrix either, and what
peers send cannot grow the memory.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from django.db.models import QuerySet

from core.records import definition as d
from core.records.models import Log, Record
from i18n.vocabularies.vocabulary import vocabulary

CHUNK = 2000
# Numbers of more records than these are looked up in a dictionary made for it, which takes 15 ms at 100,000 records.
FEW = 32
UUID_BYTES = 16

# (facet, value)
Code = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Counted:
    """How far each log was read, by its number, with its root there; and what that gave.

    Bit n of a set is the record whose uuid stands at place n of `uuids`.
    """

    positions: Mapping[int, tuple[int, bytes]] = field(default_factory=dict)
    uuids: bytes = b""
    sets: Mapping[Code, int] = field(default_factory=dict)

    def behind(self, logs: Iterable[Log]) -> int:
        """How many entries are to be read."""
        return sum(log.size - self.size(log) for log in logs)

    def size(self, log: Log) -> int:
        return self.positions.get(log.id, (0, b""))[0]

    def is_of(self, logs: Sequence[Log]) -> bool:
        """Whether it can be read on; not when a log is gone, shorter than it was, or another."""
        return self.positions.keys() <= {log.id for log in logs} and not any(map(self._went_back, logs))

    def _went_back(self, log: Log) -> bool:
        size, root = self.positions.get(log.id, (0, b""))
        return log.size < size or (log.size == size and size > 0 and bytes(log.root) != root)


def read_forward(counted: Counted, logs: Iterable[Log]) -> Counted:
    """With what the logs hold beyond its positions; itself when that is nothing. Two queries a log that has grown."""
    changes = _Changes(counted.uuids)
    positions = dict(counted.positions)
    for log in logs:
        size = counted.size(log)
        if log.size > size:
            for uuid, carried in _current(log, size):
                changes.add(uuid, carried)
            positions[log.id] = (log.size, bytes(log.root))
    if positions == counted.positions:
        return counted
    return Counted(positions, changes.uuids(), changes.applied(counted.sets))


class _Changes:
    """Records that were read, each with what it carries now instead of before."""

    def __init__(self, uuids: bytes) -> None:
        self._uuids = uuids
        self._count = len(uuids) // UUID_BYTES
        self._new: dict[bytes, int] = {}
        self._numbers: dict[bytes, int] | None = None
        self._looked_up = 0
        self._again: list[int] = []
        self._bits: dict[Code, bytearray] = {}

    def add(self, uuid: UUID, carried: Iterable[Code]) -> None:
        number = self._number(uuid.bytes)
        if number is None:
            number = self._new[uuid.bytes] = self._count + len(self._new)
        else:
            self._again.append(number)
        place, bit = number >> 3, 1 << (number & 7)
        for code in carried:
            bits = self._bits.get(code)
            if bits is None:
                bits = self._bits[code] = bytearray()
            if len(bits) <= place:
                # Room for some more at once: growing by a byte a record takes longer than all else.
                bits.extend(bytes(place + 1024 - len(bits)))
            bits[place] |= bit

    def uuids(self) -> bytes:
        return b"".join([self._uuids, *self._new])

    def applied(self, sets: Mapping[Code, int]) -> dict[Code, int]:
        """What a record carried before is not remembered: its bit is cleared in every set."""
        cleared = bytearray(self._count // 8 + 1)
        for number in self._again:
            cleared[number >> 3] |= 1 << (number & 7)
        gone = int.from_bytes(cleared, "little")
        kept = {code: bits & ~gone for code, bits in sets.items()} if self._again else dict(sets)
        for code, added in self._bits.items():
            kept[code] = kept.get(code, 0) | int.from_bytes(added, "little")
        return kept

    def _number(self, uuid: bytes) -> int | None:
        """Of a record that was read before this."""
        if not self._uuids:
            return None
        self._looked_up += 1
        if self._looked_up <= FEW:
            return _place(uuid, self._uuids)
        if self._numbers is None:
            starts = range(0, len(self._uuids), UUID_BYTES)
            self._numbers = {self._uuids[start : start + UUID_BYTES]: start // UUID_BYTES for start in starts}
        return self._numbers.get(uuid)


def _place(uuid: bytes, uuids: bytes) -> int | None:
    start = uuids.find(uuid)
    while start % UUID_BYTES and start >= 0:
        start = uuids.find(uuid, start + 1)
    return start // UUID_BYTES if start >= 0 else None


def _current(log: Log, after: int) -> Iterator[tuple[UUID, list[Code]]]:
    """Records whose current revision stands in the log at `after` or later, and what they carry now."""
    rows: QuerySet[Record] = Record.objects.filter(
        entry_id__gte=log.entry_id(after), entry_id__lt=log.entry_id(log.size)
    )
    columns = ("uuid", "kind", "language", "deleted", "entry__document")
    for uuid, kind, language, deleted, document in rows.values_list(*columns).iterator(chunk_size=CHUNK):
        known = not deleted and document is not None
        yield uuid, _carried(log.origin, kind, language, orjson.loads(document)) if known else []


def _carried(origin: str, kind: str, language: str, document: dict[str, Any]) -> list[Code]:
    carried: list[Code | None] = [("node", origin)]
    if d.kind(kind) is not None:
        carried += [("kind", kind), _known("language", "languages").get(language)]
        carried.append(_known("country", "countries").get(document.get("location", {}).get("country")))
        for name, codes in _coded_fields(kind):
            value = document.get(name)
            if isinstance(value, str):
                carried.append(codes.get(value))
            elif value:
                carried += map(codes.get, value)
    return [code for code in carried if code is not None]


@cache
def known_codes() -> str:
    """A hash of all that can be counted: with another one, what was counted before says nothing."""
    coded = {name: [(field, sorted(codes)) for field, codes in _coded_fields(name)] for name in sorted(_kind_names())}
    others = [sorted(_known("language", "languages")), sorted(_known("country", "countries"))]
    return hashlib.sha256(orjson.dumps([coded, others])).hexdigest()


def _kind_names() -> list[str]:
    return [kind.name for kind in d.kinds()]


@cache
def _coded_fields(kind_name: str) -> tuple[tuple[str, dict[str, Code]], ...]:
    """(field, its known codes as members of a set) for each coded facet of the kind."""
    kind = d.kind(kind_name)
    return tuple(
        (field.name, _known(field.facet, field.type.vocabulary))
        for field in (kind.fields if kind else ())
        if field.facet and isinstance(field.type, d.Code | d.Codes)
    )


@cache
def _known(facet: str, vocabulary_name: str) -> dict[str, Code]:
    """{code: (facet, code)}: one pair a code, and none for what the vocabulary lacks."""
    return {code: (facet, code) for code in vocabulary(vocabulary_name).concepts}
