"""The process that the nodes of tests/forked_nodes.py are forked from, and what its children do.

Here Django is started, the schema built and everything imported that a child needs, once; a child then becomes one node
by taking its settings and opening its database, within a few milliseconds. Nothing is opened before a fork: neither a
database nor a thread.
"""

import contextlib
import gc
import json
import os
import random
import resource
import shutil
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path
from typing import Any
from uuid import UUID

import tests.node_calls as node_calls  # starts Django

# isort: split
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.db import connection, connections, reset_queries, transaction
from django.test import Client
from django.utils import translation
from uuid6 import uuid7

from core import http
from core.errors import HavenlinkError
from core.node import this_node
from core.records.canonical import canonical_header, sha256_hex
from core.records.checkpoint import VerifierKey, verify
from core.records.merkle import leaf_hash, root_hash
from core.records.models import ENTRIES_PER_LOG, Entry, Log, Record, TreeNode
from core.records.services.append import NewRevision, entries_append, own_log
from core.records.services.erase import record_erase
from core.records.tree import root_at
from core.search.seam import engine
from core.search.services.catch_up import catch_up
from deploy.celery import app as celery_app
from deploy.settings.environment import database
from deploy.wsgi import application
from federation.models import Peer
from federation.selectors.peers import peer_get, peers
from federation.services import ask
from federation.services.admission import peer_admit
from federation.services.due import peer_pull, pull_due_peers
from federation.services.recovery import recovery_demand, recovery_look


def become(folder: str, name: str, url: str, database_url: str, **more: Any) -> None:
    """Take a node's identity. Its settings are read anew wherever they are used."""
    settings.NODE_ID, settings.NODE_URL, settings.NODE_NAME = f"{name}.havenlink.localhost", url, name.capitalize()
    settings.STATE_DIR = Path(folder)
    settings.SIGNING_KEY_FILE = Path(folder) / "keys" / "signing.key"
    settings.SEARCH_URL = f"tantivy://{folder}/index"
    for setting, value in more.items():
        setattr(settings, setting, value)
    connections.settings["default"].update(database(database_url))
    this_node.cache_clear()


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Server(ThreadedWSGIServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, *_args: Any) -> None:
        """Whoever asked was killed."""


def serve(port: int) -> None:
    """Answer as this node from now on, in a thread beside the calls."""
    server = _Server(("127.0.0.1", port), _Quiet)
    server.set_app(application)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


def wait_at_most(seconds: float) -> None:
    """For an answer."""
    ask.TIMEOUT_SECONDS = seconds


# What is done on and on until somebody kills the process. Each line that is sent says what is done for certain.


def publish_on(seed: int, most: int = 4) -> None:
    """Publish, revise and withdraw at random; a line for each transaction: [[uuid, index, revision], …]."""
    chance = random.Random(seed)
    current = Record.objects.filter(log=own_log(), kind="tool", deleted=False)
    held = list(current.order_by("uuid").values_list("uuid", flat=True))
    _say(own_log().size)
    while True:
        revisions = [_revision(chance, held) for _ in range(chance.randint(1, most))]
        published = entries_append(revisions)
        _say([[str(new.uuid), new.index, new.revision] for new in published])
        for new in revisions:
            if not new.deleted:
                held.append(new.uuid)


def _revision(chance: random.Random, held: list[UUID]) -> NewRevision:
    """Of one that is held, which is taken from there, or a new one."""
    what = chance.random()
    if held and what < 0.3:
        uuid = held.pop(chance.randrange(len(held)))
        if what < 0.1:
            return NewRevision(uuid=uuid, kind="tool", language="de", deleted=True)
        return node_calls._revision(uuid, f"Neu {chance.random()}", 200)
    return node_calls._revision(uuid7(), f"Tag {chance.random()}", chance.choice((1, 200, 4000)))


def pull_on() -> None:
    """Pull all peers, again and again; a line after each: how much of each log is held."""
    _say(_sizes())
    while True:
        for peer in peers():
            peer_pull(peer=peer)
            _say(_sizes())


