"""The node's GraphQL schema: what each part contributes, put together."""

import graphene

from core.graphql.node import Query as NodeQuery
from federation.graphql.queries import FederationQuery


class Query(NodeQuery, FederationQuery, graphene.ObjectType):
    """Everything that can be asked of a node."""


schema = graphene.Schema(query=Query)
