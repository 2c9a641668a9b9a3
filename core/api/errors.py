"""The one mapper of the REST edge: every failure is `{"error": {"code", "message", "remedy", "field"}}`.

The texts are in the reader's language (Accept-Language). What is no error of the tree and none of Django's or REST
framework's is a defect of ours: logged in full, told as `internal` without details.
"""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response

from core.errors import HavenlinkError, InvalidInput, NotFound, NotPermitted, RequestTooLarge, TooManyRequests

log = logging.getLogger(__name__)

RETRY_SECONDS = 30


def exception_handler(error: Exception, context: dict[str, Any]) -> Response:
    """REST framework's EXCEPTION_HANDLER."""
    mapped = as_havenlink_error(error)
    if mapped is None:
        view = type(context.get("view")).__name__
        log.error("REST view %s failed", view, exc_info=error)
        mapped = HavenlinkError(code="internal")
    status = error.status_code if isinstance(error, exceptions.APIException) else mapped.http_status
    response = Response(as_data(mapped), status=status)
    response["Cache-Control"] = "no-store"
    if mapped.retryable:
        wait = getattr(error, "wait", None)
        response["Retry-After"] = str(int(wait) + 1 if wait else RETRY_SECONDS)
    return response


def as_data(error: HavenlinkError) -> dict[str, Any]:
    return {
        "error": {
            "code": error.reason,
            "message": str(error.message),
            "remedy": str(error.remedy),
            "field": error.field,
        }
    }


def as_havenlink_error(error: Exception) -> HavenlinkError | None:
    """REST framework's and Django's exceptions as members of the tree; None for what nobody foresaw."""
    match error:
        case HavenlinkError():
            return error
        case Http404() | exceptions.NotFound():
            return NotFound()
        case PermissionDenied() | exceptions.PermissionDenied() | exceptions.NotAuthenticated():
            return NotPermitted()
        case RequestDataTooBig():
            return RequestTooLarge()
        case exceptions.Throttled():
            return TooManyRequests()
        case exceptions.MethodNotAllowed():
            return InvalidInput(
                _("This address does not take that kind of request."),
                remedy=_("Read with GET; see /api/docs."),
                code="method_not_allowed",
            )
        case exceptions.UnsupportedMediaType():
            return InvalidInput(_("Only JSON is read here."), code="unsupported_media_type")
        case exceptions.ParseError() | SuspiciousOperation() | exceptions.APIException():
            return InvalidInput()
        case _:
            return None
