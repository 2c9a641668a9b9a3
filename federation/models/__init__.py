"""What the federation remembers: the nodes that this node pulls from, and what operators did."""

from federation.models.action import Action
from federation.models.peer import Peer

__all__ = ["Action", "Peer"]
