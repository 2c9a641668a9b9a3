"""Many processes of one node at work at once on its database."""

import os
from collections.abc import Iterator

import pytest

from tests.forked_nodes import ForkedNode, Nursery

pytestmark = pytest.mark.xdist_group("concurrency")


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    with Nursery(tmp_path_factory.mktemp("concurrency"), os.environ.get("DATABASE_URL", "")) as found:
        yield found


@pytest.fixture(scope="module")
def peers(nursery: Nursery) -> Iterator[list[ForkedNode]]:
    """Genoa, with 3,000 entries; Dunkirk and Rotterdam, who hold them too. All are served."""
    genoa, dunkirk, rotterdam = (nursery.node(name) for name in ("genoa", "dunkirk", "rotterdam"))
    genoa.call("publish", count=3000)
    with genoa.server(), dunkirk.server(), rotterdam.server():
        for relay in (dunkirk, rotterdam):
            relay.admit(genoa)
            assert relay.call("pull_all")["added"] == {genoa.id: 3001}
            relay.call("publish_some", count=50, batch=50)
        yield [genoa, dunkirk, rotterdam]


def test_eight_publishers_and_four_pullers_on_one_node(nursery: Nursery, peers: list[ForkedNode]) -> None:
    antwerp = nursery.node("antwerp")
    antwerp.admit(*peers)
    publishers, pullers = [antwerp.process() for _ in range(8)], [antwerp.process() for _ in range(4)]
    for number, process in enumerate(publishers):
        process.begin("publish_some", count=24, batch=3, seed=number)
    for process in pullers:
        process.begin("pull_all")

    published = [line for process in publishers for line in process.answer()]
    pulled = [process.answer() for process in pullers]

    assert [found["problems"] for found in pulled] == [{}] * 4
    sizes = [sum(found["added"].get(peer.id, 0) for found in pulled) for peer in peers]
    assert sizes == [3001, 51, 51]
    assert sorted(index for _uuid, index, _revision in published) == list(range(1, 193))
    assert antwerp.call("have", published=published) == []
    verified = antwerp.call("verify_all")
    assert verified[antwerp.id][0] == 193
    for peer in peers:
        assert verified[peer.id] == peer.call("verify_all")[peer.id]
    for process in (*publishers, *pullers):
        process.kill()


def test_two_workers_pull_the_same_origin(nursery: Nursery, peers: list[ForkedNode]) -> None:
    """The lease keeps them apart in practice; nothing depends on it."""
    genoa = peers[0]
    hamburg = nursery.node("hamburg")
    hamburg.admit(genoa)
    workers = [hamburg.process() for _ in range(2)]
    for worker in workers:
        worker.begin("pull_peer", origin=genoa.id)

    pulled = [worker.answer() for worker in workers]

    assert [found["problems"] for found in pulled] == [{}, {}]
    assert sum(found["added"].get(genoa.id, 0) for found in pulled) == 3001
    assert hamburg.call("verify_all")[genoa.id] == genoa.call("verify_all")[genoa.id]
    for worker in workers:
        worker.kill()


def test_the_same_entries_arrive_by_three_routes(nursery: Nursery, peers: list[ForkedNode]) -> None:
    genoa = peers[0]
    liverpool = nursery.node("liverpool")
    liverpool.admit(*peers)
    routes = [liverpool.process() for _ in peers]
    for route, peer in zip(routes, peers, strict=True):
        route.begin("pull_peer", origin=peer.id)

    pulled = [route.answer() for route in routes]

    assert [found["problems"] for found in pulled] == [{}] * 3
    assert sum(found["added"].get(genoa.id, 0) for found in pulled) == 3001
    assert liverpool.call("verify_all")[genoa.id] == genoa.call("verify_all")[genoa.id]
    for route in routes:
        route.kill()
