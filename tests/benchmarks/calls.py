"""What the benchmarks ask of a node in that node's own process, besides what tests/node_calls.py answers.

A call that is timed answers `seconds` and `cpu_seconds`, and the process's `peak_mb`.
"""

import itertools
import random
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tests import node_calls

# isort: split
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from core.accounts.roles import OPERATOR
from core.records.checkpoint import sign, verifier_key
from core.records.merkle import CompactRange
from core.records.models import Log, Record
from core.records.services.append import NewRevision, entries_append
from core.records.services.replicate import log_admit
from core.search.documents import index_document
from core.search.models import IndexPosition
from core.search.services.catch_up import catch_up
from core.search.services.vectors import compute_all
from core.search.vectors.embedder import embedder
from core.search.vectors.records import meaning
from core.search.vectors.store import passages_of, vector_store
from deploy.demo.network import DATA_DIR
from i18n.vocabularies.vocabulary import NAMES, vocabulary
from tests.benchmarks import dataset
from tests.benchmarks.meanings import Meanings
from tools_inventory.models import Draft, FacetSnapshot
from tools_inventory.selectors.coverage import coverage
from tools_inventory.services.facet_snapshot import facet_snapshot_update
from tools_inventory.services.importing.inventory import inventory_import
from tools_inventory.services.publishing import drafts_publish

BATCH = 2_000


def publish_drafts(path: str, first: int, until: int) -> dict[str, Any]:
    """Publish drafts made of these lines of the data set, in one call."""
    made = [
        Draft(
            id=dataset.uuid_of(document),
            kind=document["kind"],
            language=document["language"],
            content=dataset.content_of(document),
            title=next(iter(document["title"].values()))["text"],
        )
        for document in dataset.read(Path(path), first, until)
    ]
    Draft.objects.bulk_create(made, batch_size=500)
    draft_ids = [draft.id for draft in made]
    return _timed(lambda: drafts_publish(by=OPERATOR, draft_ids=draft_ids))


def publish_one_by_one(path: str, first: int, until: int) -> dict[str, Any]:
    """Append revisions without drafts, a transaction and a signed checkpoint each."""
    revisions = [_revision(document) for document in dataset.read(Path(path), first, until)]

    def publish() -> None:
        for revision in revisions:
            entries_append([revision])

    return _timed(publish)


def publish_rest(path: str, first: int, until: int) -> dict[str, Any]:
    """Append revisions without drafts, many in a transaction."""
    cost = {"seconds": 0.0, "cpu_seconds": 0.0, "peak_mb": 0.0}
    for start in range(first, until, BATCH):
        documents = dataset.read(Path(path), start, min(start + BATCH, until))
        revisions = [_revision(document) for document in documents]
        spent = _timed(partial(entries_append, revisions))
        cost = {name: cost[name] + spent[name] for name in cost} | {"peak_mb": spent["peak_mb"]}
    return cost


def publish_inventory() -> int:
    """Import and publish the real inventory, all cities'; how many records that gave."""
    report = inventory_import(
        by=OPERATOR,
        records_file=DATA_DIR / "records.jsonl",
        organisations_file=DATA_DIR / "organisations.jsonl",
        only=(),
        publish=True,
    )
    return int(report.published)


def hold_logs(count: int) -> None:
    """So many more origins, of whose logs this node can serve what there is: nothing yet, signed."""
    for number in range(count):
        private = Ed25519PrivateKey.generate()
        origin = f"city{number}.havenlink.localhost"
        log_admit(key=verifier_key(origin, private))
        note = sign(origin, 0, CompactRange().root(), private).note
        Log.objects.filter(origin=origin).update(checkpoint=note, root=CompactRange().root())


def uuids() -> list[str]:
    """Of the current records that have a page of a tool, programme or opportunity, in an order of chance."""
    kinds = ("tool", "programme", "opportunity")
    found = Record.objects.filter(deleted=False, kind__in=kinds).order_by("uuid").values_list("uuid", flat=True)
    listed = [str(uuid) for uuid in found]
    random.Random(7).shuffle(listed)
    return listed