def pull_due_on() -> None:
    """As a worker does it: lease what is due, and wait a moment when nothing is. The leases of the dead are over."""
    Peer.objects.update(lease_until=None)
    _say(_sizes())
    pause = threading.Event()
    while True:
        Peer.objects.filter(lease_until__isnull=True).update(next_pull_at=node_calls.timezone.now())
        pull_due_peers(seconds=5)
        _say(_sizes())
        pause.wait(0.005)


def _sizes() -> dict[str, int]:
    return dict(Log.objects.values_list("origin", "size"))


# Single steps


def admit(url: str, verifier_key: str) -> None:
    peer_admit(url=url, verifier_key=verifier_key)


def pull_all() -> dict[str, Any]:
    """One round over all peers, as a worker's: entries added by origin, and problems as {peer: code}."""
    recovery_look()
    added: dict[str, int] = {}
    problems: dict[str, str] = {}
    for peer in peers():
        if peer.state != Peer.State.ADMITTED:
            continue
        outcome = peer_pull(peer=peer)
        if peer.failing:
            problems[peer.origin] = peer.last_error_code
        for origin, count in (outcome.added if outcome else {}).items():
            added[origin] = added.get(origin, 0) + count
    return {"added": added, "problems": problems}


def pull_peer(origin: str) -> dict[str, Any]:
    """One peer alone, as `pull_all`."""
    peer = peer_get(origin)
    outcome = peer_pull(peer=peer)
    problems = {origin: peer.last_error_code} if peer.failing else {}
    return {"added": dict(outcome.added) if outcome else {}, "problems": problems}


def publish_some(count: int, seed: int = 0, batch: int = 1) -> list[list[Any]]:
    """New tools, `batch` to a transaction: [[uuid, index, revision], …]."""
    chance = random.Random(seed)
    done = []
    for _ in range(0, count, batch):
        new = [node_calls._revision(uuid7(), f"Tag {chance.random()}", 200) for _ in range(batch)]
        done += [[str(found.uuid), found.index, found.revision] for found in entries_append(new)]
    return done


def change(uuid: str, title: str) -> list[Any]:
    """Publish a revision of that title, or with none a withdrawal, or of no uuid a record: [uuid, index, revision]."""
    record = UUID(uuid) if uuid else uuid7()
    if title:
        (done,) = entries_append([node_calls._revision(record, title, 1)])
    else:
        (done,) = entries_append([NewRevision(uuid=record, kind="tool", language="de", deleted=True)])
    return [str(done.uuid), done.index, done.revision]


def erase(uuid: str) -> int:
    """Of a withdrawn record, if it is held here."""
    record = Record.objects.select_related("entry", "log").filter(uuid=uuid, deleted=True).first()
    return record_erase(record) if record else 0


def pull_from(origin: str) -> str:
    """As a worker that finds this peer due: the code of what went wrong, or ""."""
    recovery_look()
    peer = peer_get(origin)
    peer_pull(peer=peer)
    return peer.last_error_code if peer.failing else ""


def history() -> dict[str, list[list[Any]]]:
    """Every log held: {origin: [[uuid, revision, title], …]}; the title is None in a withdrawal, "" where erased."""
    found: dict[str, list[list[Any]]] = {}
    for log in Log.objects.order_by("id"):
        rows = Entry.objects.filter(id__gte=log.entry_id(0), id__lt=log.entry_id(log.size)).order_by("id")
        found[log.origin] = [[row.record_id[-36:], row.revision, _title(row)] for row in rows]
    return found


def _title(entry: Entry) -> str | None:
    if entry.deleted:
        return None
    if entry.document is None:
        return ""
    title: dict[str, dict[str, str]] = json.loads(entry.document)["title"]
    return next(iter(title.values()))["text"]


_TABLES = [model._meta.db_table for model in (Log, Entry, TreeNode, Record, Peer)]


