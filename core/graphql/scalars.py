"""Scalars of the schema that graphene lacks or does not fit."""

from datetime import UTC, datetime
from typing import Any

import graphene
import orjson
from graphql import GraphQLError, ValueNode


class Json(graphene.Scalar):
    """Any JSON value, as it stands: an object, a list, a text, a number, true, false or null."""

    class Meta:
        name = "JSON"

    @staticmethod
    def serialize(value: Any) -> Any:
        """bytes are JSON that is serialised already: they go into the answer as they are, without being read."""
        return orjson.Fragment(value) if isinstance(value, bytes) else value

    @staticmethod
    def parse_value(value: Any) -> Any:
        return value

    @staticmethod
    def parse_literal(node: ValueNode, _variables: Any = None) -> Any:
        raise GraphQLError("Give JSON as a variable.", node)


class Instant(graphene.Scalar):
    """A moment in UTC, to the microsecond: 2026-11-22T05:50:00.123456Z."""

    class Meta:
        name = "DateTime"
        specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339"

    @staticmethod
    def serialize(value: datetime | str) -> str:
        if isinstance(value, str):
            return value
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")

    @staticmethod
    def parse_value(value: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise GraphQLError(f"{str(value)[:40]!r} is not a moment such as 2026-11-22T05:50:00Z.") from error
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    @staticmethod
    def parse_literal(node: ValueNode, _variables: Any = None) -> datetime:
        return Instant.parse_value(getattr(node, "value", None))
