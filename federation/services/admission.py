"""Whom this node pulls from: admission of a peer and its origin by key, and the operator's steps afterwards."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, InvalidInput
from core.node import this_node
from core.records.checkpoint import VerifierKey, rotation
from core.records.models import Log
from core.records.services.replicate import log_admit
from federation.models import Peer
from federation.wire import PeerHeads


def peer_admit(*, url: str, verifier_key: str, name: str = "", replace_key: bool = False) -> Peer:
    """Admit the node at `url`, and the origin whose key this is. Repeating it changes nothing but the address.

    The key is what the operator confirmed, by its fingerprint or because its owner sent it; the network is not asked,
    so that nodes can be admitted before they run. Every pull compares it with what the peer says.
    With `replace_key` the key takes the place of one that was lost: the operator has made sure, as at first; what it
    signs must still continue what is held.
    Raises VerificationFailed `bad_key`, Conflict `key_changed`, `own_node` or `url_taken`, InvalidInput.
    """
    key = VerifierKey.parse(verifier_key)
    url = url.rstrip("/")
    if key.name == this_node().id or url == this_node().url:
        raise Conflict(_("A node cannot be its own peer."), code="own_node")
    with transaction.atomic():
        if Peer.objects.filter(url=url).exclude(origin=key.name).exists():
            raise Conflict(_("Another peer has the address %(url)s.") % {"url": url}, field="url", code="url_taken")
        if replace_key:
            # What the lost key signed proves nothing any more; the next pull brings a checkpoint of the new one.
            proof = {"checkpoint": "", "checkpoint_size": 0}
            changed = Log.objects.filter(origin=key.name).exclude(verifier_key=str(key))
            changed.update(verifier_key=str(key), old_verifier_key="", **proof)
        log_admit(key=key)
        peer = Peer.objects.select_for_update().filter(origin=key.name).first()
        if peer is None:
            peer = Peer(origin=key.name, url=url, name=name or key.name, verifier_key=str(key))
        elif peer.state == Peer.State.REMOVED:
            peer.move_to(Peer.State.ADMITTED)
        peer.url, peer.verifier_key = url, str(key)
        peer.next_pull_at = timezone.now()
        _save(peer)
    return peer


def peer_pause(*, peer: Peer) -> Peer:
    """Ask it nothing until it is resumed. Raises Conflict `wrong_state`, as the others below do."""
    return _move(peer, Peer.State.PAUSED)


def peer_resume(*, peer: Peer) -> Peer:
    """Pull from it again, at once, as if it had never failed."""
    return _move(peer, Peer.State.ADMITTED)


def peer_remove(*, peer: Peer) -> Peer:
    """Ask it nothing and follow its origin no longer; what is held of it stays readable."""
    return _move(peer, Peer.State.REMOVED)


def peer_goes_over(peer: Peer, heads: PeerHeads) -> bool:
    """Whether the key that the peer shows is one that its owner has gone over to; then it is the peer's from now on.

    The head of its own log says so, signed with the old and the new key; or its log came by way of another already.
    """
    head = heads.heads.get(peer.origin)
    new = rotation(head.checkpoint, peer.key) if head is not None else None
    known = Log.objects.filter(origin=peer.origin, old_verifier_key=peer.verifier_key).first()
    if heads.verifier_key not in {str(new), known.verifier_key if known else ""}:
        return False
    Peer.objects.filter(pk=peer.pk).update(verifier_key=heads.verifier_key)
    peer.refresh_from_db()
    return True


def _move(peer: Peer, state: Peer.State) -> Peer:
    with transaction.atomic():
        peer = Peer.objects.select_for_update().get(pk=peer.pk)
        peer.move_to(state)
        if state == Peer.State.ADMITTED:
            peer.next_pull_at, peer.attempt_count = timezone.now(), 0
        _save(peer)
    return peer


def _save(peer: Peer) -> None:
    try:
        peer.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise InvalidInput(f"{field}: {messages[0]}", field=field) from error
    peer.save()
