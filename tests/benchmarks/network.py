"""How a whole network behaves, simulated: `python -m tests.benchmarks.network [--long] [--plots docs/network]`.

    … --only ring --nodes 1000        one network; its result replaces the one that was kept
    … --drawn --plots docs/network    the table and the plots of the results that are kept

10, 100 and (`--long`) 1,000 nodes in a ring, a star and at random, and at random with the network split in two for a
while. Each network is left idle, then changes, then suffers: nodes crash, one is put back to an old backup, clocks are
wrong and are put right. What is real in it and what is modelled: `simulated.py`.
"""

import argparse
import gc
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

import tests.conftest  # noqa: F401  sets the environment of a node and starts Django

# isort: split
from deploy.settings.background import LOOK_SECONDS
from tests.benchmarks.figures import Figure, percentile, table
from tests.benchmarks.plots import line_chart
from tests.benchmarks.simulated import Node, World
from tests.nodes import ROOT

TOPOLOGIES = ("ring", "star", "random", "partitioned")
# Those that each node of a random network asks by its own choice; as many choose it.
CHOSEN = 4
IDLE_SECONDS = 600.0
CHANGING_SECONDS = 600.0
CHANGES = 200
SPLIT_SECONDS = 300.0
DOWN_SECONDS = 180.0
# A network that has not come to rest a virtual day later will not.
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Run:
    """What one network did. Seconds are virtual but for `cpu_seconds`; percentiles: of the age of arriving entries."""

    topology: str
    nodes: int
    neighbours: float
    idle_requests: float
    idle_bytes: float
    arrivals: int
    p50: float
    p95: float
    p99: float
    worst: float
    converged: float
    failures: dict[str, int]
    forks: int
    cpu_seconds: float
    faults: "Faults | None" = None


@dataclass(frozen=True, slots=True)
class Faults:
    """The same while nodes crash, one is put back to an old backup, and clocks are put right."""

    p95: float
    worst: float
    converged: float
    requests: float
    bytes: float


def simulate(topology: str, count: int, *, seed: int = 1, records: int = 10, faults: bool = True) -> Run:
    """Requests and bytes are of one node in an hour, asked and answered."""
    cpu = time.process_time()
    world = World(LOOK_SECONDS, seed=seed)
    world.add(count, records)
    _joined(world, topology)
    gc.freeze()
    with world:
        world.begin()
        world.run_until(IDLE_SECONDS / 2)
        requests, size = _traffic(world, lambda: world.run_until(world.now + IDLE_SECONDS))
        _split(world, topology)
        converged = _changes(world)
        ages = sorted(world.staleness)
        suffered = _suffer(world, topology) if faults else None
    gc.unfreeze()
    return Run(
        topology=topology,
        nodes=count,
        neighbours=sum(len(node.neighbours) for node in world.nodes) / count,
        idle_requests=requests,
        idle_bytes=size,
        arrivals=len(ages),
        p50=percentile(ages, 50),
        p95=percentile(ages, 95),
        p99=percentile(ages, 99),
        worst=ages[-1],
        converged=converged,
        failures=world.failures,
        forks=world.forks,
        cpu_seconds=time.process_time() - cpu,
        faults=suffered,
    )


def _suffer(world: World, topology: str) -> Faults:
    del world.staleness[:]
    _split(world, topology)
    _break(world, world.nodes[-1].backup())
    converged: list[float] = []
    requests, size = _traffic(world, lambda: converged.append(_changes(world)))
    ages = sorted(world.staleness)
    return Faults(percentile(ages, 95), ages[-1], converged[0], requests, size)


def _joined(world: World, topology: str) -> None:
    nodes = world.nodes
    pairs: set[tuple[int, int]] = set()
    # Of its own: the same network whatever else was drawn.
    rng = random.Random(world.seed)
    for number in range(len(nodes)):
        if topology == "ring":
            others = [(number + 1) % len(nodes)]
        elif topology == "star":
            others = [0] if number else []
        else:
            others = rng.sample([other for other in range(len(nodes)) if other != number], CHOSEN)
        pairs |= {(min(number, other), max(number, other)) for other in others}
    for one, other in sorted(pairs):
        world.join(nodes[one], nodes[other])


def _split(world: World, topology: str) -> None:
    """Two halves cannot reach each other for a while, from a minute on."""
    if topology != "partitioned":
        return

    def sides(of: Callable[[int], int]) -> None:
        for node in world.nodes:
            node.side = of(node.number)

    world.after(60.0, lambda: sides(lambda number: number % 2))
    world.after(60.0 + SPLIT_SECONDS, lambda: sides(lambda _number: 0))


