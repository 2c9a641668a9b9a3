"""Pulling one peer: `pull_peer` reads as the algorithm. When it runs, and what comes of it, is `services/due.py`'s."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial

from core.errors import ForkDetected, HavenlinkError, PeerUnavailable, VerificationFailed
from core.jobs import CATCH_UP_INDEX, wake
from core.node import this_node
from core.records.models import Log
from core.records.page import CheckedPage
from core.records.services.recovery import recovery_begin_if_behind
from core.records.services.replicate import checkpoint_adopt, log_freeze, page_store
from federation.models import Peer
from federation.selectors.peers import followed_logs
from federation.services.admission import peer_goes_over
from federation.services.ask import ask_heads
from federation.services.fetch_ahead import Turn, pages_in_turn
from federation.wire import PAGE_ENTRIES, PeerHead, PeerHeads

# One peer is pulled for this long in one run; what is left is due again at once, after the other peers had their turn.
PULL_SECONDS = 30.0
# The least that is asked for at a time, however often a peer failed.
MIN_PAGE_ENTRIES = 8


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong with one origin's log; the others were pulled all the same."""

    origin: str
    error: HavenlinkError


@dataclass(slots=True)
class PullOutcome:
    """`added` entries by origin; `heads` what the peer holds; `finished` whether all that it offered was taken."""

    heads: PeerHeads
    added: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    finished: bool = True


def pull_peer(peer: Peer, *, seconds: float = PULL_SECONDS) -> PullOutcome:
    """Take from `peer` what it holds of the followed logs and this node does not.

    Raises PeerUnavailable or VerificationFailed when the peer as a whole cannot be pulled; what concerns one origin
    only is in the outcome's problems. What was stored before a failure stays.
    """
    deadline = time.monotonic() + seconds
    logs = followed_logs()
    heads = ask_heads(peer.url, frozenset(log.origin for log in logs))
    _check_identity(peer, heads)
    outcome = PullOutcome(heads)
    behind = _compare(peer, logs, outcome)
    try:
        _catch_up(peer, behind, outcome, deadline)
    finally:
        if outcome.added:
            wake(CATCH_UP_INDEX)
    return outcome


def _check_identity(peer: Peer, heads: PeerHeads) -> None:
    if heads.id != peer.origin:
        raise VerificationFailed(f"{heads.id[:253]} answers at the address of {peer.origin}.", code="wrong_node")
    if heads.verifier_key != peer.verifier_key and not peer_goes_over(peer, heads):
        raise VerificationFailed(
            f"{peer.origin} shows another key than the one that was admitted; nothing was pulled.", code="key_changed"
        )


def _compare(peer: Peer, logs: Sequence[Log], outcome: PullOutcome) -> list[Turn]:
    """The logs of which the peer holds more. Of those of which it does not, that it holds the same history."""
    behind = []
    for log in logs:
        head = outcome.heads.heads.get(log.origin)
        if head is None:
            continue
        if head.size <= log.size:
            if _must_be_looked_at(peer, log, head):
                _attempt(outcome, log, partial(checkpoint_adopt, log.id, head.checkpoint))
        elif log.origin != this_node().id or _lost_entries_of_ours(outcome, log, head):
            behind.append(Turn(log, log.size, head.size, _page_entries(peer)))
    return behind


def _lost_entries_of_ours(outcome: PullOutcome, log: Log, head: PeerHead) -> bool:
    """Whether the peer holds more of this node's own log, and not only because something was published just now."""
    behind: list[bool] = []
    _attempt(outcome, log, lambda: behind.append(recovery_begin_if_behind(head.checkpoint)))
    return behind == [True]


def _must_be_looked_at(peer: Peer, log: Log, head: PeerHead) -> bool:
    """Equal heads prove equal logs. A shorter one is compared once, when the peer first reports it."""
    if head.size == log.size:
        return not log.checkpoint or log.checkpoint_size < log.size or head.root != bytes(log.root)
    return bool(peer.reported.get(log.origin) != head.summary)


def _catch_up(peer: Peer, behind: Sequence[Turn], outcome: PullOutcome, deadline: float) -> None:
    with closing(pages_in_turn(peer.url, behind, deadline)) as pages:
        for turn, answer in pages:
            if isinstance(answer, PeerUnavailable):
                raise answer
            if isinstance(answer, HavenlinkError):
                outcome.problems.append(Problem(turn.log.origin, answer))
            elif not _attempt(outcome, turn.log, partial(_store, outcome, turn.log, answer)):
                turn.dropped = True
    outcome.finished = all(turn.done for turn in behind)


def _page_entries(peer: Peer) -> int:
    """A quarter as many for each failure in a row: over a slow line a whole page takes longer than anybody waits."""
    if peer.last_error_code not in ("timeout", "broken_off"):
        return PAGE_ENTRIES
    return max(PAGE_ENTRIES >> 2 * peer.attempt_count, MIN_PAGE_ENTRIES)


def _store(outcome: PullOutcome, log: Log, page: CheckedPage) -> None:
    added = page_store(log.id, page)
    if added:
        outcome.added[log.origin] = outcome.added.get(log.origin, 0) + added


def _attempt(outcome: PullOutcome, log: Log, step: Callable[[], object]) -> bool:
    """Take the step; a refusal is noted, and a fork freezes the origin's log here. Returns whether it was taken."""
    try:
        step()
    except ForkDetected as error:
        log_freeze(log.id, str(error.message))
        outcome.problems.append(Problem(log.origin, error))
    except HavenlinkError as error:
        # Another worker stored a newer page while this one was under way: nothing is wrong.
        if error.reason not in ("behind", "frozen"):
            outcome.problems.append(Problem(log.origin, error))
    else:
        return True
    return False
