"""Real nodes: processes with databases, keys and ports of their own, as they run at a city's.

Antwerp and Rotterdam are served for all tests; each test has a Hamburg of its own, which pulls.
"""

import os
from collections.abc import Iterator

import pytest

from tests.nodes import NodeProcess, Nodes, free_port


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    with Nodes(tmp_path_factory.mktemp("nodes"), os.environ.get("DATABASE_URL", "")) as found:
        yield found


@pytest.fixture(scope="module")
def antwerp(nodes: Nodes) -> NodeProcess:
    node = nodes.make("antwerp", language="nl")
    node.serve()
    return node


@pytest.fixture(scope="module")
def rotterdam(nodes: Nodes, antwerp: NodeProcess) -> NodeProcess:
    node = nodes.make("rotterdam", language="nl")
    node.serve()
    node.admit(antwerp)
    return node


@pytest.fixture
def hamburg(nodes: Nodes, antwerp: NodeProcess) -> Iterator[NodeProcess]:
    node = nodes.make(f"hamburg{len(nodes.nodes)}", language="de")
    node.admit(antwerp)
    yield node
    node.close()


def test_what_is_published_arrives_and_what_is_withdrawn_goes(antwerp: NodeProcess, hamburg: NodeProcess) -> None:
    first, second = antwerp.call("publish", count=2)["uuids"]
    hamburg.call("pull")
    assert hamburg.call("titles", origin=antwerp.id)[-2:] == ["Girls' day 0", "Girls' day 1"]
    assert hamburg.call("heads")[antwerp.id] == antwerp.call("heads")[antwerp.id]

    antwerp.call("republish", uuid=second, title="Girls' and boys' day")
    antwerp.call("withdraw", uuid=first)

    assert hamburg.call("pull")["added"] == 2
    assert hamburg.call("titles", origin=antwerp.id)[-1:] == ["Girls' and boys' day"]
    assert hamburg.call("titles", origin=antwerp.id) == antwerp.call("titles", origin=antwerp.id)
    assert hamburg.call("heads")[antwerp.id] == antwerp.call("heads")[antwerp.id]


def test_records_arrive_by_way_of_another_node_while_their_origin_is_down(
    antwerp: NodeProcess, rotterdam: NodeProcess, hamburg: NodeProcess
) -> None:
    antwerp.call("publish", count=3)
    rotterdam.call("pull")
    hamburg.admit(rotterdam)
    antwerp.stop()

    hamburg.call("pull")
    hamburg.call("pull")

    status, attempts = hamburg.call("status")[antwerp.id], hamburg.call("attempts", origin=antwerp.id)
    assert hamburg.call("heads")[antwerp.id] == antwerp.call("heads")[antwerp.id]
    assert (status["failing"], status["error"], status["lag"]) == (True, "unreachable", 0)
    assert attempts["count"] == 2
    assert 2 * 2**2 * 0.75 < attempts["waits_seconds"] < 2 * 2**2 * 1.25 + 1
    assert hamburg.call("publish", count=1)["uuids"], "the node works on"
    antwerp.serve()


def test_a_puller_killed_in_the_middle_of_a_page_goes_on_where_it_stood(
    antwerp: NodeProcess, hamburg: NodeProcess
) -> None:
    antwerp.call("publish", count=5_000)
    total = antwerp.call("sizes")[antwerp.id]

    with pytest.raises(RuntimeError, match="ended with -9"):
        hamburg.call("pull_and_die", page=3)

    assert hamburg.call("sizes")[antwerp.id] == 2 * 2048
    assert hamburg.call("pull")["added"] == total - 2 * 2048
    assert hamburg.call("heads")[antwerp.id] == antwerp.call("heads")[antwerp.id]


def test_a_relay_that_forges_is_refused_and_named(nodes: Nodes, antwerp: NodeProcess, hamburg: NodeProcess) -> None:
    relay = nodes.make("relay")
    relay.admit(antwerp)
    antwerp.call("publish", count=3)
    relay.call("pull")
    relay.call("forge", origin=antwerp.id, index=2, title="Besser in Rotterdam")
    relay.serve()
    hamburg.admit(relay)

    hamburg.call("pull", peer=relay.id)

    status = hamburg.call("status")
    assert (status[relay.id]["error"], status[antwerp.id]["entries"]) == ("bad_proof", 0)
    assert antwerp.id in status[relay.id]["detail"]
    hamburg.call("pull", peer=antwerp.id)
    assert hamburg.call("heads")[antwerp.id] == antwerp.call("heads")[antwerp.id]


def test_a_node_restored_from_an_old_copy_that_publishes_anew_is_frozen_elsewhere(
    nodes: Nodes, hamburg: NodeProcess
) -> None:
    liverpool = nodes.make("liverpool")
    liverpool.serve()
    hamburg.admit(liverpool)
    liverpool.call("publish", count=2)
    hamburg.call("pull", peer=liverpool.id)
    liverpool.call("rewind", size=2)
    with pytest.raises(RuntimeError, match="log_behind"):
        liverpool.call("publish", count=2)
    liverpool.manage("node", "recover", "--accept-loss")
    liverpool.call("publish", count=2)

    hamburg.call("pull", peer=liverpool.id)

    status = hamburg.call("status")[liverpool.id]
    assert (status["state"], status["error"]) == ("frozen", "fork_detected")
    assert "does not continue" in status["reason"]
    assert len(hamburg.call("titles", origin=liverpool.id)) == 2


def test_a_poke_makes_the_receiver_look(antwerp: NodeProcess, rotterdam: NodeProcess) -> None:
    rotterdam.call("pull")
    antwerp.admit(rotterdam)
    antwerp.call("publish", count=1)
    assert rotterdam.call("due") == []

    assert antwerp.call("poke") == 1

    assert rotterdam.call("due") == [antwerp.id]


def test_the_commands_set_a_network_up(nodes: Nodes, rotterdam: NodeProcess, hamburg: NodeProcess) -> None:
    admitted = hamburg.manage("federation", "admit", rotterdam.url, "--yes")
    pulled = hamburg.manage("federation", "pull", rotterdam.url)
    refused = hamburg.manage("federation", "admit", f"http://127.0.0.1:{free_port()}", "--yes", check=False)

    assert "Fingerprint of its key" in admitted.stdout
    assert f"1 entries of {rotterdam.id}" in pulled.stdout
    assert refused.returncode == 1
    assert "(unreachable)" in refused.stderr
