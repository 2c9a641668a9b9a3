"""Addresses of records and searches."""

from uuid import UUID

from django import template

from tools_inventory.web import scopes

register = template.Library()


@register.filter
def record_address(uuid: UUID) -> str:
    return scopes.record_address(uuid)


@register.simple_tag
def search_address(**parameters: str) -> str:
    """{% search_address audience="employers" %}"""
    return scopes.search_address(**parameters)