def _changes(world: World) -> float:
    """Publish, change and withdraw for a while; the seconds from then until all hold everything."""
    for _ in range(CHANGES):
        world.after(world.rng.uniform(0, CHANGING_SECONDS), partial(_change, world))
    end = world.now + CHANGING_SECONDS
    world.run_until(end)
    # The last crash may end later than the last change.
    world.run_until(end + DAY, world.converged)
    if not world.converged():
        raise AssertionError(f"not converged {DAY:.0f} virtual seconds after the last change")
    return world.now - end


def _change(world: World) -> None:
    node = world.rng.choice(world.nodes)
    known = [UUID(record[-36:]) for record in node.own.revisions]
    chance = world.rng.random()
    if chance < 0.5:
        node.publish(world.uuid())
    else:
        node.publish(world.rng.choice(known), deleted=chance > 0.9)


def _break(world: World, backup: Sequence[tuple[int, int]]) -> None:
    """One node in ten crashes for three minutes; the last one is put back to what it was; clocks are put right."""
    nodes = world.nodes
    for node in world.rng.sample(nodes, max(1, len(nodes) // 10)):
        start = world.rng.uniform(0, CHANGING_SECONDS - DOWN_SECONDS)
        world.after(start, partial(_set_up, node, False))
        world.after(start + DOWN_SECONDS, partial(_set_up, node, True))
    restored = nodes[-1]
    world.after(CHANGING_SECONDS * 0.3, lambda: restored.publish(world.uuid()))
    world.after(CHANGING_SECONDS * 0.9, lambda: restored.restore(backup))
    for node in world.rng.sample(nodes, max(1, len(nodes) // 20)):
        world.after(CHANGING_SECONDS / 2, partial(setattr, node, "offset", 0.0))


def _set_up(node: Node, up: bool) -> None:
    """A process that begins again remembers nothing of what its peers answered."""
    node.up = up
    node.remembered.clear()


def _traffic(world: World, action: Callable[[], object]) -> tuple[float, float]:
    """Requests and bytes of one node in an hour, while the action runs."""

    def totals() -> tuple[int, int]:
        return (
            sum(node.traffic.asked + node.traffic.answered for node in world.nodes),
            sum(node.traffic.bytes for node in world.nodes),
        )

    began, before = world.now, totals()
    action()
    share = 3600.0 / (world.now - began) / len(world.nodes)
    after = totals()
    return (after[0] - before[0]) * share, (after[1] - before[1]) * share


def idle_by_records(records: Sequence[int], count: int = 10) -> list[tuple[int, float]]:
    """Bytes of an idle poll, both ways, by how many records each node has published."""
    found = []
    for number in records:
        world = World(LOOK_SECONDS)
        world.add(count, number)
        _joined(world, "random")
        with world:
            world.begin()
            # Each asks each of its peers for all heads once.
            world.run_until(IDLE_SECONDS / 2)
            requests, size = _traffic(world, partial(world.run_until, world.now + IDLE_SECONDS))
            found.append((number, size / requests))
    return found


# What is shown of it


def figures(runs: Sequence[Run], idle: Sequence[tuple[int, float]]) -> list[Figure]:
    found = []
    for run in runs:
        part = f"simulated network: {run.topology}, {run.nodes:,} nodes (virtual time)"
        found += [
            Figure(part, "age of entries on arrival", run.p50, "s", p95=run.p95),
            Figure(part, "from the last change until all hold everything", run.converged, "s"),
            Figure(part, "requests of a node in an idle hour", run.idle_requests, "requests"),
            Figure(part, "bytes of a node in an idle hour", run.idle_bytes / 1000, "kB"),
        ]
        if run.faults is not None:
            what = "the same after crashes, a restore, clocks put right"
            found.insert(-2, Figure(part, what, run.faults.converged, "s"))
    part = "simulated network: 10 nodes at random"
    found += [Figure(part, f"an idle poll, {number:,} records each", size, "B") for number, size in idle]
    return found


def markdown(runs: Sequence[Run]) -> str:
    lines = [
        "| network | nodes | peers | age: median | p95 | p99 | worst | at rest after | idle: requests/h | kB/h "
        "| faults: age p95 | worst | at rest after | requests/h | kB/h |",
        "| --- |" + " --- |" * 14,
    ]
    for run in runs:
        ages = (run.p50, run.p95, run.p99, run.worst, run.converged)
        cells = [run.topology, f"{run.nodes:,}", f"{run.neighbours:.1f}", *map(_seconds, ages)]
        cells += [f"{run.idle_requests:,.0f}", f"{run.idle_bytes / 1000:,.0f}"]
        if run.faults is not None:
            cells += map(_seconds, (run.faults.p95, run.faults.worst, run.faults.converged))
            cells += [f"{run.faults.requests:,.0f}", f"{run.faults.bytes / 1000:,.0f}"]
        else:
            cells += ["not simulated", "", "", "", ""]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _seconds(value: float) -> str:
    return f"{value:.1f} s" if value < 10 else f"{value:,.0f} s"


def plots(runs: Sequence[Run], idle: Sequence[tuple[int, float]]) -> dict[str, str]:
    """SVG texts by file name."""

    def lines(value: Callable[[Run], float], of: Sequence[Run] = runs) -> dict[str, list[tuple[float, float]]]:
        found = {
            name: [(float(run.nodes), max(value(run), 0.01)) for run in of if run.topology == name]
            for name in TOPOLOGIES
        }
        return {name: points for name, points in found.items() if points}

    title = "Age of an entry when it arrives, 95th percentile"
    return {
        "staleness.svg": line_chart(title, "nodes", "seconds", lines(lambda run: run.p95)),
        "convergence.svg": line_chart(
            "From the last change until all hold everything", "nodes", "seconds", lines(lambda run: run.converged)
        ),
        "faults.svg": line_chart(
            "The same with crashes, a restore and clocks put right",
            "nodes",
            "seconds",
            lines(lambda run: run.faults.converged if run.faults else 0.0, [run for run in runs if run.faults]),
        ),
        "idle-nodes.svg": line_chart(
            "What a node sends and receives in an idle hour", "nodes", "kB", lines(lambda run: run.idle_bytes / 1000)
        ),
        "idle-records.svg": line_chart(
            "An idle poll among ten nodes, by the records that each has published",
            "records of each node",
            "bytes",
            {"random": [(float(number), size) for number, size in idle]},
            least=100.0,
        ),
    }


def measure(counts: Sequence[int], records: Sequence[int]) -> list[Figure]:
    """For `make bench`: each network, and what idleness costs by the records there are."""
    return figures([one(topology, count) for topology in TOPOLOGIES for count in counts], idle_by_records(records))


def one(topology: str, count: int) -> Run:
    run = simulate(topology, count)
    print(f"{topology}, {count} nodes: {run.cpu_seconds:.0f} s of CPU", file=sys.stderr, flush=True)
    return run


SHORT = ((10, 100), (10, 100, 1000))
LONG = ((10, 100, 1000), (10, 100, 1000, 10_000))
RESULTS = ROOT / "var" / "bench" / "network"


def _kept() -> list[Run]:
    rows = [json.loads(path.read_text()) for path in RESULTS.glob("*-*.json")]
    runs = [Run(**{**row, "faults": Faults(**row["faults"]) if row["faults"] else None}) for row in rows]
    return sorted(runs, key=lambda run: (TOPOLOGIES.index(run.topology), run.nodes))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true", help="1,000 nodes too, and 10,000 records each: half an hour")
    parser.add_argument("--only", choices=TOPOLOGIES, help="one topology")
    parser.add_argument("--nodes", type=int, help="one size")
    parser.add_argument("--drawn", action="store_true", help="simulate nothing, show the results that are kept")
    parser.add_argument("--plots", type=Path, help="draw into this folder")
    arguments = parser.parse_args()
    counts, records = LONG if arguments.long else SHORT
    RESULTS.mkdir(parents=True, exist_ok=True)
    if not arguments.drawn:
        for topology in [arguments.only] if arguments.only else TOPOLOGIES:
            for count in [arguments.nodes] if arguments.nodes else counts:
                run = one(topology, count)
                (RESULTS / f"{topology}-{count}.json").write_text(json.dumps(asdict(run), indent=1))
        if not arguments.only:
            (RESULTS / "idle.json").write_text(json.dumps(idle_by_records(records)))
    runs, idle = _kept(), json.loads((RESULTS / "idle.json").read_text())
    print(table(figures(runs, idle)))
    print(markdown(runs))
    if arguments.plots is not None:
        arguments.plots.mkdir(parents=True, exist_ok=True)
        for name, text in plots(runs, idle).items():
            (arguments.plots / name).write_text(text)


if __name__ == "__main__":
    main()
