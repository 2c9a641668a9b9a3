"""A line between two nodes that can be cut, slowed down and damaged: a TCP proxy in the test's own process."""

import contextlib
import select
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

_CHUNK = 65536


@dataclass
class Line:
    """Faults hold for what passes from now on."""

    target: tuple[str, int]
    port: int = 0
    # No connection comes about, and those that there are end.
    cut: bool = False
    latency_seconds: float = 0.0
    bytes_per_second: float = 0.0
    # After so many bytes of answers a connection ends: with a reset, or as if all had been said.
    ends_after: int | None = None
    resets: bool = False
    # Of the answers from now on, one bit of this byte arrives as another; then None.
    flips: int | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def clear(self) -> None:
        self.cut, self.latency_seconds, self.bytes_per_second = False, 0.0, 0.0
        self.ends_after, self.flips, self.resets = None, None, False


@contextlib.contextmanager
def line_to(port: int) -> Iterator[Line]:
    line = Line(("127.0.0.1", port))
    with socket.create_server(("127.0.0.1", 0)) as server:
        line.port = server.getsockname()[1]
        over = threading.Event()
        accepting = threading.Thread(target=_accept, args=(server, line, over), daemon=True)
        accepting.start()
        yield line
        over.set()
        server.shutdown(socket.SHUT_RDWR)
    accepting.join()


def _accept(server: socket.socket, line: Line, over: threading.Event) -> None:
    while not over.is_set():
        try:
            near, _address = server.accept()
        except OSError:
            return
        threading.Thread(target=_connect, args=(near, line), daemon=True).start()


def _connect(near: socket.socket, line: Line) -> None:
    """One thread for both directions: a socket that is closed while another waits for it is not closed."""
    with contextlib.suppress(OSError), near:
        if line.cut:
            return _reset(near)
        with socket.create_connection(line.target) as far:
            passed = 0
            while True:
                speaking, _, _ = select.select([near, far], [], [], 0.05)
                if line.cut:
                    return _reset(near)
                for speaker in speaking:
                    data = speaker.recv(_CHUNK)
                    if not data:
                        return None
                    if speaker is near:
                        far.sendall(data)
                    elif _answer(near, data, passed, line):
                        return None
                    else:
                        passed += len(data)
    return None


def _answer(near: socket.socket, data: bytes, passed: int, line: Line) -> bool:
    """Pass a part of an answer on, of which so much has passed; whether the connection is at its end."""
    time.sleep(line.latency_seconds)
    if line.flips is not None and line.flips < len(data):
        data = data[: line.flips] + bytes([data[line.flips] ^ 0x04]) + data[line.flips + 1 :]
        line.flips = None
    elif line.flips is not None:
        line.flips -= len(data)
    if line.ends_after is not None and passed + len(data) > line.ends_after:
        near.sendall(data[: max(line.ends_after - passed, 0)])
        if line.resets:
            _reset(near)
        return True
    _send_slowly(near, data, line.bytes_per_second)
    return False


def _send_slowly(near: socket.socket, data: bytes, bytes_per_second: float) -> None:
    step = int(bytes_per_second / 20) or len(data)
    for first in range(0, len(data), step):
        near.sendall(data[first : first + step])
        if bytes_per_second:
            time.sleep(step / bytes_per_second)


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
