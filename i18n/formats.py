"""Dates, numbers, lists and names of places as the reader writes them, by CLDR. Without `language`, in the active one.

Plain English is written the European way (22 November 2026): that is what readers of this network expect.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Literal

from babel import Locale, dates, lists, numbers
from django.utils import timezone
from django.utils.translation import get_language

from i18n.languages import locale

REGIONAL = {"en": "en-GB"}
PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")

DateStyle = Literal["short", "medium", "long", "full"]


def active_language() -> str:
    return get_language() or "en"


def format_date(value: date, language: str | None = None, style: DateStyle = "long") -> str:
    """ "22 november 2026". A datetime is first taken to the current time zone."""
    if isinstance(value, datetime):
        value = _local(value)
    return dates.format_date(value, format=style, locale=_locale(language))


def format_datetime(value: datetime, language: str | None = None, style: DateStyle = "medium") -> str:
    """ "22 nov 2026, 06:50", in the current time zone."""
    return dates.format_datetime(_local(value), format=style, tzinfo=None, locale=_locale(language))


def format_partial_date(value: str, language: str | None = None) -> str:
    """As much of a date as its source states: "2018", "2018-09" or "2018-09-03". Anything else is shown as it is."""
    parts = PARTIAL_DATE.fullmatch(value)
    if parts is None:
        return value
    year, month, day = (int(part) if part else None for part in parts.groups())
    try:
        stated = date(year or 0, month or 1, day or 1)
    except ValueError:
        return value
    if month is None:
        return value
    if day is None:
        return dates.format_skeleton("yMMMM", stated, locale=_locale(language))
    return format_date(stated, language)


def relative_time(value: datetime, language: str | None = None, now: datetime | None = None) -> str:
    """ "3 minuten geleden", "over 2 dagen"."""
    delta = value - (now or datetime.now(UTC))
    return dates.format_timedelta(delta, add_direction=True, locale=_locale(language))


def format_number(value: float, language: str | None = None) -> str:
    return _decimal(value, _locale(language))


@lru_cache(maxsize=8192)
def _decimal(value: float, in_locale: Locale) -> str:
    """A page counts in dozens of places, each time 25 µs."""
    return numbers.format_decimal(value, locale=in_locale)


def format_percent(fraction: float, language: str | None = None) -> str:
    """0.25 -> "25%", "25 %" in French and German."""
    return numbers.format_percent(fraction, locale=_locale(language))


def format_list(items: Sequence[str], language: str | None = None) -> str:
    """ "a, b en c"."""
    return lists.format_list(items, locale=_locale(language))


def _locale(language: str | None) -> Locale:
    language = language or active_language()
    return locale(REGIONAL.get(language, language))


def _local(value: datetime) -> datetime:
    """In the current time zone; on the calendar's first and last day, which have no neighbours, in its own."""
    try:
        return timezone.localtime(value) if timezone.is_aware(value) else value
    except OverflowError:
        return value
