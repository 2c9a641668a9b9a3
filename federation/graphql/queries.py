"""What other nodes ask: heads and pages of logs; and the network's state. Mixed into the root by deploy/schema.py."""

from typing import Any

import graphene
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.records.selectors import logs
from federation import wire
from federation.graphql.types import LOG_ARGUMENTS, Head, LogPage, NetworkNode
from federation.selectors.network import NodeStatus, network_status


class FederationQuery(graphene.ObjectType):
    """The federation's part of the root query."""

    protocol = graphene.Int(required=True, description="The version of the replication protocol that this node speaks.")
    heads = graphene.List(
        graphene.NonNull(Head),
        required=True,
        description="How much of every origin's log this node can serve, its own among them, by origin.",
    )
    heads_if_changed = graphene.List(
        graphene.NonNull(Head),
        known=graphene.String(required=True, description="The digest of the heads that the asker remembers."),
        description="The same as `heads`, or null if they are those whose digest is `known`: FEDERATION.md, section 6.",
    )
    log = graphene.Field(
        LogPage,
        required=True,
        description="A page of an origin's log, bound to its signed checkpoint. Once in a request.",
        **LOG_ARGUMENTS,
    )
    network = graphene.List(
        graphene.NonNull(NetworkNode), required=True, description="The nodes that this node knows, itself first."
    )

    @staticmethod
    def resolve_protocol(_root: Any, _info: graphene.ResolveInfo) -> int:
        return wire.PROTOCOL_VERSION

    @staticmethod
    def resolve_heads(_root: Any, _info: graphene.ResolveInfo) -> list[logs.Head]:
        return logs.heads()

    @staticmethod
    def resolve_heads_if_changed(_root: Any, _info: graphene.ResolveInfo, known: str) -> list[logs.Head] | None:
        return None if known == logs.heads_digest_now() else logs.heads()

    @staticmethod
    def resolve_log(
        _root: Any, info: graphene.ResolveInfo, origin: str, after: int = 0, first: int = 512
    ) -> logs.ServedPage:
        _once(info.context)
        return logs.log_page(origin, after=after, first=first)

    @staticmethod
    def resolve_network(_root: Any, _info: graphene.ResolveInfo) -> list[NodeStatus]:
        return network_status()


def _once(request: Any) -> None:
    """A page may have 4 MB: thirty aliases of the field in one request would be a weapon."""
    if getattr(request, "log_page_served", False):
        raise InvalidInput(_("“log” may stand once in a request."), field="log", code="one_log_a_request")
    request.log_page_served = True
