"""How fast the coverage matrix is: the first of a process, the next, and one after a change.

The worker has counted the records, as it does by the clock; a process begins with that. The yardstick of its count is
reading and parsing the same documents, which is also what the first matrix costs where no worker ran.
"""

from tests.benchmarks.figures import Figure, latency
from tests.nodes import NodeProcess

TIMES = 20
FIRST_TARGET = 100


def measure(part: str, node: NodeProcess) -> list[Figure]:
    """The node must hold the records; one more is published on it."""
    node.kill_helper()
    kept = node.call("keep_facet_sets")
    reading = {"yardstick": "read and parse all", "yardstick_value": node.call("read_all")}
    node.kill_helper()
    costs = node.call("matrices", times=TIMES)
    figures = [
        Figure(part, "count all records and keep that, in the worker", kept, "ms", **reading),
        Figure(part, "first matrix of a process", costs["first"], "ms", target=FIRST_TARGET),
        latency(part, "next matrix (stage x activity, home Ghent)", costs["next"]),
        latency(part, "next matrix (region x sector)", costs["other"]),
        Figure(part, "matrix after one new record", costs["after_change"], "ms"),
        Figure(part, "memory that it takes, its own", costs["grown_mb"], "MB"),
    ]
    node.kill_helper()
    return figures
