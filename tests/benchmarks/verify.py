"""How fast a node proves what it holds: `python -m tests.benchmarks.verify [--records 20000]`.

Every document, leaf, tree and record of its logs, read from the database and computed anew; then, apart, the same with
the comparison of the index.
"""

import argparse
import tempfile
from pathlib import Path

from tests.benchmarks import dataset
from tests.benchmarks.databases import nodes_on_each
from tests.benchmarks.figures import Figure, rate, table
from tests.benchmarks.publish import CALLS, publish_until
from tests.nodes import NodeProcess

MEMORY_TARGET = 300


def measure(label: str, node: NodeProcess, origin: str, records: int) -> list[Figure]:
    """`node` holds that many records of `origin`."""
    part = f"{label}: verifying anew"
    # The process that verifies has done nothing before.
    node.kill_helper()
    log = node.call("verify", origin=origin)
    assert (log["verdict"], log["logs"][0]["entries"]) == ("good", records + 1), log
    peak = Figure(part, "  peak memory of the process", log["peak_mb"], "MB", target=MEMORY_TARGET)
    whole = node.call("verify")
    assert whole["verdict"] == "good", whole
    return [
        rate(part, f"a log of {records:,} records", records, log),
        peak,
        rate(part, f"all logs of {records:,} records, and the index", records, whole),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000, help="how many are held (20000)")
    arguments = parser.parse_args()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="havenlink-bench-") as name:
        data = dataset.write(Path(name) / "records.jsonl", arguments.records)
        for label, nodes in nodes_on_each(Path(name), CALLS):
            node = nodes.make("publisher", language="nl")
            publish_until(node, data, arguments.records)
            node.call("index")
            figures += measure(label, node, node.id, arguments.records)
    print(table(figures))


if __name__ == "__main__":
    main()
