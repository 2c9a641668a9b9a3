"""Scalars: JSON that passes through unread, and moments."""

from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest
from graphql import GraphQLError

from core.graphql.scalars import Instant, Json


def test_json_that_is_serialised_already_goes_through_as_it_is() -> None:
    assert orjson.dumps({"entries": Json.serialize(b'[{"b":1,"a":2}]')}) == b'{"entries":[{"b":1,"a":2}]}'
    assert Json.serialize({"a": [1, None]}) == {"a": [1, None]}


def test_a_moment_is_written_in_utc_to_the_microsecond() -> None:
    brussels = timezone(timedelta(hours=1))
    assert Instant.serialize(datetime(2026, 11, 22, 6, 50, tzinfo=brussels)) == "2026-11-22T05:50:00.000000Z"


def test_a_moment_is_read_and_anything_else_refused() -> None:
    assert Instant.parse_value("2026-11-22T05:50:00Z") == datetime(2026, 11, 22, 5, 50, tzinfo=UTC)
    assert Instant.parse_value("2026-11-22") == datetime(2026, 11, 22, tzinfo=UTC)
    for value in ("yesterday", 5, None, "", "2026-99-99"):
        with pytest.raises(GraphQLError):
            Instant.parse_value(value)
