"""Pokes: "look at my heads". Courtesy only; polling alone brings every entry everywhere.

Told is whatever this node can serve and the peer is not known to hold: of its own log, or another's that it has pulled.
So an entry travels on at once, and no further than to those who lack it.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.errors import HavenlinkError
from core.jobs import POKE_SUBSCRIBERS, wake
from core.node import this_node
from core.records.selectors.logs import served_sizes
from federation.models import Peer
from federation.selectors.peers import followed_sizes, subscribers
from federation.services.ask import ask_to_look

logger = logging.getLogger(__name__)

PULL_DUE_PEERS = "federation.tasks.pull_due_peers"
# A peer is told at most so often; what comes meanwhile is told together.
MERGE = timedelta(milliseconds=500)
# What was pulled waits for so long before it is told on, and is told on so often: those who are joined to its origin
# have it by then. Told sooner, ten nodes that are all joined pull the same entry from one another at once.
RELAY = timedelta(seconds=2)
# Pokes in one sender's name that come faster change nothing: nobody may have a third node asked without measure.
MIN_INTERVAL = timedelta(milliseconds=250)
# A failing peer's back-off may be cut short by a poke this often, and it is told this often.
MIN_INTERVAL_FAILING = timedelta(seconds=5)
# A peer that declined so often in a row what it was told on of a log has that log from others. It is told no more of it
# until it is seen to lack entries (services/due.py): what is told on goes along a tree, as in Plumtree (Leitão, Pereira
# and Rodrigues, "Epidemic Broadcast Trees", 2007), whose lazy half are the polls.
ENOUGH_DECLINED = 2
_POKES_AT_ONCE = 8

News = Mapping[str, int]


def poke_subscribers() -> int:
    """Tell the admitted peers what they are not known to hold; returns how many listened."""
    turns = _turns(served_sizes(), timezone.now())
    answers = _at_once(_poke, turns)
    for (peer, news), accepted in zip(turns, answers, strict=True):
        if accepted is None:
            _not_told(peer)
            continue
        if (declined := _declined_after(peer, news, accepted)) != peer.declined:
            _remember_declined(peer, declined)
        if peer.failing:
            _is_back(peer)
    return sum(accepted is not None for accepted in answers)


def poke_on(after: timedelta = RELAY) -> None:
    """What was pulled is told on, later and together with what is pulled until then."""
    wake(POKE_SUBSCRIBERS, after_seconds=after.total_seconds())


def _turns(sizes: News, now: datetime) -> list[tuple[Peer, News]]:
    """Who is told what now; those who were told a moment ago get their turn a moment later."""
    untold: list[tuple[Peer, News]] = [(peer, news) for peer in subscribers() if (news := news_for(peer, sizes))]
    if not untold:
        return []
    with transaction.atomic():
        turns = [(peer, news) for peer, news in untold if _take_turn(peer, news, now)]
    told = {peer.pk for peer, _ in turns}
    if waiting := [rest(peer, news) for peer, news in untold if peer.pk not in told and not peer.failing]:
        poke_on(min(waiting))
    return turns


def rest(peer: Peer, news: News) -> timedelta:
    """For how long a peer is told nothing after it was told something."""
    if peer.failing:
        return MIN_INTERVAL_FAILING
    return MERGE if this_node().id in news else RELAY


def news_for(peer: Peer, sizes: News) -> dict[str, int]:
    """Of the logs that this node can serve up to these sizes, those of which the peer is not known to hold as much.

    It is known by what the peer reported when it was last asked and by what it was told since. A log that it does not
    report is not told it, since it may not follow it, nor one that it has from others; this node's own always is.
    """
    found = {}
    for origin, size in sizes.items():
        reported = peer.reported_size(origin)
        has_from_others = peer.declined.get(origin, 0) >= ENOUGH_DECLINED
        if (reported is None or has_from_others) and origin != this_node().id:
            continue
        if size > max(reported or 0, peer.told.get(origin, 0)):
            found[origin] = size
    return found


def poke_receive(*, origin: str, heads: News | None = None) -> bool:
    """Mark the peer due and wake its puller. False if nothing changes by it: the sender is unknown, paused or too
    eager, or `heads`, which are new there as it says, are held here.
    """
    if (heads is not None and not _lacks(heads)) or not _mark_due(origin, timezone.now()):
        return False
    wake(PULL_DUE_PEERS)
    return True


def _lacks(heads: News) -> bool:
    """Whether one of these logs is followed and held here only up to a smaller size."""
    return any(size < heads[origin] for origin, size in followed_sizes(heads).items())


def _mark_due(origin: str, now: datetime) -> bool:
    rested = (
        Q(poked_at__isnull=True)
        | Q(poked_at__lt=now - MIN_INTERVAL, attempt_count=0)
        | Q(poked_at__lt=now - MIN_INTERVAL_FAILING)
    )
    due = Peer.objects.filter(rested, origin=origin, state=Peer.State.ADMITTED)
    return bool(due.update(poked_at=now, next_pull_at=now))


def _take_turn(peer: Peer, news: News, now: datetime) -> bool:
    """Written down before it is told, so that no other worker tells the same. False if it was told a moment ago."""
    # A clock that was put back must not keep a peer waiting.
    rested = Q(told_at__isnull=True) | Q(told_at__lte=now - rest(peer, news)) | Q(told_at__gt=now)
    unconfirmed = {origin: size for origin, size in peer.told.items() if size > (peer.reported_size(origin) or 0)}
    told = {**unconfirmed, **news}
    return bool(Peer.objects.filter(rested, pk=peer.pk).update(told_at=now, told=told))


def _declined_after(peer: Peer, news: News, accepted: bool) -> dict[str, int]:
    """How often in a row it declined each log, after this answer. One that accepts does not say which of them it lacks:
    this node's own, if that is new, or any.
    """
    told_on = [origin for origin in news if origin != this_node().id]
    if not accepted:
        return {**peer.declined, **{origin: peer.declined.get(origin, 0) + 1 for origin in told_on}}
    if len(told_on) < len(news):
        return dict(peer.declined)
    return {origin: times for origin, times in peer.declined.items() if origin not in told_on}


def _at_once(tell: Callable[[tuple[Peer, News]], bool | None], turns: Sequence[tuple[Peer, News]]) -> list[bool | None]:
    if not turns:
        return []
    with ThreadPoolExecutor(max_workers=_POKES_AT_ONCE, thread_name_prefix="poke") as pool:
        return list(pool.map(tell, turns))


def _poke(turn: tuple[Peer, News]) -> bool | None:
    """Whether the peer accepts it; None if it does not listen."""
    peer, news = turn
    try:
        return ask_to_look(peer.url, origin=this_node().id, heads=news)
    except HavenlinkError as error:
        logger.info("poking %s: %s", peer.origin, error)
        return None


def _not_told(peer: Peer) -> None:
    Peer.objects.filter(pk=peer.pk).update(told=peer.told)


def _remember_declined(peer: Peer, declined: Mapping[str, int]) -> None:
    Peer.objects.filter(pk=peer.pk).update(declined=declined)


def _is_back(peer: Peer) -> None:
    """It failed and listens now."""
    Peer.objects.filter(pk=peer.pk).update(next_pull_at=timezone.now())
