"""Writing many rows of the published side at once, as fast as each database allows, and asking after many ids.

Django's `bulk_create` builds an object a row: a third of the speed on SQLite, a fifth on PostgreSQL (measured in
tests/benchmarks). Here rows are plain tuples: `executemany` on SQLite, COPY on PostgreSQL.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

# id, log, record_id, kind, revision, deleted, published, sha256, leaf_hash, document, unreadable
EntryRow = tuple[int, int, str, str, int, bool, str, str, bytes, str | None, str]
# uuid, log, entry, kind, revision, language, deleted, published (as an entry states it)
RecordRow = tuple[str, int, int, str, int, str, bool, str]
# key, hash
NodeRow = tuple[int, bytes]

_ENTRY = (
    "records_entry",
    "id, log_id, record_id, kind, revision, deleted, published, sha256, leaf_hash, document, unreadable",
)
_NODE = ("records_treenode", "id, hash")
_RECORD_COLUMNS = "uuid, log_id, entry_id, kind, revision, language, deleted, published_at"
# Only the log that an id began in may change it, and only to a later revision.
_RECORD_CONFLICT = """
    ON CONFLICT (uuid) DO UPDATE SET entry_id = excluded.entry_id, kind = excluded.kind,
        revision = excluded.revision, language = excluded.language, deleted = excluded.deleted,
        published_at = excluded.published_at
    WHERE records_record.log_id = excluded.log_id AND excluded.revision > records_record.revision
"""


def insert_entries(rows: Sequence[EntryRow]) -> None:
    _insert(*_ENTRY, rows)


def insert_tree_nodes(rows: Sequence[NodeRow]) -> None:
    _insert(*_NODE, rows)


def upsert_records(rows: Sequence[RecordRow]) -> None:
    """Fold revisions in; at most one row a uuid."""
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE TEMPORARY TABLE IF NOT EXISTS incoming_record "
                "(LIKE records_record INCLUDING DEFAULTS) ON COMMIT DELETE ROWS"
            )
            cursor.execute("DELETE FROM incoming_record")
            _copy(cursor, "incoming_record", _RECORD_COLUMNS, rows)
            cursor.execute(
                f"INSERT INTO records_record ({_RECORD_COLUMNS}) SELECT {_RECORD_COLUMNS} FROM incoming_record"
                + _RECORD_CONFLICT
            )
        else:
            marks = ", ".join(["%s"] * 8)
            plain = [(_sqlite_uuid(row[0]), *row[1:7], _sqlite_time(row[7])) for row in rows]
            cursor.executemany(
                f"INSERT INTO records_record ({_RECORD_COLUMNS}) VALUES ({marks})" + _RECORD_CONFLICT, plain
            )


def records_known(uuids: Sequence[str]) -> dict[str, tuple[int, bool]]:
    """The log, and whether it is deleted, of each uuid that is a record already.

    The uuids are one parameter: a query of 2,000 takes longer to read than to answer.
    """
    with connection.cursor() as cursor:
        select = "SELECT uuid, log_id, deleted FROM records_record WHERE uuid "
        if connection.vendor == "postgresql":
            cursor.execute(select + "= ANY(%s::uuid[])", [list(uuids)])
            return {str(uuid): (log_id, deleted) for uuid, log_id, deleted in cursor.fetchall()}
        cursor.execute(
            select + "IN (SELECT value FROM json_each(%s))", [orjson.dumps(list(map(_sqlite_uuid, uuids))).decode()]
        )
        return {str(UUID(uuid)): (log_id, bool(deleted)) for uuid, log_id, deleted in cursor.fetchall()}


def _sqlite_uuid(uuid: str) -> str:
    """As Django writes it there: 32 hex digits."""
    return uuid.replace("-", "")


def _sqlite_time(published: str) -> str:
    """As Django writes it there: 2026-11-22 05:50:02.123456, without a fraction that is 0."""
    return published.replace("T", " ")[:26].removesuffix(".000000")


def _insert(table: str, columns: str, rows: Sequence[Any]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _copy(cursor, table, columns, rows)
        else:
            marks = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)


def _copy(cursor: Any, table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
    # Django wraps the errors of a cursor's own methods alone.
    with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
