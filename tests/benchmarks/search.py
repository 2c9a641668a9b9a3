"""Search at the seam over synthetic records: python -m tests.benchmarks.search [--records 100000] [--queries 1000]

Records of 2 KB in 12 languages: real words in Zipf's proportions, stop words among them, codes as many and as unevenly
used as in the inventory. Queries are made of the records' own words. Each is timed once, as the first of its kind, with
all facets and 20 hits: in the embedded engine, and on Elasticsearch if ELASTICSEARCH_URL names a server; first by words
and concepts, then by meaning too. What the model takes for a query's vector stands in a line of its own. The same
queries go to SQLite FTS5 and to PostgreSQL's full text, over the same texts, as yardsticks.
"""

import argparse
import itertools
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import tests.conftest  # noqa: F401  sets the environment of a node and starts Django

# isort: split
from django.conf import settings
from elastic_transport import Urllib3HttpNode

from core.search import analysis
from core.search.documents import index_document
from core.search.highlighting import Highlighter
from core.search.plan import plan
from core.search.seam import Engine, Query
from core.search.services.vectors import compute_all
from core.search.tantivy_engine import TantivyEngine
from core.search.understanding import understand
from tests.benchmarks.databases import postgresql
from tests.benchmarks.dataset import Records, read, uuid_of, write
from tests.benchmarks.figures import Figure, latency, rate, table
from tests.benchmarks.meanings import Meanings
from tests.benchmarks.yardsticks import PostgresText, SqliteText, Yardstick
from tests.engines import ELASTICSEARCH_URL, index_address, opened_engine, stored_bytes
from tests.nodes import ROOT

SEAM_TARGET = 3
WORDS = "search by words and concepts, all queries"
MEANING = "search by meaning too, all queries"
# Databases take up to a second for facets; so many queries tell their speed.
ASKED_OF_YARDSTICKS = 150
LIKENED = 200
# How each answer of Elasticsearch begins.
TOOK = re.compile(rb'\{"took":(\d+)')


def milliseconds(call: Callable[..., Any], *arguments: Any) -> float:
    start = time.perf_counter()
    call(*arguments)
    return (time.perf_counter() - start) * 1000


def build(data: Path, engine: Engine, yardsticks: Sequence[Yardstick] = ()) -> dict[str, float]:
    """Index in batches as the catch-up does; returns the seconds and CPU seconds that it took, the vectors aside."""
    spent = {"seconds": 0.0, "cpu_seconds": 0.0}
    meanings = Meanings()
    target = engine.rebuild_start()
    documents = read(data)
    while batch := list(itertools.islice(documents, 1000)):
        start, cpu = time.perf_counter(), time.process_time()
        prepared = [document for each in batch if (document := index_document(each))]
        spent["seconds"] += time.perf_counter() - start
        spent["cpu_seconds"] += time.process_time() - cpu
        prepared = [replace(document, vector=meanings.vector(document)) for document in prepared]
        start, cpu = time.perf_counter(), time.process_time()
        target.index(prepared)
        spent["seconds"] += time.perf_counter() - start
        spent["cpu_seconds"] += time.process_time() - cpu
        for yardstick in yardsticks:
            yardstick.add(prepared)
    start, cpu = time.perf_counter(), time.process_time()
    target.commit()
    engine.rebuild_finish(target)
    spent["seconds"] += time.perf_counter() - start
    spent["cpu_seconds"] += time.process_time() - cpu
    for yardstick in yardsticks:
        yardstick.finish()
    return spent


def reader_memory(directory: Path, texts: list[str]) -> dict[str, int]:
    """MB in a process that only searches, after these searches: its own, and pages of files that all share."""
    command = [sys.executable, "-m", "tests.benchmarks.search", "--read", str(directory)]
    done = subprocess.run(command, cwd=ROOT, input="\n".join(texts), text=True, capture_output=True, check=True)
    memory: dict[str, int] = json.loads(done.stdout.strip().splitlines()[-1])
    return memory


