"""Many real nodes that start within milliseconds, for tests that kill hundreds of them (tests/nodes.py: few, as in
production).

    with Nursery(folder) as nursery:
        antwerp = nursery.node("antwerp")
        with antwerp.process() as publisher:
            publisher.call("publish_some", count=3)

A node is a folder, a database, a key and a port; it may have as many processes as wanted at a time. Each is forked from
one that has everything imported already (tests/fork_calls.py, where also is what they can be asked), and shares nothing
with another but the node's files. The database is SQLite, or a fresh one beside the one that DATABASE_URL names.
"""

import contextlib
import itertools
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests.nodes import ROOT, free_port, wait_until

_numbers = itertools.count(1)


class Process:
    """One process of a node. `lines` are what it says between calls; a dead one's last words can still be read."""

    def __init__(self, pid: int, path: Path) -> None:
        self.pid = pid
        self._handle = os.pidfd_open(pid)
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        path.unlink()
        self._reader = self._socket.makefile("r")

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.kill()

    def begin(self, function: str, **arguments: Any) -> None:
        line = json.dumps({"function": function, "arguments": arguments}) + "\n"
        self._socket.sendall(line.encode())

    def answer(self) -> Any:
        """The next line. Raises RuntimeError as the process raised, EOFError when it is dead."""
        line = self._reader.readline()
        if not line.endswith("\n"):
            raise EOFError
        reply = json.loads(line)
        if "error" in reply:
            raise RuntimeError(reply["error"])
        return reply["answer"]

    def call(self, function: str, **arguments: Any) -> Any:
        self.begin(function, **arguments)
        return self.answer()

    def last_words(self) -> list[Any]:
        """All that it said before it died."""
        said = []
        with contextlib.suppress(EOFError):
            while True:
                said.append(self.answer())
        return said

    def kill(self) -> None:
        """SIGKILL; gone when this returns."""
        if self._handle < 0:
            return
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)
        ended, _, _ = select.select([self._handle], [], [], 30)
        assert ended, f"process {self.pid} does not end"
        os.close(self._handle)
        self._handle = -1


class ForkedNode:
    def __init__(
        self, nursery: "Nursery", name: str, folder: Path, database_url: str, settings: dict[str, Any]
    ) -> None:
        self.nursery = nursery
        self.id = f"{name}.havenlink.localhost"
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database_url = database_url
        self.identity = {"folder": str(folder), "name": name, "url": self.url, "database_url": database_url, **settings}
        self.verifier_key = ""

    def process(self) -> Process:
        return self.nursery.fork(self.identity)

    def server(self) -> Process:
        """A process that answers at the node's address."""
        process = self.process()
        process.call("serve", port=self.port)
        return process

    def call(self, function: str, **arguments: Any) -> Any:
        """In a process of its own."""
        with self.process() as process:
            return process.call(function, **arguments)

    def admit(self, *others: "ForkedNode", through: dict[str, str] | None = None) -> None:
        """Admit nodes, each at its own address or at the one that `through` names for its id."""
        with self.process() as process:
            for other in others:
                url = (through or {}).get(other.id, other.url)
                process.call("admit", url=url, verifier_key=other.verifier_key)


class Nursery:
    """The process that is forked from, and the nodes' databases."""

    def __init__(self, folder: Path, database_url: str = "") -> None:
        self.folder = folder
        self._server_url = database_url if database_url.startswith("postgres") else ""
        self._databases: list[str] = []
        self._template = ""
        self._one_at_a_time = threading.Lock()

    def __enter__(self) -> "Nursery":
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "deploy.settings",
            "NODE_ID": "nursery.havenlink.localhost",
            "NODE_URL": "http://127.0.0.1:1",
            "NODE_NAME": "Nursery",
            "NODE_LANGUAGES": "de",
            "NODE_REGION": "",
            "SECRET_KEY": "only-for-tests-" + "x" * 40,
            "STATE_DIR": str(self.folder / "nursery"),
            "DATABASE_URL": self._server_url or f"sqlite:///{self.folder / 'nursery.sqlite3'}",
            "LEMMA_DIR": str(ROOT / "var" / "lemmas"),
            "VECTORS": "off",
            "ALLOW_PRIVATE_PEERS": "on",
            "ALLOWED_HOSTS": "127.0.0.1",
            "PULL_INTERVAL_SECONDS": "2",
            "LOG_LEVEL": "ERROR",
            # A dead process's wake-ups are nobody's; a broker in memory keeps them off the disk.
            "BROKER_URL": "memory://",
        }
        with (self.folder / "nursery.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.fork_calls"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        assert self._process.stdout is not None
        if self._process.stdout.readline() != "ready\n":
            raise RuntimeError(f"the nursery did not start: {self.log()}")
        return self

    def __exit__(self, *_exc: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for name in [*self._databases, *([self._template] if self._server_url and self._template else [])]:
            self._on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def log(self) -> str:
        """What the processes wrote to stderr, its end."""
        return (self.folder / "nursery.log").read_text()[-4000:]

    def fork(self, identity: dict[str, Any]) -> Process:
        path = self.folder / f"{next(_numbers)}.socket"
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._one_at_a_time:
            self._process.stdin.write(json.dumps({"identity": identity, "socket": str(path)}) + "\n")
            self._process.stdin.flush()
            pid = self._process.stdout.readline()
        if not pid:
            raise RuntimeError(f"the nursery died: {self.log()}")
        return Process(int(pid), path)

    def node(self, name: str, *, folder: Path | None = None, **settings: Any) -> ForkedNode:
        """A node with a database and a key; `settings` are Django's, by name. Its folder may lie elsewhere."""
        folder = folder or self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        node = ForkedNode(self, name, folder, self._database(name, folder), settings)
        with node.process() as process:
            process.call("init")
            node.verifier_key = process.call("verifier_key")
        return node

    def _database(self, name: str, folder: Path) -> str:
        if not self._template:
            self._template = self._make_template()
        if not self._server_url:
            shutil.copy(self._template, folder / "node.sqlite3")
            return f"sqlite:///{folder / 'node.sqlite3'}"
        database = f"{urlsplit(self._server_url).path.lstrip('/')}_{name}_{os.getpid()}_{next(_numbers)}"
        self._on_server(f'CREATE DATABASE "{database}" TEMPLATE "{self._template}"')
        self._databases.append(database)
        return self._url(database)

    def _make_template(self) -> str:
        """A database with tables and nothing in them."""
        identity = {"folder": str(self.folder / "template"), "name": "template", "url": "http://127.0.0.1:1"}
        if self._server_url:
            name = f"{urlsplit(self._server_url).path.lstrip('/')}_template_{os.getpid()}_{next(_numbers)}"
            self._on_server(f'CREATE DATABASE "{name}"')
            with self.fork({**identity, "database_url": self._url(name)}) as process:
                process.call("migrate")
            wait_until(lambda: not self._sessions(name), 10, "the template's last session to end")
            return name
        file = self.folder / "template.sqlite3"
        with self.fork({**identity, "database_url": f"sqlite:///{self.folder / 'migrated.sqlite3'}"}) as process:
            process.call("migrate")
            process.call("backup", path=str(file))
        return str(file)

    def _url(self, database: str) -> str:
        return urlunsplit(urlsplit(self._server_url)._replace(path=f"/{database}"))

    def _sessions(self, database: str) -> int:
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            found = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [database])
            return int(found.fetchone()[0])

    def _on_server(self, statement: str) -> None:
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            connection.execute(statement)
