"""The operator's steps, each written into the audit trail with who took it and why: what commands and pages call."""

from collections.abc import Callable, Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, NotFound
from core.jobs import CATCH_UP_INDEX, wake
from core.node import this_node
from core.records.models import Log, Record
from core.records.services.erase import log_erase
from core.records.services.replicate import log_move
from core.search.seam import engine
from core.search.services.lease import LeaseHeld, lease
from federation.models import Peer
from federation.services.actions import action_record
from federation.services.admission import peer_admit, peer_pause, peer_remove, peer_resume
from federation.services.poke import PULL_DUE_PEERS

_MOVES: dict[str, Callable[..., Peer]] = {"pause": peer_pause, "resume": peer_resume, "remove": peer_remove}


def node_admit(
    *, by: str, url: str, verifier_key: str, name: str = "", replace_key: bool = False, reason: str = ""
) -> Peer:
    """As `admission.peer_admit`, which says what it raises."""
    with transaction.atomic():
        peer = peer_admit(url=url, verifier_key=verifier_key, name=name, replace_key=replace_key)
        action_record(by=by, verb="admit", origin=peer.origin, detail=peer.fingerprint, reason=reason)
    return peer


def peer_step(*, by: str, verb: str, peer: Peer, reason: str = "") -> Peer:
    """`pause`, `resume` or `remove`. Raises Conflict `wrong_state`."""
    with transaction.atomic():
        moved = _MOVES[verb](peer=peer)
        action_record(by=by, verb=verb, origin=peer.origin, reason=reason)
    return moved


def peer_pull_now(*, by: str, peer: Peer, reason: str = "") -> None:
    """Have a worker pull from it at once, whatever its back-off. Raises Conflict `wrong_state` if it is not asked."""
    with transaction.atomic():
        due = Peer.objects.filter(pk=peer.pk, state=Peer.State.ADMITTED)
        if not due.update(next_pull_at=timezone.now()):
            state = Peer.State(peer.state).label
            raise Conflict(
                _("%(name)s is %(state)s: nothing is asked of it.") % {"name": peer.name, "state": state},
                code="wrong_state",
            )
        action_record(by=by, verb="pull", origin=peer.origin, reason=reason)
    wake(PULL_DUE_PEERS)


def origin_freeze(*, by: str, origin: str, reason: str) -> None:
    """Take nothing more of this log; what is held stays readable. Raises NotFound, Conflict `wrong_state`."""
    with transaction.atomic():
        log_move(origin=origin, state=Log.State.FROZEN, reason=reason)
        action_record(by=by, verb="freeze", origin=origin, detail=reason)


def origin_release(*, by: str, origin: str, reason: str = "") -> None:
    """Follow a frozen log again, from where it stands. If it still does not continue what is held, it freezes anew."""
    _expect(origin, Log.State.FROZEN)
    with transaction.atomic():
        log_move(origin=origin, state=Log.State.ADMITTED)
        action_record(by=by, verb="release", origin=origin, reason=reason)


def deletions_confirm(*, by: str, origin: str, reason: str = "") -> None:
    """Take the deletions for which the log is held. Raises NotFound, Conflict `wrong_state`."""
    _expect(origin, Log.State.HELD)
    with transaction.atomic():
        log = log_move(origin=origin, state=Log.State.ADMITTED)
        action_record(by=by, verb="confirm", origin=origin, detail=f"up to entry {log.held_size}", reason=reason)


def origin_forget(*, by: str, origin: str, reason: str = "") -> bool:
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
        action_record(by=by, verb="forget", origin=origin, detail=f"{len(held)} records", reason=reason)
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
