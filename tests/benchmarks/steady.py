"""How soon what is published is found elsewhere, and what asking costs when nothing happens:
`python -m tests.benchmarks.steady [--nodes 10] [--times 20]`.

Real nodes, each with its web process and its worker, all peers of one another. One publishes, the others wait until
their search finds it: poke, pull, index and commit. Then one is asked for its heads as a puller asks, byte by byte.
"""

import argparse
import socket
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import tests.conftest  # noqa: F401  sets the environment of a node and starts Django

# isort: split
from core.errors import PeerUnavailable
from federation.services import ask
from federation.services.ask import ask_heads, heads_forget
from tests.benchmarks import dataset
from tests.benchmarks.figures import Figure, cpu_seconds, latency, table
from tests.benchmarks.publish import CALLS
from tests.nodes import NodeProcess, Nodes, wait_until

FOUND_TARGET = 1000.0
POLL_TARGET = 2.0
POLL_BYTES_TARGET = 1000.0
PATIENCE_SECONDS = 60.0
POLLS = 200
LINES_LOOKED_AT = 200
# A poll's cost must not grow with them.
MANY_ORIGINS = 1000


def measure(label: str, folder: Path, url: str, data: Path, count: int, times: int) -> list[Figure]:
    """`data` is the data set; its first lines are published, one at a time."""
    part = f"{label}: steady state, {count} nodes that all ask one another"
    with Nodes(folder, url, CALLS) as nodes:
        # Only pokes are quick enough: the interval is longer than the measurement.
        made = [nodes.make(f"node{number}", PULL_INTERVAL_SECONDS="600") for number in range(count)]
        for node in made:
            node.admit(*[other for other in made if other is not node])
        for node in made:
            node.serve()
        for node in made:
            node.work()
        first, others = made[0], made[1:]
        wait_until(lambda: all(node.call("indexed") >= count for node in made), 600, "the first pull of all")
        # A worker that meets a language for the first time reads its words: that is its start, not its state.
        met = _one_of_each_language(data)
        for number in met:
            _found_after(first, others, data, number)
        measured = [number for number in range(times + len(met)) if number not in met][:times]
        milliseconds = [each for number in measured for each in _found_after(first, others, data, number)]
        for node in made:
            node.stop_work()
            node.kill_helper()
        found = latency(part, "from publishing until another node's search finds it", milliseconds, target=FOUND_TARGET)
        worst = Figure(part, "  at the worst", max(milliseconds), "ms")
        figures = [found, worst, *_idle(part, first, f"{count} origins")]
        first.call("hold_logs", count=MANY_ORIGINS - count)
        return [*figures, *_idle(part, first, f"{MANY_ORIGINS:,} origins")]


def _one_of_each_language(data: Path) -> list[int]:
    """The first line in each."""
    found: dict[str, int] = {}
    for number, document in enumerate(dataset.read(data, 0, LINES_LOOKED_AT)):
        found.setdefault(document["language"], number)
    return list(found.values())


def _found_after(publisher: NodeProcess, others: Sequence[NodeProcess], data: Path, number: int) -> list[float]:
    """Milliseconds at each of the others, by one clock. What is published is indexed once it is in the position."""
    sizes = {node.name: node.call("indexed") for node in others}
    for node in others:
        node.begin("wait_until_indexed", size=sizes[node.name] + 1, seconds=PATIENCE_SECONDS)
    started = time.time()
    publisher.call("publish_drafts", path=str(data), first=number, until=number + 1)
    published = time.time()
    arrived = [float(node.answer()) for node in others]
    assert all(each >= started for each in arrived), "found before it was published"
    return [(each - published) * 1000 for each in arrived]


def _idle(part: str, node: NodeProcess, origins: str) -> list[Figure]:
    """Heads asked as a puller asks who asked before, over a connection that is kept."""
    heads_forget()
    ask_heads(node.url, frozenset())
    request = _second_request(node)
    with socket.create_connection(("127.0.0.1", node.port), timeout=30) as connection:
        for _ in range(20):
            _asked(connection, request)
        cpu = cpu_seconds(node.web_pid)
        milliseconds, answers = [], []
        for _ in range(POLLS):
            started = time.perf_counter()
            answers.append(_asked(connection, request))
            milliseconds.append((time.perf_counter() - started) * 1000)
        cpu = (cpu_seconds(node.web_pid) - cpu) * 1000 / POLLS
    headers, content = (sum(each) / len(answers) for each in zip(*answers, strict=True))
    head, _, body = request.partition(b"\r\n\r\n")
    both = len(request) + headers + content
    return [
        latency(part, f"an idle poll, {origins}", milliseconds, cpu=cpu),
        Figure(part, "  by CPU time of the node that is asked", cpu, "ms", target=POLL_TARGET),
        Figure(part, "  bytes of both ways", both, "B", target=POLL_BYTES_TARGET),
        Figure(part, "    of which question and answer", len(body) + content, "B"),
        Figure(part, "    of which headers of both ways", len(head) + 4 + headers, "B"),
    ]


def _second_request(node: NodeProcess) -> bytes:
    """The bytes with which a puller asks this node once more, caught on the way; nobody answers it."""
    caught: list[bytes] = []

    def listen() -> None:
        connection, _ = server.accept()
        with connection:
            received = b""
            while not received.endswith(b"}"):
                received += connection.recv(65_536)
            caught.append(received)

    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        ask._remembered[url] = ask._remembered[node.url]
        listener = threading.Thread(target=listen)
        listener.start()
        with suppress(PeerUnavailable):
            ask_heads(url, frozenset())
        listener.join()
    return caught[0]


def _asked(connection: socket.socket, request: bytes) -> tuple[int, int]:
    """Bytes of the answer's headers and of its content."""
    connection.sendall(request)
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65_536)
    headers, _, content = received.partition(b"\r\n\r\n")
    assert headers.startswith(b"HTTP/1.1 200"), headers[:200]
    fields = dict(line.lower().split(b":", 1) for line in headers.split(b"\r\n")[1:])
    size = int(fields[b"content-length"])
    while len(content) < size:
        content += connection.recv(65_536)
    return len(headers) + 4, size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=10)
    parser.add_argument("--times", type=int, default=20, help="how often one publishes (20)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="havenlink-bench-") as name:
        data = dataset.write(Path(name) / "records.jsonl", arguments.times + LINES_LOOKED_AT)
        print(table(measure("SQLite", Path(name) / "sqlite", "", data, arguments.nodes, arguments.times)))


if __name__ == "__main__":
    main()
