"""A real network of three nodes (started as `make run` starts it) and a real browser.

Whatever page a test opens, the browser must find nothing to complain of: no error in the console, no breach of the
content security policy, no request to anybody but the node itself. `browse` checks that when the test ends.
"""

import contextlib
import os
import random
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

from deploy.demo.network import BASE_DIR, PAUSED_FILE
from deploy.demo.setting_up import PASSWORD

NODES = ("antwerp", "hamburg", "rotterdam")
READY_SECONDS = 120
STARTED = "Ctrl-C stops all of them."


@dataclass(frozen=True)
class Network:
    """The running demo network: `url("antwerp")` is where a node answers, `password` is every account's."""

    first_port: int
    folder: Path
    password: str = PASSWORD

    def url(self, name):
        return f"http://127.0.0.1:{self.first_port + NODES.index(name)}"

    @contextlib.contextmanager
    def stopped(self, name):
        """The node is down while the block runs."""
        file = self.folder / name / PAUSED_FILE
        file.touch()
        try:
            _until(lambda: not self._listens(name), f"{name} to stop")
            yield
        finally:
            file.unlink()
            _until(lambda: self._listens(name), f"{name} to start")

    def _listens(self, name):
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.first_port + NODES.index(name))) == 0


def _until(condition, what, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"


def _left_behind(folder):
    """The processes that know the network's folder from their environment."""
    mark = f"DEMO_DIR={folder}".encode()
    left = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (process / "environ").read_bytes().split(b"\0"):
                left.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return left


def _free_ports(count):
    """The first of `count` ports in a row that nobody listens on; from a random one, for those who do the same."""
    for first in random.sample(range(20_000, 32_000, count), 100):
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            for port in range(first, first + count):
                held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
    raise AssertionError("no free ports")


@pytest.fixture(scope="package")
def network(tmp_path_factory):
    """Antwerp, Hamburg and Rotterdam, holding each other's records."""
    folder = tmp_path_factory.mktemp("network")
    first = _free_ports(len(NODES))
    environment = {**os.environ, "NODES": ",".join(NODES), "PORT": str(first), "DEMO_DIR": str(folder)}
    said = []
    with subprocess.Popen(
        [sys.executable, "-m", "deploy.demo", "--stop-with-parent"],
        cwd=BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as runner:
        assert runner.stdout is not None
        try:
            for line in runner.stdout:
                said.append(line)
                if STARTED in line:
                    break
            assert STARTED in "".join(said), "the network did not start:\n" + "".join(said)
            yield Network(first, folder)
        finally:
            runner.terminate()
            rest = runner.stdout.read()
            assert "is started again in" not in rest, f"a process died during the tests:\n{rest}"
            runner.wait()
            assert _left_behind(folder) == []


@pytest.fixture(scope="package")
def browser(chromium_path):
    """Chromium, ended before tests of other folders run: its event loop would stand in their way."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Browsing:
    """Opens contexts of the browser and notes what they complain of."""

    def __init__(self, browser):
        self._browser = browser
        self._contexts = []
        self.complaints = []
        # Statuses that the test asks for on purpose, such as the 410 of a withdrawn record.
        self.expected_statuses = set()
        self._measuring = False

    def page(self, origin, *, language="nl", **options):
        """A page of a reader of this language. `origin` is the only address that it may ask."""
        context = self._browser.new_context(
            base_url=origin, locale=language, **({"viewport": {"width": 1280, "height": 900}} | options)
        )
        context.set_default_timeout(10_000)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: self._heard(message))
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("request", lambda request: self._asked(origin, request))
        return page

    @contextlib.contextmanager
    def measuring(self):
        """While a tool of the tests works inside the page: what it asks for and is denied is not the page's doing."""
        self._measuring = True
        yield
        self._measuring = False

    def close(self):
        for context in self._contexts:
            context.close()
        self._contexts.clear()

    def _heard(self, message):
        expected = any(f"status of {status} " in message.text for status in self.expected_statuses)
        if message.type in ("error", "warning") and not expected and not self._measuring:
            self.complaints.append(f"{message.location.get('url')}: {message.text}")

    def _asked(self, origin, request):
        if not request.url.startswith((f"{origin}/", "data:", "blob:")) and urlsplit(request.url).scheme != "about":
            self.complaints.append(f"a request left the node: {request.url}")


@pytest.fixture
def browse(browser):
    browsing = Browsing(browser)
    yield browsing
    browsing.close()
    assert browsing.complaints == []


@pytest.fixture
def sign_in(network):
    """Sign in with one of the demo's accounts, through the page as a person does."""

    def through(page, role):
        page.goto("/en/sign-in")
        page.locator("#id_username").fill(role)
        page.locator("#id_password").fill(network.password)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/workbench/**")

    return through
