"""How fast records are published and replicated: `python -m tests.benchmarks.replication [--records 100000]`.

One real peer process serves over HTTP; the puller fetches, verifies, stores and folds, without the index. Beside it, in
the same run, raw SQLite writing the same rows with nothing verified: the bound. DATABASE_URL_POSTGRES, a server where
databases may be created, adds PostgreSQL. Prints a table, writes JSON under var/bench/.
"""

import argparse
import json
import os
import platform
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.nodes import ROOT, Nodes

PUBLISHED = 10_000
# Characters of description that bring a document to 2 KB.
DESCRIPTION = 1100


def measure(label: str, folder: Path, database_url: str, records: int) -> list[dict[str, Any]]:
    """Publishing in batches and one by one, then a cold pull, with the memory that each process took at most."""
    with Nodes(folder, database_url) as nodes:
        publisher, puller = nodes.make("antwerp", language="nl"), nodes.make("hamburg", language="de")
        publisher.serve()
        puller.admit(publisher)
        rows = []
        for what, count, batch in (("publish, 500 at a time", PUBLISHED, 500), ("publish, one by one", 500, 1)):
            published = publisher.call("publish", count=count, batch=batch, length=DESCRIPTION)
            rows.append(_row(label, what, count, published))
        publisher.call("publish", count=max(records - PUBLISHED - 500, 0), length=DESCRIPTION)
        puller.kill_helper()
        pulled = puller.call("pull")
        rows.append(_row(label, "cold pull: verified, stored, folded", pulled["added"], pulled))
        rows.append(_row(label, "  the process that served it", 0, {"peak_mb": publisher.peak_memory_mb}))
        rows.append(_row(label, "idle poll", 100, puller.call("pull_idle", times=100)))
        if not database_url:
            rows.append(_raw(folder))
        return rows


def _raw(folder: Path) -> dict[str, Any]:
    """The yardstick: the rows of the puller's entries, written by executemany in pages of 2,048."""
    source = sqlite3.connect(folder / "hamburg" / "node.sqlite3")
    statement = source.execute("SELECT sql FROM sqlite_master WHERE name = 'records_entry'").fetchone()[0]
    rows = source.execute("SELECT * FROM records_entry")
    marks = ", ".join("?" * len(rows.description))
    target = sqlite3.connect(folder / "raw.sqlite3", isolation_level=None)
    target.execute("PRAGMA journal_mode=WAL")
    target.execute("PRAGMA synchronous=NORMAL")
    target.execute(statement)
    count, seconds, cpu_seconds = 0, 0.0, 0.0
    while page := rows.fetchmany(2048):
        started, cpu = time.perf_counter(), time.process_time()
        target.execute("BEGIN IMMEDIATE")
        target.executemany(f"INSERT INTO records_entry VALUES ({marks})", page)
        target.execute("COMMIT")
        seconds, cpu_seconds = seconds + time.perf_counter() - started, cpu_seconds + time.process_time() - cpu
        count += len(page)
    return _row("sqlite", "raw executemany, nothing verified", count, {"seconds": seconds, "cpu_seconds": cpu_seconds})


def _row(database: str, what: str, count: int, cost: dict[str, Any]) -> dict[str, Any]:
    """Rates by the clock, and by the process's own CPU time, which other work on the machine disturbs less."""
    rates = {name: round(count / cost[name]) if cost.get(name) else 0 for name in ("seconds", "cpu_seconds")}
    return {
        "database": database,
        "what": what,
        "count": count,
        "rate": rates["seconds"],
        "cpu_rate": rates["cpu_seconds"],
        "peak_mb": round(cost.get("peak_mb", 0)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000, help="how many the cold pull takes (20000)")
    records = parser.parse_args().records
    databases = {"sqlite": "", "postgresql": os.environ.get("DATABASE_URL_POSTGRES", "")}
    rows: list[dict[str, Any]] = []
    for label, url in databases.items():
        if url or label == "sqlite":
            with tempfile.TemporaryDirectory(prefix="havenlink-bench-") as folder:
                rows += measure(label, Path(folder), url, records)
    print(f"{'database':12}{'what':38}{'count':>10}{'per second':>12}{'per CPU s':>12}{'peak MB':>10}")
    for row in rows:
        print(f"{row['database']:12}{row['what']:38}", end="")
        print(f"{row['count']:>10,}{row['rate']:>12,}{row['cpu_rate']:>12,}{row['peak_mb']:>10}")
    report = {
        "machine": platform.platform(),
        "cpus": os.cpu_count(),
        "load": os.getloadavg(),
        "records": records,
        "rows": rows,
    }
    target = ROOT / "var" / "bench" / "replication.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
