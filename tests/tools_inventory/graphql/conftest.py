"""The cast of the doors' tests."""

from tests.tools_inventory.published import indexed, published

__all__ = ["indexed", "published"]
