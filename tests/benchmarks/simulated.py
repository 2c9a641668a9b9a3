"""Nodes in memory on a virtual clock, driven by the node's own code: what `tests/benchmarks/network.py` measures.

Real is what decides and what proves: `pull_peer` (whom it trusts, what it compares, what it asks for), `ask_heads`
(when a peer is asked only for what changed, and the digest), `due._pull` (when a peer is asked again, how long it
backs off), `poke_subscribers` and `poke_receive` (who is told what, what is made of it), pages, trees, signatures and
their checks, the forms on the wire and their parsers. Modelled is what holds and what carries: a log's rows are a
size and a history that all replicas share, the network is a delay, a node's four workers and its clock are events. A
page's check does not depend on who holds what (`page_check`), so each page is made and checked once and remembered;
whether it continues a replica is asked each time.
"""

import base64
import heapq
import itertools
import logging
import random
from array import array
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from types import SimpleNamespace
from typing import Any
from unittest import mock
from uuid import UUID

import tests.conftest  # noqa: F401  sets the environment of a node and starts Django

# isort: split
import orjson
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from core.compression import ZSTD_LEVEL
from core.errors import Conflict, ForkDetected, HavenlinkError, PeerUnavailable
from core.jobs import POKE_SUBSCRIBERS
from core.records.canonical import canonical, canonical_header, sha256_hex
from core.records.checkpoint import Checkpoint, heads_digest, sign, verifier_key, verify
from core.records.merkle import CompactRange, leaf_hash, root_hash, subtrees
from core.records.models import Log
from core.records.page import CheckedPage, page_check, page_continue
from core.records.selectors.logs import MAX_PAGE_BYTES
from federation import wire
from federation.services import ask, due, poke, pull
from federation.services.fetch_ahead import Turn
from federation.services.poke import MIN_INTERVAL, MIN_INTERVAL_FAILING, PULL_DUE_PEERS
from federation.wire import PeerHead, PeerHeads

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
# Of a round trip between two cities, and until somebody who is cut off is given up.
ROUND_TRIP_SECONDS = 0.05
GIVEN_UP_SECONDS = 5.0
BYTES_PER_SECOND = 10e6
# What can go wrong here; anything else is a fault of the simulation or of the code that it drives.
FAILURES = ("timeout", "unreachable")
# As deploy/worker.py has; as the clock of deploy/settings/background.py looks for peers that are due.
WORKERS = 4
# Request line, status line and headers of both ways, as measured at a node by tests/benchmarks/steady.py.
HEADER_BYTES = 500
HEADS_QUESTION = len(orjson.dumps({"query": wire.HEADS_QUERY}))
CHANGED_HEADS_QUESTION = len(orjson.dumps({"query": wire.CHANGED_HEADS_QUERY, "variables": {"known": "x" * 64}}))
PAGE_QUESTION = len(
    orjson.dumps({"query": wire.LOG_QUERY, "variables": {"origin": "x" * 25, "after": 10**4, "first": 2048}})
)
HEADS_REPLY = len(
    orjson.dumps({"data": {"protocol": 1, "node": {"id": "", "name": "", "verifierKey": ""}, "headsIfChanged": None}})
)
POKE_REPLY = len('{"accepted":true}')
# What changed so long ago is known to a neighbour, was told it, or reaches it by its own polls: it is not looked for.
FRESH_SECONDS = 60.0


