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

from tests.nodes import ROOT, NodeProcess, Nodes

PUBLISHED = 10_000
# Characters of description that bring a document to 2 KB.
DESCRIPTION = 1100


def measure(label: str, folder: Path, database_url: str, records: int) -> list[dict[str, Any]]:
    """Publishing in batches and one by one, then a cold pull, with the memory that each process took at most."""
    with Nodes(folder, database_url) as nodes:
        publisher, puller = nodes.make("antwerp", language="nl"), nodes.make("hamburg", language="de")
        publisher.serve()
        puller.admit(publisher)
        rows = [
            _published(label, "publish, 500 at a time", publisher, PUBLISHED, 500),
            _published(label, "publish, one by one", publisher, 500, 1),
        ]
        publisher.call("publish", count=max(records - PUBLISHED - 500, 0), length=DESCRIPTION)
        puller.kill_helper()
        puller.call("verifier_key")
        pulled = puller.call("pull")
        rows.append(_row(label, "cold pull", pulled["added"], pulled["seconds"], pulled["peak_mb"]))
        rows.append({**_row(label, "serving it", 0, 0, publisher.peak_memory_mb)})
        idle = puller.call("pull_idle", times=100)
        rows.append(_row(label, "idle poll", 100, idle["seconds"], idle["peak_mb"]))
        if not database_url:
            rows.append(_raw(folder))
        return rows


def _published(label: str, what: str, node: NodeProcess, count: int, batch: int) -> dict[str, Any]:
    answer = node.call("publish", count=count, batch=batch, length=DESCRIPTION)
    return _row(label, what, count, answer["seconds"], node.call("peak_mb"))


def _raw(folder: Path) -> dict[str, Any]:
    """The yardstick: the rows of the puller's entries, written by executemany in pages of 2,048."""
    source = sqlite3.connect(folder / "hamburg" / "node.sqlite3")
    rows = source.execute("SELECT * FROM records_entry").fetchall()
    statement = source.execute("SELECT sql FROM sqlite_master WHERE name = 'records_entry'").fetchone()[0]
    marks = ", ".join("?" * len(rows[0]))
    target = sqlite3.connect(folder / "raw.sqlite3", isolation_level=None)
    target.execute("PRAGMA journal_mode=WAL")
    target.execute("PRAGMA synchronous=NORMAL")
    target.execute(statement)
    started = time.perf_counter()
    for first in range(0, len(rows), 2048):
        target.execute("BEGIN IMMEDIATE")
        target.executemany(f"INSERT INTO records_entry VALUES ({marks})", rows[first : first + 2048])
        target.execute("COMMIT")
    return _row("sqlite", "raw executemany, nothing verified", len(rows), time.perf_counter() - started, 0)


def _row(database: str, what: str, count: int, seconds: float, peak_mb: float) -> dict[str, Any]:
    rate = round(count / seconds) if seconds else 0
    return {"database": database, "what": what, "count": count, "rate": rate, "peak_mb": round(peak_mb)}


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
    print(f"{'database':12}{'what':38}{'count':>10}{'per second':>12}{'peak MB':>10}")
    for row in rows:
        print(f"{row['database']:12}{row['what']:38}{row['count']:>10,}{row['rate']:>12,}{row['peak_mb']:>10}")
    report = {"machine": platform.platform(), "cpus": os.cpu_count(), "records": records, "rows": rows}
    target = ROOT / "var" / "bench" / "replication.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
