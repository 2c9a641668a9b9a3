"""Vectors that were computed once: a file that the processes of a node, or of all nodes on a machine, share.

By model and hash of the text, so that a text that returns in another record, revision or node costs nothing. Derived
and disposable: what is missing is computed again. 400 MB for 500,000 texts.
"""

import fcntl
import hashlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
from django.conf import settings

from core.search.vectors.embedder import DIMENSIONS, Embedder, Vector

# SQLite's limit of variables in a statement is no lower anywhere.
CHUNK = 500


def passages_of(model: Embedder) -> str:
    """The name under which vectors of passages are kept; the same words as a query have another vector."""
    return f"{model.model} passage"


def queries_of(model: Embedder) -> str:
    return f"{model.model} query"


class VectorStore:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._local = threading.local()

    def get(self, name: str, texts: Iterable[str]) -> dict[str, Vector]:
        """Those that are there, by text."""
        by_hash = {_hash(text): text for text in texts}
        hashes = list(by_hash)
        found: dict[str, Vector] = {}
        for start in range(0, len(hashes), CHUNK):
            some = hashes[start : start + CHUNK]
            marks = ",".join("?" * len(some))
            sql = f"SELECT text, vector FROM vectors WHERE name = ? AND text IN ({marks})"
            for text_hash, stored in self._connection().execute(sql, (name, *some)):
                if len(stored) == 2 * DIMENSIONS:
                    found[by_hash[text_hash]] = np.frombuffer(stored, np.float16).astype(np.float32)
        return found

    def put(self, name: str, vectors: Mapping[str, Vector]) -> None:
        rows = [(name, _hash(text), vector.astype(np.float16).tobytes()) for text, vector in vectors.items()]
        with self._connection() as connection:
            connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One process of the machine computes at a time; the others wait, then find the vectors here."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with open(self._folder / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _connection(self) -> sqlite3.Connection:
        """One per thread."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._folder / "vectors.sqlite3", timeout=30)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS vectors"
                " (name TEXT, text BLOB, vector BLOB, PRIMARY KEY (name, text)) WITHOUT ROWID"
            )
            self._local.connection = connection
        return connection


def vector_store() -> VectorStore:
    return _store(Path(settings.VECTOR_DIR))


@cache
def _store(folder: Path) -> VectorStore:
    return VectorStore(folder)


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()[:16]
