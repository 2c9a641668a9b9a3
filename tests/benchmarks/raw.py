"""The yardsticks of publishing and pulling: SQLite as its driver offers it, in a node's own mode, and a peer's pages
written to it, nothing verified or folded.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import tests.conftest  # noqa: F401  sets the environment of a node and starts Django

# isort: split
import httpx
import orjson

from federation import wire


def raw_database(folder: Path) -> sqlite3.Connection:
    file = folder / "raw.sqlite3"
    file.unlink(missing_ok=True)
    target = sqlite3.connect(file, isolation_level=None)
    target.execute("PRAGMA journal_mode=WAL")
    target.execute("PRAGMA synchronous=NORMAL")
    return target


def write_rows(target: sqlite3.Connection, statement: str, rows: list[Any]) -> None:
    target.execute("BEGIN IMMEDIATE")
    target.executemany(statement, rows)
    target.execute("COMMIT")


def spent(action: Callable[[], None]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def pages_written(folder: Path, url: str, origin: str) -> dict[str, Any]:
    """What bounds a cold pull: the pages that a peer serves, fetched one ahead in another thread, read, and written by
    `executemany`.

    Nothing is checked, hashed or folded, and no limit is kept. Returns `entries`, `seconds` and `cpu_seconds`.
    """
    target = raw_database(folder)
    target.execute(
        "CREATE TABLE entry (place INTEGER PRIMARY KEY, id TEXT, kind TEXT, revision INTEGER, deleted INTEGER,"
        " published TEXT, sha256 TEXT, document TEXT)"
    )
    started, cpu, count = time.perf_counter(), time.process_time(), 0
    for entries in _pages_ahead(url.rstrip("/") + wire.GRAPHQL_PATH, origin):
        write_rows(
            target, "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [tuple(each.values()) for each in entries]
        )
        count += len(entries)
    return {"entries": count, "seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - cpu}


def _pages_ahead(address: str, origin: str) -> Iterator[list[dict[str, Any]]]:
    headers = {"Accept-Encoding": "zstd", "Content-Type": "application/json"}
    with httpx.Client(headers=headers, timeout=60) as client, ThreadPoolExecutor(1) as ahead:

        def page(after: int) -> tuple[list[dict[str, Any]], int]:
            variables = {"origin": origin, "after": after, "first": wire.PAGE_ENTRIES}
            answer = client.post(address, content=orjson.dumps({"query": wire.LOG_QUERY, "variables": variables}))
            log = orjson.loads(answer.content)["data"]["log"]
            return log["entries"], log["size"]

        after, size = 0, 1
        coming = ahead.submit(page, after)
        while after < size:
            entries, size = coming.result()
            after += len(entries)
            if after < size:
                coming = ahead.submit(page, after)
            yield entries
