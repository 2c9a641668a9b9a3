"""Which peer is pulled when: leases, outcomes, back-off. The database holds the work; any number of workers may look.

due -> leased -> pulled -> due again after the interval
              -> failed -> due again after a back-off that doubles with every failure in a row
"""

import logging
import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone, translation

from core.disk import disk_full, is_full_disk, naming_a_full_disk
from core.errors import HavenlinkError, Unavailable
from core.records.models import Log
from federation.models import Peer
from federation.services.poke import poke_on
from federation.services.pull import PULL_SECONDS, Problem, PullOutcome, pull_peer
from federation.services.recovery import recovery_advance, recovery_look
from federation.wire import printable

logger = logging.getLogger(__name__)

# A run takes one due peer after another for this long, well below the time limit of a task.
RUN_SECONDS = 120.0
# Longer than a pull and its last page may take: a worker that died is replaced after this.
LEASE = timedelta(seconds=2 * PULL_SECONDS + 60)
BACK_OFF_CAP_SECONDS = 300.0


@naming_a_full_disk()
def pull_due_peers(*, seconds: float = RUN_SECONDS) -> list[PullOutcome]:
    """Pull every peer that is due, the longest waiting first; outcomes of those that answered.

    Raises Unavailable `disk_full` when nothing can be recorded.
    """
    deadline = time.monotonic() + seconds
    recovery_look()
    outcomes = []
    while time.monotonic() < deadline and (peer := peer_lease()) is not None:
        outcome = peer_pull(peer=peer)
        if outcome is not None:
            outcomes.append(outcome)
    return outcomes


@naming_a_full_disk()
def peer_pull(*, peer: Peer) -> PullOutcome | None:
    """Pull this peer and record how it went; None if it could not be pulled at all. Never raises for a bad peer.

    Raises Unavailable `disk_full` when not even that can be recorded; the peer is anybody's when its lease is over.
    """
    # What is recorded of an error is read by operators of any language, and by machines: one language, English.
    with translation.override("en"):
        return _pull(peer, timezone.now())


def _pull(peer: Peer, started_at: datetime) -> PullOutcome | None:
    try:
        outcome = pull_peer(peer)
    except HavenlinkError as error:
        _record_failure(peer, started_at, Problem("", error))
        return None
    except Exception as error:
        # Not the peer's fault. It must not keep the lease, nor this run from the peers that come after it.
        logger.exception("pulling %s ended unexpectedly", peer.origin)
        _record_at_all_costs(peer, started_at, Problem("", _own_failure(error)))
        return None
    for origin, count in outcome.added.items():
        logger.info("pulled %d entries of %s from %s", count, origin, peer.origin)
    if outcome.problems:
        _record_failure(peer, started_at, outcome.problems[0], outcome)
    else:
        _record_success(peer, started_at, outcome)
    if outcome.added:
        poke_on()
    recovery_advance()
    return outcome


def _own_failure(error: Exception) -> HavenlinkError:
    """What this node failed at, in words for an operator; the traceback is in the log."""
    if is_full_disk(error):
        return disk_full()
    text = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    if isinstance(error, DatabaseError):
        return Unavailable(f"This node's database failed ({text}).", code="database_failed")
    return Unavailable(f"Something went wrong on this node ({text}).", code="internal")


def _record_at_all_costs(peer: Peer, started_at: datetime, problem: Problem) -> None:
    """A database that fails may not take this either: then the lease runs out by itself."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    try:
        _record_failure(peer, started_at, problem)
    except DatabaseError:
        logger.exception("what went wrong with %s could not be recorded", peer.origin)


def peer_lease() -> Peer | None:
    """Take the peer that has been due the longest, if there is one; nobody else gets it until the lease is over.

    Those whose last attempt failed come after the others: a peer that lets every attempt run into its time limit takes
    a worker's time, but never the turn of one that answers.
    """
    now = timezone.now()
    due = Peer.objects.filter(state=Peer.State.ADMITTED, next_pull_at__lte=now).filter(_free(now))
    answering_first = Case(When(attempt_count=0, then=Value(0)), default=Value(1))
    for peer in due.order_by(answering_first, "next_pull_at")[:20]:
        if Peer.objects.filter(_free(now), pk=peer.pk).update(lease_until=now + LEASE):
            return peer
    return None


def _free(now: datetime) -> Q:
    return Q(lease_until__isnull=True) | Q(lease_until__lt=now)


def back_off_seconds(attempt_count: int, *, uniform: Callable[[float, float], float] = random.uniform) -> float:
    """Seconds to wait after that many failures in a row, spread so that peers do not ask all at once."""
    doubled = settings.PULL_INTERVAL_SECONDS * 2.0 ** min(attempt_count, 20)
    return min(doubled, BACK_OFF_CAP_SECONDS) * uniform(0.75, 1.25)


def _record_success(peer: Peer, started_at: datetime, outcome: PullOutcome) -> None:
    wait = settings.PULL_INTERVAL_SECONDS if outcome.finished else 0.0
    _record(peer, started_at, wait, last_success_at=timezone.now(), attempt_count=0, **_reported(peer, outcome))


def _record_failure(peer: Peer, started_at: datetime, problem: Problem, outcome: PullOutcome | None = None) -> None:
    about = f"{problem.origin}: " if problem.origin else ""
    text = printable(f"{about}{problem.error.message}", 500)
    logger.warning("pulling %s: %s: %s", peer.origin, problem.error.reason, text)
    _record(
        peer,
        started_at,
        back_off_seconds(peer.attempt_count + 1),
        attempt_count=F("attempt_count") + 1,
        last_error_at=timezone.now(),
        last_error_code=problem.error.reason[:60],
        last_error_text=text,
        **({} if outcome is None else _reported(peer, outcome)),
    )


def _reported(peer: Peer, outcome: PullOutcome) -> dict[str, object]:
    heads, now = outcome.heads, timezone.now()
    held = dict(Log.objects.filter(origin__in=heads.heads).values_list("origin", "size"))

    def lacks(origin: str) -> bool:
        """Whether the peer holds fewer entries of that log than this node."""
        return origin in heads.heads and heads.heads[origin].size < held.get(origin, 0)

    reported: dict[str, dict[str, int | str]] = {}
    for head in heads.heads.values():
        reported[head.origin] = head.summary
        if head.size > held.get(head.origin, 0):
            since = peer.ahead_since(head.origin) or now
            reported[head.origin] = {**head.summary, "ahead_since": since.isoformat()}
    columns: dict[str, object] = {"reported": reported, "reported_at": now, "name": heads.name or heads.id}
    # Not written back unchanged: pokes count what is declined meanwhile.
    if any(map(lacks, peer.declined)):
        columns["declined"] = {origin: times for origin, times in peer.declined.items() if not lacks(origin)}
    return columns


def _record(peer: Peer, started_at: datetime, wait_seconds: float, **columns: object) -> None:
    """End the lease; the next pull is after the wait, or at once if the peer was poked in the meantime."""
    now = timezone.now()
    next_pull_at = Case(
        When(poked_at__gt=started_at, then=Value(now)), default=Value(now + timedelta(seconds=wait_seconds))
    )
    Peer.objects.filter(pk=peer.pk).update(lease_until=None, next_pull_at=next_pull_at, **columns)
    peer.refresh_from_db()
