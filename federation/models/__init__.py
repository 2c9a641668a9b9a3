"""What the federation remembers: the nodes that this node pulls from, what operators did, what verification found."""

from federation.models.action import Action
from federation.models.peer import Peer
from federation.models.verify_run import VerifyRun

__all__ = ["Action", "Peer", "VerifyRun"]
