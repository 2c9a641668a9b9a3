"""Reading peers and the logs that this node follows."""

from django.db.models import Q
from django.utils.translation import gettext as _

from core.errors import NotFound
from core.node import this_node
from core.records.models import Log
from federation.models import Peer


def peers() -> list[Peer]:
    """All peers, removed ones too, by name."""
    return list(Peer.objects.order_by("name", "origin"))


def peer_get(reference: str) -> Peer:
    """The peer with this origin or web address. Raises NotFound `unknown_peer`."""
    peer = Peer.objects.filter(Q(origin=reference) | Q(url=reference.rstrip("/"))).first()
    if peer is None:
        raise NotFound(_("There is no peer %(name)s.") % {"name": reference[:253]}, field="peer", code="unknown_peer")
    return peer


def followed_logs() -> list[Log]:
    """The logs that are pulled from whoever holds them: of admitted origins that are not frozen, held or removed.

    This node's own is among them: after the loss of a disk, its peers hold what it published.
    """
    removed = Peer.objects.filter(state=Peer.State.REMOVED).values("origin")
    closed = (Log.State.FROZEN, Log.State.HELD)
    return list(Log.objects.exclude(state__in=closed).exclude(origin__in=removed).order_by("origin"))


def subscribers(size: int) -> list[Peer]:
    """Admitted peers that were not yet told of this node's log of `size` entries."""
    return list(Peer.objects.filter(state=Peer.State.ADMITTED, told_size__lt=size).exclude(origin=this_node().id))
