"""The editing side, never replicated: what people of this node work on, what its readers asked it to send them.

And what is kept of counting the published.
"""

from tools_inventory.models.draft import Draft, Publication
from tools_inventory.models.facet_snapshot import FacetSnapshot
from tools_inventory.models.saved_search import SavedSearch, Subscriber

__all__ = ["Draft", "FacetSnapshot", "Publication", "SavedSearch", "Subscriber"]
