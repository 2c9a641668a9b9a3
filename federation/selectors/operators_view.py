"""What an operator sees beyond the network page: one origin with all that is known of it, who sees how much of this
node's log, the audit trail, and what was verified.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from core.errors import NotFound
from core.node import this_node
from core.records.models import Log
from federation.models import Action, Peer, VerifyRun
from federation.selectors.network import NodeStatus, network_status

ACTIONS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Position:
    """How many entries of one log a peer said it holds, and when; `missing` is how many more the log has here."""

    origin: str
    name: str
    size: int | None
    missing: int
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class OriginView:
    """One origin: its status, the rows behind it, what each peer holds of its log, what was done to it."""

    status: NodeStatus
    log: Log | None
    peer: Peer | None
    positions: list[Position]
    actions: list[Action]


def origin_view(origin: str) -> OriginView:
    """Raises NotFound `unknown_origin`."""
    status = next((found for found in network_status() if found.origin == origin), None)
    if status is None:
        raise NotFound(
            _("This node holds no log of %(origin)s.") % {"origin": origin[:253]}, field="origin", code="unknown_origin"
        )
    log = Log.objects.filter(origin=origin).first()
    return OriginView(
        status=status,
        log=log,
        peer=Peer.objects.filter(origin=origin).first(),
        positions=positions(origin, log.size if log else 0),
        actions=list(Action.objects.filter(origin=origin)[:10]),
    )


def positions(origin: str, size: int) -> list[Position]:
    """What each peer that is asked said it holds of a log of `size` entries, by name; the origin itself first."""
    found = []
    for peer in Peer.objects.exclude(state=Peer.State.REMOVED):
        held = peer.reported_size(origin)
        missing = 0 if held is None else max(0, size - held)
        found.append(Position(peer.origin, peer.name, held, missing, peer.reported_at))
    return sorted(found, key=lambda position: (position.origin != origin, position.name.casefold(), position.origin))


def positions_of_ours() -> tuple[int, list[Position]]:
    """This node's entries, and how each peer sees its log."""
    size = Log.objects.filter(origin=this_node().id).values_list("size", flat=True).first() or 0
    return size, positions(this_node().id, size)


def actions_before(last: int | None) -> tuple[list[Action], int | None]:
    """A page of the audit trail, the newest first, and where the next begins; None if there is none."""
    rows = Action.objects.order_by("-id")
    if last is not None:
        rows = rows.filter(id__lt=last)
    page = list(rows[: ACTIONS_A_PAGE + 1])
    return page[:ACTIONS_A_PAGE], page[ACTIONS_A_PAGE - 1].id if len(page) > ACTIONS_A_PAGE else None


def verify_run_last() -> VerifyRun | None:
    """The newest, under way or done."""
    return VerifyRun.objects.order_by("-id").first()
