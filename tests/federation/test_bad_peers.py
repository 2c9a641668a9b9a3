"""Bad peers, a row each: what a peer does, and the code with which this node refuses it.

The peer serves the log of a real node, whose key it has, over real HTTP. Whatever it does, nothing of it is stored that
should not be, and the next pull of a peer that behaves takes the log whole. How an address may be asked at all is
tests/core/test_http.py's; how a page is verified, docs/federation-vectors.json and its tests'.
"""

import gzip
import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from typing import Any

import pytest
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.utils import timezone

from core.records.canonical import sha256_hex
from core.records.models import Entry, Log
from core.records.services.replicate import page_store
from federation import wire
from federation.models import Peer
from federation.services import ask
from federation.services.admission import peer_admit
from federation.services.due import peer_pull, pull_due_peers
from tests.federation.bad_peer import BadPeer, Handler, serving
from tests.federation.fakes import FakeLog
from tests.federation.vectors import CHANGES, changed
from tests.forked_nodes import ForkedNode, Nursery

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("bad_peers")]

# What this node holds of the log before, and what the peer serves at a time.
HELD, PAGE = 4, 3
MEGABYTE = 2**20


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    with Nursery(tmp_path_factory.mktemp("nursery"), os.environ.get("DATABASE_URL", "")) as found:
        yield found


@pytest.fixture(scope="module")
def genoa(nursery: Nursery) -> ForkedNode:
    """A real node with eleven entries: its description, ten tools."""
    node = nursery.node("genoa")
    node.call("publish_some", count=10)
    return node


@pytest.fixture(scope="module")
def genoas_log(genoa: ForkedNode) -> FakeLog:
    log = FakeLog("genoa")
    key = load_pem_private_key((genoa.folder / "keys" / "signing.key").read_bytes(), password=None)
    assert isinstance(key, Ed25519PrivateKey)
    log.private = key
    log.entries = genoa.call("log_rows")
    return log


@pytest.fixture
def bad(genoas_log: FakeLog) -> Iterator[BadPeer]:
    log = FakeLog("genoa")
    log.private, log.entries = genoas_log.private, [dict(row) for row in genoas_log.entries]
    peer = BadPeer(log, page_size=PAGE)
    with serving(peer):
        yield peer


@pytest.fixture
def peer(bad: BadPeer) -> Peer:
    """Admitted, the first entries of its log pulled."""
    admitted = peer_admit(url=bad.url, verifier_key=bad.key)
    log = Log.objects.get(origin=bad.origin)
    page_store(log.id, wire.page_parse({"data": {"log": bad.log.page(0, HELD, size=HELD)}}))
    return admitted


@dataclass(frozen=True)
class Row:
    does: str
    code: str
    change_page: Callable[[dict[str, Any]], Any] | None = None
    change_text: Callable[[bytes], bytes] | None = None
    change_heads: Callable[[dict[str, Any]], Any] | None = None
    answer_heads: Callable[[Handler, bytes], None] | None = None
    answer_page: Callable[[Handler, bytes], None] | None = None
    # Before it is pulled: what the origin itself does to its log.
    change_log: Callable[[FakeLog], Any] | None = None
    # Entries held afterwards.
    stored: int = HELD


def text(old: str, new: str) -> Callable[[bytes], bytes]:
    return lambda content: content.replace(old.encode(), new.encode(), 1)


