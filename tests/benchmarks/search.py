"""Search at the seam over synthetic records: python -m tests.benchmarks.search [--records 100000] [--queries 1000]

Records of 2 KB in 12 languages: real words in Zipf's proportions, stop words among them, codes as many and as unevenly
used as in the inventory. Queries are made of the records' own words. Each is timed once, as the first of its kind, with
all facets and 20 hits. The same queries go to SQLite FTS5 over the same texts as a yardstick.
"""

import argparse
import itertools
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tests.conftest  # noqa: F401  sets the environment of a node and starts Django

# isort: split
from core.search import analysis
from core.search.documents import index_document
from core.search.highlighting import highlight
from core.search.seam import Query
from core.search.tantivy_engine import TantivyEngine
from tests.benchmarks.dataset import Records, read, write
from tests.benchmarks.figures import Figure, latency, rate, table
from tests.nodes import ROOT

SEAM_TARGET = 3
# SQLite's facets take up to a second; so many queries tell its speed.
ASKED_OF_BOTH = 300


def milliseconds(call: Callable[..., Any], *arguments: Any) -> float:
    start = time.perf_counter()
    call(*arguments)
    return (time.perf_counter() - start) * 1000


class Yardstick:
    """SQLite FTS5 on the same texts: any word matches, BM25, 20 hits; then the same with counts of the facets."""

    def __init__(self, path: Path) -> None:
        self.size = 0
        self.database = sqlite3.connect(path)
        self.database.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
            "CREATE VIRTUAL TABLE texts USING fts5(title, body, tokenize='unicode61 remove_diacritics 2');"
            "CREATE TABLE codes (record INTEGER, facet TEXT, code TEXT);"
        )

    def add(self, rows: list[tuple[int, str, str]], codes: list[tuple[int, str, str]]) -> None:
        self.database.executemany("INSERT INTO texts(rowid, title, body) VALUES (?, ?, ?)", rows)
        self.database.executemany("INSERT INTO codes VALUES (?, ?, ?)", codes)
        self.size += len(rows)

    def finish(self) -> None:
        self.database.execute("CREATE INDEX by_record ON codes(record, facet, code)")
        self.database.execute("INSERT INTO texts(texts) VALUES ('optimize')")
        self.database.commit()

    def hits(self, text: str) -> list[Any]:
        sql = "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY bm25(texts, 4.0, 1.0) LIMIT 20"
        return self.database.execute(sql, (self._match(text),)).fetchall()

    def hits_and_facets(self, text: str) -> list[Any]:
        sql = (
            "SELECT facet, code, count(*) FROM codes WHERE record IN (SELECT rowid FROM texts WHERE texts MATCH ?)"
            " GROUP BY facet, code"
        )
        return self.hits(text) + self.database.execute(sql, (self._match(text),)).fetchall()

    @staticmethod
    def _match(text: str) -> str:
        return " OR ".join(f'"{word}"' for word in text.replace('"', "").split())


def build(data: Path, engine: TantivyEngine, yardstick: Yardstick) -> dict[str, float]:
    """Index in batches as the catch-up does; returns CPU seconds and seconds spent in each engine."""
    spent = {"tantivy": 0.0, "tantivy_cpu": 0.0, "sqlite": 0.0}
    target = engine.rebuild_start()
    documents = read(data)
    while batch := list(itertools.islice(documents, 1000)):
        start, cpu = time.perf_counter(), time.process_time()
        prepared = [document for each in batch if (document := index_document(each))]
        target.index(prepared)
        spent["tantivy"] += time.perf_counter() - start
        spent["tantivy_cpu"] += time.process_time() - cpu
        rows, codes = [], []
        for number, document in enumerate(prepared, start=yardstick.size):
            texts = document.texts[document.language]
            rows.append((number, texts.title, " ".join([texts.summary, *(text for _, text in texts.body)])))
            codes += [(number, facet, code) for facet, own in document.codes.items() for code in own]
        start = time.perf_counter()
        yardstick.add(rows, codes)
        spent["sqlite"] += time.perf_counter() - start
    start, cpu = time.perf_counter(), time.process_time()
    target.commit()
    engine.rebuild_finish(target)
    spent["tantivy"] += time.perf_counter() - start
    spent["tantivy_cpu"] += time.process_time() - cpu
    start = time.perf_counter()
    yardstick.finish()
    spent["sqlite"] += time.perf_counter() - start
    return spent


