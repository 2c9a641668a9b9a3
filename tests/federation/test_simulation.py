"""Small networks on a virtual clock, driven by the node's own code (tests/benchmarks/simulated.py), come to rest."""

import pytest
from django.conf import settings

from tests.benchmarks.network import TOPOLOGIES, idle_by_records, simulate
from tests.benchmarks.plots import line_chart
from tests.benchmarks.simulated import World


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_a_network_comes_to_rest_after_changes_and_after_faults(topology: str) -> None:
    run = simulate(topology, 8)

    # Every one of 200 changes came to the seven others, and no origin signed two histories.
    assert (run.arrivals, run.forks) == (1400, 0)
    assert run.converged < 3600
    assert run.faults.converged < 3600
    assert set(run.failures) <= {"unreachable", "timeout"}


def test_an_idle_hour_costs_the_same_however_many_records_there_are() -> None:
    (_, few), (_, many) = idle_by_records((1, 500), count=6)

    # Sizes are written with more digits; nothing else grows.
    assert many / few == pytest.approx(1.0, abs=0.02)


def test_an_idle_peer_is_asked_once_in_an_interval_and_once_only() -> None:
    world = World(look_seconds=1.0)
    world.add(2, records=3)
    world.join(*world.nodes)
    with world:
        world.begin()
        world.run_until(10 * settings.PULL_INTERVAL_SECONDS)

    assert [node.traffic.asked for node in world.nodes] == [10, 10]


def test_a_node_that_was_put_back_publishes_nothing_until_its_log_is_whole() -> None:
    world = World(look_seconds=1.0)
    world.add(3, records=3)
    world.join(world.nodes[0], world.nodes[1])
    world.join(world.nodes[0], world.nodes[2])
    node = world.nodes[0]
    with world:
        world.begin()
        backup = node.backup()
        assert node.publish(world.uuid())
        world.run_until(200)
        node.restore(backup)
        assert not node.publish(world.uuid())
        world.run_until(400)

        assert (node.log.size, node.recovering_since) == (4, None)
        assert node.publish(world.uuid())
        world.run_until(600)

    assert (world.converged(), world.forks) == (True, 0)


def test_a_chart_has_its_lines_and_says_their_names() -> None:
    text = line_chart("Age", "nodes", "seconds", {"ring": [(10, 1.0), (100, 20.0)], "star": [(10, 2.0), (100, 2.0)]})

    assert text.count("<polyline") == 2
    assert 'aria-label="Age"' in text
    assert ">ring</text>" in text
    assert "prefers-color-scheme:dark" in text
