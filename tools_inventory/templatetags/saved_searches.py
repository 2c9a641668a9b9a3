"""Addresses that a search page offers beside its hits: save this search, follow its feed."""

from urllib.parse import urlsplit

from django import template
from django.urls import reverse

from core.search.seam import Query
from tools_inventory.selectors.saved_searches import SCOPES
from tools_inventory.web.scopes import Scope
from tools_inventory.web.search_feed import feed_address

register = template.Library()


@register.filter
def feed(scope: Scope, query: Query) -> str:
    """{{ page.scope|feed:page.query }}"""
    return feed_address(scope, query, "atom")


@register.filter
def save_address(scope: Scope, query: Query) -> str:
    """The form that saves this search."""
    name = scope.url_name.rpartition(":")[2]
    parameters = urlsplit(scope.address(query)).query
    parts = [f"scope={name}"] if name != SCOPES[0] else []
    parts += [part for part in parameters.split("&") if part and not part.startswith("page=")]
    return reverse("inventory:saved_search_new") + (f"?{'&'.join(parts)}" if parts else "")
