"""The inventory's part of the root query: a record, a search, a comparison, and a list for each kind."""

from collections.abc import Callable, Mapping
from typing import Any

import graphene

from core.graphql.connections import connection_type, page_arguments
from core.reading_language import reading_language
from core.records import definition as d
from core.records.selectors.records import record_get, record_uuid
from tools_inventory.graphql.comparison import Query as ComparisonQuery
from tools_inventory.graphql.search import RecordFilters, SearchQuery, search_query
from tools_inventory.graphql.types import OtherRecord, Record, RecordNode, kind_types, record_node, type_name
from tools_inventory.kinds.plurals import plural
from tools_inventory.selectors.record_lists import RecordPage, record_page


class RecordQuery(graphene.ObjectType):
    """One record by its id."""

    record = graphene.Field(
        Record,
        description="A record in its current revision.",
        id=graphene.String(required=True, description="Its id (an address), or the uuid at the end of it."),
    )

    @staticmethod
    def resolve_record(_root: Any, _info: graphene.ResolveInfo, id: str) -> RecordNode:
        return record_node(record_get(record_uuid(id)))


def _lister(kind: d.Kind) -> Callable[..., RecordPage]:
    def resolve(
        _root: Any,
        _info: graphene.ResolveInfo,
        filters: Mapping[str, Any] | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> RecordPage:
        asked = search_query(
            text="",
            language=reading_language(None),
            filters={**(filters or {}), "kind": [kind.name]},
            sort="newest",
            first=first,
            facets=(),
        )
        return record_page(asked, after=after)

    return resolve


def _list(kind: d.Kind) -> graphene.Field:
    return graphene.Field(
        connection_type(type_name(kind), kind_types()[kind.name], lambda listed: record_node(listed.record)),
        description=f"Records of the kind {kind.name}, of the whole network, the newest first.",
        resolver=_lister(kind),
        filters=RecordFilters(description="Conditions that all must hold."),
        **page_arguments(),
    )


KindQueries: Any = type(
    "KindQueries",
    (graphene.ObjectType,),
    {"__doc__": "A list for each kind.", **{plural(kind): _list(kind) for kind in d.kinds()}},
)


class InventoryQuery(RecordQuery, SearchQuery, ComparisonQuery, KindQueries):
    """Mixed into the root query by deploy/schema.py."""


# What only the interface leads to must be named to the schema.
TYPES = (*kind_types().values(), OtherRecord)