def read_only(directory: Path) -> None:
    engine = TantivyEngine(directory)
    settings.VECTORS = True
    for text in sys.stdin.read().splitlines():
        engine.search(Query(text, "nl"))
    lines = Path("/proc/self/status").read_text().splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) // 1024 for line in lines if line.startswith(("VmRSS", "Rss"))}
    print(json.dumps({"resident": sizes["VmRSS"], "own": sizes["RssAnon"], "files": sizes["RssFile"]}))


@dataclass(slots=True)
class Asked:
    """Milliseconds by kind of query; `took` as the server says, where there is one; `cpu` of this process a query."""

    times: dict[str, list[float]] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)
    cpu: float = 0.0

    def figures(self, part: str, what: str, **more: Any) -> list[Figure]:
        """All together, then each kind; `more` belongs to the first."""
        everything = [each for group in self.times.values() for each in group]
        groups = [latency(part, f"  {name}", group) for name, group in sorted(self.times.items())]
        return [latency(part, what, everything, cpu=self.cpu, **more), *groups]


def ask(engine: Engine, queries: list[tuple[str, Query]], *, meaning: bool) -> Asked:
    """By meaning too, or by words and concepts alone. The queries' vectors are known by now."""
    asked = Asked()
    queries = [(name, replace(query, meaning=meaning)) for name, query in queries]
    engine.search(Query("haven", "nl"))
    used = time.process_time()
    with server_said() as took:
        for name, query in queries:
            took.clear()
            asked.times.setdefault(name, []).append(milliseconds(engine.search, query))
            if took:
                asked.took.append(sum(took))
    asked.cpu = (time.process_time() - used) / len(queries) * 1000
    return asked


@contextmanager
def server_said() -> Iterator[list[int]]:
    """The milliseconds that Elasticsearch says each request took, in order; nothing of an engine without a server."""
    took: list[int] = []
    perform_request = Urllib3HttpNode.perform_request

    def heard(*arguments: Any, **named: Any) -> Any:
        answer = perform_request(*arguments, **named)
        if said := TOOK.match(answer.body):
            took.append(int(said[1]))
        return answer

    with patch.object(Urllib3HttpNode, "perform_request", heard):
        yield took


def read_queries(part: str, queries: list[tuple[str, Query]]) -> list[Figure]:
    """What it takes to read a query before an engine is asked: without a vector, and with one that is new."""
    texts = [query for _, query in queries if query.text]

    def read(query: Query) -> None:
        plan(query, understand(query.text, query.language))

    return [
        latency(
            part, "reading a query: words and concepts", [milliseconds(read, replace(q, meaning=False)) for q in texts]
        ),
        latency(part, "reading a query: its vector, and the codes near to it", [milliseconds(read, q) for q in texts]),
    ]


def _beside(part: str, engine: Engine, records: Records, data: Path) -> list[Figure]:
    """Suggestions while typing, and records like another."""
    prefixes = [word[: records.rng.randint(2, 6)] for word in records.telling("nl", 200) if len(word) > 2]
    likened = [uuid_of(document) for document in read(data, until=LIKENED)]
    return [
        latency(part, "suggestions", [milliseconds(engine.suggest, prefix, "nl") for prefix in prefixes]),
        latency(part, "similar records", [milliseconds(engine.similar, uuid) for uuid in likened]),
    ]


