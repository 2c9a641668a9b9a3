"""Bringing this node's own log back from its peers: when it is whole. Why: core/records/services/recovery.py."""

from core.node import this_node
from core.records.models import Log
from core.records.services.append import own_log
from core.records.services.recovery import (
    loss,
    loss_now,
    mark_forget,
    mark_read,
    recovery_begin,
    recovery_end,
)
from core.records.tree import root_at
from federation.models import Peer


def recovery_look() -> Log:
    """The own log, in recovery if it is behind what was published.

    Looked at without the log's lock, as every pull does, and only a loss is looked at again with it.
    """
    log = own_log()
    if log.state in (Log.State.ADMITTED, Log.State.RETIRED) and loss(log) and (reason := loss_now()):
        recovery_begin(reason)
        log.refresh_from_db()
    return log


def recovery_demand() -> None:
    """The operator restored a backup: what the files beside it say counts no more, the peers must be asked."""
    mark_forget()
    recovery_begin("a backup was restored")


def recovery_missing(log: Log) -> list[Peer]:
    """The admitted peers that have not said, since the recovery began, that they hold no more of this log."""
    peers = Peer.objects.filter(state=Peer.State.ADMITTED).order_by("name", "origin")
    return [peer for peer in peers if not _heard(peer, log)]


def recovery_advance() -> None:
    """After a pull: go back to publishing if the log is whole."""
    log = Log.objects.filter(origin=this_node().id, state=Log.State.RECOVERING).first()
    if log is not None and log.checkpoint_size == log.size and (_reached_mark(log) or not recovery_missing(log)):
        recovery_end()


def _heard(peer: Peer, log: Log) -> bool:
    since = peer.last_success_at is not None and (log.state_at is None or peer.last_success_at > log.state_at)
    return since and (peer.reported_size(log.origin) or 0) <= log.size


def _reached_mark(log: Log) -> bool:
    """All that was written down is back, and no peer is known to hold more."""
    mark = mark_read()
    if mark is None or mark.size > log.size or root_at(log, mark.size) != mark.root:
        return False
    peers = Peer.objects.exclude(state=Peer.State.REMOVED)
    return all((peer.reported_size(log.origin) or 0) <= log.size for peer in peers)
