"""The OpenAPI document at /api/schema, and at /api/docs a page that shows it and tries requests out.

The page's assets are this node's own (drf-spectacular-sidecar), so that it works offline. Content security policy: that
of every page, and data: addresses, as which Swagger UI's style sheet holds icons.
"""

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ApiView

POLICY = {"img-src": ["data:"]}


class ErrorDetail(serializers.Serializer[object]):
    code = serializers.CharField(help_text="Stable; for programs.")
    message = serializers.CharField(help_text="What is wrong, in the reader's language (Accept-Language).")
    remedy = serializers.CharField(help_text="What to do about it, in the reader's language.")
    field = serializers.CharField(allow_null=True, help_text="The parameter at fault, if it is one.")


class Error(serializers.Serializer[object]):
    error = ErrorDetail()


BAD_REQUEST = OpenApiResponse(Error, "A parameter is unknown or malformed: `error.field` names it.")
NOT_FOUND = OpenApiResponse(Error, "No node of the network has published it.")
WITHDRAWN = OpenApiResponse(Error, "Its origin has withdrawn it.")
TOO_MANY = OpenApiResponse(Error, "Too many requests; `Retry-After` says how long to wait, in seconds.")
UNAVAILABLE = OpenApiResponse(Error, "The search index does not answer at the moment; try again.")
COMMON_ERRORS = {400: BAD_REQUEST, 429: TOO_MANY}


class Schema(ApiView):
    """Made anew for each request: some 50 ms, asked seldom."""

    schema = None

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(SchemaGenerator().get_schema(request=None, public=True))


@require_safe
@csp_update(POLICY)
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "api/docs.html")