def measure(part: str, folder: Path, data: Path, count: int, query_count: int, postgres: str = "") -> list[Figure]:
    """The embedded engine and the yardsticks, then a server if there is one, over the data set of `count` records."""
    settings.VECTORS = True
    for _ in analysis.prepare():
        pass
    compute_all(())
    yardsticks: list[Yardstick] = [SqliteText(folder / "yardstick.sqlite3")]
    if postgres:
        yardsticks.append(PostgresText(postgres))
    engine = TantivyEngine(folder / "index")
    spent = build(data, engine, yardsticks)
    records = Records()
    queries = records.queries(query_count)
    texts = [query.text for _, query in queries[:ASKED_OF_YARDSTICKS] if query.text]
    counted = {each.name: [milliseconds(each.hits_and_facets, text) for text in texts] for each in yardsticks}
    fts = {"yardstick": "FTS5, hits and facets", "yardstick_value": statistics.median(counted["FTS5"])}
    figures = [
        rate(part, "build the index", count, spent, yardstick="FTS5", yardstick_value=count / yardsticks[0].seconds),
        *read_queries(part, queries),
        *ask(engine, queries, meaning=False).figures(part, WORDS, target=SEAM_TARGET, **fts),
        *ask(engine, queries, meaning=True).figures(part, MEANING, **fts),
        *_beside(part, engine, records, data),
        latency(part, "highlight one record", _highlights(engine, records, [text for text in texts if text])),
        Figure(part, "size of the index", _size(folder / "index") / 1e6, "MB"),
        *_memory(part, folder / "index", [query.text for _, query in queries]),
    ]
    for each in yardsticks:
        figures += [
            rate(part, f"{each.name}: build", count, {"seconds": each.seconds}),
            latency(part, f"{each.name}: hits only", [milliseconds(each.hits, text) for text in texts]),
            latency(part, f"{each.name}: hits and facets", counted[each.name]),
        ]
        each.close()
    if ELASTICSEARCH_URL:
        figures += measure_server(f"{part}, on Elasticsearch", folder, data, count, queries)
    return figures


def measure_server(part: str, folder: Path, data: Path, count: int, queries: list[tuple[str, Query]]) -> list[Figure]:
    """The same on Elasticsearch; the seam's p95 may be twice that of what the server says that it took."""
    with index_address("elasticsearch", folder) as url:
        engine = opened_engine(url)
        engine.name()
        spent = build(data, engine)
        return [
            rate(part, "build the index", count, spent),
            *_beside_took(part, WORDS, ask(engine, queries, meaning=False)),
            *_beside_took(part, MEANING, ask(engine, queries, meaning=True)),
            *_beside(part, engine, Records(), data),
            Figure(part, "size of the index", stored_bytes(url) / 1e6, "MB"),
        ]


def _beside_took(part: str, what: str, asked: Asked) -> list[Figure]:
    took = latency(part, "  of which Elasticsearch says it took", asked.took)
    own = {"yardstick": "its own took", "yardstick_value": took.value, "target": 2 * (took.p95 or 0.0)}
    searches, *groups = asked.figures(part, what, **own)
    return [searches, took, *groups]


def _highlights(engine: Engine, records: Records, texts: list[str]) -> list[float]:
    found = []
    for text in texts:
        understood = engine.search(Query(text, "nl")).understood
        found.append(milliseconds(Highlighter(understood).pieces, " ".join(records.words["nl"].draw(46)), "nl"))
    return found


def _memory(part: str, index: Path, texts: list[str]) -> list[Figure]:
    memory = reader_memory(index, texts)
    return [
        Figure(part, "memory of a process that only searches", memory["resident"], "MB"),
        Figure(part, "  of which its own", memory["own"], "MB"),
    ]


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(description="Search at the seam, with full text in databases beside it.")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.read:
        read_only(arguments.read)
        return
    with tempfile.TemporaryDirectory(prefix="havenlink-bench-") as name, postgresql() as postgres:
        data = write(Path(name) / "records.jsonl", arguments.records)
        part = f"search at the seam, {arguments.records:,} records"
        print(table(measure(part, Path(name), data, arguments.records, arguments.queries, postgres)))
        if not postgres:
            print("LEFT OUT: PostgreSQL: no server is installed and POSTGRES_URL names none")
        if not ELASTICSEARCH_URL:
            print("LEFT OUT: Elasticsearch: ELASTICSEARCH_URL names no server")


if __name__ == "__main__":
    main()