class History:
    """What one origin has published, and everything that is derived from it, made once for all who hold it."""

    def __init__(self, number: int) -> None:
        self.origin = f"node{number}.havenlink.example"
        self.url = f"https://{self.origin}"
        self.private = Ed25519PrivateKey.from_private_bytes(number.to_bytes(32, "big"))
        self.key = verifier_key(self.origin, self.private)
        self.key_text = str(self.key)
        self.rows: list[dict[str, Any]] = []
        self.leaves: list[bytes] = []
        # Virtual seconds at which each entry was published.
        self.times = array("d")
        self.revisions: dict[str, int] = {}
        self.ranges = [CompactRange()]
        self.roots = [self.ranges[0].root()]
        self._heads: dict[int, tuple[PeerHead, int]] = {}
        self._pages: dict[tuple[int, int], tuple[CheckedPage, int]] = {}
        self._verified: dict[str, Checkpoint] = {}

    @property
    def size(self) -> int:
        return len(self.leaves)

    def append(self, now: float, at: datetime, uuid: UUID, *, deleted: bool = False) -> None:
        """One revision of a record, as `core/records/services/append.py` writes it."""
        record_id = f"{self.url}/records/{uuid}"
        revision = self.revisions.get(record_id, 0) + 1
        self.revisions[record_id] = revision
        published = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        document: dict[str, Any] = {
            "id": record_id,
            "origin": self.origin,
            "kind": "tool",
            "revision": revision,
            "published": published,
            "language": "en",
        }
        text = {"en": {"text": f"Open day, as it stands in revision {revision}. " * 5, "method": "source"}}
        document |= {"deleted": True} if deleted else {"title": text, "summary": text, "activity": "workshop"}
        body = canonical(document)
        header: dict[str, Any] = {
            "index": self.size,
            "id": record_id,
            "kind": "tool",
            "revision": revision,
            "deleted": deleted,
            "published": published,
            "sha256": sha256_hex(body),
        }
        self.rows.append(header | {"document": body.decode()})
        self.leaves.append(leaf_hash(canonical_header(header)))
        self.times.append(now)
        tree = self.ranges[-1].copy()
        tree.append(self.leaves[-1])
        self.ranges.append(tree)
        self.roots.append(tree.root())

    def head(self, size: int) -> tuple[PeerHead, int]:
        """As a puller reads it from a reply, and its bytes there."""
        if size not in self._heads:
            row = {
                "origin": self.origin,
                "size": size,
                "root": base64.b64encode(self.roots[size]).decode(),
                "checkpoint": sign(self.origin, size, self.roots[size], self.private).note,
            }
            node = {"id": self.origin, "name": self.origin, "verifierKey": self.key_text}
            reply = {"data": {"protocol": wire.PROTOCOL_VERSION, "node": node, "heads": [row]}}
            heads = wire.heads_parse(orjson.loads(orjson.dumps(reply)), frozenset([self.origin]))
            self._heads[size] = (heads.heads[self.origin], len(orjson.dumps(row)))
        return self._heads[size]

    def page(self, first: int, size: int) -> tuple[CheckedPage, int]:
        """From index `first` of a log of `size`: as a puller has read and checked it, and its bytes on the wire."""
        if (first, size) not in self._pages:
            rows: list[dict[str, Any]] = []
            room = MAX_PAGE_BYTES
            for row in self.rows[first : min(first + wire.PAGE_ENTRIES, size)]:
                room -= len(row["document"]) + 400
                if room < 0 and rows:
                    break
                rows.append(row)
            proof = {"left": self._hashes(0, first), "right": self._hashes(first + len(rows), size)}
            note = self.head(size)[0].checkpoint
            log = {"origin": self.origin, "first": first, "size": size, "checkpoint": note, "entries": rows}
            sent = orjson.dumps({"data": {"log": log | {"proof": proof}}})
            checked = page_check(wire.page_parse(orjson.loads(sent)), self.key, first)
            self._pages[first, size] = (checked, len(_packed(sent)))
        return self._pages[first, size]

    def _hashes(self, first: int, last: int) -> list[str]:
        found = [root_hash(self.leaves[i << level : (i + 1) << level]) for level, i in subtrees(first, last)]
        return [base64.b64encode(node).decode() for node in found]

    def verified(self, note: str) -> Checkpoint:
        if note not in self._verified:
            self._verified[note] = verify(note, self.key)
        return self._verified[note]


