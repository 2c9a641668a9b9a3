"""Reading peers and the logs that this node follows."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
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


def _followed() -> QuerySet[Log]:
    removed = Peer.objects.filter(state=Peer.State.REMOVED).values("origin")
    return Log.objects.exclude(state__in=(Log.State.FROZEN, Log.State.HELD)).exclude(origin__in=removed)


def followed_logs() -> list[Log]:
    """The logs that are pulled from whoever holds them: of admitted origins that are not frozen, held or removed.

    This node's own is among them: after the loss of a disk, its peers hold what it published.
    """
    return list(_followed().order_by("origin"))


def followed_sizes(origins: Iterable[str]) -> dict[str, int]:
    """How many entries are held of those of these origins whose logs are followed."""
    return dict(_followed().filter(origin__in=list(origins)).values_list("origin", "size"))


def subscribers() -> list[Peer]:
    """Admitted peers, whom this node tells what is new."""
    return list(Peer.objects.filter(state=Peer.State.ADMITTED).exclude(origin=this_node().id).order_by("pk"))
