"""One record: as the API shows it, and at its own address, where it is what was published, byte by byte."""

from typing import Any
from urllib.parse import quote

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.documentation import COMMON_ERRORS, NOT_FOUND, WITHDRAWN
from core.api.parameters import parameters_check
from core.api.views import ApiView
from core.reading_language import interface_language, reading_language
from core.records.models import Record
from core.records.selectors.records import record_get, record_uuid
from tools_inventory.api import shapes
from tools_inventory.api.representation import record_data
from tools_inventory.api.shapes import LANGUAGE

PATH_UUID = OpenApiParameter(
    "uuid", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The last part of the record's id."
)
NOT_MODIFIED = OpenApiResponse(description="What the client holds (If-None-Match) is still current.")


class OneRecord(ApiView):
    @extend_schema(
        operation_id="records_get",
        summary="Read a record",
        description="A record in its current revision. Answers carry an ETag; ask again with If-None-Match.",
        parameters=[PATH_UUID, LANGUAGE],
        responses={200: shapes.Record, 304: NOT_MODIFIED, 404: NOT_FOUND, 410: WITHDRAWN, **COMMON_ERRORS},
        tags=["records"],
    )
    def get(self, request: Request, uuid: str) -> Response:
        parameters_check(request, ("language",))
        language = reading_language(request.query_params.get("language"))
        record = record_get(record_uuid(uuid))
        response = Response(record_data(record, language))
        return _conditional(request, response, record, f"-{language}-{_verified(record):d}")


class RecordAddress(ApiView):
    """The record's id. Browsers are led to its page; programs get the document."""

    schema = None

    def get(self, request: Request, uuid: str) -> Any:
        if request.get_preferred_type(["application/json", "text/html"]) == "text/html":
            return _page(uuid)
        record = record_get(record_uuid(uuid))
        content = record.entry.document.encode() if record.entry.document else record.document
        response = Response(content, headers={"Link": f'<{record.entry.record_id}>; rel="canonical"'})
        return _conditional(request, response, record, "")


def _page(uuid: str) -> HttpResponse:
    """303: the page is about the record, it is not the record."""
    response = HttpResponseRedirect(f"/{interface_language(reading_language(None))}/records/{quote(uuid)}")
    response.status_code = 303
    return response


def _verified(record: Record) -> bool:
    return record.entry.index < record.log.checkpoint_size


def _conditional(request: Request, response: Response, record: Record, variant: str) -> Any:
    """With validators, or 304. The document's hash names a revision; `variant` what else the answer depends on."""
    etag = f'W/"{record.entry.sha256[:32]}{variant}"'
    # Whole seconds: the last microsecond of the calendar would be rounded into a year that does not exist.
    modified = int(record.published_at.replace(microsecond=0).timestamp())
    response["ETag"] = etag
    response["Last-Modified"] = http_date(modified)
    response["Cache-Control"] = "no-cache"
    return get_conditional_response(request._request, etag=etag, last_modified=modified, response=response)
