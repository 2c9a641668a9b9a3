"""`node`: what this node says of itself over GraphQL."""

from typing import Any

import graphene

from core.node import this_node
from core.records.keys import own_verifier_key


class Node(graphene.ObjectType):
    """One installation of Havenlink, run by a city or region."""

    id = graphene.String(required=True, description="Its DNS name, which is also its name as an origin.")
    name = graphene.String(required=True, description="What people call it, such as Antwerp.")
    url = graphene.String(required=True, description="The address under which others reach it.")
    languages = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="The languages it keeps its records in, as BCP 47 tags, its own first.",
    )
    verifier_key = graphene.String(
        required=True, description="The public key of its checkpoints, as a verifier key of the signed note format."
    )

    @staticmethod
    def resolve_verifier_key(_node: Any, _info: graphene.ResolveInfo) -> str:
        return str(own_verifier_key())


class Query(graphene.ObjectType):
    """Mixed into the root query by deploy/schema.py."""

    node = graphene.Field(Node, required=True, description="The node that answers.")

    @staticmethod
    def resolve_node(_root: Any, _info: graphene.ResolveInfo) -> Any:
        return this_node()
