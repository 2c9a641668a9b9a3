"""A full disk, told as what it is: no defect, but something that an operator mends, after which everything goes on."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _

from core.errors import Unavailable

_POSTGRESQL_DISK_FULL = "53100"


@contextmanager
def naming_a_full_disk() -> Iterator[None]:
    """Raises Unavailable `disk_full` where the database found no room; its transaction is undone. Also a decorator."""
    try:
        yield
    except DatabaseError as error:
        if not is_full_disk(error):
            raise
        raise disk_full() from error


def disk_full() -> Unavailable:
    return Unavailable(
        _("The disk of this node is full. Nothing was stored."),
        remedy=_("Make room on it; what was to be done can then be done again."),
        code="disk_full",
    )


def is_full_disk(error: BaseException) -> bool:
    """Whether that is why the database, or a file, could not be written."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOSPC
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return getattr(cause, "sqlstate", None) == _POSTGRESQL_DISK_FULL
