"""GraphQL types and query of a search over the whole network."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import graphene

from core.cursors import page_size
from core.graphql.connections import PageInfo, page_arguments
from core.graphql.selection import asks_for
from core.reading_language import labels_in, reading_language
from core.search import parameters
from core.search.seam import FACETS, SORTS, Query
from tools_inventory.graphql.types import Record, record_node
from tools_inventory.selectors.record_lists import Listed, RecordPage, search_page

Sort = graphene.Enum(
    "Sort",
    [(name.upper(), name) for name in SORTS],
    description=lambda value: "The order of results." if value is None else f"Ordered by {value.value}.",
)


def _filters(name: str, facets: tuple[str, ...], description: str) -> type[graphene.InputObjectType]:
    members: dict[str, Any] = {
        facet: graphene.List(
            graphene.NonNull(graphene.String),
            description=f"Codes of {facet.replace('_', ' ')}; any of them will do. Narrower codes match too.",
        )
        for facet in facets
    }
    members["age"] = graphene.Int(description="An age in years that the record is meant for.")
    return type(name, (graphene.InputObjectType,), {"__doc__": description, **members})


SearchFilters = _filters("SearchFilters", FACETS, "Conditions that all must hold.")
RecordFilters = _filters(
    "RecordFilters", tuple(facet for facet in FACETS if facet != "kind"), "Conditions that all must hold."
)


class FacetValue(graphene.ObjectType):
    """One code of a facet, and how many of the results carry it."""

    code = graphene.String(required=True, description="What to give in `filters`.")
    label = graphene.String(required=True, description="What people call it, in the language of the search.")
    count = graphene.Int(required=True, description="How many results choosing it would leave or add.")


class Facet(graphene.ObjectType):
    """One way to narrow a search."""

    name = graphene.String(required=True, description="The name of the filter.")
    values = graphene.List(graphene.NonNull(FacetValue), required=True, description="The codes that results carry.")


class Reason(graphene.ObjectType):
    """Why a record was found."""

    field = graphene.String(required=True, description="title, text, meaning, or the facet whose code was recognised.")
    code = graphene.String(description="The code that the query named, if it did.")
    words = graphene.String(required=True, description="The words that matched; empty for meaning.")

    @staticmethod
    def resolve_code(reason: Any, _info: graphene.ResolveInfo) -> str | None:
        return reason.code or None


class SearchEdge(graphene.ObjectType):
    """One result."""

    node = graphene.Field(Record, required=True, description="The record.")
    cursor = graphene.String(required=True, description="Give it as `after` to get the results that follow.")
    score = graphene.Float(required=True, description="How well it fits; compares within this answer only.")
    why = graphene.List(graphene.NonNull(Reason), required=True, description="Why it was found.")

    @staticmethod
    def resolve_node(listed: Listed, _info: graphene.ResolveInfo) -> Any:
        return record_node(listed.record)

    @staticmethod
    def resolve_score(listed: Listed, _info: graphene.ResolveInfo) -> float:
        return listed.hit.score if listed.hit else 0.0

    @staticmethod
    def resolve_why(listed: Listed, _info: graphene.ResolveInfo) -> Any:
        return listed.hit.why if listed.hit else ()


class SearchResults(graphene.ObjectType):
    """One page of a search's results."""

    total = graphene.Int(required=True, description="How many records answer the search.")
    did_you_mean = graphene.String(description="The query with likely typing errors corrected, if some were.")
    facets = graphene.List(graphene.NonNull(Facet), required=True, description="Ways to narrow the search.")
    edges = graphene.List(graphene.NonNull(SearchEdge), required=True, description="The results of this page.")
    page_info = graphene.Field(PageInfo, required=True, description="How to go on.")

    @staticmethod
    def resolve_facets(page: RecordPage, _info: graphene.ResolveInfo) -> list[dict[str, Any]]:
        return [
            {"name": name, "values": [{"code": code, "label": label, "count": count} for code, label, count in values]}
            for name, values in (page.facets or {}).items()
        ]

    @staticmethod
    def resolve_edges(page: RecordPage, _info: graphene.ResolveInfo) -> Any:
        return page.rows

    @staticmethod
    def resolve_page_info(page: RecordPage, _info: graphene.ResolveInfo) -> RecordPage:
        return page


def search_query(
    *,
    text: str,
    language: str,
    filters: Mapping[str, Any] | None,
    concepts: bool = True,
    sort: str,
    first: int | None,
    facets: tuple[str, ...],
) -> Query:
    """The same checks as in the address of a page. Raises InvalidInput."""
    given = {name: value for name, value in (filters or {}).items() if value not in (None, [])}
    age = given.pop("age", None)
    asked: dict[str, Any] = {"q": text, "sort": sort, "concepts": "" if concepts else parameters.OFF, **given}
    if age is not None:
        asked["age"] = str(age)
    parsed = parameters.parse(asked, language, page_size(first))
    return replace(parsed, facets=facets)


class SearchQuery(graphene.ObjectType):
    """The search's part of the root query."""

    search = graphene.Field(
        SearchResults,
        description="Records of the whole network that answer a query in any language.",
        query=graphene.String(default_value="", description="Words, as in the search box; empty for all."),
        language=graphene.String(
            description="The reader's language, a BCP 47 tag; without it, that of Accept-Language."
        ),
        filters=SearchFilters(description="Without `kind`, organisations and nodes are left out."),
        concepts=graphene.Boolean(
            default_value=True,
            description="Whether what the words mean is searched too, in every language: concepts and codes that they "
            "name, and records similar in meaning. Without it, the words alone.",
        ),
        sort=Sort(default_value=Sort.RELEVANCE, description="The order of results."),
        **page_arguments(),
    )

    @staticmethod
    def resolve_search(
        _root: Any,
        info: graphene.ResolveInfo,
        query: str = "",
        language: str | None = None,
        filters: Mapping[str, Any] | None = None,
        concepts: bool | None = True,
        sort: Any = None,
        first: int | None = None,
        after: str | None = None,
    ) -> RecordPage:
        wanted = reading_language(language)
        asked = search_query(
            text=query or "",
            language=wanted,
            filters=filters,
            concepts=concepts is not False,
            sort=sort.value if sort else "relevance",
            first=first,
            facets=FACETS if asks_for(info, "facets") else (),
        )
        with labels_in(wanted):
            return search_page(asked, after=after)
