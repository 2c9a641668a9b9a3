"""The operator's steps, each with who took it and why. Whom this node pulls from is `services/admission.py`'s."""

import logging
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Conflict, NotFound
from core.jobs import CATCH_UP_INDEX, wake
from core.node import this_node
from core.records.models import Log, Record
from core.records.services.erase import log_erase
from core.records.services.replicate import log_move
from core.search.seam import engine
from core.search.services.lease import LeaseHeld, lease
from federation.models import Action, Peer

logger = logging.getLogger(__name__)


def action_record(*, by: str, verb: str, origin: str, detail: str = "") -> None:
    logger.warning("%s: %s %s %s", by, verb, origin, detail)
    Action.objects.create(by=by[:200], verb=verb, origin=origin[:253], detail=detail[:500])


def origin_freeze(*, by: str, origin: str, reason: str) -> None:
    """Take nothing more of this log; what is held stays readable. Raises NotFound, Conflict `wrong_state`."""
    with transaction.atomic():
        log_move(origin=origin, state=Log.State.FROZEN, reason=reason)
        action_record(by=by, verb="freeze", origin=origin, detail=reason)


def origin_release(*, by: str, origin: str) -> None:
    """Follow a frozen log again, from where it stands. If it still does not continue what is held, it freezes anew."""
    _expect(origin, Log.State.FROZEN)
    with transaction.atomic():
        log_move(origin=origin, state=Log.State.ADMITTED)
        action_record(by=by, verb="release", origin=origin)


def deletions_confirm(*, by: str, origin: str) -> None:
    """Take the deletions for which the log is held. Raises NotFound, Conflict `wrong_state`."""
    _expect(origin, Log.State.HELD)
    with transaction.atomic():
        log = log_move(origin=origin, state=Log.State.ADMITTED)
        action_record(by=by, verb="confirm", origin=origin, detail=f"up to entry {log.held_size}")


def origin_forget(*, by: str, origin: str) -> bool:
    """Delete what is held of this origin, and the peer. Admitted again, it is pulled anew from its first entry.

    Returns whether its records are out of the search index too; if not, that is being written to just now and must be
    built anew. Raises NotFound, Conflict `own_node`.
    """
    if origin == this_node().id:
        raise Conflict(_("A node cannot forget its own log."), code="own_node")
    with transaction.atomic():
        log = Log.objects.select_for_update().filter(origin=origin).first()
        peers = Peer.objects.filter(origin=origin)
        if log is None and not peers.exists():
            raise NotFound(f"This node holds no log of {origin[:253]}.", field="origin", code="unknown_origin")
        held = [] if log is None else list(Record.objects.filter(log=log).values_list("uuid", "revision"))
        peers.delete()
        if log is not None:
            log_erase(log)
        action_record(by=by, verb="forget", origin=origin, detail=f"{len(held)} records")
    return _unindex(held)


def _expect(origin: str, state: Log.State) -> None:
    if not Log.objects.filter(origin=origin, state=state).exists():
        raise Conflict(
            _("The log of %(origin)s is not %(state)s.") % {"origin": origin[:253], "state": state.label},
            code="wrong_state",
        )


def _unindex(held: Sequence[tuple[UUID, int]]) -> bool:
    """An index that other nodes share keeps what is current: theirs to search, not this node's to take away."""
    if not held:
        return True
    try:
        with lease():
            target = engine()
            target.remove(held)
            target.commit()
    except LeaseHeld:
        return False
    finally:
        wake(CATCH_UP_INDEX)
    return True
