"""Pokes: "look at my head". Courtesy only; polling alone brings every entry everywhere."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from core.errors import HavenlinkError
from core.jobs import wake
from core.node import this_node
from core.records.services.append import own_log
from federation.models import Peer
from federation.selectors.peers import subscribers
from federation.services.ask import ask_to_look

logger = logging.getLogger(__name__)

PULL_DUE_PEERS = "federation.tasks.pull_due_peers"
# Pokes in one sender's name that come faster change nothing: a worker has not even begun on the one before.
MIN_INTERVAL = timedelta(milliseconds=50)
# A failing peer's back-off may be cut short by a poke this often.
MIN_INTERVAL_FAILING = timedelta(seconds=5)
_POKES_AT_ONCE = 8


def poke_subscribers() -> int:
    """Tell the admitted peers that do not know it yet that this node's log has grown; returns how many listened."""
    size = own_log().size
    peers = subscribers(size)
    if not peers:
        return 0
    with ThreadPoolExecutor(max_workers=_POKES_AT_ONCE, thread_name_prefix="poke") as pool:
        listened = [peer.pk for peer, heard in zip(peers, pool.map(_poke, peers), strict=True) if heard]
    Peer.objects.filter(pk__in=listened, told_size__lt=size).update(told_size=size)
    # Who failed and answers now is back.
    Peer.objects.filter(pk__in=listened, attempt_count__gt=0).update(next_pull_at=timezone.now())
    return len(listened)


def _poke(peer: Peer) -> bool:
    try:
        ask_to_look(peer.url, origin=this_node().id)
    except HavenlinkError as error:
        logger.info("poking %s: %s", peer.origin, error)
        return False
    return True


def poke_receive(*, origin: str) -> bool:
    """Mark the peer due and wake its puller; False for unknown, paused and too eager senders, who change nothing."""
    now = timezone.now()
    rested = (
        Q(poked_at__isnull=True)
        | Q(poked_at__lt=now - MIN_INTERVAL, attempt_count=0)
        | Q(poked_at__lt=now - MIN_INTERVAL_FAILING)
    )
    due = Peer.objects.filter(rested, origin=origin, state=Peer.State.ADMITTED)
    if not due.update(poked_at=now, next_pull_at=now):
        return False
    wake(PULL_DUE_PEERS)
    return True
