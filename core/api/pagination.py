"""Keyset pages over REST: `{"count"?, "next": "<address>" | null, "results": [...]}`, asked by `after` and `first`."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from core.cursors import page_size
from core.errors import InvalidInput

AFTER = "after"
FIRST = "first"


def first_read(request: Request) -> int:
    """How many rows a page shall have. Raises InvalidInput `bad_page_size`."""
    text = request.query_params.get(FIRST)
    if text is None:
        return page_size(None)
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise InvalidInput(_("The size of a page is a whole number."), field=FIRST, code="bad_page_size")
    return page_size(int(text), field=FIRST)


def page_data(request: Request, results: Sequence[Any], next_cursor: str | None, **further: Any) -> dict[str, Any]:
    """One page. `next` is the whole address of the following page, so that a client needs to build none."""
    address = request.build_absolute_uri()
    return {
        **further,
        "next": replace_query_param(address, AFTER, next_cursor) if next_cursor else None,
        "results": results,
    }
