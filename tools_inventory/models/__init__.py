"""The editing side: what people of this node work on, and what its readers asked it to send them. Never replicated."""

from tools_inventory.models.draft import Draft, Publication
from tools_inventory.models.saved_search import SavedSearch, Subscriber

__all__ = ["Draft", "Publication", "SavedSearch", "Subscriber"]
