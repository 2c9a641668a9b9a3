"""How fast drafts become records: `python -m tests.benchmarks.publish [--drafts 10000]`.

Drafts of the data set are published in one call; then revisions are appended one by one, each with a checkpoint of its
own. Beside it, in the same run: the same documents written by executemany.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks import dataset
from tests.benchmarks.databases import nodes_on_each
from tests.benchmarks.figures import Figure, rate, table
from tests.benchmarks.raw import raw_database, spent, write_rows
from tests.nodes import NodeProcess

CALLS = "tests.benchmarks.calls"
ONE_BY_ONE = 500


def measure(label: str, publisher: NodeProcess, data: Path, drafts: int) -> list[Figure]:
    """The first lines of the data set become drafts and records, the next few hundred are appended one by one."""
    part = f"{label}: publishing"
    raw = raw_writing(publisher.folder, dataset.read(data, 0, drafts))
    published = publisher.call("publish_drafts", path=str(data), first=0, until=drafts)
    single = publisher.call("publish_one_by_one", path=str(data), first=drafts, until=drafts + ONE_BY_ONE)
    return [
        rate(part, f"publish {drafts:,} drafts at once", drafts, published, **raw),
        rate(part, f"append {ONE_BY_ONE} one by one, a checkpoint each", ONE_BY_ONE, single, **raw),
        Figure(part, "peak memory of the publishing process", published["peak_mb"], "MB"),
    ]


def publish_until(publisher: NodeProcess, data: Path, until: int) -> dict[str, Any]:
    """Fill the publisher's log from the data set, its own description counted."""
    first = publisher.call("held") - 1
    return dict(publisher.call("publish_rest", path=str(data), first=first, until=until))


def raw_writing(folder: Path, documents: Any) -> dict[str, Any]:
    """The yardstick: the same documents written by one executemany."""
    rows = [(str(document), document["id"]) for document in documents]
    target = raw_database(folder)
    target.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, document TEXT, name TEXT)")
    seconds = spent(lambda: write_rows(target, "INSERT INTO entry (document, name) VALUES (?, ?)", rows))
    return {"yardstick": "raw SQLite executemany", "yardstick_value": len(rows) / seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drafts", type=int, default=10_000, help="how many are published (10000)")
    drafts = parser.parse_args().drafts
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="havenlink-bench-") as name:
        data = dataset.write(Path(name) / "records.jsonl", drafts + ONE_BY_ONE)
        for label, nodes in nodes_on_each(Path(name), CALLS):
            figures += measure(label, nodes.make("publisher"), data, drafts)
    print(table(figures))


if __name__ == "__main__":
    main()
