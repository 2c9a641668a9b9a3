"""Search at the seam over synthetic records: python -m tests.benchmarks.search [--records 100000] [--queries 1000]

Records of 2 KB in 12 languages: real words in Zipf's proportions, stop words among them, codes as many and as unevenly
used as in the inventory. Queries are made of the records' own words. Each is timed once, as the first of its kind, with
all facets and 20 hits. The same queries go to SQLite FTS5 over the same texts as a yardstick.
Prints a table and writes var/bench/search.json.
"""

import argparse
import itertools
import json
import shutil
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
from tests.benchmarks.dataset import Records
from tests.nodes import ROOT


def milliseconds(call: Callable[..., Any], *arguments: Any) -> float:
    start = time.perf_counter()
    call(*arguments)
    return (time.perf_counter() - start) * 1000


def quantiles(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "p50_ms": round(statistics.median(ordered), 2),
        "p95_ms": round(ordered[int(len(ordered) * 0.95)], 2),
        "max_ms": round(ordered[-1], 2),
    }


class Yardstick:
    """SQLite FTS5 on the same texts: any word matches, BM25, 20 hits; then the same with counts of the facets."""

    def __init__(self, path: Path) -> None:
        self.database = sqlite3.connect(path)
        self.database.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
            "CREATE VIRTUAL TABLE texts USING fts5(title, body, tokenize='unicode61 remove_diacritics 2');"
            "CREATE TABLE codes (record INTEGER, facet TEXT, code TEXT);"
        )

    def add(self, rows: list[tuple[int, str, str]], codes: list[tuple[int, str, str]]) -> None:
        self.database.executemany("INSERT INTO texts(rowid, title, body) VALUES (?, ?, ?)", rows)
        self.database.executemany("INSERT INTO codes VALUES (?, ?, ?)", codes)

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


def build(records: Records, number: int, engine: TantivyEngine, yardstick: Yardstick) -> dict[str, float]:
    """Index in batches as the catch-up does; returns seconds spent in each engine."""
    spent = {"tantivy": 0.0, "sqlite": 0.0}
    target = engine.rebuild_start()
    documents = records.make(number)
    while batch := list(itertools.islice(documents, 1000)):
        start = time.perf_counter()
        prepared = [document for each in batch if (document := index_document(each))]
        target.index(prepared)
        spent["tantivy"] += time.perf_counter() - start
        rows, codes = [], []
        for document in prepared:
            texts = document.texts[document.language]
            rows.append((document.uuid.int, texts.title, " ".join([texts.summary, *(text for _, text in texts.body)])))
            codes += [(document.uuid.int, facet, code) for facet, own in document.codes.items() for code in own]
        start = time.perf_counter()
        yardstick.add(rows, codes)
        spent["sqlite"] += time.perf_counter() - start
    start = time.perf_counter()
    target.commit()
    engine.rebuild_finish(target)
    spent["tantivy"] += time.perf_counter() - start
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


def read(directory: Path) -> None:
    engine = TantivyEngine(directory)
    for text in sys.stdin.read().splitlines():
        engine.search(Query(text, "nl"))
    lines = Path("/proc/self/status").read_text().splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) // 1024 for line in lines if line.startswith(("VmRSS", "Rss"))}
    print(json.dumps({"resident": sizes["VmRSS"], "own": sizes["RssAnon"], "files": sizes["RssFile"]}))


def run(number: int, query_count: int) -> dict[str, Any]:
    for _ in analysis.prepare():
        pass
    folder = Path(tempfile.mkdtemp(prefix="havenlink-bench-"))
    try:
        return _run(number, query_count, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(number: int, query_count: int, folder: Path) -> dict[str, Any]:
    records, engine, yardstick = Records(), TantivyEngine(folder / "index"), Yardstick(folder / "yardstick.sqlite3")
    engine.name()
    spent = build(records, number, engine, yardstick)
    queries = records.queries(query_count)
    engine.search(Query("haven", "nl"))
    empty = [milliseconds(engine.search, Query("", "nl")) for _ in range(20)]
    times: dict[str, list[float]] = {}
    totals, sqlite_hits, sqlite_all, highlights = [], [], [], []
    for name, query in queries:
        times.setdefault(name, []).append(milliseconds(engine.search, query))
        results = engine.search(query)
        totals.append(results.total)
        if query.text:
            sqlite_hits.append(milliseconds(yardstick.hits, query.text))
            sqlite_all.append(milliseconds(yardstick.hits_and_facets, query.text))
            text = " ".join(records.words["nl"].draw(46))
            highlights.append(milliseconds(highlight, text, "nl", results.understood))
    prefixes = [word[: records.rng.randint(2, 6)] for word in records.telling("nl", 200) if len(word) > 2]
    suggestions = [milliseconds(engine.suggest, prefix, "nl") for prefix in prefixes]
    return {
        "records": number,
        "index": {
            "records_per_second": round(number / spent["tantivy"]),
            "sqlite_records_per_second": round(number / spent["sqlite"]),
            "megabytes": round(sum(f.stat().st_size for f in (folder / "index").rglob("*") if f.is_file()) / 1e6),
        },
        "matches": {"p50": int(statistics.median(totals)), "max": max(totals)},
        "all queries": quantiles([each for group in times.values() for each in group]),
        **{name: quantiles(group) for name, group in sorted(times.items())},
        "empty search, first": {"ms": round(empty[0], 2)},
        "empty search, again": quantiles(empty[1:]),
        "suggestions": quantiles(suggestions),
        "highlight one record": quantiles(highlights),
        "SQLite FTS5, hits only": quantiles(sqlite_hits),
        "SQLite FTS5, hits and facets": quantiles(sqlite_all),
        "reader_memory_mb": reader_memory(folder / "index", [query.text for _, query in queries]),
        "queries": len(queries),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Search at the seam, with SQLite FTS5 beside it.")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.read:
        read(arguments.read)
        return
    figures = run(arguments.records, arguments.queries)
    for name, value in figures.items():
        print(f"{name:32} {value}")
    target = ROOT / "var" / "bench"
    target.mkdir(parents=True, exist_ok=True)
    (target / "search.json").write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
