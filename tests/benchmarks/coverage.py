"""How fast the coverage matrix is: the first of a process, which reads every record, the next, and one after a change.

The yardstick is reading and parsing the same documents: the bound of the first.
"""

from tests.benchmarks.figures import Figure, latency
from tests.nodes import NodeProcess

TIMES = 20


def measure(part: str, node: NodeProcess) -> list[Figure]:
    """The node must hold the records; one more is published on it."""
    node.kill_helper()
    costs = node.call("matrices", times=TIMES)
    reading = {"yardstick": "read and parse all", "yardstick_value": costs["read_all"]}
    figures = [
        Figure(part, "first matrix of a process", costs["first"], "ms", **reading),
        latency(part, "next matrix (stage x activity, home Ghent)", costs["next"]),
        latency(part, "next matrix (region x sector)", costs["other"]),
        Figure(part, "matrix after one new record", costs["after_change"], "ms"),
        Figure(part, "memory that it takes", costs["grown_mb"], "MB"),
    ]
    node.kill_helper()
    return figures
