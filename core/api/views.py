"""The base of every REST view, and the answer to an unknown address below /api/."""

from typing import Any

from django.http import HttpRequest
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request
from rest_framework.views import APIView

from core.errors import NotFound


class ApiView(APIView):
    """Answers are public, and vary by what the reader's browser or program prefers."""

    schema: Any

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        final: Any = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(final, ("Accept", "Accept-Language"))
        if final.status_code == 404:
            _keep_not_found(request._request)
        return final


def _keep_not_found(request: HttpRequest) -> None:
    """LocaleMiddleware would redirect a 404 to the page of the same path under a language: a program must get its
    404. It leaves alone requests whose own list of addresses has no languages."""
    request.urlconf = "core.api.urls"


class UnknownAddress(ApiView):
    """Whatever is asked below /api/ and is nowhere else, by whatever method."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound
