"""`make bench`: everything that is measured, in one run on one data set: `python -m tests.benchmarks [--quick]`.

Data's way through the house is also the run's: drafts are published, a peer is pulled, the index is built, pages are
asked for; on SQLite and on PostgreSQL. Prints one table and writes it under var/bench/.
"""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks import coverage, dataset, network, pages, pouchdb, publish, replication, search, steady, verify
from tests.benchmarks.databases import postgresql
from tests.benchmarks.figures import Figure, machine, save, table
from tests.benchmarks.pages import Asked
from tests.engines import ELASTICSEARCH_URL
from tests.nodes import ROOT, NodeProcess, Nodes


@dataclass(frozen=True, slots=True)
class Sizes:
    drafts: int
    first_pull: int
    records: int
    queries: int
    requests: int
    nodes: int
    publishes: int
    network: tuple[Sequence[int], Sequence[int]]


FULL = Sizes(
    drafts=10_000,
    first_pull=20_000,
    records=100_000,
    queries=1000,
    requests=200,
    nodes=10,
    publishes=20,
    network=network.SHORT,
)
QUICK = Sizes(
    drafts=200,
    first_pull=1000,
    records=2000,
    queries=100,
    requests=20,
    nodes=3,
    publishes=2,
    network=((10,), (10,)),
)


def measure(label: str, url: str, folder: Path, data: Path, sizes: Sizes) -> list[Figure]:
    """One database: publish, pull twice, index, serve."""
    with Nodes(folder, url, calls=publish.CALLS) as nodes:
        publisher = nodes.make("publisher", language="nl")
        with _said(f"{label}: publish"):
            figures = publish.measure(label, publisher, data, sizes.drafts)
            publish.publish_until(publisher, data, sizes.first_pull)
        publisher.serve()
        with _said(f"{label}: pull {sizes.first_pull:,}"):
            figures += replication.measure_cold_pull(label, nodes, publisher, sizes.first_pull)
        with _said(f"{label}: publish the rest, pull {sizes.records:,}"):
            publish.publish_until(publisher, data, sizes.records)
            publisher.kill_helper()
            figures += replication.measure_cold_pull(label, nodes, publisher, sizes.records)
        with _said(f"{label}: pull and index {sizes.records:,} in a worker"):
            reader = nodes.make("reader", language="nl", NODE_REGION="antwerp")
            figures += replication.measure_with_index(label, reader, publisher, sizes.records)
        publisher.stop()
        with _said(f"{label}: verify {sizes.records:,}"):
            figures += verify.measure(label, reader, publisher.id, sizes.records)
        with _said(f"{label}: pages over {sizes.records:,} records"):
            part = f"{label}: over HTTP, {sizes.records:,} records"
            figures += _pages(part, reader, pages.asked_of_data_set, sizes)
        with _said(f"{label}: coverage"):
            figures += coverage.measure(f"{label}: coverage, {sizes.records:,} records", reader)
        with _said(f"{label}: pages over the real inventory"):
            small = nodes.make("small", language="nl", NODE_REGION="antwerp")
            count = small.call("publish_inventory")
            small.call("index")
            small.call("keep_facet_sets")
            part = f"{label}: over HTTP, the real inventory ({count} records)"
            figures += _pages(part, small, pages.asked_of_inventory, sizes)
        return figures


def _pages(part: str, node: NodeProcess, asked: Callable[[Sequence[str]], Asked], sizes: Sizes) -> list[Figure]:
    uuids = node.call("uuids")
    node.kill_helper()
    node.serve()
    requests = asked(uuids)
    doors = [*pages.searches(requests), *pages.others(requests)]
    found = pages.measure(part, node, doors, requests, sizes.requests)
    node.stop()
    return found


@contextmanager
def _said(what: str) -> Iterator[None]:
    started = time.monotonic()
    print(f"{what} … ", end="", flush=True, file=sys.stderr)
    yield
    print(f"{time.monotonic() - started:.0f} s", flush=True, file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes: whether it works, not how fast")
    parser.add_argument("--sqlite-only", action="store_true", help="leave PostgreSQL out")
    arguments = parser.parse_args()
    sizes = QUICK if arguments.quick else FULL
    # Ended from outside, it still takes down what it started.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))
    started, before = time.monotonic(), machine()
    figures: list[Figure] = []
    left_out = []
    with tempfile.TemporaryDirectory(prefix="havenlink-bench-") as name, postgresql() as server:
        folder = Path(name)
        with _said(f"Make the data set of {sizes.records:,} records"):
            data = dataset.write(folder / "records.jsonl", sizes.records)
        with _said("Search at the seam"):
            seam = folder / "seam"
            seam.mkdir()
            part = f"search at the seam, {sizes.records:,} records"
            postgres = "" if arguments.sqlite_only else server
            figures += search.measure(part, seam, data, sizes.records, sizes.queries, postgres)
        with _said(f"PouchDB replicates {sizes.first_pull:,}"):
            figures += replication.measure_pouchdb(folder, data, sizes.first_pull)
        with _said(f"Steady state of {sizes.nodes} nodes"):
            figures += steady.measure("SQLite", folder / "steady", "", data, sizes.nodes, sizes.publishes)
        with _said("Simulated networks"):
            figures += network.measure(*sizes.network)
        figures += measure("SQLite", "", folder / "sqlite", data, sizes)
        if server and not arguments.sqlite_only:
            figures += measure("PostgreSQL", server, folder / "postgresql", data, sizes)
        elif arguments.sqlite_only:
            left_out.append("PostgreSQL: --sqlite-only was given")
        else:
            left_out.append("PostgreSQL: no server is installed and POSTGRES_URL names none")
        if not pouchdb.available():
            left_out.append("PouchDB: npm is not installed")
        if not ELASTICSEARCH_URL:
            left_out.append("Elasticsearch: ELASTICSEARCH_URL names no server")
    report = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "sizes": repr(sizes),
        "seconds": round(time.monotonic() - started),
        "machine_before": before,
        "machine_after": machine(),
        "left_out": left_out,
    }
    print(table(figures))
    for line in left_out:
        print(f"LEFT OUT: {line}")
    file = save("quick" if arguments.quick else "bench", report, figures)
    print(f"{report['seconds']} s; load {before['load']} before, {machine()['load']} after; {file.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
