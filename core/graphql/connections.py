"""Relay connections over keyset pages: `edges { node cursor } pageInfo { hasNextPage endCursor }`.

graphene's own connections count and slice a whole list; these show what a selector fetched, no more.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import graphene

from core.cursors import MAX_PAGE_SIZE, PAGE_SIZE


class Row(Protocol):
    @property
    def cursor(self) -> str: ...


class Page(Protocol):
    """What a connection is resolved from."""

    @property
    def rows(self) -> Sequence[Row]: ...
    @property
    def has_next(self) -> bool: ...
    @property
    def end(self) -> str | None: ...


class PageInfo(graphene.ObjectType):
    """Where a page ends, and whether there is another."""

    has_next_page = graphene.Boolean(required=True, description="Whether rows follow this page.")
    end_cursor = graphene.String(description="Give it as `after` to get the next page; null on an empty page.")

    @staticmethod
    def resolve_has_next_page(page: Page, _info: graphene.ResolveInfo) -> bool:
        return page.has_next

    @staticmethod
    def resolve_end_cursor(page: Page, _info: graphene.ResolveInfo) -> str | None:
        return page.end


def connection_type(name: str, node: Any, resolve_node: Callable[[Any], Any]) -> type[graphene.ObjectType]:
    """`ToolConnection` and `ToolEdge` for the name `Tool`; `resolve_node` makes a row's node."""
    edge = type(
        f"{name}Edge",
        (graphene.ObjectType,),
        {
            "__doc__": "One row of a page.",
            "node": graphene.Field(node, required=True, description="The record."),
            "cursor": graphene.String(required=True, description="Give it as `after` to get the rows that follow."),
            "resolve_node": lambda row, _info: resolve_node(row),
        },
    )
    return type(
        f"{name}Connection",
        (graphene.ObjectType,),
        {
            "__doc__": "One page of a list.",
            "edges": graphene.List(graphene.NonNull(edge), required=True, description="The rows of this page."),
            "page_info": graphene.Field(PageInfo, required=True, description="How to go on."),
            "resolve_edges": lambda page, _info: page.rows,
            "resolve_page_info": lambda page, _info: page,
        },
    )


def page_arguments() -> dict[str, graphene.Argument]:
    return {
        "first": graphene.Int(default_value=PAGE_SIZE, description=f"How many rows a page has: 1 to {MAX_PAGE_SIZE}."),
        "after": graphene.String(description="The cursor after which the page begins; the first page has none."),
    }
