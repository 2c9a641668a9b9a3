"""How sure a transaction must be of the disk when it ends.

What this node publishes must outlast a power cut: a log that forgets what its peers have seen, and goes on, is a fork.
So every commit waits for the disk (deploy/settings/environment.py; PostgreSQL's default). A replica may forget its last
pages: they are whole or not there at all, and are pulled again.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def atomic_without_waiting() -> Iterator[None]:
    """A transaction that does not wait for the disk at its end. On SQLite it must be the outermost one to save that."""
    relaxed = connection.vendor == "sqlite" and not connection.in_atomic_block
    if relaxed:
        _execute("PRAGMA synchronous=NORMAL")
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                _execute("SET LOCAL synchronous_commit = off")
            yield
    finally:
        if relaxed:
            _execute("PRAGMA synchronous=FULL")


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
