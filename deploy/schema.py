"""The node's GraphQL schema: what each part contributes, put together.

`manage.py graphql_schema` writes it to deploy/schema.graphql, which is kept beside it so that a change shows.
"""

import graphene

from core.graphql.node import Query as NodeQuery
from federation.graphql.queries import FederationQuery
from tools_inventory.graphql.queries import TYPES, InventoryQuery


class Query(NodeQuery, InventoryQuery, FederationQuery):
    """Everything that can be asked of a node."""


schema = graphene.Schema(query=Query, types=TYPES)
