"""The editing side: what people of this node work on, never replicated; and what is kept of counting the published."""

from tools_inventory.models.draft import Draft, Publication
from tools_inventory.models.facet_snapshot import FacetSnapshot

__all__ = ["Draft", "FacetSnapshot", "Publication"]