def backup_make(name: str) -> None:
    """Of what a node knows; it lies in the same database."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"DROP TABLE IF EXISTS {name}_{table}")
            cursor.execute(f"CREATE TABLE {name}_{table} AS SELECT * FROM {table}")
    _copy(_mark(), _mark().with_name(f"{name}.json"))


def backup_restore(name: str, with_files: bool) -> None:
    """The database alone, or what lies beside it too: then the operator says so, as the manual demands."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in reversed(_TABLES):
            cursor.execute(f"DELETE FROM {table}")
        for table in _TABLES:
            cursor.execute(f"INSERT INTO {table} SELECT * FROM {name}_{table}")
    if with_files:
        _copy(_mark().with_name(f"{name}.json"), _mark())


def recovery_demanded() -> None:
    recovery_demand()


def _copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    if source.exists():
        shutil.copy(source, target)


def _mark() -> Path:
    return Path(settings.STATE_DIR) / "published.json"


def verify_all() -> dict[str, Any]:
    """Every log held, computed anew from its rows: {origin: [size, root]}. AssertionError says what does not fit."""
    return {log.origin: _verify(log) for log in Log.objects.order_by("origin")}


def _verify(log: Log) -> list[Any]:
    first, last = log.entry_id(0), log.entry_id(ENTRIES_PER_LOG - 1)
    entries = list(Entry.objects.filter(id__gte=first, id__lte=last).order_by("id"))
    assert [entry.index for entry in entries] == list(range(log.size)), f"{log.origin}: rows are not 0 to {log.size}"
    leaves = []
    newest: dict[str, Entry] = {}
    for entry in entries:
        leaf = leaf_hash(canonical_header(entry.header))
        assert leaf == bytes(entry.leaf_hash), f"{entry}: its leaf hash"
        assert entry.document is None or sha256_hex(entry.document.encode()) == entry.sha256, f"{entry}: its document"
        leaves.append(leaf)
        uuid = entry.record_id[-36:]
        known = newest.get(uuid)
        if known is None or entry.revision > known.revision:
            newest[uuid] = entry
        assert known is None or entry.revision != known.revision, f"{entry}: the same revision twice"
    assert root_hash(leaves) == bytes(log.root), f"{log.origin}: its root"
    for size in {0, log.size // 2, log.size // 256 * 256, log.checkpoint_size}:
        assert root_at(log, size) == root_hash(leaves[:size]), f"{log.origin}: the tree stored, at {size}"
    stored = TreeNode.objects.filter(id__gte=log.id << 42, id__lt=(log.id + 1) << 42).count()
    assert stored == sum(log.size >> level for level in range(8, 40)), f"{log.origin}: stored nodes"
    if log.checkpoint:
        signed = verify(log.checkpoint, VerifierKey.parse(log.verifier_key))
        assert (signed.size, signed.root) == (log.checkpoint_size, root_hash(leaves[: signed.size]))
    folded = {str(row.uuid): (row.entry_id, row.revision, row.deleted) for row in Record.objects.filter(log=log)}
    assert folded == {uuid: (entry.id, entry.revision, entry.deleted) for uuid, entry in newest.items()}
    return [log.size, bytes(log.root).hex()]


def log_rows() -> list[dict[str, Any]]:
    """This node's log, as it serves it."""
    return [
        {**entry.header, "document": entry.document} for entry in Entry.objects.filter(log=own_log()).order_by("id")
    ]


def have(published: list[list[Any]]) -> list[list[Any]]:
    """Of what was said to be published, what does not stand in this node's log, in its place."""
    log = own_log()
    rows = Entry.objects.filter(id__gte=log.entry_id(0), id__lt=log.entry_id(log.size))
    held = {
        (record_id[-36:], key - log.entry_id(0), revision)
        for record_id, key, revision in rows.values_list("record_id", "id", "revision")
    }
    return [line for line in published if tuple(line) not in held]


def limit_database(pages: int) -> None:
    """SQLite finds no room for more than so many pages more than it has; 0: for as many as it likes."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        most = cursor.fetchone()[0] + pages if pages else 2**30
        cursor.execute(f"PRAGMA max_page_count = {most}")


def limit_files(size: int) -> None:
    """No file of this process grows beyond so many bytes; SQLite's journal begins empty."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def unlimit_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def refuse_entries() -> None:
    """PostgreSQL finds no room for another entry."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE disk_full USING MESSAGE = 'No space left on device'; END $$"
        )
        cursor.execute("CREATE TRIGGER no_room BEFORE INSERT ON records_entry FOR EACH ROW EXECUTE FUNCTION no_room()")


def take_entries() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER no_room ON records_entry")


def publish_noise(count: int) -> None:
    """Tools whose descriptions have nothing in common: an index of them is large."""
    revisions = [node_calls._revision(uuid7(), f"Tag {number}", 1) for number in range(count)]
    for revision in revisions:
        revision.content["description"]["de"]["text"] = " ".join(random.randbytes(4).hex() for _ in range(300))
    entries_append(revisions)


def publish_until_refused(batch: int = 20) -> dict[str, Any]:
    """The same as `attempt`, with what was acknowledged before."""
    done: list[list[Any]] = []
    while True:
        reply = attempt("publish_some", count=batch, batch=batch, seed=len(done))
        if "code" in reply:
            return {**reply, "published": done}
        done += reply["answer"]


def index_all() -> int:
    return catch_up()


def indexed() -> int:
    return engine().health().documents


def attempt(what: str, **arguments: Any) -> dict[str, Any]:
    """A call that may fail: its answer, or the code and message of the error that it raised."""
    try:
        return {"answer": functions()[what](**arguments)}
    except HavenlinkError as error:
        with translation.override("en"):
            return {"code": error.reason, "message": str(error.message), "remedy": str(error.remedy)}


# The process that is forked from, and its children

_answers: Any = None


def functions() -> dict[str, Any]:
    own = {name: value for name, value in globals().items() if callable(value) and value.__module__ == __name__}
    return {**node_calls.functions(), **own}


def _say(line: Any) -> None:
    _answers.write(json.dumps({"answer": line}) + "\n")
    _answers.flush()


def _child(identity: dict[str, Any], place: socket.socket) -> None:
    """Answer calls as this node, until there are no more."""
    global _answers
    become(**identity)
    place.settimeout(60)
    caller, _address = place.accept()
    caller.settimeout(None)
    place.close()
    _answers = caller.makefile("w")
    for line in caller.makefile("r"):
        call = json.loads(line)
        try:
            _say(functions()[call["function"]](**call["arguments"]))
        except Exception:
            _answers.write(json.dumps({"error": traceback.format_exc()}) + "\n")
            _answers.flush()


def warm_up() -> None:
    """What a first request and a first pull would do: routes, middleware and schema. No database is touched."""
    celery_app.set_default()
    answer = Client(headers={"host": "127.0.0.1"}).post(
        "/graphql", data='{"query": "{ protocol }"}', content_type="application/json"
    )
    assert answer.status_code == 200, answer.content
    with contextlib.suppress(HavenlinkError):
        http.get_json("http://127.0.0.1:1/")
    reset_queries()
    # What the application begins with a thread ends before the fork, which carries none.
    for thread in threading.enumerate():
        if thread is not threading.main_thread():
            thread.join()
    assert connection.connection is None, "a database was opened before the fork"
    assert threading.active_count() == 1, threading.enumerate()
    gc.collect()
    gc.freeze()


def main() -> None:
    """A line on stdin: a node's identity and the path of a socket. The child's number is answered."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    # Nobody waits for the children: they are gone when they are gone.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    warm_up()
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        with socket.socket(socket.AF_UNIX) as place:
            place.bind(order["socket"])
            place.listen(1)
            child = os.fork()
            if child == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                try:
                    os.close(0)
                    _child(order["identity"], place)
                except BaseException:
                    traceback.print_exc()
                finally:
                    sys.stderr.flush()
                    os._exit(0)
        print(child, file=answers, flush=True)


if __name__ == "__main__":
    main()
