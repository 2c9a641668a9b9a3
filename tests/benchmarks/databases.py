"""PostgreSQL to measure on: the server that POSTGRES_URL names, or one of this run's own where it is installed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.nodes import Nodes, free_port

OWNER = "postgres"


def binaries() -> Path | None:
    """The folder of the newest installed server, as Debian lays them out, or of the one on the PATH."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if installed:
        return installed[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


@contextmanager
def postgresql() -> Iterator[str]:
    """Yields the address of a database beside which others may be made; "" where there is no server.

    A server of this run's own has Debian's settings (fsync on) but for 256 MB of shared buffers.
    """
    given = os.environ.get("POSTGRES_URL", "")
    found = binaries()
    if given or found is None:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="havenlink-postgres-"))
    # PostgreSQL refuses to run as root.
    as_owner = ["runuser", "-u", OWNER, "--"] if os.getuid() == 0 else []
    if as_owner:
        shutil.chown(folder, OWNER)
    control = [*as_owner, str(found / "pg_ctl"), "-D", str(folder / "data"), "-s", "-w"]
    port = free_port()
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c shared_buffers=256MB"
    try:
        make = [*as_owner, str(found / "initdb"), "-D", str(folder / "data"), "-U", "havenlink", "-A", "trust"]
        _run([*make, "-E", "UTF8", "--locale=C.UTF-8"], folder)
        _run([*control, "-l", str(folder / "log"), "start", "-o", options], folder)
        yield f"postgresql://havenlink@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], cwd=folder, capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)


def nodes_on_each(folder: Path, calls: str) -> Iterator[tuple[str, Nodes]]:
    """("SQLite", nodes), then ("PostgreSQL", nodes) where there is a server; taken away when the next ones are made."""
    with postgresql() as server:
        for label, url in {"SQLite": "", "PostgreSQL": server}.items():
            if label == "SQLite" or url:
                with Nodes(folder / label, url, calls) as nodes:
                    yield label, nodes


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)
