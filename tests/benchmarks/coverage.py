"""How fast the coverage matrix is: `python -m tests.benchmarks.coverage [--records 100000]`.

Records with the real inventory's codes. Measured: the first matrix of a process (it reads every record), the next ones,
and one after a single new record; with memory. Beside it, in the same run, the yardstick: reading and parsing the same
documents, which is the bound of the first. Prints a table, writes JSON under var/bench/.
"""

import argparse
import json
import os
import platform
import random
import resource
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import tests.conftest  # noqa: F401  sets the environment of a node and starts Django

# isort: split
import orjson
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from uuid6 import uuid7

from core.records.keys import signing_key_create
from core.records.models import Record
from core.records.services.append import NewRevision, entries_append
from i18n.vocabularies.vocabulary import vocabulary
from tools_inventory.selectors.coverage import coverage
from tools_inventory.selectors.facet_sets import facet_reader

ROOT = Path(__file__).resolve().parents[2]
BATCH = 5000
# Characters of description that bring a document to 2 KB.
DESCRIPTION = 1100


def revisions(count: int, chance: random.Random) -> list[NewRevision]:
    codes = {
        name: list(vocabulary(name).concepts)
        for name in ("activities", "school_stages", "sectors", "themes", "regions")
    }
    return [
        NewRevision(
            uuid=UUID(bytes=uuid7().bytes),
            kind="tool",
            language="nl",
            content={
                "title": {"nl": {"text": f"Tool {number}", "method": "source"}},
                "summary": {"nl": {"text": "Leerlingen bezoeken de haven.", "method": "source"}},
                "description": {"nl": {"text": "x" * DESCRIPTION, "method": "source"}},
                "activity": chance.choice(codes["activities"]),
                "stages": chance.sample(codes["school_stages"], 3),
                "sectors": chance.sample(codes["sectors"], 2),
                "themes": chance.sample(codes["themes"], 3),
                "region": chance.choice(codes["regions"]),
                "location": {"country": "BE"},
            },
        )
        for number in range(count)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000, help="how many there are (100000)")
    count = parser.parse_args().records
    call_command("migrate", verbosity=0)
    signing_key_create(settings.SIGNING_KEY_FILE)
    chance = random.Random(7)
    for start in range(0, count, BATCH):
        entries_append(revisions(min(BATCH, count - start), chance))
    before = _peak_mb()
    facet_reader.forget()
    rows = [
        _timed("first matrix of a process", _matrix),
        _timed("next matrix (stage x activity, home Ghent)", _matrix, times=20),
        _timed("next matrix (region x sector)", lambda: coverage(language="nl", rows="region", columns="sector"), 20),
    ]
    after = _peak_mb()
    entries_append(revisions(1, chance))
    rows.append(_timed("matrix after one new record", _matrix))
    rows.append(_timed("yardstick: read and parse all documents", _read_all))
    folder = ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    report = {
        "database": connection.vendor,
        "python": platform.python_version(),
        "records": count,
        "grown_mb": after - before,
        "rows": rows,
    }
    (folder / f"coverage-{connection.vendor}.json").write_text(json.dumps(report, indent=2))
    print(f"{connection.vendor}, {count} records; peak memory grew by {after - before} MB")
    for row in rows:
        print(f"{row['what']:46} {row['milliseconds']:>10.1f} ms")


def _matrix() -> None:
    coverage(language="nl", rows="stage", columns="activity", home=("region", "ghent"))


def _read_all() -> None:
    for text in (
        Record.objects.filter(deleted=False).values_list("entry__document", flat=True).iterator(chunk_size=2000)
    ):
        orjson.loads(text or "{}")


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _timed(what: str, action: Any, times: int = 1) -> dict[str, Any]:
    started = time.perf_counter()
    for _time in range(times):
        action()
    return {"what": what, "milliseconds": (time.perf_counter() - started) / times * 1000}


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
