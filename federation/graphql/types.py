"""GraphQL types of the federation: what nodes ask each other, and the network's state for people and monitoring."""

from typing import Any

import graphene

from core.graphql.scalars import Instant, Json
from core.records.selectors.logs import MAX_PAGE_ENTRIES, ServedPage
from federation.error_words import error_words
from federation.selectors.network import NodeStatus


class Head(graphene.ObjectType):
    """How much of one origin's log this node can serve. Equal heads on two nodes prove equal logs, entry for entry."""

    origin = graphene.String(required=True, description="The id of the node whose log it is.")
    size = graphene.Int(required=True, description="The number of entries.")
    root = graphene.String(required=True, description="The root hash of the Merkle tree over them, in base64.")
    checkpoint = graphene.String(
        required=True,
        description="The origin's signed statement of size and root, a signed note (C2SP tlog-checkpoint).",
    )


class Proof(graphene.ObjectType):
    """The compact ranges left and right of a page's entries, which bind these entries to the checkpoint's root."""

    left = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="Hashes of the complete subtrees that cover the entries before the page, left to right, in base64.",
    )
    right = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="Hashes of the complete subtrees that cover the entries after the page, left to right, in base64.",
    )


class LogPage(graphene.ObjectType):
    """A page of one origin's log with what it takes to verify it, whoever serves it."""

    origin = graphene.String(required=True, description="The id of the node whose log it is.")
    first = graphene.Int(required=True, description="The index of the first entry, as asked for by `after`.")
    size = graphene.Int(required=True, description="The number of entries that the checkpoint states.")
    root = graphene.String(required=True, description="The root hash that the checkpoint states, in base64.")
    checkpoint = graphene.String(required=True, description="The origin's signed note of size and root.")
    entries = graphene.Field(
        Json,
        required=True,
        description=(
            "The entries in order: a list of {index, id, kind, revision, deleted, published, sha256, document}. "
            "`document` is the text that was hashed, or null where it is not kept."
        ),
    )
    proof = graphene.Field(Proof, required=True, description="Binds the entries to the checkpoint.")

    @staticmethod
    def resolve_proof(page: ServedPage, _info: graphene.ResolveInfo) -> ServedPage:
        return page


class NetworkError(graphene.ObjectType):
    """Why the last attempt that failed did."""

    code = graphene.String(required=True, description="A stable code: FEDERATION.md, section 9.")
    words = graphene.String(required=True, description="What it means, in the reader's language.")
    detail = graphene.String(required=True, description="Which host, origin or entry, for the operator, in English.")
    at = graphene.Field(Instant, required=True, description="When it happened.")

    @staticmethod
    def resolve_code(status: NodeStatus, _info: graphene.ResolveInfo) -> str:
        return status.last_error_code

    @staticmethod
    def resolve_words(status: NodeStatus, _info: graphene.ResolveInfo) -> str:
        return error_words(status.last_error_code)

    @staticmethod
    def resolve_detail(status: NodeStatus, _info: graphene.ResolveInfo) -> str:
        return status.last_error_text

    @staticmethod
    def resolve_at(status: NodeStatus, _info: graphene.ResolveInfo) -> Any:
        return status.last_error_at


class NetworkNode(graphene.ObjectType):
    """One node of the network as the node that answers sees it."""

    origin = graphene.String(required=True, description="Its id.")
    name = graphene.String(required=True, description="What people call it.")
    url = graphene.String(required=True, description="Where it is asked; empty if it is no peer any more.")
    here = graphene.Boolean(required=True, description="Whether it is the node that answers.")
    state = graphene.String(
        required=True, description="here, admitted, paused, removed, frozen, held, recovering, retired or unknown."
    )
    records = graphene.Field(
        Json, required=True, description="How many of its records are current here, by kind: {kind: count}."
    )
    entries = graphene.Int(required=True, description="How many entries of its log are held here, all verified.")
    lag_entries = graphene.Int(required=True, description="How many more entries some peer reported to hold.")
    lag_seconds = graphene.Float(
        description="For how long it has been known that entries are missing here: 0 if none are, null if nobody said."
    )
    holds_of_ours = graphene.Int(
        description="How many entries of the answering node's own log it last said it holds; null if none."
    )
    reported_at = graphene.Field(Instant, description="When it last said what it holds.")
    confirmed_at = graphene.Field(Instant, description="When a peer last reported to hold no more than is held here.")
    failing = graphene.Boolean(required=True, description="Whether the last attempt to pull from it failed.")
    last_success_at = graphene.Field(Instant, description="When it was last pulled from without an error.")
    last_error = graphene.Field(NetworkError, description="The last error, also after it was overcome.")
    next_attempt_at = graphene.Field(Instant, description="When it is pulled from next.")

    @staticmethod
    def resolve_records(status: NodeStatus, _info: graphene.ResolveInfo) -> dict[str, int]:
        return status.record_counts

    @staticmethod
    def resolve_entries(status: NodeStatus, _info: graphene.ResolveInfo) -> int:
        return status.entry_count

    @staticmethod
    def resolve_lag_entries(status: NodeStatus, _info: graphene.ResolveInfo) -> int:
        return status.lag_count

    @staticmethod
    def resolve_last_error(status: NodeStatus, _info: graphene.ResolveInfo) -> NodeStatus | None:
        return status if status.last_error_at else None

    @staticmethod
    def resolve_next_attempt_at(status: NodeStatus, _info: graphene.ResolveInfo) -> Any:
        return status.next_pull_at


LOG_ARGUMENTS = {
    "origin": graphene.String(required=True, description="The id of the node whose log is wanted."),
    "after": graphene.Int(default_value=0, description="The index to begin at: the number of entries held already."),
    "first": graphene.Int(
        default_value=512,
        description=f"At most so many entries, 1 to {MAX_PAGE_ENTRIES}; a page of 4 MB ends earlier.",
    ),
}
