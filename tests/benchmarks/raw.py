"""The yardstick of writing: SQLite as its driver offers it, in a node's own mode, nothing verified or folded."""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


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
