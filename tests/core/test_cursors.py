"""Cursors: what they hold comes back, and nothing else is taken."""

import base64
from datetime import UTC, datetime
from uuid import UUID

import orjson
import pytest

from core.cursors import MAX_CURSOR_LENGTH, decode, encode, page_size
from core.errors import InvalidInput

MOMENT = datetime(2026, 11, 22, 5, 50, 0, 123456, tzinfo=UTC)
NUMBER = UUID("0192f0c1-0000-7000-8000-000000000001")
TYPES = [datetime, UUID]


def packed(value: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")


def test_a_cursor_gives_back_its_values() -> None:
    assert decode("records", encode("records", [MOMENT, NUMBER]), TYPES) == [MOMENT, NUMBER]
    assert decode("search", encode("search", [40]), [int]) == [40]


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "!!!!",
        "=",
        "é",
        "\x00",
        "A" * (MAX_CURSOR_LENGTH + 1),
        packed("records"),
        packed(None),
        packed([]),
        packed(["records"]),
        packed(["records", MOMENT]),
        packed(["records", MOMENT, NUMBER, 1]),
        packed(["others", MOMENT, NUMBER]),
        packed(["records", 5, NUMBER]),
        packed(["records", "2026-13-01", NUMBER]),
        packed(["records", "0001-01-01T00:00:00+14:00", NUMBER]),
        packed(["records", MOMENT, "5"]),
        packed(["records", MOMENT, True]),
    ],
)
def test_anything_else_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        decode("records", cursor, TYPES)
    assert (caught.value.reason, caught.value.field) == ("bad_cursor", "after")


@pytest.mark.parametrize("value", [True, 2**63, -(2**63), 1.5, "1"])
def test_a_position_is_a_whole_number(value: object) -> None:
    with pytest.raises(InvalidInput):
        decode("search", packed(["search", value]), [int])


def test_a_page_has_1_to_100_rows() -> None:
    assert (page_size(None), page_size(1), page_size(100)) == (20, 1, 100)
    for size in (0, -1, 101):
        with pytest.raises(InvalidInput) as caught:
            page_size(size)
        assert caught.value.reason == "bad_page_size"
