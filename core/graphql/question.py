"""Reading a GraphQL request: which document, variables and operation it asks for."""

from dataclasses import dataclass, field
from typing import Any

import orjson
from django.http import HttpRequest
from django.http.request import UnreadablePostError
from django.utils.translation import gettext_lazy as _

from core.errors import InvalidInput, RequestTooLarge

MAX_BODY_BYTES = 256 * 1024
_EXAMPLE = _('Send a JSON object such as {"query": "{ node { id } }", "variables": {}}.')


@dataclass(frozen=True, slots=True)
class Question:
    """`only_reads` is true for GET, which may not change anything."""

    query: str
    variables: dict[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    only_reads: bool = False


def question_read(request: HttpRequest) -> Question:
    """Raises InvalidInput or RequestTooLarge for a request that is not GraphQL over HTTP."""
    if request.method == "GET":
        values: Any = {name: request.GET[name] for name in ("query", "operationName") if name in request.GET}
        if request.GET.get("variables"):
            values["variables"] = _json(request.GET["variables"].encode())
        return _question(values, only_reads=True)
    if request.content_type != "application/json":
        raise InvalidInput(
            _("The body must be JSON, sent as application/json."), remedy=_EXAMPLE, code="unsupported_media_type"
        )
    return _question(_json(_body(request)), only_reads=False)


def _body(request: HttpRequest) -> bytes:
    try:
        body = request.read(MAX_BODY_BYTES + 1)
    except (UnreadablePostError, OSError) as error:
        raise InvalidInput(_("The request broke off."), code="broken_off") from error
    if len(body) > MAX_BODY_BYTES:
        raise RequestTooLarge(
            _("The body is larger than %(limit)s KB.") % {"limit": MAX_BODY_BYTES // 1024},
            remedy=_("Ask for less in one query, and give long values as variables."),
        )
    return body


def _json(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(
            _("This is not JSON: %(reason)s.") % {"reason": error}, remedy=_EXAMPLE, code="invalid_json"
        ) from error


def _question(values: Any, *, only_reads: bool) -> Question:
    if not isinstance(values, dict):
        raise InvalidInput(_("One query at a time, as a JSON object."), remedy=_EXAMPLE, code="invalid_request")
    query, variables, name = values.get("query"), values.get("variables"), values.get("operationName")
    if not isinstance(query, str) or not query.strip():
        raise InvalidInput(_("The query is missing."), remedy=_EXAMPLE, field="query", code="invalid_request")
    if variables is not None and not isinstance(variables, dict):
        raise InvalidInput(
            _("The variables must be a JSON object."), remedy=_EXAMPLE, field="variables", code="invalid_request"
        )
    if name is not None and not isinstance(name, str):
        raise InvalidInput(
            _("The operation's name must be a text."), remedy=_EXAMPLE, field="operationName", code="invalid_request"
        )
    return Question(query, variables or {}, name or None, only_reads)
