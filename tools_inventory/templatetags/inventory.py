"""What the inventory's pages write often: addresses of records and searches, texts with the words that were found."""

from collections.abc import Iterable
from functools import lru_cache
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
def facet_items(values: Iterable[tuple[str, str, str, bool]], facet: str) -> SafeString:
    """List items of a facet's values (code, label, number, checked). A template loop takes ten times as long."""
    return mark_safe("".join([f"<li>{_value(facet, *value)}</li>" for value in values]))


@register.filter
def facet_box(value: tuple[str, str, str, bool], facet: str) -> SafeString:
    """One value with its box, which belongs to the page's one form, wherever it stands."""
    return mark_safe(_value(facet, *value))


def _value(facet: str, code: str, label: str, number: str, checked: bool) -> str:
    before, after = _box(facet, code, label)
    return f"{before}{' checked' if checked else ''}{after}{number}</span></label>"


@lru_cache(maxsize=8192)
def _box(facet: str, code: str, label: str) -> tuple[str, str]:
    """What stands before and after `checked`, escaped. The id keeps the focus when htmx swaps the facets."""
    code = escape(code)
    return (
        f'<label><input type="checkbox" form="search-form" name="{facet}" value="{code}" id="f-{facet}-{code}"',
        f'><span>{escape(label)}</span> <span class="count">',
    )


@register.filter
def marked(pieces: Iterable[tuple[str, bool]]) -> SafeString:
    """A text in pieces, those that a search found in flag colour."""
    return mark_safe("".join(f"<mark>{escape(text)}</mark>" if found else escape(text) for text, found in pieces))
