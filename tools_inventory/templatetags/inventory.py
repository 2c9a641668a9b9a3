"""What the inventory's pages write often: addresses of records and searches, texts with the words that were found."""

from collections.abc import Iterable
from uuid import UUID

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from tools_inventory.web import scopes

register = template.Library()


@register.filter
def record_address(uuid: UUID) -> str:
    return scopes.record_address(uuid)


@register.simple_tag
def search_address(**parameters: str) -> str:
    """{% search_address audience="employers" %}"""
    return scopes.search_address(**parameters)


@register.filter
def marked(pieces: Iterable[tuple[str, bool]]) -> SafeString:
    """A text in pieces, those that a search found in flag colour."""
    return mark_safe("".join(f"<mark>{escape(text)}</mark>" if found else escape(text) for text, found in pieces))