def matrices(times: int) -> dict[str, Any]:
    """Milliseconds of coverage matrices. Vocabularies are read before: a process's first page has needed them."""
    for name in NAMES:
        vocabulary(name).labels("nl")
    before = _own_mb()
    first = _milliseconds(_stage_by_activity)
    found = {
        "first": first,
        "next": [_milliseconds(_stage_by_activity) for _ in range(times)],
        "other": [_milliseconds(_region_by_sector) for _ in range(times)],
        "grown_mb": _own_mb() - before,
    }
    node_calls.publish(1)
    return found | {"after_change": _milliseconds(_stage_by_activity)}


def keep_facet_sets() -> float:
    """Milliseconds of counting all records for coverage and home, and of keeping that."""
    FacetSnapshot.objects.all().delete()
    return _milliseconds(lambda: facet_snapshot_update(every=1))


def read_all() -> float:
    """Milliseconds of reading and parsing the same documents."""
    return _milliseconds(_read_all)


def _stage_by_activity() -> None:
    coverage(language="nl", rows="stage", columns="activity", home=("region", "ghent"))


def _region_by_sector() -> None:
    coverage(language="nl", rows="region", columns="sector")


def _read_all() -> None:
    documents = Record.objects.filter(deleted=False).values_list("entry__document", flat=True)
    for text in documents.iterator(chunk_size=2000):
        orjson.loads(text or "{}")


def give_vectors() -> None:
    """Made-up vectors for the texts of all records, as if the model had made them, and the real ones of labels."""
    compute_all(())
    meanings, store, model = Meanings(), vector_store(), embedder()
    assert model is not None
    documents = Record.objects.filter(deleted=False).values_list("entry__document", flat=True)
    texts = documents.iterator(chunk_size=BATCH)
    while batch := list(itertools.islice(texts, BATCH)):
        found = [index_document(orjson.loads(text or "{}")) for text in batch]
        made = {meaning(document): meanings.vector(document) for document in found if document}
        store.put(passages_of(model), made)


def index() -> dict[str, Any]:
    """Bring the index up to where the logs stand."""
    return _timed(catch_up)


def indexed() -> int:
    """How many entries of all logs the index holds."""
    return sum(IndexPosition.objects.values_list("size", flat=True))


def wait_until_indexed(size: int, seconds: float) -> float:
    """The time at which the index held so many entries of all logs, committed; asked fifty times a second.

    In plain SQL: ten that ask oftener, by way of the models, take more of two cores than the nodes that they measure.
    """
    deadline = time.monotonic() + seconds
    with connection.cursor() as cursor:
        while cursor.execute("SELECT coalesce(sum(size), 0) FROM search_indexposition").fetchone()[0] < size:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{indexed()} of {size} entries are in the index after {seconds:.0f} s")
            time.sleep(0.02)
    return time.time()


def held() -> int:
    """How many entries of all logs the database holds."""
    return sum(Log.objects.values_list("size", flat=True))


def _revision(document: dict[str, Any]) -> NewRevision:
    return NewRevision(
        uuid=dataset.uuid_of(document),
        kind=document["kind"],
        language=document["language"],
        content=dataset.content_of(document),
    )


def _own_mb() -> float:
    """What this process holds at present without pages of mapped files."""
    return int(Path("/proc/self/status").read_text().split("RssAnon:")[1].split()[0]) / 1024


def _milliseconds(action: Callable[[], Any]) -> float:
    return float(_timed(action)["seconds"]) * 1000


def _timed(action: Callable[[], Any]) -> dict[str, Any]:
    started, cpu = time.perf_counter(), time.process_time()
    action()
    cost = {"seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - cpu}
    return {**cost, "peak_mb": node_calls.peak_mb()}


if __name__ == "__main__":
    own = {name: value for name, value in globals().items() if callable(value) and value.__module__ == __name__}
    node_calls.answer_calls(node_calls.functions() | own)
