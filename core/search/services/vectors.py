"""Give records their vectors in the background, a few at a time: 100 ms each, once per text and machine.

What was computed is kept at once, so that a kill costs one text. Safe to run in several processes.
"""

import math
import time
from collections.abc import Callable, Iterable

from core.records.models import Entry, Log
from core.records.selectors.logs import changes
from core.search.models import IndexPosition
from core.search.seam import IndexDocument, engine
from core.search.selectors.vector_positions import vectors_lacking, vectors_name
from core.search.services.catch_up import current_document
from core.search.services.lease import LeaseHeld, lease
from core.search.vectors.embedder import Vector, embedder
from core.search.vectors.queries import label_texts
from core.search.vectors.records import with_known_vectors
from core.search.vectors.store import passages_of, queries_of, vector_store

# Texts between two turns of the machine's processes.
TURN = 10
# Entries between two commits of the index: twenty seconds' work.
BATCH = 200

Clock = Callable[[], float]


def vectors_compute(seconds: float, clock: Clock = time.monotonic) -> int:
    """How many records were given vectors; stops at the batch in which so many seconds have passed.

    Raises core.errors.Unavailable if the index cannot be written; LeaseHeld is no error: next time.
    """
    model = embedder()
    if model is None:
        return 0
    ends_at = clock() + seconds
    done = 0
    if not _compute(model.query, queries_of(model), label_texts(), ends_at, clock):
        return done
    name = engine().name()
    while (lacking := vectors_lacking(name)) and clock() < ends_at:
        log_id, start, end = lacking[0]
        log = Log.objects.get(id=log_id)
        entries = [entry for entry in changes(log, start, BATCH) if entry.index < end]
        documents = _documents(entries)
        if not _compute(model.passage, passages_of(model), with_known_vectors(documents)[1], ends_at, clock):
            return done
        try:
            with lease():
                _write(name, log, documents, entries[-1].index + 1 if entries else min(start + BATCH, end))
        except LeaseHeld:
            return done
        done += len(documents)
    return done


def compute_all(texts: Iterable[str]) -> None:
    """The vectors of these texts and of all labels, however long it takes. Nothing without a model."""
    if model := embedder():
        _compute(model.query, queries_of(model), label_texts())
        _compute(model.passage, passages_of(model), texts)


def _compute(
    compute: Callable[[str], Vector],
    name: str,
    texts: Iterable[str],
    ends_at: float = math.inf,
    clock: Clock = time.monotonic,
) -> bool:
    """Whether the store has the vectors of all texts now."""
    store = vector_store()
    left = list(dict.fromkeys(texts))
    known = store.get(name, left)
    left = [text for text in left if text not in known]
    while left and clock() < ends_at:
        some, left = left[:TURN], left[TURN:]
        with store.turn():
            known = store.get(name, some)
            store.put(name, {text: compute(text) for text in some if text not in known})
    return not left


def _documents(entries: Iterable[Entry]) -> list[IndexDocument]:
    found = (current_document(entry) for entry in entries if getattr(entry, "record", None) is not None)
    return [document for document in found if document is not None]


def _write(name: str, log: Log, documents: list[IndexDocument], position: int) -> None:
    target = engine()
    filled, _lacking = with_known_vectors(documents)
    if filled:
        target.index(filled)
        target.commit()
    IndexPosition.objects.update_or_create(index_name=vectors_name(name), log_id=log.id, defaults={"size": position})
