"""A node that is far behind, and the process that fetches for it: real nodes, and every end that it can come to."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nodes import NodeProcess, Nodes, wait_until

# Of 12,000 characters of description each: a page of 4 MB ends long before its 2,048 entries.
ENTRIES = 1_200
PAGES = 4


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    with Nodes(tmp_path_factory.mktemp("nodes"), os.environ.get("DATABASE_URL", "")) as found:
        yield found


@pytest.fixture(scope="module")
def antwerp(nodes: Nodes) -> NodeProcess:
    node = nodes.make("antwerp", language="nl")
    node.call("publish", count=ENTRIES, length=12_000)
    node.serve()
    return node


@pytest.fixture
def hamburg(nodes: Nodes, antwerp: NodeProcess) -> Iterator[NodeProcess]:
    node = nodes.make(f"hamburg{len(nodes.nodes)}", language="de")
    node.admit(antwerp)
    yield node
    node.close()


def fetcher(node: NodeProcess) -> int:
    return int((node.folder / "fetcher.pid").read_text())


def lives(pid: int) -> bool:
    """Also false for one that has ended and that nobody has waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_node_that_is_far_behind_takes_pages_from_a_process(antwerp: NodeProcess, hamburg: NodeProcess) -> None:
    pulled = hamburg.call("pull_far_behind")

    assert (pulled["added"], pulled["from_process"]) == (ENTRIES + 1, PAGES)
    assert hamburg.call("heads")[antwerp.id] == antwerp.call("heads")[antwerp.id]
    assert hamburg.call("sizes")[antwerp.id] == ENTRIES + 1
    assert not lives(fetcher(hamburg))


def test_a_thread_goes_on_where_a_process_that_was_killed_has_stopped(
    antwerp: NodeProcess, hamburg: NodeProcess
) -> None:
    pulled = hamburg.call("pull_far_behind", kill_after=1)

    # What the pipe held of the next page may have been whole.
    assert pulled["from_process"] in (1, 2)
    assert pulled["added"] == ENTRIES + 1
    assert hamburg.call("heads")[antwerp.id] == antwerp.call("heads")[antwerp.id]


def test_no_process_is_left_when_the_worker_is_killed(antwerp: NodeProcess, hamburg: NodeProcess) -> None:
    with pytest.raises(RuntimeError, match="ended with -9"):
        hamburg.call("pull_far_behind_and_die", page=2)

    wait_until(lambda: not lives(fetcher(hamburg)), 5, "the end of the fetching process")
    held = hamburg.call("sizes")[antwerp.id]
    assert 300 < held < 350, "one page, whole"
    assert hamburg.call("pull")["added"] == ENTRIES + 1 - held
    assert hamburg.call("heads")[antwerp.id] == antwerp.call("heads")[antwerp.id]


def test_a_page_that_does_not_verify_is_refused_by_its_name(nodes: Nodes, antwerp: NodeProcess) -> None:
    relay, reader = nodes.make("relay"), nodes.make("reader")
    relay.admit(antwerp)
    relay.call("pull")
    relay.call("forge", origin=antwerp.id, index=700, title="Forged")
    relay.serve()
    reader.admit(relay, antwerp)

    reader.call("pull_far_behind", peer=relay.id)

    status = reader.call("status")
    assert status[relay.id]["error"] == "bad_proof"
    assert 600 < status[antwerp.id]["entries"] < 700, "the two pages before it"
    assert not lives(fetcher(reader))
