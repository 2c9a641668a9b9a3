"""Real nodes for tests and benchmarks: each with its own folder, database, key and port, served as in production.

    with Nodes(folder) as nodes:
        antwerp = nodes.make("antwerp", language="nl")
        antwerp.serve()
        antwerp.call("publish", count=3)

`call` runs a function of `tests/node_calls.py`, or of the module that `calls` names, in a process of that node, since
one process can be only one node.
The database is SQLite in the node's folder, or a fresh one beside the one that DATABASE_URL names (PostgreSQL).
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from deploy.demo.network import PROCESS_ENVIRONMENT, web_command

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


def wait_until(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """The condition's first true answer. Raises TimeoutError naming `what`."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        pause.wait(0.05)
    raise TimeoutError(f"{what}: not within {seconds:.0f} s")


class NodeProcess:
    """One node. `serve` starts its web process, `call` its helper; `stop` and `kill` end the former, `close` all."""

    def __init__(
        self, folder: Path, name: str, *, language: str, database_url: str, calls: str, **settings: str
    ) -> None:
        self.name = name
        self.calls = calls
        self.id = f"{name}.havenlink.localhost"
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database_url = database_url
        self._web: subprocess.Popen[bytes] | None = None
        self._worker: subprocess.Popen[bytes] | None = None
        self._helper: subprocess.Popen[str] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "deploy.settings",
            "PYTHONPATH": str(ROOT),
            "NODE_ID": self.id,
            "NODE_URL": self.url,
            "NODE_NAME": name.capitalize(),
            "NODE_LANGUAGES": language,
            "NODE_REGION": "",
            "SECRET_KEY": "only-for-tests-" + "x" * 40,
            "STATE_DIR": str(folder),
            "DATABASE_URL": database_url,
            "LEMMA_DIR": str(ROOT / "var" / "lemmas"),
            # Those who test sentence vectors turn them on: a vector takes longer than most tests.
            "VECTORS": "off",
            "VECTOR_DIR": str(ROOT / "var" / "vectors"),
            "ALLOW_PRIVATE_PEERS": "on",
            "PULL_INTERVAL_SECONDS": "2",
            "LOG_LEVEL": "WARNING",
            **PROCESS_ENVIRONMENT,
            **settings,
        }

    def serve(self) -> None:
        """Start the web process and wait until it answers."""
        self._web = self._start(web_command(self.port), "web")
        wait_until(self._answers, START_SECONDS, f"{self.name} at {self.url} (see {self.folder}/web.log)")

    def work(self) -> None:
        """Start the worker with its clock."""
        self._worker = self._start([sys.executable, "-m", "deploy.worker"], "worker")

    def _start(self, command: list[str], name: str) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    @property
    def web_pid(self) -> int:
        assert self._web is not None
        return self._web.pid

    @property
    def worker_pid(self) -> int:
        assert self._worker is not None
        return self._worker.pid

    def _answers(self) -> bool:
        assert self._web is not None
        if self._web.poll() is not None:
            raise RuntimeError(f"{self.name} did not start: {(self.folder / 'web.log').read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(f"{self.url}/.well-known/havenlink.json", timeout=5) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop_work(self) -> None:
        if self._worker is not None:
            _end(self._worker, signal.SIGTERM)
            self._worker = None

    def _end(self, number: signal.Signals) -> None:
        if self._web is not None:
            _end(self._web, number)
            self._web = None

    def call(self, function: str, **arguments: Any) -> Any:
        """What a function of tests/node_calls.py answers in this node's process. Raises RuntimeError as it raised."""
        self.begin(function, **arguments)
        return self.answer()

    def begin(self, function: str, **arguments: Any) -> None:
        """Start a call without waiting for its answer."""
        helper = self._helper_process()
        assert helper.stdin is not None
        helper.stdin.write(json.dumps({"function": function, "arguments": arguments}) + "\n")
        helper.stdin.flush()

    def answer(self) -> Any:
        helper = self._helper_process()
        assert helper.stdout is not None
        line = helper.stdout.readline()
        if not line:
            self._helper = None
            raise RuntimeError(f"{self.name}'s helper ended with {helper.wait()}; see {self.folder}/helper.log")
        reply = json.loads(line)
        if "error" in reply:
            raise RuntimeError(reply["error"])
        return reply["answer"]

    def kill_helper(self) -> None:
        """End the process of `call`, whatever it is doing; the next call starts another."""
        if self._helper is not None:
            self._helper.kill()
            self._helper.wait()
            self._helper = None

    def _helper_process(self) -> subprocess.Popen[str]:
        if self._helper is None:
            log = (self.folder / "helper.log").open("ab")
            self._helper = subprocess.Popen(
                [sys.executable, "-m", self.calls],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
            log.close()
        return self._helper

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A manage.py command, as an operator runs it."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=check,
            stdin=subprocess.DEVNULL,
            timeout=300,
        )

    def manage_begin(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """The same without waiting for its end."""
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
        )

    def admit(self, *others: "NodeProcess") -> None:
        for other in others:
            self.call("admit", url=other.url, verifier_key=other.verifier_key)

    @property
    def verifier_key(self) -> str:
        return str(self.call("verifier_key"))

    @property
    def web_processes(self) -> list[int]:
        """The web process and its workers."""
        assert self._web is not None
        pids = subprocess.run(
            ["ps", "-o", "pid=", "-g", str(self._web.pid)], capture_output=True, text=True, check=True
        )
        return [int(pid) for pid in pids.stdout.split()]

    @property
    def peak_memory_mb(self) -> float:
        """The web process's largest resident size so far, its workers' included."""
        statuses = [Path(f"/proc/{pid}/status").read_text() for pid in self.web_processes]
        return max(int(status.split("VmHWM:")[1].split()[0]) for status in statuses) / 1024

    def close(self) -> None:
        self._end(signal.SIGKILL)
        self.stop_work()
        self.kill_helper()


class Nodes:
    """Makes nodes with ready databases and keys, and takes all away at the end."""

    def __init__(self, folder: Path, database_url: str = "", calls: str = "tests.node_calls") -> None:
        self.folder = folder
        self.calls = calls
        self.server_url = database_url if database_url.startswith("postgres") else ""
        self.nodes: list[NodeProcess] = []
        self._template: Path | None = None

    def __enter__(self) -> "Nodes":
        return self

    def __exit__(self, *_exc: object) -> None:
        for node in self.nodes:
            node.close()
        for node in self.nodes:
            if self.server_url:
                self._on_server(f'DROP DATABASE IF EXISTS "{_database(node.database_url)}" WITH (FORCE)')

    def make(self, name: str, *, language: str = "en", **settings: str) -> NodeProcess:
        folder = self.folder / name
        folder.mkdir(parents=True)
        if self.server_url:
            url = self._new_database(name)
        else:
            url = f"sqlite:///{folder / 'node.sqlite3'}"
            if self._template is not None:
                shutil.copy(self._template, folder / "node.sqlite3")
        node = NodeProcess(folder, name, language=language, database_url=url, calls=self.calls, **settings)
        self.nodes.append(node)
        if self._template is None or self.server_url:
            node.call("migrate")
        if self._template is None and not self.server_url:
            self._template = self.folder / "template.sqlite3"
            node.call("backup", path=str(self._template))
        node.call("init")
        return node

    def _new_database(self, name: str) -> str:
        database = f"{_database(self.server_url)}_{name}_{os.getpid()}"
        self._on_server(f'CREATE DATABASE "{database}"')
        return urlunsplit(urlsplit(self.server_url)._replace(path=f"/{database}"))

    def _on_server(self, statement: str) -> None:
        with psycopg.connect(self.server_url, autocommit=True) as connection:
            connection.execute(statement)


def _end(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    """The process and all that it started; killed when it does not end within 10 seconds."""
    if process.poll() is None:
        os.killpg(process.pid, number)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _database(url: str) -> str:
    return urlsplit(url).path.lstrip("/")