def head(**change: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda heads: heads | {"heads": [heads["heads"][0] | change]}


def many_heads(heads: dict[str, Any]) -> dict[str, Any]:
    return heads | {"heads": heads["heads"] + [{"origin": "x"}] * 1_000_000}


def larger(size: int) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Claims more entries than there are; nobody signed that."""

    def claim(heads: dict[str, Any]) -> dict[str, Any]:
        row = heads["heads"][0]
        lines = row["checkpoint"].split("\n")
        lines[1] = str(size)
        return heads | {"heads": [row | {"size": size, "checkpoint": "\n".join(lines)}]}

    return claim


def brotli(handler: Handler, _content: bytes) -> None:
    handler.send(b"\x0b\x00", headers={"Content-Encoding": "br"})


def status(number: int) -> Callable[[Handler, bytes], None]:
    return lambda handler, _content: handler.send(b"{}", number)


def zstd_bomb(handler: Handler, _content: bytes) -> None:
    """128 MB of one letter in a few kilobytes."""
    handler.send(_zstd_bomb(), headers={"Content-Encoding": "zstd"})


@cache
def _zstd_bomb() -> bytes:
    return zstandard.ZstdCompressor(level=1).compress(b'"' + b"0" * (128 * MEGABYTE))


@cache
def _gzip_bomb() -> bytes:
    return gzip.compress(b'"' + b"0" * (128 * MEGABYTE), 1)


def gzip_bomb(handler: Handler, _content: bytes) -> None:
    handler.send(_gzip_bomb(), headers={"Content-Encoding": "gzip"})


def cut_short(handler: Handler, content: bytes) -> None:
    handler.send(content[: len(content) // 2], headers={"Content-Length": str(len(content))})
    handler.close_connection = True


def cut_without_a_length(handler: Handler, content: bytes) -> None:
    handler.send_rest(content[: len(content) // 2])


def cut_zstd(handler: Handler, content: bytes) -> None:
    packed = zstandard.ZstdCompressor().compress(content)
    handler.send(packed[: len(packed) // 2], headers={"Content-Encoding": "zstd"})


def cut_gzip(handler: Handler, content: bytes) -> None:
    packed = gzip.compress(content)
    handler.send(packed[: len(packed) // 2], headers={"Content-Encoding": "gzip"})


def flipped(handler: Handler, content: bytes) -> None:
    """One bit of the compressed answer is another."""
    packed = bytearray(gzip.compress(content))
    packed[len(packed) // 2] ^= 0x10
    handler.send(bytes(packed), headers={"Content-Encoding": "gzip"})


def reset_in_the_middle(handler: Handler, content: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content[: len(content) // 2])
    handler.reset()


def never(handler: Handler, _content: bytes) -> None:
    handler.wait(30)


def byte_by_byte(handler: Handler, content: bytes) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + content:
        handler.wfile.write(bytes([byte]))
        if handler.wait(0.05):
            break


def headers_without_end(handler: Handler, _content: bytes) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(100_000):
        handler.wfile.write(b"X-%d: %s\r\n" % (number, b"x" * 100))
    handler.close_connection = True


def not_http(handler: Handler, _content: bytes) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
    handler.close_connection = True


def redirect_inside(handler: Handler, _content: bytes) -> None:
    handler.send(b"", 307, headers={"Location": f"http://127.0.0.1:{handler.server.server_port}/latest/meta-data"})


def forked(size: int) -> Callable[[FakeLog], None]:
    """Another history from the third entry on, signed with the same key."""

    def change(log: FakeLog) -> None:
        log.entries[2:] = []
        while len(log.entries) < size:
            log.publish("Eine andere Geschichte")

    return change


def repeating() -> Callable[[dict[str, Any]], Any]:
    """The first page again and again, whatever is asked for; it is genuine."""
    pages: list[dict[str, Any]] = []

    def answer(page: dict[str, Any]) -> dict[str, Any]:
        pages.append(page)
        return pages[0]

    return answer


def published_by_genoa(**entry: Any) -> Callable[[FakeLog], Any]:
    return lambda log: log.publish("Von Genua selbst", **entry)


def deep(levels: int) -> Any:
    value: Any = "unten"
    for _ in range(levels):
        value = [value]
    return value


def forged(page: dict[str, Any]) -> dict[str, Any]:
    """Another licence, its hash made to fit."""
    document = page["entries"][0]["document"].replace("CC-BY-4.0", "CC0-1.0")
    page["entries"][0] |= {"document": document, "sha256": sha256_hex(document.encode())}
    return page


# These need the very entries of the vectors.
MADE_FOR_VECTORS = {"beyond its checkpoint", "a forged document, its hash made to fit"}
ROWS = [
    Row("a forged document, its hash made to fit", "bad_proof", change_page=forged),
    *(
        Row(name, code, change_page=partial(changed, change=change))
        for name, (change, code) in CHANGES.items()
        if name not in MADE_FOR_VECTORS
    ),
    Row("replays an earlier page", "bad_page", change_page=repeating(), stored=HELD + PAGE),
    Row("serves nothing where it claims more", "empty_page", change_page=lambda page: page | {"entries": []}),
    Row("signs two histories, this one longer", "fork_detected", change_log=forked(9)),
    Row("signs two histories of the same size", "fork_detected", change_log=forked(HELD)),
    Row("signs two histories, this one shorter", "fork_detected", change_log=forked(3)),
    Row("shows a head that its checkpoint does not state", "bad_reply", change_heads=head(size=99)),
    Row("shows a size that no log has", "bad_checkpoint", change_heads=larger(10**30)),
    Row(
        "shows a size of 5,000 digits",
        "bad_checkpoint",
        change_heads=lambda heads: head(
            checkpoint=heads["heads"][0]["checkpoint"].replace("\n11\n", "\n" + "9" * 5000 + "\n")
        )(heads),
    ),
    Row("claims more entries than it has", "empty_page", change_heads=larger(12), stored=11),
    Row("shows a million origins", "answer_too_large", change_heads=many_heads),
    Row("shows heads that are no list", "bad_reply", change_heads=lambda heads: heads | {"heads": 7}),
    Row("shows an origin that is no text", "bad_reply", change_heads=head(origin=[])),
    Row("is nobody", "bad_reply", change_heads=lambda heads: heads | {"node": None}),
    Row(
        "is another node, with a NUL in its name",
        "wrong_node",
        change_heads=lambda heads: heads | {"node": {"id": "\0", "name": "\0", "verifierKey": "\0"}},
    ),
    Row("nests deeply", "not_json", change_text=lambda _: b'{"data":' + b"[" * 100_000),
    Row(
        "nests deeply and comes to an end",
        "not_json",
        change_text=lambda _: b'{"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ),
    Row("sends two million objects", "answer_too_large", change_text=lambda _: b"[" + b'{"a":0},' * 2_000_000 + b"0]"),
    Row("sends five million lists", "answer_too_large", change_text=lambda _: b"[" + b"[]," * 5_000_000 + b"0]"),
    Row(
        "sends two million texts", "answer_too_large", change_text=lambda _: b"[" + '"€",'.encode() * 2_000_000 + b"0]"
    ),
    Row("sends a page of 20 MB", "answer_too_large", change_text=lambda content: content + b" " * 20_000_000),
    Row(
        "sends a text of 10 MB for a hash",
        "bad_entry",
        change_text=lambda content: content.replace(b'"sha256": "', b'"sha256": "' + b"a" * 10_000_000, 1),
    ),
    Row(
        "sends a text of 10 MB for a document",
        "bad_entry",
        change_text=lambda content: content.replace(b'"document": "', b'"document": "' + b"a" * 10_000_000, 1),
    ),
    Row(
        "sends invalid UTF-8",
        "not_json",
        change_text=lambda content: content.replace(b'"document": "', b'"document": "\xc3\x28'),
    ),
    Row("sends half a surrogate", "not_json", change_text=text('"document": "', '"document": "\\ud800')),
    Row(
        "sends a member twice, the second wrong",
        "bad_proof",
        change_text=text('"revision": 1', '"revision": 1, "revision": 2'),
    ),
    Row(
        "sends a list of entries twice, the second empty",
        "empty_page",
        change_text=text('"proof":', '"entries": [], "proof":'),
    ),
    Row("sends NaN", "not_json", change_text=text('"revision": 1', '"revision": NaN')),
    Row("sends infinity", "not_json", change_text=text('"revision": 1', '"revision": Infinity')),
    Row("sends a number beyond all numbers", "not_json", change_text=text('"revision": 1', '"revision": 1e999')),
    Row("sends a number of 1,000 digits", "bad_entry", change_text=text('"revision": 1', '"revision": 1' + "0" * 300)),
    Row("sends two answers in one", "not_json", change_text=lambda content: content * 2),
    Row("sends nothing", "bad_reply", change_text=lambda _: b""),
    Row("sends a page", "not_json", change_text=lambda _: b"<html>"),
    Row("sends a zstd bomb", "answer_too_large", answer_page=zstd_bomb),
    Row("sends a gzip bomb", "answer_too_large", answer_page=gzip_bomb),
    Row("sends a zstd bomb for heads", "answer_too_large", answer_heads=zstd_bomb),
    Row(
        "sends an encoding that nobody asked for",
        "bad_encoding",
        answer_page=brotli,
    ),
    Row("sends half a zstd frame", "bad_reply", answer_page=cut_zstd),
    Row("sends half of a gzip stream", "bad_encoding", answer_page=cut_gzip),
    Row("sends a gzip stream with one bit altered", "bad_encoding", answer_page=flipped),
    Row("sends half of what it announced", "broken_off", answer_page=cut_short),
    Row("sends half without having announced how much", "not_json", answer_page=cut_without_a_length),
    Row("resets in the middle of a page", "broken_off", answer_page=reset_in_the_middle),
    Row("sends headers without end", "broken_off", answer_page=headers_without_end),
    Row("does not speak HTTP", "broken_off", answer_page=not_http),
    Row("accepts and never answers", "timeout", answer_page=never),
    Row("accepts and never answers, not even its heads", "timeout", answer_heads=never),
    Row("answers a byte at a time", "timeout", answer_page=byte_by_byte),
    Row("redirects to a private address", "redirected", answer_page=redirect_inside),
    Row("redirects its heads to a private address", "redirected", answer_heads=redirect_inside),
    Row("refuses", "peer_refused", answer_page=status(403)),
    Row("fails", "peer_error", answer_page=status(500)),
    Row("sends errors", "refused", change_text=lambda _: b'{"errors": [{"message": "\\u0000"}]}'),
    Row("signs a document of 10 MB", "bad_entry", change_log=published_by_genoa(change={"x": "x" * 10_000_000})),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.does)
def test_a_bad_peer_is_refused(row: Row, bad: BadPeer, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask, "TIMEOUT_SECONDS", 5.0 if row.code != "timeout" else 0.5)
    whole = [dict(entry) for entry in bad.log.entries]
    if row.change_log is not None:
        row.change_log(bad.log)
        bad.page_size = 99
    bad.alter, bad.change_text, bad.change_heads = row.change_page, row.change_text, row.change_heads
    bad.answer_heads, bad.answer_page = row.answer_heads, row.answer_page
    began = time.monotonic()

    peer_pull(peer=peer)

    assert peer.last_error_code == row.code, peer.last_error_text
    assert time.monotonic() - began < 10
    assert bad.strayed == []
    log = Log.objects.get(origin=bad.origin)
    rows = Entry.objects.filter(log=log).order_by("id")
    assert [entry.header | {"document": entry.document} for entry in rows] == whole[: log.size]
    assert log.size == row.stored
    bad.log.entries = whole
    assert bytes(log.root) == bad.log.root(log.size)
    assert (log.state == Log.State.FROZEN) == (row.code == "fork_detected")


HEAVY = [row for row in ROWS if row.code in ("answer_too_large", "not_json", "bad_entry") and row.change_page is None]
MEMORY_MB = 300


def test_the_memory_that_bad_peers_take_is_bounded(nursery: Nursery, genoa: ForkedNode, bad: BadPeer) -> None:
    """Measured where nothing else is: in a node's process of its own. What the peer sends is made beforehand."""
    puller = nursery.node("liverpool")
    puller.call("admit", url=bad.url, verifier_key=bad.key)
    whole, bad.page_size = bad.log.entries, 99
    with puller.process() as process:
        for row in HEAVY:
            bad.log.entries = [dict(entry) for entry in whole]
            if row.change_log is not None:
                row.change_log(bad.log)
            bad.change_text, bad.change_heads = row.change_text, row.change_heads
            bad.answer_heads, bad.answer_page = row.answer_heads, row.answer_page
            assert process.call("pull_peer", origin=bad.origin)["problems"] == {bad.origin: row.code}
            assert process.call("peak_mb") < MEMORY_MB, row.does
        assert process.call("sizes")[bad.origin] == 0


def test_an_honest_peer_is_not_held_up(
    nursery: Nursery, genoa: ForkedNode, bad: BadPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five peers that never answer, due for an hour, and one that does, due just now."""
    monkeypatch.setattr(ask, "TIMEOUT_SECONDS", 0.4)
    bad.answer_heads = never
    for name in ("a", "b", "c", "d", "e"):
        peer_admit(url=f"{bad.url}/{name}", verifier_key=str(FakeLog(name).key))
    with genoa.server():
        honest = peer_admit(url=genoa.url, verifier_key=genoa.verifier_key)
        pull_due_peers()
        hour_ago = timezone.now() - timedelta(hours=1)
        Peer.objects.exclude(pk=honest.pk).update(next_pull_at=hour_ago)
        Peer.objects.filter(pk=honest.pk).update(next_pull_at=timezone.now())
        began = timezone.now()
        pull_due_peers()

    honest.refresh_from_db()
    others = Peer.objects.exclude(pk=honest.pk)
    assert honest.last_success_at < min(others.values_list("last_error_at", flat=True))
    assert honest.last_success_at - began < timedelta(seconds=settings.PULL_INTERVAL_SECONDS)
    assert Log.objects.get(origin=genoa.id).size == 11
    assert list(others.values_list("attempt_count", "last_error_code")) == [(2, "timeout")] * 5


def test_a_name_is_shown_without_what_cannot_be_printed(bad: BadPeer, peer: Peer) -> None:
    bad.change_heads = lambda heads: heads | {"node": heads["node"] | {"name": "Ge\0nova\n\u202e"}}

    peer_pull(peer=peer)

    assert (peer.name, peer.last_error_code) == ("Ge\ufffdnova\ufffd\ufffd", "")


def test_a_name_that_leads_elsewhere_than_before_is_not_followed(
    bad: BadPeer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At admission the name led to a public address; what it leads to now is inside."""
    settings.ALLOW_PRIVATE_PEERS = False
    port = int(bad.url.rpartition(":")[2])
    peer = peer_admit(url=f"http://rebinding.example.org:{port}", verifier_key=bad.key)
    answers = iter(["169.254.169.254", "127.0.0.1", "::ffff:10.0.0.1"])

    def resolve(_host: str, *_args: Any, **_more: Any) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    for _ in range(3):
        peer_pull(peer=peer)
        assert peer.last_error_code == "private_address"
    assert bad.asked == []


def test_what_a_peer_holds_back_comes_from_another(bad: BadPeer, peer: Peer, genoa: ForkedNode) -> None:
    """That a peer serves an old head, whole and signed, cannot be seen from it alone."""
    bad.change_heads = lambda heads: heads | {"heads": [bad.log.head(HELD)]}
    peer_pull(peer=peer)
    assert (peer.last_error_code, Log.objects.get(origin=bad.origin).size) == ("", HELD)

    with genoa.server():
        peer_admit(url=genoa.url, verifier_key=genoa.verifier_key)
        peer.refresh_from_db()
        peer_pull(peer=peer)

    assert Log.objects.get(origin=bad.origin).size == 11
