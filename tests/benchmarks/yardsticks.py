"""Full text as databases have it, to measure the engines by: the same texts, any word matches, 20 hits, then facets."""

import sqlite3
import time
from pathlib import Path
from typing import Any, Protocol

import psycopg

from core.search.seam import IndexDocument

FACETS_SQL = "SELECT facet, code, count(*) FROM {codes} WHERE record IN ({matching}) GROUP BY facet, code"


class Yardstick(Protocol):
    """`seconds` is what it took to build."""

    name: str
    seconds: float

    def add(self, documents: list[IndexDocument]) -> None: ...

    def finish(self) -> None: ...

    def hits(self, text: str) -> list[Any]: ...

    def hits_and_facets(self, text: str) -> list[Any]: ...

    def close(self) -> None: ...


Rows = tuple[list[tuple[int, str, str]], list[tuple[int, str, str]]]


def _rows(documents: list[IndexDocument], first: int) -> Rows:
    """(number, title, all else) and (number, facet, code)."""
    texts, codes = [], []
    for number, document in enumerate(documents, start=first):
        worded = document.texts[document.language]
        texts.append((number, worded.title, " ".join([worded.summary, *(text for _, text in worded.body)])))
        codes += [(number, facet, code) for facet, own in document.codes.items() for code in own]
    return texts, codes


class SqliteText:
    """FTS5, ranked by BM25."""

    name = "FTS5"

    def __init__(self, path: Path) -> None:
        self.seconds, self.size = 0.0, 0
        self.database = sqlite3.connect(path)
        self.database.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
            "CREATE VIRTUAL TABLE texts USING fts5(title, body, tokenize='unicode61 remove_diacritics 2');"
            "CREATE TABLE codes (record INTEGER, facet TEXT, code TEXT);"
        )

    def add(self, documents: list[IndexDocument]) -> None:
        texts, codes = _rows(documents, self.size)
        started = time.perf_counter()
        self.database.executemany("INSERT INTO texts(rowid, title, body) VALUES (?, ?, ?)", texts)
        self.database.executemany("INSERT INTO codes VALUES (?, ?, ?)", codes)
        self.seconds += time.perf_counter() - started
        self.size += len(texts)

    def finish(self) -> None:
        started = time.perf_counter()
        self.database.execute("CREATE INDEX by_record ON codes(record, facet, code)")
        self.database.execute("INSERT INTO texts(texts) VALUES ('optimize')")
        self.database.commit()
        self.seconds += time.perf_counter() - started

    def hits(self, text: str) -> list[Any]:
        sql = "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY bm25(texts, 4.0, 1.0) LIMIT 20"
        return self.database.execute(sql, (_quoted(text, " OR "),)).fetchall()

    def hits_and_facets(self, text: str) -> list[Any]:
        sql = FACETS_SQL.format(codes="codes", matching="SELECT rowid FROM texts WHERE texts MATCH ?")
        return self.hits(text) + self.database.execute(sql, (_quoted(text, " OR "),)).fetchall()

    def close(self) -> None:
        self.database.close()


class PostgresText:
    """tsvector and GIN, ranked by ts_rank; configuration `simple`, since one index holds twelve languages."""

    name = "PostgreSQL"

    def __init__(self, url: str) -> None:
        self.seconds, self.size = 0.0, 0
        self.database = psycopg.connect(url, autocommit=True)
        self._drop()
        self.database.execute(
            "CREATE UNLOGGED TABLE yardstick_texts (record INTEGER, title TEXT, body TEXT, words tsvector)"
        )
        self.database.execute("CREATE UNLOGGED TABLE yardstick_codes (record INTEGER, facet TEXT, code TEXT)")

    def add(self, documents: list[IndexDocument]) -> None:
        texts, codes = _rows(documents, self.size)
        started = time.perf_counter()
        with self.database.cursor() as cursor:
            with cursor.copy("COPY yardstick_texts (record, title, body) FROM STDIN") as copy:
                for text in texts:
                    copy.write_row(text)
            with cursor.copy("COPY yardstick_codes FROM STDIN") as copy:
                for code in codes:
                    copy.write_row(code)
        self.seconds += time.perf_counter() - started
        self.size += len(texts)

    def finish(self) -> None:
        started = time.perf_counter()
        self.database.execute(
            "UPDATE yardstick_texts SET words = setweight(to_tsvector('simple', title), 'A') "
            "|| to_tsvector('simple', body)"
        )
        self.database.execute("CREATE INDEX ON yardstick_texts USING gin (words)")
        self.database.execute("CREATE INDEX ON yardstick_codes (record, facet, code)")
        self.database.execute("VACUUM ANALYZE yardstick_texts")
        self.database.execute("VACUUM ANALYZE yardstick_codes")
        self.seconds += time.perf_counter() - started

    def hits(self, text: str) -> list[Any]:
        sql = (
            "SELECT record FROM yardstick_texts, to_tsquery('simple', %s) asked WHERE words @@ asked "
            "ORDER BY ts_rank(words, asked) DESC LIMIT 20"
        )
        return self.database.execute(sql, (_quoted(text, " | ", "'"),)).fetchall()

    def hits_and_facets(self, text: str) -> list[Any]:
        sql = FACETS_SQL.format(
            codes="yardstick_codes",
            matching="SELECT record FROM yardstick_texts WHERE words @@ to_tsquery('simple', %s)",
        )
        return self.hits(text) + self.database.execute(sql, (_quoted(text, " | ", "'"),)).fetchall()

    def close(self) -> None:
        self._drop()
        self.database.close()

    def _drop(self) -> None:
        self.database.execute("DROP TABLE IF EXISTS yardstick_texts, yardstick_codes")


def _quoted(text: str, either: str, quote: str = '"') -> str:
    return either.join(f"{quote}{word}{quote}" for word in text.replace('"', "").replace("'", "").split())
