"""The one mapper of the page edge: what went wrong becomes a page in the reader's language, with a code and a remedy.

An htmx request gets the notice alone, aimed at the page's notices; a machine that asked outside the pages gets JSON.
The edges of REST and GraphQL have mappers of their own; this one sees only what they let pass.
"""

import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language_from_path
from django.utils.translation import gettext_lazy as _

from core.disk import disk_full, is_full_disk
from core.errors import HavenlinkError, InvalidInput, NotFound, NotPermitted, RequestTooLarge

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 30


def as_havenlink_error(exception: BaseException | None) -> HavenlinkError:
    """Django's own exceptions as members of the tree; what is unknown stays a plain HavenlinkError (500)."""
    match exception:
        case HavenlinkError():
            return exception
        case Http404():
            return NotFound()
        case PermissionDenied():
            return NotPermitted()
        case RequestDataTooBig() | TooManyFieldsSent() | TooManyFilesSent():
            return RequestTooLarge()
        case SuspiciousOperation() | BadRequest():
            return InvalidInput()
        case DatabaseError() if is_full_disk(exception):
            return disk_full()
        case _:
            return HavenlinkError()


def error_response(request: HttpRequest, error: HavenlinkError) -> HttpResponse:
    if wants_json(request):
        response: HttpResponse = JsonResponse({"errors": [as_data(error)]}, status=error.http_status)
    elif getattr(request, "htmx", False):
        response = render(request, "web/_error.html", {"error": error}, status=error.http_status)
        response["HX-Retarget"] = "#notices"
        response["HX-Reswap"] = "innerHTML show:top"
    else:
        response = render(request, "web/error.html", {"error": error}, status=error.http_status)
    if error.retryable:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response["Cache-Control"] = "no-store"
    return response


def as_data(error: HavenlinkError) -> dict[str, Any]:
    return {
        "code": error.reason,
        "message": str(error.message),
        "remedy": str(error.remedy),
        "field": error.field,
        "retryable": error.retryable,
    }


def wants_json(request: HttpRequest) -> bool:
    """Pages stand under a language; elsewhere only who asks for HTML gets it."""
    in_pages = request.path == "/" or get_language_from_path(request.path) is not None
    return not in_pages and "text/html" not in request.headers.get("Accept", "")


# Django's handlers: deploy/urls.py names them.


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, as_havenlink_error(exception))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, as_havenlink_error(exception))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, as_havenlink_error(exception))


def server_error(request: HttpRequest) -> HttpResponse:
    """A defect of ours. The page that tells so needs neither database nor context, for they may be what broke."""
    if wants_json(request):
        return JsonResponse({"errors": [as_data(HavenlinkError())]}, status=500)
    return HttpResponse(render_to_string("500.html"), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """settings.CSRF_FAILURE_VIEW. Mostly a form left open for too long, or a browser that refuses cookies."""
    if settings.DEBUG:
        logger.warning("CSRF check failed: %s", reason)
    return error_response(
        request,
        NotPermitted(
            _("This form can no longer be sent."),
            remedy=_("Go back, load the page again and send it once more. Cookies of this site must be allowed."),
            code="form_expired",
        ),
    )
