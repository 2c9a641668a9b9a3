"""Pages over HTTP from a real node: python -m tests.benchmarks.pages [--records 100000] [--requests 400]

The node's records are those of `search.py`: 2 KB each, in 12 languages. Its web process is Granian with one worker, as
in production; 1 and then 4 clients ask over connections that they keep, each for a page of its own queries and
records, none asked before. Beside them, of the same server, stand a static file and a page without query or template.
Prints a table and writes var/bench/pages.json.
"""

import argparse
import http.client
import itertools
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from tests.benchmarks.search import Records

from core.records.services.append import NewRevision, entries_append  # isort: skip  # needs the settings that search.py makes
from core.search.parameters import to_parameters  # isort: skip
from core.search.services.catch_up import catch_up  # isort: skip
from tests.nodes import ROOT, NodeProcess, Nodes  # isort: skip

CLIENTS = (1, 4)
BATCH = 1_000
ENVELOPE = ("id", "origin", "kind", "revision", "published", "language")
STATIC = "/static/web/vendor/leaflet/leaflet.css"
LEAST = "/robots.txt"
SEARCHES = "search page"
FRAGMENTS = "search results for htmx"


def fill(number: int, queries: int) -> None:
    """In the node's process: publish, index, and print what may be asked as JSON."""
    records = Records()
    documents = records.make(number)
    rng = random.Random(7)
    published: list[str] = []
    start = time.perf_counter()
    while batch := list(itertools.islice(documents, BATCH)):
        entries_append([_revision(document, rng) for document in batch])
        published += [document["id"].rpartition("/")[2] for document in batch[:: max(1, BATCH // 20)]]
    appended = time.perf_counter() - start
    catch_up()
    asked = [urlencode(to_parameters(query)) for _name, query in records.queries(queries)]
    rng.shuffle(published)
    print(json.dumps({"queries": asked, "uuids": published, "seconds": round(appended, 1)}))


def _revision(document: dict[str, Any], rng: random.Random) -> NewRevision:
    """Synthetic documents name seven nodes; here they are all this one's."""
    content = {name: value for name, value in document.items() if name not in ENVELOPE}
    return NewRevision(
        uuid=UUID(document["id"].rpartition("/")[2]),
        kind=document["kind"],
        language=document["language"],
        content={"sources": [{"text": "A benchmark."}], **_fitting(document["kind"], content, rng)},
    )


def _fitting(kind: str, content: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """What some kinds must state besides."""
    if kind == "opportunity":
        return {**content, "direction": rng.choice(["offer", "request"])}
    if kind == "organisation":
        return {**content, "organisation_kind": "employer"}
    return content


class Client(threading.Thread):
    """Asks for its addresses one after the other over one connection; times are in milliseconds."""

    def __init__(self, node: NodeProcess, addresses: Sequence[str], headers: dict[str, str]) -> None:
        super().__init__()
        self.connection = http.client.HTTPConnection("127.0.0.1", urlsplit(node.url).port, timeout=60)
        self.addresses = addresses
        self.headers = {"Accept-Encoding": "gzip", "Accept": "text/html", **headers}
        self.times: list[float] = []
        self.sizes: list[int] = []
        self.refused: list[tuple[int, str]] = []

    def run(self) -> None:
        for address in self.addresses:
            start = time.perf_counter()
            self.connection.request("GET", address, headers=self.headers)
            response = self.connection.getresponse()
            body = response.read()
            self.times.append((time.perf_counter() - start) * 1000)
            self.sizes.append(len(body))
            if response.status != 200:
                self.refused.append((response.status, address))
        self.connection.close()


def measure(node: NodeProcess, addresses: Sequence[str], clients: int, headers: dict[str, str]) -> dict[str, Any]:
    asking = [Client(node, addresses[place::clients], headers) for place in range(clients)]
    start, used = time.perf_counter(), _cpu_seconds(node)
    for client in asking:
        client.start()
    for client in asking:
        client.join()
    seconds, used = time.perf_counter() - start, _cpu_seconds(node) - used
    if refused := [each for client in asking for each in client.refused]:
        raise RuntimeError(f"{len(refused)} requests were refused, the first: {refused[0]}")
    times = sorted(itertools.chain.from_iterable(client.times for client in asking))
    return {
        "p50_ms": round(statistics.median(times), 2),
        "p95_ms": round(times[int(len(times) * 0.95)], 2),
        "max_ms": round(times[-1], 2),
        "cpu_ms": round(used / len(times) * 1000, 2),
        "per_second": round(len(times) / seconds),
        "bytes": round(statistics.mean(itertools.chain.from_iterable(client.sizes for client in asking))),
    }


def _cpu_seconds(node: NodeProcess) -> float:
    """What the web process and its workers have used so far: unlike times, hardly touched by what else runs."""
    ticks = 0
    for pid in node.web_processes:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _own_memory_mb(node: NodeProcess) -> int:
    """Without the files that it maps: dictionaries and the index, which all nodes of a machine share."""
    statuses = [Path(f"/proc/{pid}/status").read_text() for pid in node.web_processes]
    return round(max(int(status.split("RssAnon:")[1].split()[0]) for status in statuses) / 1024)


def run(number: int, requests: int) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="havenlink-bench-"))
    try:
        with Nodes(folder, os.environ.get("DATABASE_URL", "")) as nodes:
            return _run(nodes.make("antwerp", language="nl"), number, requests)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(node: NodeProcess, number: int, requests: int) -> dict[str, Any]:
    rounds = len(CLIENTS) * 2
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.pages",
        "--fill",
        str(number),
        "--requests",
        str(requests * rounds),
    ]
    done = subprocess.run(command, cwd=ROOT, env=node.environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    asked = json.loads(done.stdout.strip().splitlines()[-1])
    searches, records = iter(asked["queries"]), itertools.cycle(asked["uuids"])
    node.serve()
    figures: dict[str, Any] = {"records": number, "published_in_s": asked["seconds"]}
    _warm(node, asked)
    figures["web_process_mb_before"] = round(node.peak_memory_mb)
    for clients in CLIENTS:
        static = measure(node, [STATIC] * requests, clients, {})
        pages: list[tuple[str, list[str], dict[str, str]]] = [
            ("no query, no template", [LEAST] * requests, {}),
            (SEARCHES, [f"/nl/search?{next(searches)}" for _ in range(requests)], {}),
            (FRAGMENTS, [f"/nl/search?{next(searches)}" for _ in range(requests)], {"HX-Request": "true"}),
            ("record page", [f"/nl/records/{next(records)}" for _ in range(requests)], {}),
            ("home page", ["/nl/"] * (requests // 4), {}),
            ("suggestions", [f"/nl/search/suggest?q={prefix}" for prefix in _prefixes(asked, requests)], {}),
        ]
        figures[f"static file, {clients} client(s)"] = static
        for name, addresses, headers in pages:
            found = measure(node, addresses, clients, headers)
            figures[f"{name}, {clients} client(s)"] = {
                **found,
                "of_static": round(found["p50_ms"] / static["p50_ms"], 1),
            }
    figures["web_process_peak_mb"] = round(node.peak_memory_mb)
    figures["web_process_own_mb"] = _own_memory_mb(node)
    return figures


def _warm(node: NodeProcess, asked: dict[str, Any]) -> None:
    """Templates, vocabularies, dictionaries: read once a process, at its first pages."""
    pages = ["/nl/", "/nl/search", "/nl/search?q=haven", f"/nl/records/{asked['uuids'][-1]}", LEAST, STATIC]
    measure(node, [*pages, "/nl/search/suggest?q=ha"], 1, {})


def _prefixes(asked: dict[str, Any], number: int) -> list[str]:
    words = [query.removeprefix("q=").split("&")[0].split("+")[0][:4] for query in asked["queries"]]
    return [word for word in words if word.isascii() and word.isalpha()][:number]


def main() -> None:
    parser = argparse.ArgumentParser(description="Pages of a real node over HTTP, with 1 and 4 clients.")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--fill", type=int, default=0, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.fill:
        fill(arguments.fill, arguments.requests)
        return
    figures = run(arguments.records, arguments.requests)
    for name, value in figures.items():
        print(f"{name:36} {value}")
    target = ROOT / "var" / "bench"
    target.mkdir(parents=True, exist_ok=True)
    (target / "pages.json").write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
