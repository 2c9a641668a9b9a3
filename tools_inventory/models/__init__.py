"""The editing side: what people of this node work on. Never replicated."""

from tools_inventory.models.draft import Draft, Publication

__all__ = ["Draft", "Publication"]