def _packed(sent: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(sent)


@dataclass(slots=True)
class Replica:
    """What a row of `Log` says, for one origin at one node; written by `Node.set_size`."""

    history: History
    id: int
    origin: str
    verifier_key: str
    size: int = 0
    root: bytes = b""
    checkpoint: str = ""
    checkpoint_size: int = 0
    state: str = Log.State.ADMITTED
    # The most that it ever held: what comes once more after a restore has arrived before.
    most: int = 0


class Reported:
    """What `Peer.reported` holds, made only when it is asked."""

    def __init__(self, heads: dict[str, PeerHead]) -> None:
        self.heads = heads

    def get(self, origin: str) -> Any:
        head = self.heads.get(origin)
        return None if head is None else head.summary


@dataclass(slots=True, eq=False)
class Neighbour:
    """What a row of `Peer` says. Times are of the clock of the node whose row it is."""

    node: "Node"
    next_pull_at: float
    reported: Reported
    leased: bool = False
    poked_at: float = -1e9
    attempt_count: int = 0
    last_error_code: str = ""
    answered_at: float = -1e9
    told: dict[str, int] = field(default_factory=dict)
    told_before: dict[str, int] = field(default_factory=dict)
    told_at: float = -1e9
    declined: dict[str, int] = field(default_factory=dict)

    @property
    def failing(self) -> bool:
        return self.attempt_count > 0

    def reported_size(self, origin: str) -> int | None:
        head = self.reported.heads.get(origin)
        return None if head is None else head.size

    @property
    def origin(self) -> str:
        return self.node.id

    @property
    def pk(self) -> str:
        return self.node.id

    @property
    def url(self) -> str:
        return self.node.own.url

    @property
    def verifier_key(self) -> str:
        return self.node.own.key_text


@dataclass
class Traffic:
    """Of one node: what it asked, what it answered, and the bytes of both ways."""

    asked: int = 0
    answered: int = 0
    bytes: int = 0


class Node:
    """One node: its clock is `offset` seconds off; cut off from those of another `side` while the network is split."""

    def __init__(self, world: "World", number: int, own: History) -> None:
        self.world = world
        self.number = number
        self.own = own
        self.id = own.origin
        self.replicas: list[Replica] = []
        self.by_origin: dict[str, Replica] = {}
        self.heads: dict[str, PeerHead] = {}
        self.heads_bytes = 0
        self.remembered: dict[str, ask._Remembered] = {}
        # When a log changed here.
        self.fresh: dict[str, float] = {}
        self._digest = ""
        self.neighbours: dict[str, Neighbour] = {}
        self.up = True
        self.side = 0
        self.offset = 0.0
        self.runs = 0
        self.traffic = Traffic()
        self.recovering_since: float | None = None

    @property
    def clock(self) -> float:
        return self.world.now + self.offset

    @property
    def log(self) -> Replica:
        return self.by_origin[self.id]

    def follow(self, history: History) -> None:
        replica = Replica(history, len(self.replicas), history.origin, history.key_text)
        self.replicas.append(replica)
        self.by_origin[history.origin] = replica

    def set_size(self, replica: Replica, size: int, checkpoint_size: int) -> None:
        if replica.origin in self.heads:
            self.heads_bytes -= replica.history.head(replica.checkpoint_size)[1]
            del self.heads[replica.origin]
        head, length = replica.history.head(checkpoint_size)
        replica.size, replica.root, replica.most = size, replica.history.roots[size], max(size, replica.most)
        replica.checkpoint_size, replica.checkpoint = checkpoint_size, head.checkpoint
        self.heads[replica.origin] = head
        self.heads_bytes += length
        self.fresh[replica.origin] = self.world.now
        self._digest = ""

    def publish(self, uuid: UUID, *, deleted: bool = False) -> bool:
        """False if it may not: down, or its own log is not whole."""
        if not self.up or self.recovering_since is not None:
            return False
        if self.log.size != self.own.size:
            self.world.forks += 1
            return False
        self.own.append(self.world.now, EPOCH + timedelta(seconds=self.clock), uuid, deleted=deleted)
        self.set_size(self.log, self.own.size, self.own.size)
        self.world.missing += len(self.world.nodes) - 1
        self.world.after(0.0, partial(self.world.poke, self))
        return True

    @property
    def digest(self) -> str:
        if not self._digest:
            self._digest = heads_digest(head.checkpoint for head in self.heads.values())
        return self._digest

    # What pokes work on: as the statements of `services/poke.py`

    def served_sizes(self) -> dict[str, int]:
        since = self.world.now - FRESH_SECONDS
        self.fresh = {origin: at for origin, at in self.fresh.items() if at >= since}
        return {origin: self.by_origin[origin].checkpoint_size for origin in self.fresh}

    def followed_sizes(self, origins: Iterable[str]) -> dict[str, int]:
        return {origin: self.by_origin[origin].size for origin in origins if origin in self.by_origin}

    def take_turn(self, peer: Neighbour, news: Mapping[str, int]) -> bool:
        if 0 <= self.clock - peer.told_at < poke.rest(peer, news).total_seconds():  # type: ignore[arg-type]
            return False
        unconfirmed = {origin: size for origin, size in peer.told.items() if size > (peer.reported_size(origin) or 0)}
        peer.told_before, peer.told, peer.told_at = peer.told, {**unconfirmed, **news}, self.clock
        return True

    def mark_due(self, origin: str) -> bool:
        sender = self.neighbours.get(origin)
        if sender is None:
            return False
        least = MIN_INTERVAL_FAILING if sender.failing else MIN_INTERVAL
        if self.clock - sender.poked_at < least.total_seconds():
            return False
        sender.poked_at = sender.next_pull_at = self.clock
        return True

    # The worker

    def look(self) -> None:
        """What the clock does: a run, if a worker is free."""
        self.world.after(self.world.look_seconds, self.look)
        self.run()

    def run(self) -> None:
        if self.up and self.runs < WORKERS:
            self.runs += 1
            self._next()

    def _next(self) -> None:
        ready = [one for one in self.neighbours.values() if not one.leased and one.next_pull_at <= self.clock]
        if not self.up or not ready:
            self.runs -= 1
            return
        neighbour = min(ready, key=lambda one: one.next_pull_at)
        neighbour.leased = True
        self.world.after(self.world.pull(self, neighbour), partial(self._pulled, neighbour))

    def _pulled(self, neighbour: Neighbour) -> None:
        neighbour.leased = False
        self._next()

    # What a pull works on

    def served(self, origin: str, after: int) -> tuple[CheckedPage, int]:
        replica = self.by_origin[origin]
        return replica.history.page(after, replica.checkpoint_size)

    def store(self, log_id: int, page: CheckedPage) -> int:
        replica = self.replicas[log_id]
        if replica.state == Log.State.FROZEN:
            raise Conflict("frozen", code="frozen")
        verified = page_continue(page, replica.history.ranges[replica.size])
        size = replica.size + len(verified.entries)
        whole = verified.checkpoint.size == size and size >= replica.checkpoint_size
        for index in range(max(replica.most, replica.size), size):
            self.world.arrived(replica.history.times[index])
        self.world.missing -= len(verified.entries)
        self.set_size(replica, size, size if whole else replica.checkpoint_size)
        return len(verified.entries)

    def adopt(self, log_id: int, note: str) -> bool:
        replica = self.replicas[log_id]
        checkpoint = replica.history.verified(note)
        if replica.history.roots[checkpoint.size] != checkpoint.root:
            raise ForkDetected(f"{replica.origin} signed two histories.")
        if checkpoint.size == replica.size > replica.checkpoint_size:
            self.set_size(replica, replica.size, replica.size)
            return True
        return False

    def freeze(self, log_id: int, _reason: str) -> None:
        self.replicas[log_id].state = Log.State.FROZEN

    def begin_recovery_if_behind(self, note: str) -> bool:
        behind = self.own.verified(note).size > self.log.size
        if behind and self.recovering_since is None:
            self.recovering_since = self.clock
        return behind

    def advance_recovery(self) -> None:
        """Whole when all neighbours have said, since it began, that they hold no more: `services/recovery.py`."""
        if self.recovering_since is None or self.log.checkpoint_size != self.log.size:
            return
        for neighbour in self.neighbours.values():
            head = neighbour.reported.heads.get(self.id)
            if neighbour.answered_at < self.recovering_since or (head is not None and head.size > self.log.size):
                return
        self.recovering_since = None

    def record(self, peer: Neighbour, started_at: float, wait_seconds: float, **columns: Any) -> None:
        """What `due._record` writes."""
        now = self.clock + self.world.elapsed
        peer.next_pull_at = now if peer.poked_at > started_at else now + wait_seconds
        if "last_success_at" in columns:
            peer.attempt_count, peer.answered_at = 0, now
        else:
            code = peer.last_error_code = columns["last_error_code"]
            assert code in FAILURES, f"{self.id} pulling {peer.origin}: {code}: {columns['last_error_text']}"
            peer.attempt_count += 1
            self.world.failures[code] = self.world.failures.get(code, 0) + 1
        if "reported" in columns:
            peer.reported = columns["reported"]
            peer.declined = {origin: times for origin, times in peer.declined.items() if not self.lacks(peer, origin)}

    def lacks(self, peer: Neighbour, origin: str) -> bool:
        """As in `due._reported`."""
        size = peer.reported_size(origin)
        return size is not None and size < self.by_origin[origin].size

    # What happens to it

    def backup(self) -> list[tuple[int, int]]:
        return [(replica.size, replica.checkpoint_size) for replica in self.replicas]

    def restore(self, backup: Sequence[tuple[int, int]]) -> None:
        """The database is an older one; what is written down beside it says how much was published."""
        self.remembered.clear()
        for replica, (size, checkpoint_size) in zip(self.replicas, backup, strict=True):
            self.world.missing += replica.size - size
            self.set_size(replica, size, checkpoint_size)
        if self.log.size < self.own.size:
            self.recovering_since = self.clock


@dataclass(frozen=True, slots=True)
class Answer:
    """A node's answer to who asks for heads, or for what changed of them."""

    node: Node
    unchanged: bool


def heads_read(answer: Answer, _wanted: frozenset[str]) -> PeerHeads:
    """As `wire.heads_parse` reads it."""
    node = answer.node
    return PeerHeads(node.id, node.id, node.own.key_text, dict(node.heads), node.digest)


def changed_heads_read(answer: Answer, wanted: frozenset[str], known: PeerHeads) -> PeerHeads:
    """As `wire.changed_heads_parse` reads it."""
    return known if answer.unchanged else heads_read(answer, wanted)


class _Remembered:
    """What each node's process remembers of its peers' answers, here of the node at work."""

    def __init__(self, world: "World") -> None:
        self._world = world

    def get(self, url: str) -> "ask._Remembered | None":
        return self._world.current.remembered.get(url)

    def __setitem__(self, url: str, answer: "ask._Remembered") -> None:
        self._world.current.remembered[url] = answer


@dataclass(eq=False)
class World:
    """The virtual clock, the network, and all nodes. Enter it to have the node's code work on them."""

    look_seconds: float
    seed: int = 1
    now: float = 0.0
    forks: int = 0
    # Entries that nodes do not hold yet.
    missing: int = 0
    nodes: list[Node] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)
    # Seconds that the pull which is being made has taken so far.
    elapsed: float = 0.0

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.staleness = array("d")
        self._events: list[tuple[float, int, Callable[[], object]]] = []
        self._numbers = itertools.count()
        self._current: Node | None = None
        self._stack = ExitStack()
        self._sets: dict[frozenset[str], frozenset[str]] = {}

    def add(self, count: int, records: int) -> None:
        """Nodes that hold everything of one another."""
        histories = [History(number) for number in range(count)]
        for history in histories:
            for _ in range(records):
                history.append(0.0, EPOCH, self.uuid())
        for number, history in enumerate(histories):
            node = Node(self, number, history)
            for each in histories:
                node.follow(each)
            for replica in node.replicas:
                node.set_size(replica, replica.history.size, replica.history.size)
            node.offset = self.rng.uniform(-300, 300)
            self.nodes.append(node)

    def join(self, one: Node, other: Node) -> None:
        """Each asks the other; first somewhere within its interval."""
        for node, peer in ((one, other), (other, one)):
            first = node.clock + self.rng.uniform(0, settings.PULL_INTERVAL_SECONDS)
            known = Reported(dict(peer.heads))
            node.neighbours[peer.id] = Neighbour(peer, first, known)

    def begin(self) -> None:
        for node in self.nodes:
            self.after(self.rng.uniform(0, self.look_seconds), node.look)

    def uuid(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128), version=4)

    # Time

    def after(self, seconds: float, action: Callable[[], object]) -> None:
        heapq.heappush(self._events, (self.now + seconds, next(self._numbers), action))

    def run_until(self, end: float, over: Callable[[], bool] | None = None, every: float = 0.5) -> None:
        """To the virtual second `end`, or until it is `over`, which is asked every so often."""
        asked = self.now
        while self._events and self._events[0][0] <= end:
            self.now, _, action = heapq.heappop(self._events)
            action()
            if over is not None and self.now >= asked + every:
                asked = self.now
                if over():
                    return
        if over is None:
            self.now = end

    # The network

    def reaches(self, one: Node, other: Node) -> bool:
        return other.up and one.side == other.side

    def request(self, one: Node, other: Node, size: int) -> None:
        one.traffic.asked += 1
        one.traffic.bytes += size
        if self.reaches(one, other):
            other.traffic.answered += 1
            other.traffic.bytes += size
            self.elapsed += ROUND_TRIP_SECONDS + size / BYTES_PER_SECOND

    def arrived(self, published: float) -> None:
        self.staleness.append(self.now + self.elapsed - published)

    # The node's code, at work

    def pull(self, node: Node, neighbour: Neighbour) -> float:
        """`due._pull`, as this node; returns the virtual seconds that it took."""
        self._current, self.elapsed = node, 0.0
        due._pull(neighbour, node.clock)  # type: ignore[arg-type]  # a Neighbour is what it needs of a Peer
        return self.elapsed

    @property
    def current(self) -> Node:
        assert self._current is not None
        return self._current

    def poke(self, node: Node) -> None:
        """`poke_subscribers`, as this node."""
        if node.up:
            self._current, self.elapsed = node, 0.0
            poke.poke_subscribers()

    def _ask_to_look(self, url: str, *, origin: str, heads: Mapping[str, int]) -> bool:
        """`poke_receive`, as the other node, which acts on it half a round trip later."""
        other, asking = self._answering(url), self._current
        body = orjson.dumps(wire.poke(origin, heads))
        self.request(self.current, other, len(body) + POKE_REPLY + HEADER_BYTES)
        origin, news = wire.poke_parse(orjson.loads(body))
        self._current, elapsed, self.elapsed = other, self.elapsed, ROUND_TRIP_SECONDS / 2
        try:
            return poke.poke_receive(origin=origin, heads=news)
        finally:
            self._current, self.elapsed = asking, elapsed

    def _wake(self, task: str, *, after_seconds: float = 0.0) -> None:
        actions: dict[str, Callable[[], object]] = {
            POKE_SUBSCRIBERS: partial(self.poke, self.current),
            PULL_DUE_PEERS: self.current.run,
        }
        self.after(self.elapsed + after_seconds, actions[task])

    def _ask(self, url: str, body: dict[str, Any]) -> "Answer":
        """Heads as a node answers them: their rows, or none if their digest is known."""
        other = self._answering(url)
        known = body.get("variables", {}).get("known", "")
        unchanged = known == other.digest
        question = CHANGED_HEADS_QUESTION if known else HEADS_QUESTION
        answer = HEADS_REPLY + len(other.own.key_text) + 2 * len(other.id)
        rows = 0 if unchanged else int(other.heads_bytes * self.heads_packed)
        self.request(self.current, other, HEADER_BYTES + question + answer + rows)
        return Answer(other, unchanged)

    def _ask_heads(self, url: str, wanted: frozenset[str]) -> PeerHeads:
        # One set for all who follow the same, of a thousand names.
        return ask.ask_heads(url, self._sets.setdefault(wanted, wanted))

    def _pages_in_turn(self, url: str, turns: Sequence[Turn], _deadline: float) -> Generator[Any, None, None]:
        waiting = list(turns)
        while waiting:
            turn = waiting.pop(0)
            answer: CheckedPage | HavenlinkError
            other = self._answering(url)
            answer, size = other.served(turn.log.origin, turn.after)
            self.request(self.current, other, PAGE_QUESTION + HEADER_BYTES + size)
            turn.move(answer)
            if not turn.done:
                waiting.append(turn)
            yield turn, answer

    def _answering(self, url: str) -> Node:
        other = self.by_url[url]
        if not self.reaches(self.current, other):
            cut_off = other.side != self.current.side
            self.elapsed += GIVEN_UP_SECONDS if cut_off else ROUND_TRIP_SECONDS
            self.current.traffic.asked += 1
            raise PeerUnavailable(other.id, code="timeout" if cut_off else "unreachable")
        return other

    @cached_property
    def by_url(self) -> dict[str, Node]:
        return {node.own.url: node for node in self.nodes}

    @cached_property
    def heads_packed(self) -> float:
        """How small heads become on the wire: measured on the first node's reply."""
        node = self.nodes[0]
        rows = [
            {"origin": head.origin, "size": head.size, "root": head.summary["root"], "checkpoint": head.checkpoint}
            for head in node.heads.values()
        ]
        sent = orjson.dumps(rows)
        return len(_packed(sent)) / len(sent)

    def __enter__(self) -> "World":
        for name in ("federation.services.pull", "federation.services.due", "federation.services.poke"):
            logger = logging.getLogger(name)
            self._stack.callback(logger.setLevel, logger.level)
            logger.setLevel(logging.CRITICAL)
        self._stack.enter_context(
            mock.patch.multiple(
                pull,
                this_node=lambda: self.current,
                followed_logs=lambda: [one for one in self.current.replicas if one.state != Log.State.FROZEN],
                ask_heads=self._ask_heads,
                pages_in_turn=self._pages_in_turn,
                page_store=lambda log_id, page: self.current.store(log_id, page),
                checkpoint_adopt=lambda log_id, note: self.current.adopt(log_id, note),
                log_freeze=lambda log_id, reason: self.current.freeze(log_id, reason),
                recovery_begin_if_behind=lambda note: self.current.begin_recovery_if_behind(note),
                wake=lambda _task: None,
            )
        )
        self._stack.enter_context(
            mock.patch.multiple(
                due,
                _record=lambda peer, *how, **columns: self.current.record(peer, *how, **columns),
                _reported=lambda _peer, outcome: {"reported": Reported(outcome.heads.heads)},
                recovery_advance=lambda: self.current.advance_recovery(),
            )
        )
        parsers = {"heads_parse": heads_read, "changed_heads_parse": changed_heads_read}
        self._stack.enter_context(
            mock.patch.multiple(
                ask,
                _ask=self._ask,
                _remembered=_Remembered(self),
                wire=SimpleNamespace(**{**vars(wire), **parsers}),
            )
        )
        self._stack.enter_context(
            mock.patch.multiple(
                poke,
                this_node=lambda: self.current,
                timezone=SimpleNamespace(now=lambda: self.current.clock),
                transaction=SimpleNamespace(atomic=nullcontext),
                served_sizes=lambda: self.current.served_sizes(),
                followed_sizes=lambda origins: self.current.followed_sizes(origins),
                subscribers=lambda: list(self.current.neighbours.values()),
                ask_to_look=self._ask_to_look,
                wake=self._wake,
                _mark_due=lambda origin, _now: self.current.mark_due(origin),
                _take_turn=lambda peer, news, _now: self.current.take_turn(peer, news),
                _at_once=lambda tell, turns: [tell(turn) for turn in turns],
                _not_told=lambda peer: setattr(peer, "told", peer.told_before),
                _remember_declined=lambda peer, declined: setattr(peer, "declined", declined),
                _is_back=lambda peer: setattr(peer, "next_pull_at", self.current.clock),
            )
        )
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stack.close()

    # What is looked at

    def converged(self) -> bool:
        """Whether every node holds all that was published."""
        if self.missing:
            return False
        sizes = {node.id: node.own.size for node in self.nodes}
        return all(
            replica.size == replica.checkpoint_size == sizes[replica.origin]
            for node in self.nodes
            for replica in node.replicas
        )
