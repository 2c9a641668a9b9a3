"""FEDERATION.md was followed by another: the stand-alone client pulls from real nodes, verifies, and resumes."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nodes import NodeProcess, Nodes, free_port

CLIENT = Path(__file__).parent / "standalone_client.py"


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    with Nodes(tmp_path_factory.mktemp("standalone"), os.environ.get("DATABASE_URL", "")) as found:
        yield found


@pytest.fixture(scope="module")
def antwerp(nodes: Nodes) -> NodeProcess:
    """4,300 entries: three pages."""
    node = nodes.make("antwerp", language="nl")
    first, second = node.call("publish", count=4_297)["uuids"][:2]
    node.call("republish", uuid=first, title="Havendag")
    node.call("withdraw", uuid=second)
    node.serve()
    return node


def client(file: Path, url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(CLIENT), str(file), url, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", timeout=120)


def held(file: Path) -> tuple[int, int]:
    """Entries and current records."""
    replica = sqlite3.connect(file)
    counts = [replica.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("entry", "record")]
    replica.close()
    return counts[0], counts[1]


def test_it_pulls_verifies_and_resumes(antwerp: NodeProcess, tmp_path: Path) -> None:
    file, key = tmp_path / "replica.sqlite3", antwerp.verifier_key
    size, root = antwerp.call("heads")[antwerp.id]

    first = client(file, antwerp.url, key, "--pages", "1")
    assert (first.returncode, first.stdout, held(file)) == (0, "", (2048, 2048))
    rest = client(file, antwerp.url, key)
    assert (rest.returncode, rest.stdout) == (0, f"{antwerp.id} {size} {root}\n")
    assert held(file) == (4_300, 4_298)
    again = client(file, antwerp.url, key)
    assert (again.returncode, again.stdout) == (0, f"{antwerp.id} {size} {root}\n")


def test_it_takes_a_log_from_a_relay_and_goes_on_at_its_origin(
    nodes: Nodes, antwerp: NodeProcess, tmp_path: Path
) -> None:
    relay = nodes.make("relay")
    relay.admit(antwerp)
    relay.call("pull")
    relay.serve()
    file, key = tmp_path / "replica.sqlite3", antwerp.verifier_key

    assert client(file, relay.url, key, "--pages", "2").returncode == 0
    assert held(file)[0] == 4_096
    done = client(file, antwerp.url, key)
    assert done.stdout.split()[:2] == [antwerp.id, "4300"]

    relay.call("forge", origin=antwerp.id, index=2_050, title="Beter in Rotterdam")
    half = tmp_path / "half.sqlite3"
    refused = client(half, relay.url, key)
    assert (refused.returncode, refused.stderr.split()[0]) == (1, "bad_proof")
    assert held(half)[0] == 2_048, "the page before it was good"


def test_it_refuses_another_key_and_a_node_that_is_down(antwerp: NodeProcess, tmp_path: Path) -> None:
    file = tmp_path / "replica.sqlite3"
    name, _hash, encoded = antwerp.verifier_key.split("+", 2)
    other = client(file, antwerp.url, f"{name}+00000000+{encoded}")
    assert (other.returncode, other.stderr.split()[0]) == (1, "bad_key")

    down = client(file, f"http://127.0.0.1:{free_port()}", antwerp.verifier_key)
    assert (down.returncode, down.stderr.split()[0]) == (1, "unreachable")
