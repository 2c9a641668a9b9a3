"""Fetching and checking pages in a process of its own, so that a node that is far behind works on two cores.

The conductor (`services/pull.py`) starts `federation/fetcher.py`, hands it the turns as a line of JSON, and reads
checked pages as frames; the pipe holds the fetcher back when the conductor is slower. The fetcher ends when its
standard input does: whatever becomes of the conductor, none is left behind. It has no database connection, and what it
says is believed as far as a thread would be: it runs the same code for the same user. A plain process and not
`multiprocessing`: Celery's workers may have no such children, and this one has threads, which a fork does not carry.
"""

import json
import logging
import marshal
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import starmap
from typing import Any, BinaryIO

from django.utils import translation

from core import errors
from core.errors import HavenlinkError
from core.records import checkpoint as checkpoints
from core.records.checkpoint import VerifierKey
from core.records.models import Log
from core.records.page import CheckedPage, Page, PageEntry, Reading
from federation.services.fetch_ahead import Turn, checked, page_fetch, page_fetch_and_check, pages_in_turn

logger = logging.getLogger(__name__)

# A process takes most of a second of the second core to start, and saves a third of the time from there on.
FAR_BEHIND_ENTRIES = 20_000
# Bytes of a frame's length.
_LENGTH = 8
# Of the interpreter that runs both ends. Later versions look for objects that occur twice, which takes longer.
_MARSHAL_VERSION = 2
Answer = tuple[Turn, CheckedPage | HavenlinkError]
# A worker pulls several peers at once; one process more is what the memory is reckoned with.
_one_at_a_time = threading.Lock()


class FetchProcess:
    """The conductor's end. Ready once the process has started; until then, and if it dies, a thread does the work."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "federation.fetcher"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # A worker is stopped with its whole group and ends in order; its fetcher ends with it.
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._orders: Any = self._process.stdin
        self._frames: Any = self._process.stdout
        self._poll = select.poll()
        self._poll.register(self._frames, select.POLLIN)

    @property
    def pid(self) -> int:
        return self._process.pid

    def ready(self) -> bool:
        """Whether it has something to say, if only that it ended."""
        return bool(self._poll.poll(0))

    def pages(self, url: str, turns: Sequence[Turn], seconds: float) -> Iterator[Answer]:
        """As `pages_in_turn`; it may end before it is over, if the process does."""
        if _read_frame(self._frames) != "ready":
            logger.warning("the fetching process did not start; a thread does its work")
            return
        logs = [(turn.log.origin, turn.log.verifier_key, turn.after, turn.until, turn.page_entries) for turn in turns]
        self._order({"url": url, "seconds": seconds, "logs": logs})
        while (frame := _read_frame(self._frames)) is not None:
            place, message = frame
            turn, answer = turns[place], _opened(message)
            if turn.dropped:
                continue
            turn.move(answer)
            yield turn, answer
            if turn.dropped:
                self._order({"drop": place})

    def close(self) -> None:
        """End it, whatever it is doing."""
        with suppress(BrokenPipeError):
            self._orders.close()
        self._process.kill()
        self._process.wait()
        self._frames.close()

    def _order(self, order: dict[str, Any]) -> None:
        try:
            self._orders.write(json.dumps(order).encode() + b"\n")
            self._orders.flush()
        except BrokenPipeError:
            logger.warning("the fetching process has ended")


def pages_of(url: str, turns: Sequence[Turn], deadline: float) -> Generator[Answer, None, None]:
    """Checked pages of the logs in turn, until all are at their end or `deadline` (monotonic) is over."""

    def over() -> bool:
        return time.monotonic() >= deadline

    with _process_for(sum(turn.until - turn.after for turn in turns)) as process:
        fetch = partial(page_fetch_and_check, url)
        if process is not None:
            yield from pages_in_turn(fetch, turns, lambda: over() or process.ready())
            yield from process.pages(url, turns, deadline - time.monotonic())
        yield from pages_in_turn(fetch, turns, over)


@contextmanager
def _process_for(behind: int) -> Iterator[FetchProcess | None]:
    """A process for a pull of so many entries; None if they are not worth one, or there is one already."""
    if behind < FAR_BEHIND_ENTRIES or (os.cpu_count() or 1) < 2 or not _one_at_a_time.acquire(blocking=False):
        yield None
        return
    process = None
    try:
        try:
            process = FetchProcess()
        except OSError as error:
            logger.warning("no process to fetch in: %s", error)
        yield process
    finally:
        if process is not None:
            process.close()
        _one_at_a_time.release()


# What goes through the pipe


def _read_frame(stream: BinaryIO) -> Any:
    """None at the end, also at one that comes half-way."""
    length = stream.read(_LENGTH)
    if len(length) < _LENGTH:
        return None
    frame = stream.read(size := int.from_bytes(length, "big"))
    return marshal.loads(frame) if len(frame) == size else None


def _write_frame(stream: BinaryIO, value: Any) -> None:
    frame = marshal.dumps(value, _MARSHAL_VERSION)
    stream.write(len(frame).to_bytes(_LENGTH, "big"))
    stream.write(frame)
    stream.flush()


def _sealed(answer: CheckedPage | HavenlinkError) -> Any:
    if isinstance(answer, HavenlinkError):
        told = (str(answer.message), str(answer.remedy), answer.field, answer.reason)
        return ("error", type(answer).__name__, *told)
    return (
        "page",
        str(answer.key),
        answer.checkpoint.note,
        answer.first,
        list(map(tuple, answer.entries)),
        answer.leaf_hashes,
        answer.left,
        list(map(tuple, answer.readings)),
    )


def _opened(message: Any) -> CheckedPage | HavenlinkError:
    what, *parts = message
    if what == "error":
        name, text, remedy, field, code = parts
        error: HavenlinkError = getattr(errors, name)(text, remedy=remedy, field=field, code=code)
        return error
    key, note, first, entries, leaf_hashes, left, readings = parts
    return CheckedPage(
        key=VerifierKey.parse(key),
        checkpoint=checkpoints.parse(note),
        first=first,
        entries=list(map(PageEntry._make, entries)),
        leaf_hashes=leaf_hashes,
        left=left,
        readings=list(starmap(Reading, readings)),
    )


# The fetcher's end


def fetch(orders: BinaryIO, frames: BinaryIO) -> None:
    """Take one order, and answer it frame by frame."""
    translation.activate("en")
    _write_frame(frames, "ready")
    order = json.loads(orders.readline() or "null")
    if order is None:
        return
    turns = [Turn(Log(origin=origin, verifier_key=key), *rest) for origin, key, *rest in order["logs"]]
    threading.Thread(target=_obey, args=(orders, turns), daemon=True).start()
    deadline = time.monotonic() + order["seconds"]
    for turn, page in pages_in_turn(partial(page_fetch, order["url"]), turns, lambda: time.monotonic() >= deadline):
        # Checked here, while the other thread waits for the next one.
        answer = _checked(turn, page)
        place = next(place for place, one in enumerate(turns) if one is turn)
        _write_frame(frames, (place, _sealed(answer)))
        turn.dropped = turn.dropped or isinstance(answer, HavenlinkError)


def _checked(turn: Turn, page: Page | HavenlinkError) -> CheckedPage | HavenlinkError:
    if isinstance(page, HavenlinkError):
        return page
    try:
        return checked(turn, page)
    except HavenlinkError as error:
        return error


def _obey(orders: BinaryIO, turns: Sequence[Turn]) -> None:
    """Until the conductor is gone; then there is nothing left to do, wherever the other threads are."""
    for line in orders:
        turns[json.loads(line)["drop"]].dropped = True
    os._exit(0)
