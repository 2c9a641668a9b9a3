"""What a test asks of a node in that node's own process (tests/nodes.py): a JSON call a line, an answer a line."""

import io
import itertools
import json
import os
import signal
import sqlite3
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import django

django.setup()

from django.conf import settings  # noqa: E402  Django must be set up before its models are imported
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402
from uuid6 import uuid7  # noqa: E402

from core.records.bulk import RecordRow  # noqa: E402
from core.records.checkpoint import sign  # noqa: E402
from core.records.keys import own_verifier_key, signing_key, signing_key_create  # noqa: E402
from core.records.merkle import CompactRange  # noqa: E402
from core.records.models import Entry, Log, Record  # noqa: E402
from core.records.selectors.logs import heads as served_heads  # noqa: E402
from core.records.services import replicate  # noqa: E402
from core.records.services.append import NewRevision, entries_append, own_log  # noqa: E402
from core.records.tree import packed, range_hashes  # noqa: E402
from core.search.seam import Query, engine  # noqa: E402
from deploy.celery import app as celery_app  # noqa: E402
from federation.models import Peer  # noqa: E402
from federation.selectors.network import network_status  # noqa: E402
from federation.selectors.peers import peer_get, peers  # noqa: E402
from federation.services.admission import peer_admit  # noqa: E402
from federation.services.describe import node_describe  # noqa: E402
from federation.services.due import peer_pull  # noqa: E402
from federation.services.poke import poke_subscribers  # noqa: E402
from federation.services.verify import verify_all  # noqa: E402

_WORDS = (
    "Schülerinnen und Schüler besuchen einen Betrieb im Hafen, sprechen mit Auszubildenden und packen selbst mit an. "
)


def migrate() -> None:
    call_command("migrate", verbosity=0)


def backup(path: str) -> None:
    """A copy of the SQLite database, journal included."""
    source = sqlite3.connect(str(settings.DATABASES["default"]["NAME"]))
    target = sqlite3.connect(path)
    source.backup(target)
    target.close()
    source.close()


def init() -> None:
    signing_key_create(Path(settings.SIGNING_KEY_FILE))
    node_describe()


def verifier_key() -> str:
    return str(own_verifier_key())


def admit(url: str, verifier_key: str) -> None:
    peer_admit(url=url, verifier_key=verifier_key)


