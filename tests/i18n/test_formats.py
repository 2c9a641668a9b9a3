from datetime import UTC, date, datetime

import pytest
from django.utils import timezone, translation

from i18n import formats

DAY = date(2026, 11, 22)
MOMENT = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "written"),
    [("nl", "22 november 2026"), ("fr", "22 novembre 2026"), ("de", "22. November 2026"), ("en", "22 November 2026")],
)
def test_dates_follow_the_language(language: str, written: str) -> None:
    assert formats.format_date(DAY, language) == written


def test_without_a_language_the_active_one_counts() -> None:
    with translation.override("de"):
        assert formats.format_date(DAY) == "22. November 2026"
        assert formats.format_number(1234.5) == "1.234,5"


def test_moments_are_shown_in_the_current_time_zone() -> None:
    with timezone.override("Europe/Brussels"):
        assert formats.format_datetime(MOMENT, "nl", "short") == "23-11-2026, 00:30"
        assert formats.format_date(MOMENT, "nl") == "23 november 2026"


def test_the_calendars_ends_have_no_neighbouring_time_zone() -> None:
    with timezone.override("Europe/Brussels"):
        assert formats.format_date(datetime.max.replace(tzinfo=UTC), "nl") == "31 december 9999"
    with timezone.override("America/New_York"):
        assert formats.format_date(datetime.min.replace(tzinfo=UTC), "nl") == "1 januari 1"


@pytest.mark.parametrize(
    ("stated", "written"),
    [
        ("2018", "2018"),
        ("2018-09", "september 2018"),
        ("2018-09-03", "3 september 2018"),
        ("2018-13", "2018-13"),
        ("spring", "spring"),
        ("", ""),
    ],
)
def test_a_partial_date_shows_what_was_stated_and_no_more(stated: str, written: str) -> None:
    assert formats.format_partial_date(stated, "nl") == written


@pytest.mark.parametrize(
    ("language", "written"), [("nl", "september 2018"), ("fr", "septembre 2018"), ("de", "September 2018")]
)
def test_months_follow_the_language(language: str, written: str) -> None:
    assert formats.format_partial_date("2018-09", language) == written


@pytest.mark.parametrize(
    ("now", "language", "written"),
    [
        (datetime(2026, 11, 22, 23, 33, tzinfo=UTC), "nl", "3 minuten geleden"),
        (datetime(2026, 11, 20, 23, 30, tzinfo=UTC), "de", "in 2 Tagen"),
    ],
)
def test_time_between_now_and_then(now: datetime, language: str, written: str) -> None:
    assert formats.relative_time(MOMENT, language, now=now) == written


@pytest.mark.parametrize(("language", "written"), [("nl", "25%"), ("fr", "25\xa0%"), ("de", "25\xa0%")])
def test_percentages(language: str, written: str) -> None:
    assert formats.format_percent(0.25, language) == written


def test_lists_end_with_the_languages_own_and() -> None:
    assert formats.format_list(["a", "b", "c"], "nl") == "a, b en c"
    assert formats.format_list(["a", "b", "c"], "de") == "a, b und c"
    assert formats.format_list([], "nl") == ""
