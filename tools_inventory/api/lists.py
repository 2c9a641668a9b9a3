"""Lists of records: /api/v1/records with every parameter of a search, and one list for each kind."""

from dataclasses import replace
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.documentation import COMMON_ERRORS, UNAVAILABLE
from core.api.pagination import AFTER, FIRST, first_read, page_data
from core.api.parameters import flag_read, parameters_check
from core.api.views import ApiView
from core.reading_language import labels_in, reading_language
from core.records import definition as d
from core.search import parameters
from core.search.seam import FACETS, Query
from tools_inventory.api import shapes
from tools_inventory.api.representation import listed_data
from tools_inventory.api.shapes import SEARCH
from tools_inventory.kinds.plurals import plural
from tools_inventory.selectors import record_lists

CONDITIONS = frozenset(("q", "age", "concepts", "sort", *FACETS))
PAGING = frozenset((AFTER, FIRST, "labels", "facets"))
ERRORS = {**COMMON_ERRORS, 503: UNAVAILABLE}


class Records(ApiView):
    """`kind` fixes the list to one kind."""

    kind: str | None = None

    @extend_schema(
        operation_id="records_list",
        summary="Search records",
        description=(
            "Records of the whole network. Without any condition: all tools, programmes and opportunities, the newest "
            "first, to the last one by following `next`. With conditions: what the search finds, up to 10,000."
        ),
        parameters=SEARCH,
        responses={200: shapes.RecordPage, **ERRORS},
        tags=["records"],
    )
    def get(self, request: Request) -> Response:
        return self._answer(request)

    def _answer(self, request: Request) -> Response:
        known = (CONDITIONS | PAGING) - ({"kind"} if self.kind else set())
        parameters_check(request, known)
        language = reading_language(request.query_params.get("labels"), field="labels")
        with labels_in(language):
            page = self._page(request, language)
        return Response(
            page_data(
                request,
                [listed_data(listed, language) for listed in page.rows],
                page.end if page.has_next else None,
                total=page.total,
                did_you_mean=page.did_you_mean,
                facets=_facets_data(page.facets) if page.facets else None,
            )
        )

    def _page(self, request: Request, language: str) -> record_lists.RecordPage:
        query = self._query(request, language)
        after = request.query_params.get(AFTER)
        search = record_lists.search_page if query.facets else record_lists.record_page
        return search(query, after=after)

    def _query(self, request: Request, language: str) -> Query:
        asked: dict[str, Any] = {name: request.query_params.getlist(name) for name in CONDITIONS}
        if self.kind:
            asked["kind"] = [self.kind]
        if not any(asked["q"]) and not any(asked["sort"]):
            asked["sort"] = ["newest"]
        facets = FACETS if flag_read(request, "facets") else ()
        parsed = parameters.parse(asked, language, first_read(request))
        return replace(parsed, facets=facets)


def kind_list(kind: d.Kind) -> type[Records]:
    """The view that lists one kind, and says so in the OpenAPI document."""
    name = plural(kind)

    @extend_schema(
        operation_id=f"{name}_list",
        summary=f"List {name}",
        description=f"Records of the kind `{kind.name}` of the whole network, by the same conditions as /records.",
        parameters=[parameter for parameter in SEARCH if parameter.name != "kind"],
        responses={200: shapes.kind_page(kind), **ERRORS},
        tags=[name],
    )
    def get(self: Records, request: Request) -> Response:
        return self._answer(request)

    return type(f"{kind.name.capitalize()}List", (Records,), {"kind": kind.name, "get": get})


def _facets_data(facets: Any) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [{"code": code, "label": label, "count": count} for code, label, count in values]
        for name, values in facets.items()
    }