def reader_memory(directory: Path, texts: list[str]) -> dict[str, int]:
    """MB in a process that only searches, after these searches: its own, and pages of files that all share."""
    command = [sys.executable, "-m", "tests.benchmarks.search", "--read", str(directory)]
    done = subprocess.run(command, cwd=ROOT, input="\n".join(texts), text=True, capture_output=True, check=True)
    memory: dict[str, int] = json.loads(done.stdout.strip().splitlines()[-1])
    return memory


def read_only(directory: Path) -> None:
    engine = TantivyEngine(directory)
    for text in sys.stdin.read().splitlines():
        engine.search(Query(text, "nl"))
    lines = Path("/proc/self/status").read_text().splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) // 1024 for line in lines if line.startswith(("VmRSS", "Rss"))}
    print(json.dumps({"resident": sizes["VmRSS"], "own": sizes["RssAnon"], "files": sizes["RssFile"]}))


def measure(part: str, folder: Path, data: Path, count: int, query_count: int) -> list[Figure]:
    """Build both indexes of the data set in `folder`, then ask both the same."""
    for _ in analysis.prepare():
        pass
    engine, yardstick = TantivyEngine(folder / "index"), Yardstick(folder / "yardstick.sqlite3")
    spent = build(data, engine, yardstick)
    records = Records()
    queries = records.queries(query_count)
    engine.search(Query("haven", "nl"))
    times: dict[str, list[float]] = {}
    sqlite_hits, sqlite_all, highlights = [], [], []
    used = time.process_time()
    for name, query in queries:
        times.setdefault(name, []).append(milliseconds(engine.search, query))
    used = (time.process_time() - used) / len(queries) * 1000
    for _name, query in queries[:ASKED_OF_BOTH]:
        if query.text:
            sqlite_hits.append(milliseconds(yardstick.hits, query.text))
            sqlite_all.append(milliseconds(yardstick.hits_and_facets, query.text))
            understood = engine.search(query).understood
            highlights.append(milliseconds(highlight, " ".join(records.words["nl"].draw(46)), "nl", understood))
    prefixes = [word[: records.rng.randint(2, 6)] for word in records.telling("nl", 200) if len(word) > 2]
    suggestions = [milliseconds(engine.suggest, prefix, "nl") for prefix in prefixes]
    memory = reader_memory(folder / "index", [query.text for _, query in queries])
    fts = {"yardstick": "FTS5, hits and facets", "yardstick_value": statistics.median(sqlite_all)}
    all_times = [each for group in times.values() for each in group]
    indexing = {"seconds": spent["tantivy"], "cpu_seconds": spent["tantivy_cpu"]}
    return [
        rate(part, "build the index", count, indexing, yardstick="FTS5", yardstick_value=count / spent["sqlite"]),
        latency(part, "search, all queries", all_times, cpu=used, target=SEAM_TARGET, **fts),
        *(latency(part, f"  {name}", group, **fts) for name, group in sorted(times.items())),
        latency(part, "suggestions", suggestions),
        latency(part, "highlight one record", highlights),
        latency(part, "SQLite FTS5, hits only", sqlite_hits),
        latency(part, "SQLite FTS5, hits and facets", sqlite_all),
        Figure(part, "size of the index", sum(file.stat().st_size for file in _files(folder / "index")) / 1e6, "MB"),
        Figure(part, "memory of a process that only searches", memory["resident"], "MB"),
        Figure(part, "  of which its own", memory["own"], "MB"),
    ]


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def main() -> None:
    parser = argparse.ArgumentParser(description="Search at the seam, with SQLite FTS5 beside it.")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.read:
        read_only(arguments.read)
        return
    with tempfile.TemporaryDirectory(prefix="havenlink-bench-") as name:
        data = write(Path(name) / "records.jsonl", arguments.records)
        print(table(measure("search at the seam", Path(name), data, arguments.records, arguments.queries)))


if __name__ == "__main__":
    main()
