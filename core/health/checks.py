"""What a node needs to serve: its database, its schema, its signing key, its index. Each part is checked by itself."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from core.errors import HavenlinkError
from core.records.keys import signing_key
from core.search.seam import engine

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """`detail` is empty when all is well; otherwise it says what is wrong and what to do, for an operator."""

    ok: bool
    detail: str = ""


def ready_parts() -> dict[str, Part]:
    """Every part by name. A part that fails hides nothing about the others."""
    return {name: _checked(check) for name, check in _CHECKS.items()}


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(waiting)} migrations are not applied: run manage.py migrate" if waiting else ""


def _key() -> str:
    signing_key()
    return ""


def _index() -> str:
    health = engine().health()
    return "" if health.ok else health.detail or "the index does not answer"


_CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "migrations": _migrations,
    "signing_key": _key,
    "index": _index,
}


def _checked(check: Callable[[], str]) -> Part:
    try:
        detail = check()
    except HavenlinkError as error:
        detail = str(error)
    except DatabaseError as error:
        # Its own words may name hosts and accounts: those are for the log, not for everybody who asks.
        logger.error("not ready: %s", error)
        detail = "the database does not answer as it should: see the node's log"
    return Part(ok=not detail, detail=detail)