def publish(count: int, batch: int = 500, length: int = 200) -> dict[str, Any]:
    """Publish new tools, `length` characters of description each."""
    started, cpu = time.perf_counter(), time.process_time()
    uuids: list[str] = []
    for first in range(0, count, batch):
        revisions = [_revision(uuid7(), f"Girls' day {n}", length) for n in range(first, min(first + batch, count))]
        entries_append(revisions)
        uuids += [str(revision.uuid) for revision in revisions[:10]]
    cost = {"seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - cpu}
    return {"uuids": uuids[:10], "peak_mb": peak_mb(), **cost}


def republish(uuid: str, title: str) -> None:
    entries_append([_revision(UUID(uuid), title, 200)])


def withdraw(uuid: str) -> None:
    entries_append([NewRevision(uuid=UUID(uuid), kind="tool", language="de", deleted=True)])


def _revision(uuid: UUID, title: str, length: int) -> NewRevision:
    content = {
        "title": {"de": {"text": title, "method": "source"}},
        "summary": {"de": {"text": _WORDS, "method": "source"}},
        "description": {"de": {"text": (_WORDS * (length // len(_WORDS) + 1))[:length], "method": "source"}},
        "activity": "company_visit",
        "target_groups": ["Klasse 8", "Klasse 9"],
        "ages": {"min": 13, "max": 16},
        "location": {"city": "Hamburg", "country": "DE", "nuts": "DE600", "nuts_version": "2021"},
        "organiser": {"name": "Hafen Hamburg Marketing"},
        "url": "https://www.hamburg.example/boys-and-girls-day",
    }
    return NewRevision(uuid=uuid, kind="tool", language="de", content=content)


def pull(peer: str = "") -> dict[str, Any]:
    """Pull one peer, or all admitted, until they offer nothing more; what was added, how long it took, peak memory.

    `runs` has the same of each run, of which a worker may do one at a time: added, seconds, peak memory by its end.
    """
    started, cpu = time.perf_counter(), time.process_time()
    runs: list[dict[str, float]] = []
    for one in [peer_get(peer)] if peer else [found for found in peers() if found.state == Peer.State.ADMITTED]:
        finished = False
        while not finished:
            begun = time.perf_counter()
            outcome = peer_pull(peer=one)
            finished = outcome is None or outcome.finished or bool(outcome.problems)
            added = sum(outcome.added.values()) if outcome else 0
            runs.append({"added": added, "seconds": time.perf_counter() - begun, "peak_mb": peak_mb()})
    cost = {"seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - cpu}
    return {"added": sum(run["added"] for run in runs), "peak_mb": peak_mb(), "runs": runs, **cost}


def pull_and_die(page: int) -> None:
    """Pull the first peer; be killed while that page is stored: its entries are written, nothing is committed."""
    stored = itertools.count(1)
    upsert = replicate.upsert_records  # type: ignore[attr-defined]

    def die(rows: Sequence[RecordRow]) -> None:
        if next(stored) == page:
            os.kill(os.getpid(), signal.SIGKILL)
        upsert(rows)

    replicate.upsert_records = die  # type: ignore[attr-defined]
    pull(peers()[0].origin)


def pull_idle(times: int) -> dict[str, Any]:
    """Pull the first peer again and again while it has nothing new."""
    peer = peers()[0]
    started, cpu = time.perf_counter(), time.process_time()
    for _ in range(times):
        peer_pull(peer=peer)
    cost = {"seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - cpu}
    return {"peak_mb": peak_mb(), **cost}


def poke() -> int:
    return poke_subscribers()


def search(text: str) -> list[str]:
    """The uuids of the tools found, the best first."""
    query = Query(text, filters={"kind": ("tool",)})
    return [str(hit.uuid) for hit in engine().search(query).hits]


def manage_search(verb: str) -> str:
    """What `manage.py search` says."""
    said = io.StringIO()
    call_command("search", verb, stdout=said)
    return said.getvalue()


def heads() -> dict[str, list[Any]]:
    return {head.origin: [head.size, head.root] for head in served_heads()}


def sizes() -> dict[str, int]:
    """Entries held by origin, and that there are as many rows."""
    found = dict(Log.objects.values_list("origin", "size"))
    assert Entry.objects.count() == sum(found.values())
    return found


def titles(origin: str) -> list[str]:
    """Titles of the current tools of an origin, in the order of publication."""
    current = Record.objects.filter(log__origin=origin, kind="tool", deleted=False).select_related("entry")
    return [next(iter(record.document["title"].values()))["text"] for record in current.order_by("entry_id")]


def status() -> dict[str, dict[str, Any]]:
    """The network as this node sees it, by origin."""
    return {
        found.origin: {
            "state": found.state,
            "reason": found.state_reason,
            "entries": found.entry_count,
            "lag": found.lag_count,
            "failing": found.failing,
            "error": found.last_error_code,
            "detail": found.last_error_text,
        }
        for found in network_status()
    }


def attempts(origin: str) -> dict[str, Any]:
    peer = Peer.objects.get(origin=origin)
    waits = (peer.next_pull_at - peer.last_error_at).total_seconds() if peer.last_error_at else 0.0
    return {"count": peer.attempt_count, "waits_seconds": waits}


def forge(origin: str, index: int, title: str) -> None:
    """Alter a document that is held of another origin, as a bad relay would; its hash is made to fit."""
    entry = Entry.objects.get(id=Log.objects.get(origin=origin).entry_id(index))
    document = json.loads(entry.document or "{}")
    document["title"] = {"de": {"text": title, "method": "source"}}
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    Entry.objects.filter(id=entry.id).update(document=text, sha256=sha256(text.encode()).hexdigest())


def rewind(size: int) -> None:
    """Set this node's own log back to `size` entries, as a database restored from an old copy is."""
    log = own_log()
    log.size = size
    tree = CompactRange(size, range_hashes(log, [(0, size)])[0])
    signed = sign(log.origin, size, tree.root(), signing_key())
    gone = Entry.objects.filter(id__gte=log.entry_id(size), log=log)
    Record.objects.filter(entry__in=gone).delete()
    gone.delete()
    log.root, log.peaks, log.checkpoint, log.checkpoint_size = tree.root(), packed(tree), signed.note, size
    log.save()


def damage(statement: str) -> int:
    """What a disk or a hand does to the database, past all code: one statement; how many rows it hit."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.rowcount)


def verify(origin: str = "", repair: bool = False) -> dict[str, Any]:
    """The report of `manage.py federation verify`, and what it took."""
    started, cpu = time.perf_counter(), time.process_time()
    report = verify_all(origin=origin, repair=repair).as_json()
    cost = {"seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - cpu}
    return {**report, "peak_mb": peak_mb(), **cost}


def due() -> list[str]:
    return [peer.origin for peer in peers() if peer.next_pull_at <= timezone.now()]


def peak_mb() -> float:
    """This process's largest resident size; getrusage would count its parent's before the exec."""
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024


def functions() -> dict[str, Callable[..., Any]]:
    """What may be asked, by name."""
    return {name: value for name, value in globals().items() if callable(value) and value.__module__ == __name__}


def answer_calls(calls: dict[str, Callable[..., Any]]) -> None:
    celery_app.set_default()
    # Answers go out where stdout was; what anything else prints goes to the log.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        call = json.loads(line)
        try:
            reply = {"answer": calls[call["function"]](**call["arguments"])}
        except Exception:
            reply = {"error": traceback.format_exc()}
        answers.write(json.dumps(reply) + "\n")
        answers.flush()


if __name__ == "__main__":
    answer_calls(functions())
