"""Errors as pages, and the headers that tell a browser what this site never does."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from core.errors import HavenlinkError, InvalidInput
from core.web.errors import error_response

GetResponse = Callable[[HttpRequest], HttpResponseBase]

UNUSED_POWERS = (
    "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
    "microphone=(), midi=(), payment=(), usb=(), browsing-topics=()"
)


# They tell a browser how to treat a page; JSON is none.
OF_PAGES = ("Permissions-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Referrer-Policy")
# What OWASP's REST security cheat sheet advises for JSON, beside nosniff, X-Frame-Options and HSTS.
JSON_POLICY = "frame-ancestors 'none'"


class ErrorPages:
    """Maps errors of the tree that a page's view raises; a method that an address does not know gets a page too."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code == 405 and isinstance(response, HttpResponse) and not response.content:
            return self._method_not_allowed(request, response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return error_response(request, exception) if isinstance(exception, HavenlinkError) else None

    def _method_not_allowed(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        error = InvalidInput(
            _("This address does not take that kind of request."),
            remedy=_("Open it as a page."),
            code="method_not_allowed",
        )
        answer = error_response(request, error)
        answer.status_code = 405
        answer["Allow"] = response["Allow"]
        return answer


class HeadersOfJson:
    """Takes from JSON answers what has a meaning for pages alone: of a node's idle poll it would be the larger part.

    Stands before the middleware that sets it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.get("Content-Type", "").startswith("application/json"):
            for name in OF_PAGES:
                del response[name]
            response["Content-Security-Policy"] = JSON_POLICY
            if "no-store" in response.get("Cache-Control", ""):
                # It says which stored answers fit which requests.
                del response["Vary"]
        return response


class SecurityHeaders:
    """Beside Django's SecurityMiddleware and the content security policy."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", UNUSED_POWERS)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response
