"""The one mapper of the GraphQL edge: what went wrong as `errors[]`, with a code and a remedy in the reader's language.

What is no error of the tree is a defect of ours: logged in full, told as `internal` without details.
"""

import logging
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _
from graphql import GraphQLError

from core.errors import HavenlinkError, InvalidInput

log = logging.getLogger(__name__)


def query_error(error: GraphQLError) -> HavenlinkError:
    """What an error of graphql-core means: the resolver's own error, a faulty document, or a defect."""
    original = error.original_error
    while isinstance(original, GraphQLError):
        original = original.original_error
    if isinstance(original, HavenlinkError):
        return original
    if original is None and (error.path is None or error.message.startswith("Argument '")):
        return InvalidInput(
            error.message,
            remedy=_("Compare the document with the schema; the page /graphql shows it in a browser."),
            code="invalid_document",
        )
    log.error("GraphQL field %s failed", ".".join(map(str, error.path or ())), exc_info=original or error)
    return HavenlinkError(code="internal")


def as_data(error: HavenlinkError, source: GraphQLError | None = None) -> dict[str, Any]:
    """One entry of `errors`, as the GraphQL specification has it."""
    data: dict[str, Any] = {"message": str(error.message)}
    if source is not None and source.locations:
        data["locations"] = [location.formatted for location in source.locations]
    if source is not None and source.path is not None:
        data["path"] = source.path
    data["extensions"] = {"code": error.reason, "remedy": str(error.remedy), "field": error.field}
    return data


def failures(errors: Iterable[GraphQLError]) -> tuple[list[dict[str, Any]], int]:
    """`errors` for the answer, and the HTTP status for an answer that holds nothing else."""
    mapped = [(query_error(error), error) for error in errors]
    return [as_data(error, source) for error, source in mapped], max(error.http_status for error, _ in mapped)
