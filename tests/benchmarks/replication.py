"""How fast records are replicated and found: `python -m tests.benchmarks.replication [--records 20000]`.

One real peer process serves over HTTP; the puller fetches, verifies, stores and folds, without the index; then another
node does the same in its worker, index and all. Beside it, in the same run: the same pages fetched and written to
SQLite with nothing verified, the bound; raw SQLite writing the same rows; and PouchDB replicating the same documents,
where npm can install it.
"""

import argparse
import sqlite3
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from tests.benchmarks import dataset, pouchdb
from tests.benchmarks.databases import nodes_on_each
from tests.benchmarks.figures import Figure, cpu_seconds, own_mb, peak_mb, rate, table
from tests.benchmarks.publish import CALLS, publish_until
from tests.benchmarks.raw import pages_written, raw_database, spent, write_rows
from tests.nodes import NodeProcess, Nodes, wait_until

PULL_TARGET = 15_000
PAGE = 2048
# It takes its time.
POUCHDB_DOCUMENTS = 20_000
INDEX_SECONDS = 600
MEMORY_TARGET = 200
PULLER_MEMORY_TARGET = 300


def measure_cold_pull(label: str, nodes: Nodes, publisher: NodeProcess, records: int) -> list[Figure]:
    """A node that holds nothing takes all that the publisher has; no index."""
    part = f"{label}: cold pull from one peer"
    puller = nodes.make(f"puller{records}", language="de")
    puller.admit(publisher)
    # The process that pulls has done nothing before.
    puller.kill_helper()
    served = cpu_seconds(publisher.web_pid)
    pulled = puller.call("pull")
    puller.kill_helper()
    served = cpu_seconds(publisher.web_pid) - served
    assert pulled["added"] == records + 1, f"{pulled['added']} entries came of {records + 1}"
    own = own_mb(publisher.web_pid)
    carried = pages_written(puller.folder, publisher.url, publisher.id)
    assert carried["entries"] == records + 1, f"{carried['entries']} entries came of {records + 1}"
    bound = {"yardstick": "carried and written alone", "yardstick_value": records / carried["seconds"]}
    return [
        rate(part, f"{records:,} records, no index", records, pulled, **bound, target=PULL_TARGET),
        rate(part, "  the same pages, carried and written alone", records, carried, **raw_rows(puller)),
        *_beginning_and_end(part, pulled["runs"]),
        rate(part, "  the peer that serves them, by CPU time", records, {"seconds": served}),
        Figure(part, "  peak memory of the pulling process", pulled["peak_mb"], "MB", target=PULLER_MEMORY_TARGET),
        Figure(
            part, "  memory of the peer's web process and its supervisor, their own", own, "MB", target=MEMORY_TARGET
        ),
        Figure(part, "    resident at its peak, pages of mapped files included", peak_mb(publisher.web_pid), "MB"),
    ]


def _beginning_and_end(part: str, runs: list[dict[str, float]]) -> list[Figure]:
    """Whether a long pull goes on as it began: its second half beside its first, in speed and in memory."""
    if len(runs) < 4:
        return []
    halves = [runs[: len(runs) // 2], runs[len(runs) // 2 :]]
    first, second = (sum(run["added"] for run in half) / sum(run["seconds"] for run in half) for half in halves)
    beside: dict[str, Any] = {"yardstick": "its first half", "yardstick_value": first}
    memory: dict[str, Any] = {"yardstick": "after its first half", "yardstick_value": halves[0][-1]["peak_mb"]}
    return [
        Figure(part, f"  the second half of its {len(runs)} runs", second, "records/s", **beside),
        Figure(part, "  peak memory after it", runs[-1]["peak_mb"], "MB", **memory),
    ]


def measure_pouchdb(folder: Path, data: Path, records: int) -> list[Figure]:
    """The same documents from one PouchDB to another; nothing where it cannot be installed."""
    if not pouchdb.available():
        return []
    cost = pouchdb.pull(folder, data, records)
    assert cost["documents"] == records, f"{cost['documents']} documents came of {records}"
    return [rate(f"PouchDB: replication of {records:,} documents", "from another over HTTP", records, cost)]


def measure_with_index(label: str, reader: NodeProcess, publisher: NodeProcess, records: int) -> list[Figure]:
    """A node's worker pulls and indexes by itself, as it does when a node is new: until search finds everything."""
    part = f"{label}: cold pull from one peer"
    reader.admit(publisher)
    reader.kill_helper()
    started = time.perf_counter()
    reader.work()
    wait_until(lambda: reader.call("indexed") > records, INDEX_SECONDS, f"{records} records in the index")
    cost = {"seconds": time.perf_counter() - started, "cpu_seconds": cpu_seconds(reader.worker_pid)}
    figures = [
        rate(part, f"{records:,} records until search finds them all", records, cost, **raw_rows(reader)),
        Figure(part, "  peak memory of the worker", peak_mb(reader.worker_pid), "MB"),
        Figure(part, "  of which its own at the end", own_mb(reader.worker_pid), "MB"),
    ]
    reader.stop_work()
    reader.kill_helper()
    return figures


def raw_rows(puller: NodeProcess) -> dict[str, Any]:
    """The yardstick: the rows of the puller's entries, written by executemany in pages; {} on another database."""
    file = puller.folder / "node.sqlite3"
    if not file.exists():
        return {}
    source = sqlite3.connect(file)
    statement = source.execute("SELECT sql FROM sqlite_master WHERE name = 'records_entry'").fetchone()[0]
    rows = source.execute("SELECT * FROM records_entry")
    marks = ", ".join("?" * len(rows.description))
    target = raw_database(puller.folder)
    target.execute(statement)
    count, seconds = 0, 0.0
    while page := rows.fetchmany(PAGE):
        seconds += spent(partial(write_rows, target, f"INSERT INTO records_entry VALUES ({marks})", page))
        count += len(page)
    source.close()
    return {"yardstick": "raw SQLite executemany", "yardstick_value": count / seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000, help="how many the cold pull takes (20000)")
    parser.add_argument("--no-index", action="store_true", help="leave out the worker that indexes as well")
    arguments = parser.parse_args()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="havenlink-bench-") as name:
        data = dataset.write(Path(name) / "records.jsonl", arguments.records)
        figures += measure_pouchdb(Path(name), data, min(arguments.records, POUCHDB_DOCUMENTS))
        for label, nodes in nodes_on_each(Path(name), CALLS):
            publisher = nodes.make("publisher", language="nl")
            publish_until(publisher, data, arguments.records)
            publisher.serve()
            figures += measure_cold_pull(label, nodes, publisher, arguments.records)
            if not arguments.no_index:
                reader = nodes.make("reader", language="nl")
                figures += measure_with_index(label, reader, publisher, arguments.records)
    print(table(figures))


if __name__ == "__main__":
    main()
