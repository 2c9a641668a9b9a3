"""Fetching and checking the pages of several logs from one peer, in turn, one page ahead of who stores them.

Waiting, decompressing, reading and checking of a page overlap with the storing of the one before: in a thread, or for a
node that is far behind in a process of its own (`fetch_process.py`). Only the network is used there, not the database.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from django.utils import translation

from core.errors import HavenlinkError, VerificationFailed
from core.records import checkpoint as checkpoints
from core.records.checkpoint import VerifierKey
from core.records.models import Log
from core.records.page import CheckedPage, Page, page_check
from federation.services.ask import ask_page
from federation.wire import PAGE_ENTRIES

P = TypeVar("P", Page, CheckedPage)


@dataclass(slots=True)
class Turn:
    """One log on its way from index `after` to `until`, `first` entries a page; a dropped one is fetched no further."""

    log: Log
    after: int
    until: int
    first: int = PAGE_ENTRIES
    dropped: bool = False

    @property
    def done(self) -> bool:
        return self.dropped or self.after >= self.until

    def move(self, answer: Page | CheckedPage | HavenlinkError) -> None:
        """On to the page's end, or to the log's if there is no page."""
        if isinstance(answer, HavenlinkError):
            self.after = self.until
        else:
            self.after, self.until = answer.last, max(self.until, answer.size)


def pages_in_turn(
    fetch: Callable[[Turn], P], turns: Sequence[Turn], over: Callable[[], bool]
) -> Iterator[tuple[Turn, P | HavenlinkError]]:
    """What `fetch` makes of one page of each log, then of the next of each, until all are at their end or it is `over`.

    What is under way then is still answered. Only `fetch` runs in the other thread.
    """
    queue = deque(turns)
    # What an error says is recorded in English, whoever reads it.
    english = partial(translation.activate, "en")
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="fetch", initializer=english) as ahead:

        def begin() -> tuple[Turn, "Future[P]"] | None:
            while queue and not over():
                turn = queue.popleft()
                if not turn.done:
                    return turn, ahead.submit(fetch, turn)
            return None

        coming = begin()
        while coming is not None:
            turn, fetched = coming
            answer = _answer(fetched)
            turn.move(answer)
            queue.append(turn)
            coming = begin()
            if not turn.dropped:
                yield turn, answer


def _answer(fetched: "Future[P]") -> P | HavenlinkError:
    try:
        return fetched.result()
    except HavenlinkError as error:
        return error


def page_fetch(url: str, turn: Turn) -> Page:
    """The next page of a log, not verified. Raises PeerUnavailable or VerificationFailed."""
    page = ask_page(url, origin=turn.log.origin, after=turn.after, first=turn.first)
    checkpoints.parse(page.checkpoint)
    if not page.entries:
        raise VerificationFailed("The peer served an empty page where it claims to hold more.", code="empty_page")
    return page


def page_fetch_and_check(url: str, turn: Turn) -> CheckedPage:
    """The same, verified as far as it can be without the replica."""
    return checked(turn, page_fetch(url, turn))


def checked(turn: Turn, page: Page) -> CheckedPage:
    """Raises VerificationFailed."""
    return page_check(page, VerifierKey.parse(turn.log.verifier_key), page.first)
