"""How fast drafts become records: `python -m tests.benchmarks.publish [--drafts 10000]`.

Drafts made from the real inventory's rows are published in one call. Beside it, in the same run, two yardsticks: the
kernel's append of the same documents without drafts, and the bare rows written by executemany after one SHA-256 each.
The database is SQLite in a temporary folder, or what DATABASE_URL names. Prints a table, writes JSON under var/bench/.
"""

import argparse
import hashlib
import json
import os
import platform
import resource
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

import tests.conftest  # noqa: F401  sets the environment of a node and starts Django

# isort: split
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from core.accounts.roles import OPERATOR
from core.records.keys import signing_key_create
from core.records.models import Entry
from core.records.services.append import NewRevision, entries_append
from deploy.celery import app as celery_app
from tools_inventory.models import Draft
from tools_inventory.services.importing.lines import Line, read_lines
from tools_inventory.services.importing.rows import read_record
from tools_inventory.services.publishing import drafts_publish

ROOT = Path(__file__).resolve().parents[2]
RECORDS = ROOT / "deploy" / "demo" / "data" / "records.jsonl"


def drafts(count: int) -> list[Draft]:
    """Drafts of the real rows, over and over."""
    lines = [line for line in read_lines(RECORDS) if isinstance(line, Line)]
    rows = [row for line in lines if (row := read_record(line)[0])]
    contents = [(row.kind, row.language, row.content(lambda name: None)) for row in rows]
    return [
        Draft(kind=kind, language=language, content=content, title=f"{number}")
        for number in range(count)
        for kind, language, content in [contents[number % len(contents)]]
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drafts", type=int, default=10_000, help="how many are published (10000)")
    count = parser.parse_args().drafts
    celery_app.set_current()
    call_command("migrate", verbosity=0)
    signing_key_create(settings.SIGNING_KEY_FILE)
    made = drafts(count)
    rows = [
        _timed("make drafts (bulk_create)", count, lambda: Draft.objects.bulk_create(made, batch_size=500)),
        _timed("publish drafts", count, lambda: drafts_publish(by=OPERATOR, draft_ids=[draft.id for draft in made])),
    ]
    others = [
        NewRevision(uuid=draft.id, kind=draft.kind, language=draft.language, content=draft.content)
        for draft in drafts(count)
    ]
    rows.append(_timed("yardstick: append without drafts", count, lambda: entries_append(others)))
    rows.append(_raw(count))
    report = {
        "database": connection.vendor,
        "python": platform.python_version(),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "rows": rows,
    }
    folder = ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"publish-{connection.vendor}.json").write_text(json.dumps(report, indent=2))
    print(f"{connection.vendor}, {report['peak_mb']} MB at most")
    for row in rows:
        print(f"{row['what']:40} {row['count']:>8} {row['seconds']:>8.2f} s {row['rate']:>8}/s")


def _raw(count: int) -> dict[str, Any]:
    documents = list(Entry.objects.order_by("id").values_list("document", flat=True)[:count])
    with tempfile.TemporaryDirectory() as folder:
        target = sqlite3.connect(Path(folder) / "raw.sqlite3")
        target.execute("PRAGMA journal_mode=WAL")
        target.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, hash TEXT, document TEXT)")

        def write() -> None:
            hashed = ((hashlib.sha256(text.encode()).hexdigest(), text) for text in documents if text)
            target.executemany("INSERT INTO entry (hash, document) VALUES (?, ?)", hashed)
            target.commit()

        return _timed("yardstick: hash and executemany", len(documents), write)


def _timed(what: str, count: int, action: Any) -> dict[str, Any]:
    started = time.perf_counter()
    action()
    seconds = time.perf_counter() - started
    return {"what": what, "count": count, "seconds": round(seconds, 3), "rate": round(count / seconds)}


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
