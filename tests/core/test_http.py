"""Outbound HTTP against a real server on loopback, behaving and misbehaving."""

import contextlib
import gzip
import ipaddress
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import zstandard
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.errors import HavenlinkError, InvalidInput, PeerUnavailable, VerificationFailed
from core.http import address_is_allowed, get_json, post_json

BOMB = b'"' + b"0" * 30_000_000 + b'"'


class Peer(BaseHTTPRequestHandler):
    """One path for each behaviour."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str, dict[str, str], bytes]] = []

    def do_GET(self) -> None:
        self.remember(b"")
        if self.path == "/ok":
            self.answer(200, b'{"ok": true}')
        elif self.path == "/gzip":
            self.answer(200, gzip.compress(b'{"ok": "gzip"}'), encoding="gzip")
        elif self.path == "/zstd":
            self.answer(200, zstandard.ZstdCompressor(level=3).compress(b'{"ok": "zstd"}'), encoding="zstd")
        elif self.path == "/large-zstd":
            body = json.dumps(["a" * 1000] * 4000).encode()
            self.answer(200, zstandard.ZstdCompressor(level=3).compress(body), encoding="zstd")
        elif self.path == "/gzip-bomb":
            self.answer(200, gzip.compress(BOMB), encoding="gzip")
        elif self.path == "/zstd-bomb":
            self.answer(200, zstandard.ZstdCompressor().compress(BOMB), encoding="zstd")
        elif self.path == "/zstd-window":
            parameters = zstandard.ZstdCompressionParameters.from_level(3, window_log=27)
            self.answer(200, zstandard.ZstdCompressor(compression_params=parameters).compress(BOMB), encoding="zstd")
        elif self.path == "/cut-gzip":
            self.answer(200, gzip.compress(b'{"ok": "gzip"}' * 100)[:40], encoding="gzip")
        elif self.path == "/not-gzip":
            self.answer(200, b'{"ok": true}', encoding="gzip")
        elif self.path == "/br":
            self.answer(200, b'{"ok": true}', encoding="br")
        elif self.path == "/large":
            self.answer(200, b'"' + b"x" * 17_000_000 + b'"')
        elif self.path == "/many":
            self.answer(200, b"[" + b"0," * 249_999 + b"0]")
        elif self.path == "/too-many":
            self.answer(200, b"[" + b"0," * 250_000 + b"0]")
        elif self.path == "/many-in-a-text":
            self.answer(200, json.dumps(['["]\\[",' * 300_000]).encode())
        elif self.path == "/empty":
            self.answer(202, b"")
        elif self.path == "/html":
            self.answer(200, b"<html>", content_type="text/html")
        elif self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "/ok")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path == "/down":
            self.answer(503, b"<h1>Down</h1>")
        elif self.path == "/busy":
            self.answer(429, b"{}")
        elif self.path == "/missing":
            self.answer(404, b'{"error": {"code": "unknown_record", "message": "<script>"}}')
        elif self.path == "/refused":
            self.answer(400, b'{"errors": [{"extensions": {"code": "unknown_origin"}}]}')
        elif self.path == "/broken":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"{")
            self.close_connection = True
        elif self.path == "/trickle":
            self.trickle(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 500)
        elif self.path == "/trickle-body":
            self.trickle(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b" " * 500, fast=40)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.remember(body)
        self.answer(200, body)

    def remember(self, body: bytes) -> None:
        self.seen.append((self.command, self.path, dict(self.headers), body))

    def answer(self, status: int, body: bytes, *, encoding: str = "", content_type: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        if encoding:
            self.send_header("Content-Encoding", encoding)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def trickle(self, data: bytes, fast: int = 0) -> None:
        self.wfile.write(data[:fast])
        stop = self.server.stopping  # type: ignore[attr-defined]
        for byte in data[fast:]:
            try:
                self.wfile.write(bytes([byte]))
            except OSError:
                break
            if stop.wait(0.05):
                break
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            super().handle()


def _serve(tls: ssl.SSLContext | None = None) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    server.daemon_threads = True
    server.stopping = threading.Event()  # type: ignore[attr-defined]
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    Peer.seen.clear()
    yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    server.stopping.set()  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def peer() -> Iterator[str]:
    yield from _serve()


def test_an_answer_is_read_in_every_encoding_asked_for(peer: str) -> None:
    assert get_json(f"{peer}/ok") == {"ok": True}
    assert get_json(f"{peer}/gzip") == {"ok": "gzip"}
    assert get_json(f"{peer}/zstd") == {"ok": "zstd"}
    assert get_json(f"{peer}/empty") is None
    assert get_json(f"{peer}/large-zstd") == ["a" * 1000] * 4000
    assert {headers["Accept-Encoding"] for _, _, headers, _ in Peer.seen} == {"zstd, gzip"}


def test_a_post_sends_json_and_says_which_node_asks(peer: str) -> None:
    assert post_json(f"{peer}/graphql", {"query": "{ heads { origin } }"}) == {"query": "{ heads { origin } }"}
    (command, path, headers, body) = Peer.seen[0]
    assert (command, path, body) == ("POST", "/graphql", b'{"query":"{ heads { origin } }"}')
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"] == "Havenlink (+http://127.0.0.1:8001)"


@pytest.mark.parametrize(
    ("path", "error", "code"),
    [
        ("/gzip-bomb", VerificationFailed, "answer_too_large"),
        ("/zstd-bomb", VerificationFailed, "answer_too_large"),
        ("/zstd-window", VerificationFailed, "bad_encoding"),
        ("/large", VerificationFailed, "answer_too_large"),
        ("/too-many", VerificationFailed, "answer_too_large"),
        ("/cut-gzip", VerificationFailed, "bad_encoding"),
        ("/not-gzip", VerificationFailed, "bad_encoding"),
        ("/br", VerificationFailed, "bad_encoding"),
        ("/html", VerificationFailed, "not_json"),
        ("/redirect", VerificationFailed, "redirected"),
        ("/missing", VerificationFailed, "peer_refused"),
        ("/refused", VerificationFailed, "peer_refused"),
        ("/down", PeerUnavailable, "peer_error"),
        ("/busy", PeerUnavailable, "peer_error"),
        ("/broken", PeerUnavailable, "broken_off"),
    ],
)
def test_a_bad_answer_is_refused_with_its_reason(peer: str, path: str, error: type[HavenlinkError], code: str) -> None:
    with pytest.raises(error) as caught:
        get_json(f"{peer}{path}")
    assert caught.value.reason == code
    assert caught.value.retryable is (error is PeerUnavailable)
    assert get_json(f"{peer}/ok") == {"ok": True}


def test_as_many_values_as_are_allowed_are_read_and_what_texts_hold_is_not_counted(peer: str) -> None:
    assert len(get_json(f"{peer}/many")) == 250_000
    assert get_json(f"{peer}/many-in-a-text") == ['["]\\[",' * 300_000]


def test_a_caller_may_ask_for_less(peer: str) -> None:
    assert get_json(f"{peer}/ok", max_bytes=12) == {"ok": True}
    with pytest.raises(VerificationFailed) as caught:
        get_json(f"{peer}/ok", max_bytes=11)
    assert caught.value.reason == "answer_too_large"


def test_a_refusal_repeats_the_peers_code_and_nothing_else(peer: str) -> None:
    with pytest.raises(VerificationFailed, match=r"\(404, unknown_record\)"):
        get_json(f"{peer}/missing")
    with pytest.raises(VerificationFailed, match=r"\(400, unknown_origin\)"):
        get_json(f"{peer}/refused")


@pytest.mark.parametrize("path", ["/trickle", "/trickle-body"])
def test_a_peer_that_trickles_is_left_at_the_deadline(peer: str, path: str) -> None:
    began = time.monotonic()
    with pytest.raises(PeerUnavailable) as caught:
        get_json(f"{peer}{path}", timeout=0.4)
    assert caught.value.reason == "timeout"
    assert time.monotonic() - began < 5


def test_a_peer_that_is_not_there_is_unreachable() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(PeerUnavailable) as caught:
        get_json(f"http://127.0.0.1:{port}/")
    assert caught.value.reason == "unreachable"


def test_a_name_that_does_not_exist_is_unresolved() -> None:
    with pytest.raises(PeerUnavailable) as caught:
        get_json("http://no-such-node.invalid/")
    assert caught.value.reason == "unresolved"


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    for address in _serve(_self_signed(tmp_path)):
        with pytest.raises(PeerUnavailable) as caught:
            get_json(f"{address}/ok")
        assert caught.value.reason == "bad_certificate"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "not an address",
        "http://",
        "http://user:secret@example.org/",
        "",
        "//x",
    ],
)
def test_an_address_that_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        get_json(url)


def test_private_addresses_are_refused_unless_allowed(peer: str, settings: Any) -> None:
    settings.ALLOW_PRIVATE_PEERS = False
    with pytest.raises(InvalidInput) as caught:
        get_json(f"{peer}/ok")
    assert (caught.value.reason, caught.value.field) == ("private_address", "url")
    assert Peer.seen == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("192.168.0.1", False),
        ("172.16.0.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", True),
        ("nonsense", False),
    ],
)
def test_which_addresses_are_public(settings: Any, address: str, public: bool) -> None:
    settings.ALLOW_PRIVATE_PEERS = False
    assert address_is_allowed(address) is public


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("fd00::1", True),
        ("169.254.169.254", False),
        ("::ffff:169.254.169.254", False),
        ("fe80::1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
    ],
)
def test_which_addresses_a_network_of_private_peers_asks(settings: Any, address: str, allowed: bool) -> None:
    settings.ALLOW_PRIVATE_PEERS = True
    assert address_is_allowed(address) is allowed


def test_a_name_is_checked_again_at_every_connection(peer: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The network is faked at the resolver: first a public answer would pass, the one connected to does not."""
    settings.ALLOW_PRIVATE_PEERS = False
    port = int(peer.rpartition(":")[2])
    asked: list[str] = []

    def resolve(host: str, *args: Any, **kwargs: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(InvalidInput):
        get_json(f"http://rebinding.example.org:{port}/ok")
    assert asked == ["rebinding.example.org"]
    assert Peer.seen == []


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "node.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
