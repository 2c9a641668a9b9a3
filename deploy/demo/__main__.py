"""`make run`: sets up the demo network if need be, starts it, says where it is, keeps it running until Ctrl-C.

NODES=all | NODES=antwerp,hamburg   which nodes (the usual five otherwise)
PORT=9001                           the first node's port (8001 otherwise)
DEMO_DIR=…                          where the network keeps its state (var/demo otherwise)
"""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator

from deploy.demo.lock import locked
from deploy.demo.network import Place, chosen_cities, first_port, places, state_root
from deploy.demo.ports import held
from deploy.demo.probe import lags, not_ready
from deploy.demo.processes import Kept, end_with_parent
from deploy.demo.refusal import Refusal
from deploy.demo.setting_up import PASSWORD, secret_key, set_up
from deploy.demo.terminal import say, say_plain

POLL_SECONDS = 0.3
# How long the nodes may take to be ready, and then to hold each other's records, before the runner says who lags.
READY_SECONDS = 90
CONVERGED_SECONDS = 60
PAGE_LANGUAGES = ("nl", "fr", "de", "en")

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Node:
    """One node of the network: its web process and its worker."""

    def __init__(self, place: Place) -> None:
        self.place = place
        environment = place.environment(secret_key(place))
        self.processes = [
            Kept(name, place.city.title, command, environment, place.log_file(name))
            for name, command in place.programs.items()
        ]
        self.running = False

    def start(self) -> None:
        self.running = True
        for process in self.processes:
            process.start()

    async def stop(self) -> None:
        self.running = False
        await asyncio.gather(*(process.stop() for process in self.processes))

    async def follow(self) -> None:
        """Stop and start it as `make stop NODE=…` and `make start NODE=…` ask."""
        paused = self.place.paused_file.exists()
        if paused and self.running:
            await self.stop()
            say("stopped, as asked. The others go on with what they hold of it.", about=self.place.city.title)
        elif not paused and not self.running:
            self.start()
            say("started again, as asked.", about=self.place.city.title)


async def run(chosen: tuple[Place, ...]) -> None:
    """From nothing to a running network, and on until cancelled."""
    await set_up(chosen)
    nodes = [Node(place) for place in chosen]
    try:
        for node in nodes:
            node.place.paused_file.unlink(missing_ok=True)
            node.start()
        say(f"Starting {len(nodes)} nodes")
        await asyncio.gather(*(_until_ready(place) for place in chosen))
        await _until_converged(chosen)
        _welcome(chosen)
        while True:
            await asyncio.gather(*(node.follow() for node in nodes))
            await asyncio.sleep(POLL_SECONDS)
    finally:
        say("Stopping")
        await asyncio.gather(*(node.stop() for node in nodes))
        say("Stopped; the next start takes up from here")


async def _until_ready(place: Place) -> None:
    """Raises Refusal with the reason when it takes too long."""
    deadline = time.monotonic() + READY_SECONDS
    while reason := await not_ready(place):
        if time.monotonic() > deadline:
            raise Refusal(
                f"{place.city.title} is not ready after {READY_SECONDS} s: {reason}.",
                f"Its logs: {place.log_file('web')} and {place.log_file('worker').name} beside it.",
            )
        await asyncio.sleep(POLL_SECONDS)
    say(f"ready at {place.url}/", about=place.city.title)


async def _until_converged(chosen: tuple[Place, ...]) -> None:
    deadline = time.monotonic() + CONVERGED_SECONDS
    while missing := await lags(chosen):
        if time.monotonic() > deadline:
            say("Not every node holds every record yet:")
            for line in missing:
                say_plain(f"           {line}")
            return
        await asyncio.sleep(POLL_SECONDS)
    say("Every node finds every record")


def _welcome(chosen: tuple[Place, ...]) -> None:
    first, second = chosen[0], chosen[min(2, len(chosen) - 1)]
    language = first.city.language if first.city.language in PAGE_LANGUAGES else "en"
    say_plain()
    for place in chosen:
        say_plain(f"  {place.city.title:<12} {place.url}/   ({place.city.language})")
    say_plain()
    say_plain("  Sign in as editor, publisher, coordinator or administrator; the password of all is")
    say_plain(f"  {PASSWORD}")
    say_plain()
    say_plain("  To try:")
    say_plain("  1. Search another city's tools in your own words:")
    say_plain(f"     {first.url}/{language}/search?q=havenbezoek")
    say_plain("  2. See which school stages and activities your region lacks, and who has them:")
    say_plain(f"     {first.url}/en/coverage")
    say_plain("  3. Stop one node, from another terminal, and go on searching its records on the others:")
    say_plain(f"     make stop NODE={second.city.name}      (and: make start NODE={second.city.name})")
    say_plain()
    say_plain("  Ctrl-C stops all of them.")
    say_plain()


async def _main(chosen: tuple[Place, ...]) -> None:
    task = asyncio.current_task()
    assert task is not None, "runs under asyncio.run"
    loop = asyncio.get_running_loop()
    for number in _STOP_SIGNALS:
        # Once: the stopping itself is not to be interrupted by a second Ctrl-C.
        loop.add_signal_handler(number, _stop_once, task)
    with contextlib.suppress(asyncio.CancelledError):
        await run(chosen)


def _stop_once(task: asyncio.Task[None]) -> None:
    if not task.cancelling():
        task.cancel()


def main() -> int:
    if "--stop-with-parent" in sys.argv:
        end_with_parent(os.getppid())
    exit_code = 0
    try:
        cities, port = chosen_cities(os.environ.get("NODES", "")), first_port(os.environ.get("PORT", ""))
        chosen = places(cities, port)
        with locked(state_root(cities, port)), held(place.port for place in chosen):
            asyncio.run(_main(chosen))
    except* Refusal as refused:
        for refusal in _leaves(refused):
            say_plain(f"\n{refusal.message}\n{refusal.remedy}")
        exit_code = 1
    return exit_code


def _leaves(group: BaseExceptionGroup) -> Iterator[Refusal]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        elif isinstance(error, Refusal):
            yield error


if __name__ == "__main__":
    sys.exit(main())
