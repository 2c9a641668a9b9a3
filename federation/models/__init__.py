"""What the federation remembers: the nodes that this node pulls from."""

from federation.models.peer import Peer

__all__ = ["Peer"]
