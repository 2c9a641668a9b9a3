"""Whether an index holds what the logs say, record by record and revision by revision; and the difference mended.

Only what the index is said to have read is compared: what it has yet to read is the catch-up's business. In an index
that several nodes share, records that this node does not know are others', and newer revisions are others' news.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from core.records.models import Log, Record
from core.records.selectors.logs import logs
from core.search.documents import indexed_kinds
from core.search.models import IndexPosition
from core.search.seam import Engine, Held, engine
from core.search.services.catch_up import PAGE, current_document
from core.search.services.lease import Lease, lease
from core.search.vectors.records import with_known_vectors


@dataclass(slots=True)
class Comparison:
    """`extra` are records that the logs withdrew or never held; `behind` counts entries not read yet."""

    alike: int = 0
    others: int = 0
    behind: int = 0
    missing: list[UUID] = field(default_factory=list)
    outdated: list[UUID] = field(default_factory=list)
    extra: list[UUID] = field(default_factory=list)

    @property
    def different(self) -> int:
        return len(self.missing) + len(self.outdated) + len(self.extra)


class _Known(NamedTuple):
    """A record in the logs; `read` if its current entry is one that the index has read."""

    revision: int
    removed: bool
    read: bool


def compare(*, repair: bool = False) -> Comparison:
    """Takes 150 bytes of memory a record. Raises LeaseHeld while another process writes, Unavailable."""
    with lease() as ours:
        target = engine()
        found, known = Comparison(), _known_records(target.name())
        found.behind = sum(log.size - read for log, read in _positions(target.name()))
        for held in target.held():
            _judge(held, known.pop(held.uuid, None), found, shared=target.shared)
            ours.renew()
        found.missing += _indexable(uuid for uuid, record in known.items() if record.read and not record.removed)
        if repair and found.different:
            _repair(target, found, ours)
    return found


def _judge(held: Held, record: _Known | None, found: Comparison, *, shared: bool) -> None:
    if record is None:
        if shared or held.removed:
            found.others += not held.removed
        else:
            found.extra.append(held.uuid)
    elif not record.read or (shared and held.revision > record.revision):
        return
    elif record.removed:
        if not held.removed:
            found.extra.append(held.uuid)
    elif held.removed:
        found.missing += _indexable([held.uuid])
    elif held.revision != record.revision:
        found.outdated.append(held.uuid)
    else:
        found.alike += 1


def _repair(target: Engine, found: Comparison, ours: Lease) -> None:
    wanted = found.missing + found.outdated
    for uuids in _pages(wanted):
        records = Record.objects.filter(uuid__in=uuids).select_related("entry")
        documents = [document for record in records if (document := current_document(record.entry))]
        target.index(with_known_vectors(documents)[0])
        ours.renew()
    for uuids in _pages(found.extra):
        revisions = dict(Record.objects.filter(uuid__in=uuids).values_list("uuid", "revision"))
        target.remove([(uuid, revisions.get(uuid, 0)) for uuid in uuids])
        ours.renew()
    target.commit()


def _known_records(name: str) -> dict[UUID, _Known]:
    """Of kinds that can be searched."""
    known = {}
    for log, read in _positions(name):
        rows = Record.objects.filter(log=log, kind__in=indexed_kinds())
        for uuid, entry_id, revision, removed in rows.values_list("uuid", "entry_id", "revision", "deleted").iterator():
            known[uuid] = _Known(revision, removed, entry_id < log.entry_id(read))
    return known


def _positions(name: str) -> list[tuple[Log, int]]:
    """Each log, and how many of its entries the index has read; none if the log was restored from an older copy."""
    read = dict(IndexPosition.objects.filter(index_name=name).values_list("log_id", "size"))
    return [(log, position if (position := read.get(log.id, 0)) <= log.size else 0) for log in logs()]


def _indexable(uuids: Iterable[UUID]) -> list[UUID]:
    """Without those whose documents cannot be read."""
    found = []
    for page in _pages(list(uuids)):
        records = Record.objects.filter(uuid__in=page).select_related("entry")
        found += [record.uuid for record in records if current_document(record.entry)]
    return found


def _pages(uuids: list[UUID]) -> Iterator[list[UUID]]:
    for start in range(0, len(uuids), PAGE):
        yield uuids[start : start + PAGE]
