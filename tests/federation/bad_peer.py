"""A peer that serves the log of a real node over real HTTP on loopback, and misbehaves as it is told."""

import contextlib
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from federation import wire
from tests.federation.fakes import FakePeer

Answer = Callable[["Handler", bytes], None]


@dataclass
class BadPeer(FakePeer):
    """`change_heads` and `change_page` alter what is said, `answer_heads` and `answer_page` how it is sent."""

    address: str = ""
    # What it was asked for beside the protocol: nothing, if redirects are not followed.
    strayed: list[str] = field(default_factory=list)
    change_heads: Callable[[dict[str, Any]], Any] | None = None
    change_text: Callable[[bytes], bytes] | None = None
    answer_heads: Answer | None = None
    answer_page: Answer | None = None

    @property
    def url(self) -> str:
        return self.address

    def heads(self) -> dict[str, Any]:
        heads = super().heads()
        return self.change_heads(heads) if self.change_heads else heads

    def respond(self, handler: "Handler", body: bytes) -> None:
        content = self.answer(httpx.Request("POST", self.address + handler.path, content=body)).read()
        paging = json.loads(body)["query"] == wire.LOG_QUERY
        answer = self.answer_page if paging else self.answer_heads
        if paging and self.change_text is not None:
            content = self.change_text(content)
        if answer is None:
            handler.send(content)
        else:
            answer(handler, content)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        self.server.peer.strayed.append(self.path)
        self.send(b"{}")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.peer.respond(self, body)

    def send(self, content: bytes, status: int = 200, *, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def send_rest(self, content: bytes) -> None:
        """Without saying how much comes: its end is the connection's."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = True

    def reset(self) -> None:
        """End the connection without a word, as a broken line does."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def wait(self, seconds: float) -> bool:
        """Whether the test is over."""
        return self.server.over.wait(seconds)

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def handle(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().handle()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    peer: BadPeer
    over: threading.Event


@contextlib.contextmanager
def serving(peer: BadPeer) -> Iterator[None]:
    server = Server(("127.0.0.1", 0), Handler)
    server.peer, server.over = peer, threading.Event()
    peer.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield
    server.over.set()
    server.shutdown()
    server.server_close()
    thread.join()
