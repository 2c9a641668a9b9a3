"""Search at the seam over synthetic records: python -m tests.benchmarks.search [--records 100000] [--queries 1000]

Records of 2 KB in 12 languages: real words in Zipf's proportions, stop words among them, codes as many and as unevenly
used as in the inventory. Queries are made of the records' own words. Each is timed once, as the first of its kind, with
all facets and 20 hits. The same queries go to SQLite FTS5 over the same texts as a yardstick.
Prints a table and writes var/bench/search.json.
"""

import argparse
import itertools
import json
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

ROOT = Path(__file__).resolve().parents[2]
for name, value in {
    "DJANGO_SETTINGS_MODULE": "deploy.settings",
    "NODE_ID": "antwerp.havenlink.localhost",
    "NODE_URL": "http://127.0.0.1:8001",
    "NODE_NAME": "Antwerp",
    "NODE_LANGUAGES": "nl",
    "SECRET_KEY": "only-for-benchmarks",
    "STATE_DIR": tempfile.mkdtemp(prefix="havenlink-bench-"),
    "LEMMA_DIR": str(ROOT / "var" / "lemmas"),
    "LOG_LEVEL": "WARNING",
}.items():
    os.environ.setdefault(name, value)

import django  # noqa: E402  the environment above must stand first

django.setup()

from core.search import analysis, lemmas  # noqa: E402
from core.search.documents import index_document  # noqa: E402
from core.search.highlighting import highlight  # noqa: E402
from core.search.seam import Query  # noqa: E402
from core.search.stop_words import STOP_WORDS  # noqa: E402
from core.search.tantivy_engine import TantivyEngine  # noqa: E402
from i18n.vocabularies.vocabulary import vocabulary  # noqa: E402

VOCABULARY = 20_000
SHARES = {
    "nl": 30,
    "en": 16,
    "de": 14,
    "fr": 12,
    "sv": 5,
    "pl": 4,
    "pt": 4,
    "it": 4,
    "es": 4,
    "el": 3,
    "da": 3,
    "ca": 1,
}
CODED = {
    "activity": ("activities", 1),
    "stages": ("school_stages", 1),
    "audiences": ("audiences", 2),
    "sectors": ("sectors", 2),
    "themes": ("themes", 3),
    "region": ("regions", 1),
    "policy_stage": ("policy_stages", 1),
}


class Zipf:
    """Draws from a list, the n-th item in proportion to 1/(n+2)."""

    def __init__(self, items: list[str], rng: random.Random) -> None:
        self.items = items
        self.weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(items))))
        self.rng = rng

    def draw(self, number: int) -> list[str]:
        return self.rng.choices(self.items, cum_weights=self.weights, k=number)


def real_words(language: str, rng: random.Random) -> list[str]:
    """The stop words, then a sample of the dictionary, in an order that is the same each time."""
    words = lemmas.MappedDictionaries(Path(os.environ["LEMMA_DIR"])).get_dictionary(language)
    step = max(1, len(words) // (VOCABULARY * 2))
    sample = [word for word in itertools.islice(words, 0, None, step) if word.isalpha() and len(word) > 2]
    rng.shuffle(sample)
    return sorted(STOP_WORDS[language])[:60] + sample[:VOCABULARY]


class Records:
    """Synthetic documents, one after the other; `words` gives what queries are made of."""

    def __init__(self, seed: int = 4) -> None:
        self.rng = random.Random(seed)
        self.words = {language: Zipf(real_words(language, self.rng), self.rng) for language in SHARES}
        self.codes = {
            name: Zipf(sorted(vocabulary(coded).concepts, key=lambda _: self.rng.random()), self.rng)
            for name, (coded, _) in CODED.items()
        }

    def language(self) -> str:
        return self.rng.choices(list(SHARES), weights=list(SHARES.values()))[0]

    def make(self, number: int) -> Iterator[dict[str, Any]]:
        for place in range(number):
            language = self.language()
            text = self.words[language].draw(230)
            document: dict[str, Any] = {
                "id": f"http://127.0.0.1:8001/records/{UUID(int=place + 1)}",
                "origin": f"node{place % 7}.example",
                "kind": self.rng.choices(["tool", "programme", "opportunity", "organisation"], weights=[75, 10, 10, 5])[
                    0
                ],
                "revision": 1,
                "published": f"2026-{place % 12 + 1:02}-{place % 28 + 1:02}T05:50:00.000000Z",
                "language": language,
                "title": {language: {"text": " ".join(text[:6]), "method": "source"}},
                "summary": {language: {"text": " ".join(text[6:46]), "method": "source"}},
                "description": {language: {"text": " ".join(text[46:]), "method": "source"}},
                "organiser": {"name": " ".join(text[:2]).title()},
            }
            for name, (_, number_of) in CODED.items():
                drawn = sorted(set(self.codes[name].draw(number_of)))
                document[name] = drawn if name.endswith("s") else drawn[0]
            document["location"] = {"country": vocabulary("regions").concepts[document["region"]].country}
            yield document

    def telling(self, language: str, number: int) -> list[str]:
        words = [word for word in self.words[language].draw(number * 8) if word not in STOP_WORDS[language]]
        return words[:number]

    def queries(self, number: int) -> list[tuple[str, Query]]:
        makers: list[tuple[str, int, Callable[[str], Query]]] = [
            ("1 word", 20, lambda language: Query(self._text(language, 1), language)),
            ("2-3 words", 35, lambda language: Query(self._text(language, self.rng.choice((2, 3))), language)),
            ("4-7 words", 10, lambda language: Query(self._text(language, self.rng.randint(4, 7)), language)),
            ("words + 1-2 filters", 15, lambda language: Query(self._text(language, 2), language, self._filters())),
            ("filters only", 10, lambda language: Query("", language, self._filters())),
            ("a code's label", 5, lambda language: Query(self._label(), language)),
            ("misspelt", 5, lambda language: Query(self._misspelt(language), language)),
        ]
        made = []
        for name, share, maker in makers:
            made += [(name, maker(self.language())) for _ in range(number * share // 100)]
        self.rng.shuffle(made)
        return made

    def _text(self, language: str, number: int) -> str:
        return " ".join(self.telling(language, number))

    def _filters(self) -> dict[str, tuple[str, ...]]:
        offered = {"activity": "activity", "sector": "sectors", "stage": "stages", "region": "region"}
        chosen = self.rng.sample(sorted(offered), self.rng.choice((1, 2)))
        return {
            facet: tuple(dict.fromkeys(self.codes[offered[facet]].draw(self.rng.choice((1, 2))))) for facet in chosen
        }

    def _label(self) -> str:
        name = self.rng.choice(["activities", "sectors", "themes"])
        code = self.rng.choice(sorted(vocabulary(name).concepts))
        return vocabulary(name).label(code, self.rng.choice(["nl", "en", "de", "fr"]))

    def _misspelt(self, language: str) -> str:
        word = next(word for word in self.words[language].draw(500) if len(word) > 7)
        place = self.rng.randrange(1, len(word) - 1)
        return word[:place] + word[place + 1 :] + " " + self._text(language, 1)


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
