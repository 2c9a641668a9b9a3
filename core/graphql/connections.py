"""Relay connections over keyset pages: `edges { node cursor } pageInfo { hasNextPage endCursor }`.

graphene's own connections count and slice a whole list; these hold what a selector fetched, no more.
"""

from collections.abc import Callable, Sequence
from typing import Any

import graphene

from core.cursors import MAX_PAGE_SIZE, PAGE_SIZE, Page


class PageInfo(graphene.ObjectType):
    """Where a page ends, and whether there is another."""

    has_next_page = graphene.Boolean(required=True, description="Whether rows follow this page.")
    end_cursor = graphene.String(description="Give it as `after` to get the next page; null on an empty page.")


def connection_types(
    name: str, node: type, edge_fields: dict[str, graphene.Field] | None = None, **fields: graphene.Field
) -> tuple[type[graphene.ObjectType], type[graphene.ObjectType]]:
    """The connection and edge types of a node type; `fields` and `edge_fields` are further fields of theirs."""
    edge = type(
        f"{name}Edge",
        (graphene.ObjectType,),
        {
            "__doc__": "One row of a page.",
            "node": graphene.Field(node, required=True, description="The row."),
            "cursor": graphene.String(required=True, description="Give it as `after` to get the rows that follow it."),
            **(edge_fields or {}),
        },
    )
    connection = type(
        f"{name}Connection",
        (graphene.ObjectType,),
        {
            "__doc__": "One page of a list.",
            "edges": graphene.List(graphene.NonNull(edge), required=True, description="The rows of this page."),
            "page_info": graphene.Field(PageInfo, required=True, description="How to go on."),
            **fields,
        },
    )
    return connection, edge


def page_arguments() -> dict[str, graphene.Argument]:
    return {
        "first": graphene.Int(default_value=PAGE_SIZE, description=f"How many rows a page has: 1 to {MAX_PAGE_SIZE}."),
        "after": graphene.String(description="The cursor after which the page begins; the first page has none."),
    }


def connection_data(
    page: Page[Any], cursor: Callable[[Any], str], node: Callable[[Any], Any], **further: Any
) -> dict[str, Any]:
    """A connection's value for graphene, whose types read dictionaries as well as objects."""
    return connection_of([(node(row), cursor(row)) for row in page.rows], has_next=page.has_next, **further)


def connection_of(
    rows: Sequence[tuple[Any, str]], *, has_next: bool, edges: Sequence[dict[str, Any]] = (), **further: Any
) -> dict[str, Any]:
    """The same from nodes with their cursors; `edges` holds further values of each edge."""
    extra: Sequence[dict[str, Any]] = edges or [{}] * len(rows)
    return {
        "edges": [{"node": node, "cursor": cursor, **more} for (node, cursor), more in zip(rows, extra, strict=True)],
        "page_info": {"has_next_page": has_next, "end_cursor": rows[-1][1] if rows else None},
        **further,
    }
