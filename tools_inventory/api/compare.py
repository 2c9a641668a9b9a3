"""/api/v1/compare: the comparison that the page shows."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.documentation import COMMON_ERRORS
from core.api.parameters import parameters_check
from core.api.views import ApiView
from core.reading_language import labels_in, reading_language
from core.records.selectors.records import record_uuid
from tools_inventory.api import shapes
from tools_inventory.api.representation import comparison_data
from tools_inventory.api.shapes import LANGUAGE, parameter
from tools_inventory.selectors.comparison import compare


class Compare(ApiView):
    @extend_schema(
        operation_id="compare",
        summary="Compare records",
        description="Two to five records, field by field: what is equal, what differs, what is not stated.",
        parameters=[
            parameter("id", "An id or uuid; give it two to five times.", many=True, explode=True, required=True),
            LANGUAGE,
        ],
        responses={200: shapes.Comparison, **COMMON_ERRORS},
        tags=["analysis"],
    )
    def get(self, request: Request) -> Response:
        parameters_check(request, ("id", "language"))
        language = reading_language(request.query_params.get("language"))
        with labels_in(language):
            compared = compare([record_uuid(value) for value in request.query_params.getlist("id")], language)
        return Response(comparison_data(compared, language))
