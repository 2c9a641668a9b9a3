"""Two real nodes and a bad line between them: cut, slow, broken off, damaged. Whatever it does, they converge."""

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.forked_nodes import ForkedNode, Nursery, Process
from tests.tcp_proxy import Line, line_to

pytestmark = pytest.mark.xdist_group("bad_lines")

TOOLS = 200


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    with Nursery(tmp_path_factory.mktemp("lines"), os.environ.get("DATABASE_URL", "")) as found:
        yield found


@pytest.fixture(scope="module")
def antwerp(nursery: Nursery) -> Iterator[ForkedNode]:
    node = nursery.node("antwerp")
    node.call("publish", count=TOOLS, length=1000)
    with node.server():
        yield node


@pytest.fixture
def line(antwerp: ForkedNode) -> Iterator[Line]:
    with line_to(antwerp.port) as found:
        yield found


@pytest.fixture
def hamburg(nursery: Nursery, antwerp: ForkedNode, line: Line, request: pytest.FixtureRequest) -> ForkedNode:
    node = nursery.node(f"hamburg{len(request.node.name)}{abs(hash(request.node.name)) % 10**6}")
    node.admit(antwerp, through={antwerp.id: line.url})
    return node


@pytest.fixture
def puller(hamburg: ForkedNode) -> Iterator[Process]:
    """Hamburg's process, which keeps its connection."""
    with hamburg.process() as process:
        yield process


def code(pulled: dict[str, Any], of: ForkedNode) -> str:
    return str(pulled["problems"].get(of.id, ""))


def test_a_partition_heals(antwerp: ForkedNode, hamburg: ForkedNode, puller: Process, line: Line) -> None:
    with hamburg.server(), line_to(hamburg.port) as back:
        antwerp.admit(hamburg, through={hamburg.id: back.url})
        puller.call("pull_all")
        antwerp.call("pull_all")
        line.cut = back.cut = True
        antwerp.call("publish_some", count=3)
        puller.call("publish_some", count=2)

        apart = [code(puller.call("pull_all"), antwerp), code(antwerp.call("pull_all"), hamburg)]

        assert set(apart) <= {"unreachable", "broken_off"}
        line.clear()
        back.clear()
        assert puller.call("pull_all") == {"added": {antwerp.id: 3}, "problems": {}}
        assert antwerp.call("pull_all") == {"added": {hamburg.id: 2}, "problems": {}}
        assert puller.call("verify_all") == antwerp.call("verify_all")


def test_a_latency_of_two_seconds_only_takes_time(antwerp: ForkedNode, puller: Process, line: Line) -> None:
    line.latency_seconds = 2.0
    began = time.monotonic()

    assert code(puller.call("pull_all"), antwerp) == ""

    assert time.monotonic() - began >= 4, "heads and a page"
    assert puller.call("heads")[antwerp.id] == antwerp.call("heads")[antwerp.id]


def test_a_modem_brings_it_in_smaller_pages(antwerp: ForkedNode, puller: Process, line: Line) -> None:
    """7 KB a second, and a tenth of the patience: as a page of ten times as many entries is in production."""
    puller.call("wait_at_most", seconds=1.5)
    line.bytes_per_second = 7000

    attempts = [code(puller.call("pull_all"), antwerp) for _ in range(6)]

    assert attempts[0] == "timeout"
    assert attempts[-1] == ""
    assert puller.call("heads")[antwerp.id] == antwerp.call("heads")[antwerp.id]


@pytest.mark.parametrize("resets", [True, False], ids=["reset", "truncated"])
def test_a_page_that_is_broken_off_is_asked_for_again(
    antwerp: ForkedNode, puller: Process, line: Line, resets: bool
) -> None:
    line.resets = resets
    for line.ends_after in (0, 10, 900, 2000, 3000, 3500):
        assert code(puller.call("pull_all"), antwerp) == "broken_off"
        # Smaller pages may have come through.
        size, _root = puller.call("verify_all")[antwerp.id]
        assert size < TOOLS
    line.clear()

    assert code(puller.call("pull_all"), antwerp) == ""
    assert puller.call("verify_all")[antwerp.id] == antwerp.call("verify_all")[antwerp.id]


def test_a_damaged_answer_is_refused_or_was_damaged_where_it_does_not_count(
    antwerp: ForkedNode, puller: Process, line: Line
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    puller.call("pull_all")
    # A length that is damaged promises what never comes.
    puller.call("wait_at_most", seconds=1)
    refused = []
    with antwerp.process() as publisher:
        for _ in range(30):
            publisher.call("publish_some", count=1)
            line.flips = chance.randrange(3000)
            found = code(puller.call("pull_all"), antwerp)
            if found:
                refused.append(found)
            # Else it was damaged where it does not count, or in a name, and this node's log was not found.
            assert puller.call("sizes")[antwerp.id] <= publisher.call("sizes")[antwerp.id]
    line.clear()
    puller.call("pull_all")
    assert puller.call("verify_all")[antwerp.id] == antwerp.call("verify_all")[antwerp.id]
    print(Counter(refused))
    assert refused
