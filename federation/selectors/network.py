"""The network as this node sees it: what it holds of each node, how far behind it is, what went wrong."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils import timezone

from core.node import this_node
from core.records.models import Entry, Log, Record
from core.records.selectors.logs import logs
from core.records.selectors.records import counts_by_origin
from federation.models import Peer


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """One node. `entry_count` entries are held and verified; `proven_count` of them can be served on with a proof.

    `lag_count` is how many entries more some peer reported, `lag_seconds` since when that is known here; `confirmed_at`
    when a peer last reported no more than is held. `holds_of_ours` is how many entries of this node's log that node
    reported to hold, at `reported_at`; `successor` who goes on for a node that is retired.
    """

    origin: str
    name: str
    url: str
    here: bool
    state: str
    state_reason: str
    fingerprint: str
    record_counts: dict[str, int]
    entry_count: int
    proven_count: int
    unreadable_count: int
    lag_count: int
    lag_seconds: float | None
    confirmed_at: datetime | None
    holds_of_ours: int | None
    reported_at: datetime | None
    successor: str
    failing: bool
    last_success_at: datetime | None
    last_error_code: str
    last_error_text: str
    last_error_at: datetime | None
    next_pull_at: datetime | None

    @property
    def record_count(self) -> int:
        """Records but the node's description of itself."""
        return sum(count for kind, count in self.record_counts.items() if kind != "node")


def network_status() -> list[NodeStatus]:
    """Every node of which a log is held or that is a peer: this node first, then by name. Five queries."""
    peers = {peer.origin: peer for peer in Peer.objects.all()}
    counts = counts_by_origin()
    unreadable = dict(Entry.objects.exclude(unreadable="").values_list("log_id").annotate(number=Count("id")))
    successors = _successors()
    statuses = [
        _status(log, peers, dict(counts.get(log.origin, {})), unreadable.get(log.id, 0), successors.get(log.id, ""))
        for log in logs()
        if log.origin == this_node().id or log.origin in peers or log.size
    ]
    return sorted(statuses, key=lambda status: (not status.here, status.name.casefold(), status.origin))


def _successors() -> dict[int, str]:
    """By log: whom a node that is retired has named in its last description."""
    last = Record.objects.filter(kind="node", deleted=False).select_related("entry")
    return {record.log_id: str(record.document["successor"]) for record in last if record.document.get("successor")}


def _shown_state(log: Log, state: str, successor: str) -> str:
    if log.state != Log.State.ADMITTED:
        return log.state
    return Log.State.RETIRED if successor and state == Peer.State.ADMITTED else state


def _status(
    log: Log, peers: dict[str, Peer], counts: dict[str, int], unreadable_count: int, successor: str
) -> NodeStatus:
    here = log.origin == this_node().id
    peer = peers.get(log.origin)
    reports = [(size, by) for by in peers.values() if (size := by.reported_size(log.origin)) is not None]
    confirmations = [by.last_success_at for size, by in reports if size <= log.size and by.last_success_at]
    state = "here" if here else (peer.state if peer else "unknown")
    return NodeStatus(
        origin=log.origin,
        name=this_node().name if here else (peer.name if peer else log.origin),
        url=this_node().url if here else (peer.url if peer else ""),
        here=here,
        state=_shown_state(log, state, successor),
        state_reason=log.state_reason,
        fingerprint=peer.fingerprint if peer else "",
        record_counts=counts,
        entry_count=log.size,
        proven_count=log.checkpoint_size,
        unreadable_count=unreadable_count,
        lag_count=max([0, *(size - log.size for size, _by in reports)]),
        lag_seconds=_lag_seconds(log, reports),
        confirmed_at=None if here else max(confirmations, default=None),
        holds_of_ours=peer.reported_size(this_node().id) if peer else None,
        reported_at=peer.reported_at if peer else None,
        successor=successor,
        failing=peer.failing if peer else False,
        last_success_at=peer.last_success_at if peer else None,
        last_error_code=peer.last_error_code if peer else "",
        last_error_text=peer.last_error_text if peer else "",
        last_error_at=peer.last_error_at if peer else None,
        next_pull_at=peer.next_pull_at if peer and peer.state == Peer.State.ADMITTED else None,
    )


def _lag_seconds(log: Log, reports: list[tuple[int, Peer]]) -> float | None:
    """0 when nothing is known to be missing; None when nobody has said anything of the log yet."""
    if not reports:
        return None
    since = [at for size, by in reports if size > log.size and (at := by.ahead_since(log.origin))]
    return max(0.0, (timezone.now() - min(since)).total_seconds()) if since else 0.0
