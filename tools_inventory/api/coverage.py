"""/api/v1/coverage: the matrix that the page shows."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.documentation import COMMON_ERRORS
from core.api.parameters import parameters_check
from core.api.views import ApiView
from core.errors import InvalidInput
from core.reading_language import labels_in, reading_language
from tools_inventory.api import shapes
from tools_inventory.api.representation import coverage_data
from tools_inventory.api.shapes import LANGUAGE, parameter
from tools_inventory.selectors.coverage import HOME_FACETS, coverage
from tools_inventory.selectors.facet_sets import coded_facets

KNOWN = ("rows", "columns", "rows_under", "columns_under", "home", "kind", "language")
FACET = f"One of {', '.join(coded_facets())}."


class CoverageMatrix(ApiView):
    @extend_schema(
        operation_id="coverage",
        summary="Count records by two facets",
        description=(
            "How many records stand in each cell of a matrix of two facets, in the whole network and at home, and who "
            "has what home lacks."
        ),
        parameters=[
            parameter("rows", f"The facet of the rows; stage without it. {FACET}"),
            parameter("columns", f"The facet of the columns; activity without it. {FACET}"),
            parameter("rows_under", "A code: the rows are the codes narrower than it."),
            parameter("columns_under", "A code: the columns are the codes narrower than it."),
            parameter("home", f"facet:value, such as region:antwerp; the facet is {', '.join(HOME_FACETS)}."),
            parameter("kind", "Kinds to count; may be repeated.", many=True, explode=True),
            LANGUAGE,
        ],
        responses={200: shapes.Coverage, **COMMON_ERRORS},
        tags=["analysis"],
    )
    def get(self, request: Request) -> Response:
        parameters_check(request, KNOWN)
        asked = request.query_params
        language = reading_language(asked.get("language"))
        with labels_in(language):
            found = coverage(
                language=language,
                rows=asked.get("rows") or "stage",
                columns=asked.get("columns") or "activity",
                home=_home(asked.get("home", "")),
                kinds=asked.getlist("kind"),
                rows_under=asked.get("rows_under", ""),
                columns_under=asked.get("columns_under", ""),
            )
            return Response(coverage_data(found))


def _home(text: str) -> tuple[str, str] | None:
    if not text:
        return None
    facet, _colon, value = text.partition(":")
    if not value:
        raise InvalidInput(field="home", code="unknown_home")
    return facet, value
