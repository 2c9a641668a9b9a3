"""The disk is full while this node publishes, pulls and indexes: it says so, loses nothing, and goes on with more room.

The disk is a file system of a few megabytes in memory where these tests may mount one. Elsewhere, and there once more,
SQLite is told that its file may not grow, and the process that none may; the errors are those of a full disk.
"""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.forked_nodes import ForkedNode, Nursery, Process

pytestmark = pytest.mark.xdist_group("full_disk")

MEGABYTES = 12


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    with Nursery(tmp_path_factory.mktemp("full_disk")) as found:
        yield found


@dataclass
class SmallDisk:
    """A folder on a disk of its own (`mounted`), or one that merely behaves so for the process that is told."""

    folder: Path
    mounted: bool

    def fill(self, process: Process) -> None:
        if not self.mounted:
            process.call("limit_database", pages=20)
            return
        with contextlib.suppress(OSError), self._ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))

    def make_room(self, process: Process) -> None:
        if self.mounted:
            self._ballast.unlink()
        else:
            process.call("limit_database", pages=0)

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"


@pytest.fixture(params=["mounted", "limited"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    if request.param == "limited":
        yield SmallDisk(folder, mounted=False)
        return
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        # No skip: the other parameter tests the same by other means.
        print("no right to mount here: the limits stand for the disk")
        yield SmallDisk(folder, mounted=False)
        return
    yield SmallDisk(folder, mounted=True)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_publishing(nursery: Nursery, disk: SmallDisk) -> None:
    antwerp = nursery.node(f"antwerp{disk.mounted:d}", folder=disk.folder / "antwerp")
    with antwerp.process() as process:
        process.call("publish_some", count=50, batch=50)
        disk.fill(process)

        refused = process.call("publish_until_refused")

        assert refused["code"] == "disk_full"
        assert refused["message"] == "The disk of this node is full. Nothing was stored."
        assert process.call("have", published=refused["published"]) == []
        size = process.call("sizes")[antwerp.id]
        assert size == 51 + len(refused["published"])
        assert process.call("attempt", what="publish_some", count=20, batch=20)["code"] == "disk_full"

        disk.make_room(process)

        assert process.call("publish_some", count=1)[0][1] == size
        assert process.call("verify_all")[antwerp.id][0] == size + 1
    assert antwerp.call("publish_some", count=1)[0][1] == size + 1


@pytest.fixture(scope="module")
def genoa(nursery: Nursery) -> Iterator[ForkedNode]:
    """A node that serves more than fits onto the small disk's rest."""
    node = nursery.node("genoa")
    node.call("publish", count=3000, length=600)
    with node.server():
        yield node


def test_pulling(nursery: Nursery, disk: SmallDisk, genoa: ForkedNode) -> None:
    hamburg = nursery.node(f"hamburg{disk.mounted:d}", folder=disk.folder / "hamburg")
    hamburg.admit(genoa)
    with hamburg.process() as process:
        disk.fill(process)

        refused = process.call("attempt", what="pull_all")

        # There may be room for this word, or not even for that.
        recorded = {"answer": {"added": {}, "problems": {genoa.id: "disk_full"}}}
        assert refused == recorded or refused["code"] == "disk_full"
        assert process.call("sizes") == {genoa.id: 0, hamburg.id: 1}
        assert process.call("verify_all")[hamburg.id][0] == 1

        disk.make_room(process)

        assert process.call("pull_all") == {"added": {genoa.id: 3001}, "problems": {}}
        assert process.call("verify_all")[genoa.id] == genoa.call("verify_all")[genoa.id]


def test_indexing(nursery: Nursery, disk: SmallDisk) -> None:
    dunkirk = nursery.node(f"dunkirk{disk.mounted:d}", folder=disk.folder / "dunkirk")
    with dunkirk.process() as process:
        process.call("publish_some", count=10, batch=10)
        assert process.call("index_all") == 11
        process.call("publish_noise", count=100)
        disk.fill(process)
        if not disk.mounted:
            process.call("limit_files", size=100_000)

        refused = process.call("attempt", what="index_all")

        assert refused["code"] == ("disk_full" if disk.mounted else "index_broken"), refused
        assert process.call("indexed") == 11

        disk.make_room(process)
        process.call("unlimit_files")

        process.call("index_all")
        assert process.call("indexed") == 111


@pytest.mark.postgres
def test_a_postgresql_server_without_room(tmp_path: Path) -> None:
    """Its disk is not ours to fill: the server raises its own error for it, disk_full, where an entry is written."""
    with Nursery(tmp_path, os.environ["DATABASE_URL"]) as nursery:
        antwerp, hamburg = nursery.node("antwerp"), nursery.node("hamburg")
        hamburg.admit(antwerp)
        antwerp.call("publish_some", count=5)
        with antwerp.server(), antwerp.process() as publisher, hamburg.process() as puller:
            for process in (publisher, puller):
                process.call("refuse_entries")

            assert publisher.call("attempt", what="publish_some", count=1)["code"] == "disk_full"
            refused = puller.call("attempt", what="pull_all")

            assert refused == {"answer": {"added": {}, "problems": {antwerp.id: "disk_full"}}}
            assert publisher.call("verify_all")[antwerp.id][0] == 6
            for process in (publisher, puller):
                process.call("take_entries")
            assert publisher.call("publish_some", count=1)[0][1] == 6
            assert puller.call("pull_all") == {"added": {antwerp.id: 7}, "problems": {}}
            assert puller.call("verify_all")[antwerp.id] == publisher.call("verify_all")[antwerp.id]
