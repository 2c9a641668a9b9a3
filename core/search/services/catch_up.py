"""Bring an index up to where the logs stand. Safe to kill at any instant: it does at most a batch again.

Log order is the order of commits, so a position per log says all; nothing has to be marked when a record is published.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from core.disk import naming_a_full_disk
from core.records.models import Entry, Log
from core.records.selectors.logs import changes, logs
from core.search import analysis
from core.search.documents import index_document
from core.search.lemmas import BuildFailed
from core.search.models import IndexPosition
from core.search.seam import Engine, IndexDocument, engine
from core.search.selectors.vector_positions import vectors_name
from core.search.services.lease import Lease, LeaseHeld, lease
from core.search.vectors.records import with_known_vectors

logger = logging.getLogger(__name__)

# Entries between two commits: each commit is a segment, and few large segments answer faster than many small ones.
BATCH = 20_000
# Entries read from the database at a time, about 3 MB.
PAGE = 1_000

Progress = Callable[[int], None]


@dataclass(slots=True)
class Batch:
    """What was written since the last commit, and where that brings each log from where.

    `lacking` are the logs of which some record has no vector yet.
    """

    positions: dict[int, int] = field(default_factory=dict)
    started: dict[int, int] = field(default_factory=dict)
    lacking: set[int] = field(default_factory=set)
    entry_count: int = 0


@naming_a_full_disk()
def catch_up(on_progress: Progress = lambda entry_count: None, patience: float = 0.0) -> int:
    """Index what the logs hold beyond their positions; how many entries that were. 0 if another process is at it.

    It is waited for `patience` seconds: it may have looked before what is new was there. Raises core.errors.Unavailable
    if the index cannot be written.
    """
    try:
        with lease(patience) as held:
            return index_changes(engine(), held, on_progress)
    except LeaseHeld:
        return 0


def index_changes(target: Engine, held: Lease, on_progress: Progress = lambda entry_count: None) -> int:
    """The same for any index, such as one being rebuilt; the lease must be held."""
    _prepare(analysis.SET_UP_LANGUAGES)
    name, done = target.name(), 0
    while (batch := _write_batch(target, name, held)).entry_count:
        target.commit()
        held.renew()
        _save_positions(name, batch)
        done += batch.entry_count
        on_progress(done)
    return done


def _write_batch(target: Engine, name: str, held: Lease) -> Batch:
    """Up to BATCH entries of all logs together, written and not yet committed."""
    batch = Batch()
    positions = dict(IndexPosition.objects.filter(index_name=name).values_list("log_id", "size"))
    for log in logs():
        position = positions.get(log.id, 0)
        if position > log.size:
            position = 0  # the log was restored from an older copy: its entries may be others
        batch.started[log.id] = position
        while position < log.size and batch.entry_count < BATCH:
            entries = changes(log, position, PAGE)
            if not _write_entries(target, entries, batch):
                batch.lacking.add(log.id)
            position = _next_position(log, entries, position)
            batch.positions[log.id] = position
            held.renew()
    return batch


def _next_position(log: Log, entries: list[Entry], position: int) -> int:
    return entries[-1].index + 1 if entries else min(position + PAGE, log.size)


def _write_entries(target: Engine, entries: list[Entry], batch: Batch) -> bool:
    """Whether all records have their vectors. Superseded revisions are passed over: the current one is further on."""
    documents: list[IndexDocument] = []
    removed: list[tuple[UUID, int]] = []
    for entry in entries:
        record = getattr(entry, "record", None)
        if record is None:
            continue
        document = current_document(entry)
        if document is None:
            removed.append((record.uuid, record.revision))
        else:
            documents.append(document)
    if removed:
        target.remove(removed)
    documents, lacking = with_known_vectors(documents)
    if documents:
        _prepare({language for document in documents for language in document.texts})
        target.index(documents)
    batch.entry_count += len(entries)
    return not lacking


def _prepare(languages: Iterable[str]) -> None:
    """The dictionaries of a language are built when its first text arrives; without them its words keep their form."""
    try:
        for language in analysis.prepare(languages):
            logger.info("Lemmas of %s are built.", language)
    except BuildFailed as error:
        logger.warning("%s. Records in it are found by the words as they are written.", error)


def current_document(entry: Entry) -> IndexDocument | None:
    """None for a deletion; and, with a line in the log, for what cannot be indexed: it blocks nothing after it."""
    if entry.record.deleted:
        return None
    try:
        return index_document(entry.record.document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        logger.warning("%s cannot be indexed and is not found by search: %r", entry.record_id, error)
        return None


def _save_positions(name: str, batch: Batch) -> None:
    with transaction.atomic():
        for log_id, size in batch.positions.items():
            # The lease lets nobody else write one; update_or_create takes three statements more.
            if not IndexPosition.objects.filter(index_name=name, log_id=log_id).update(size=size):
                IndexPosition.objects.create(index_name=name, log_id=log_id, size=size)
            if log_id not in batch.lacking:
                _follow_with_vectors(name, log_id, batch.started[log_id], size)


def _follow_with_vectors(index_name: str, log_id: int, start: int, size: int) -> None:
    """Nothing was lacking from `start` to `size`: had the log its vectors up to there, it has them up to here."""
    if name := vectors_name(index_name):
        if start == 0:
            IndexPosition.objects.get_or_create(index_name=name, log_id=log_id)
        IndexPosition.objects.filter(index_name=name, log_id=log_id, size=start).update(size=size)
