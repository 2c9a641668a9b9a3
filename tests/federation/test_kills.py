"""Killed at any instant: publisher, pullers and servers die by SIGKILL hundreds of times, while all of them work.

Afterwards nothing that was acknowledged is lost, nothing is there twice, trees verify, and the network converges.
"""

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.forked_nodes import ForkedNode, Nursery, Process

pytestmark = pytest.mark.xdist_group("kills")

DATABASE_URL = os.environ.get("DATABASE_URL", "")
SEED = int(os.environ.get("KILL_SEED", "0")) or random.SystemRandom().randrange(10**6)
# After a process said that it began, uniformly.
SHORTEST, LONGEST = 0.005, 0.3
# Each of the five.
TIMES = 60


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    """In memory where that is possible: a process that is killed leaves to the system what it wrote, disk or not."""
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=place) as folder, Nursery(Path(folder), DATABASE_URL) as found:
        yield found


@dataclass
class Victim:
    """A role that somebody plays until he is killed, and then somebody else; what all of them said, life by life."""

    name: str
    start: Callable[[], Process]
    said: list[list[Any]] = field(default_factory=list)

    def live_and_die(self, times: int, chance: random.Random) -> None:
        for _ in range(times):
            with self.start() as process:
                time.sleep(chance.uniform(SHORTEST, LONGEST))
                process.kill()
                self.said.append(process.last_words())


def working(node: ForkedNode, function: str, **arguments: Callable[[], Any]) -> Callable[[], Process]:
    """Starts a process that does this; it has said that it began."""

    def start() -> Process:
        process = node.process()
        process.call(function, **{name: value() for name, value in arguments.items()})
        return process

    return start


def kill_them(victims: list[Victim], times: int, chance: random.Random) -> None:
    """All work at once; each dies so many times, at instants of its own."""
    chances = [random.Random(chance.random()) for _ in victims]
    with ThreadPoolExecutor(len(victims)) as pool:
        list(pool.map(Victim.live_and_die, victims, [times] * len(victims), chances))


def converge(nodes: list[ForkedNode]) -> None:
    """Pull until nobody finds anything new; nobody may find anything wrong."""
    for _ in range(10):
        rounds = [node.call("pull_all") for node in nodes]
        assert [found["problems"] for found in rounds] == [{}] * len(nodes)
        if not any(found["added"] for found in rounds):
            return
    raise AssertionError("the nodes do not converge")


def test_whoever_is_killed_whenever_nothing_is_lost_or_doubled(nursery: Nursery) -> None:
    chance = random.Random(SEED)
    print(f"KILL_SEED={SEED}")
    antwerp, hamburg, genoa = (nursery.node(name) for name in ("antwerp", "hamburg", "genoa"))
    antwerp.call("publish", count=1000)
    hamburg.admit(antwerp)
    genoa.admit(antwerp, hamburg)
    antwerp.admit(hamburg)
    publisher = Victim("publisher", working(antwerp, "publish_on", seed=lambda: chance.randrange(10**9)))
    pullers = [Victim("puller", working(hamburg, "pull_on")), Victim("worker", working(genoa, "pull_due_on"))]
    servers = [Victim("server", antwerp.server), Victim("relay", hamburg.server)]
    began = time.monotonic()

    kill_them([publisher, *pullers, *servers], TIMES, chance)

    print(f"{5 * TIMES} kills in {time.monotonic() - began:.1f} s")
    acknowledged = [line for life in publisher.said for lines in life for line in lines]
    for victim in (publisher, *pullers):
        print(f"{victim.name}: {sum(map(len, victim.said))} times done in {TIMES} lives")
    assert acknowledged
    assert antwerp.call("have", published=acknowledged) == []
    for node, puller in zip((hamburg, genoa), pullers, strict=True):
        held = node.call("sizes")
        for life in puller.said:
            for sizes in life:
                assert all(held[origin] >= size for origin, size in sizes.items()), node.id
    with antwerp.server(), hamburg.server():
        converge([hamburg, genoa, antwerp])
        antwerp.call("publish_some", count=1)
        converge([hamburg, genoa, antwerp])
    found = [node.call("verify_all") for node in (antwerp, hamburg, genoa)]
    assert found[0][antwerp.id] == found[1][antwerp.id] == found[2][antwerp.id]
    assert found[0][hamburg.id] == found[1][hamburg.id] == found[2][hamburg.id]
    assert found[0][antwerp.id][0] > len(acknowledged)
