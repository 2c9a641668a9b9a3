"""Keyset pages: opaque cursors, and the slice of a query set that follows one. For REST and GraphQL alike.

A cursor holds the sort values of the last row seen, so that a page costs the same wherever it lies and rows that come
or go in between shift nothing. It also names the list it belongs to: a cursor of another list is refused.
"""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core.errors import InvalidInput

MAX_PAGE_SIZE = 100
PAGE_SIZE = 20
MAX_CURSOR_LENGTH = 300

M = TypeVar("M", bound=Model)
CursorValue = str | int | datetime | UUID

_READERS: dict[type, Callable[[Any], CursorValue]] = {
    str: lambda value: _typed(value, str),
    int: lambda value: _typed(value, int),
    datetime: lambda value: datetime.fromisoformat(_typed(value, str)).astimezone(UTC),
    UUID: lambda value: UUID(_typed(value, str)),
}


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """Rows of one page; `end` is the cursor after its last row, None when it is empty."""

    rows: list[M]
    has_next: bool
    end: str | None


@dataclass(frozen=True, slots=True)
class Keyset:
    """An order of rows: its `name` in cursors, and its fields with their types; a leading "-" descends.

    The last field is unique, so that the order is total.
    """

    name: str
    fields: Mapping[str, type]

    def cursor(self, row: Model) -> str:
        return encode(self.name, [getattr(row, field.lstrip("-")) for field in self.fields])

    def page(self, rows: QuerySet[M], *, after: str | None, size: int) -> Page[M]:
        """Raises InvalidInput `bad_cursor`. One query of `size` + 1 rows."""
        if after:
            rows = rows.filter(self._beyond(decode(self.name, after, list(self.fields.values()))))
        found = list(rows.order_by(*self.fields)[: size + 1])
        shown = found[:size]
        return Page(shown, len(found) > size, self.cursor(shown[-1]) if shown else None)

    def _beyond(self, values: Sequence[CursorValue]) -> Q:
        """Rows after these values: a later first field, or the same and a later second one …"""
        names = list(self.fields)
        cases = []
        for position, name in enumerate(names):
            same = {names[earlier].lstrip("-"): values[earlier] for earlier in range(position)}
            later = {f"{name.lstrip('-')}__{'lt' if name.startswith('-') else 'gt'}": values[position]}
            cases.append(Q(**same, **later))
        return reduce(or_, cases)


def encode(name: str, values: Sequence[CursorValue]) -> str:
    """A cursor of the list `name` at these values."""
    return base64.urlsafe_b64encode(orjson.dumps([name, *values])).decode().rstrip("=")


def decode(name: str, cursor: str, types: Sequence[type], *, field: str = "after") -> list[CursorValue]:
    """The values of a cursor of the list `name`. Raises InvalidInput `bad_cursor` for anything else."""
    try:
        if len(cursor) > MAX_CURSOR_LENGTH:
            raise ValueError("too long")
        padded = cursor + "=" * (-len(cursor) % 4)
        found_name, *values = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if found_name != name or len(values) != len(types):
            raise ValueError("of another list")
        return [_READERS[wanted](value) for wanted, value in zip(types, values, strict=True)]
    except (binascii.Error, ValueError, TypeError, OverflowError) as error:
        raise InvalidInput(
            _("This cursor does not belong to this list."),
            remedy=_("Begin at the first page, without a cursor, and follow the cursors given there."),
            field=field,
            code="bad_cursor",
        ) from error


def page_size(value: int | None, *, field: str = "first") -> int:
    """`value`, or PAGE_SIZE for None. Raises InvalidInput `bad_page_size` unless it is 1 to MAX_PAGE_SIZE."""
    if value is None:
        return PAGE_SIZE
    if not 1 <= value <= MAX_PAGE_SIZE:
        raise InvalidInput(
            _("A page has 1 to %(most)s rows.") % {"most": MAX_PAGE_SIZE},
            remedy=_("Ask for fewer rows, and follow the cursor to the next page."),
            field=field,
            code="bad_page_size",
        )
    return value


def _typed(value: Any, wanted: type) -> Any:
    if type(value) is not wanted or (type(value) is int and abs(value) >= 2**63):
        raise ValueError("of another type")
    return value
