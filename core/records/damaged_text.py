"""Reading texts that are no UTF-8 any more. SQLite hands out what a disk made of them; Python refuses it by default."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def read_leniently() -> Iterator[None]:
    """Bytes that cannot be read come as U+FFFD, so that their row can be judged. PostgreSQL keeps none such."""
    raw = connection.connection if connection.vendor == "sqlite" else None
    if raw is None:
        yield
        return
    before, raw.text_factory = raw.text_factory, _replaced
    try:
        yield
    finally:
        raw.text_factory = before


def _replaced(value: bytes) -> str:
    return value.decode("utf-8", "replace")
