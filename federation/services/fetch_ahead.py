"""Fetching the pages of several logs from one peer, in turn, one page ahead of who stores them.

Waiting, decompressing and reading of a page overlap with the storing of the one before: a cold pull takes the longer of
the two instead of their sum (tests/benchmarks/replication.py). Only the network is used in the other thread.
"""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from core.errors import HavenlinkError, VerificationFailed
from core.records import checkpoint as checkpoints
from core.records.models import Log
from core.records.page import Page
from federation.services.ask import ask_page


@dataclass(slots=True)
class Turn:
    """One log on its way from index `after` to `until`; a dropped one is fetched no further."""

    log: Log
    after: int
    until: int
    dropped: bool = False

    @property
    def done(self) -> bool:
        return self.dropped or self.after >= self.until


def pages_in_turn(
    url: str, turns: Sequence[Turn], deadline: float, page_entries: int
) -> Iterator[tuple[Turn, Page | HavenlinkError]]:
    """One page of each log, then the next of each, until all are at their end or `deadline` (monotonic) is over."""
    queue = deque(turns)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="fetch") as ahead:

        def begin() -> tuple[Turn, "Future[Page]"] | None:
            while queue and time.monotonic() < deadline:
                turn = queue.popleft()
                if not turn.done:
                    return turn, ahead.submit(
                        ask_page, url, origin=turn.log.origin, after=turn.after, first=page_entries
                    )
            return None

        coming = begin()
        while coming is not None:
            turn, fetched = coming
            answer = _answer(turn, fetched)
            queue.append(turn)
            coming = begin()
            if not turn.dropped:
                yield turn, answer


def _answer(turn: Turn, fetched: "Future[Page]") -> Page | HavenlinkError:
    """The page, and the turn moved on to its end; or why there is none."""
    try:
        page = fetched.result()
        if not page.entries:
            raise VerificationFailed("The peer served an empty page where it claims to hold more.", code="empty_page")
        if page.first < turn.after:
            raise VerificationFailed(f"The page begins at {page.first}; {turn.after} was asked for.", code="bad_page")
        turn.until = max(turn.until, checkpoints.parse(page.checkpoint).size)
        turn.after = page.first + len(page.entries)
    except HavenlinkError as error:
        turn.after = turn.until
        return error
    return page
