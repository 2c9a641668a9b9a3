"""Asking a peer over the network. What is asked and how a reply reads stands in `federation/wire.py`."""

from typing import Any

from core import http
from core.records.page import Page
from federation import wire
from federation.wire import NodeDescription, PeerHeads

# Seconds. A poke is a courtesy: nobody waits long for it.
TIMEOUT_SECONDS = 15.0
POKE_TIMEOUT_SECONDS = 3.0


def ask_description(url: str) -> NodeDescription:
    """What the node at `url` says of itself. Raises PeerUnavailable or VerificationFailed."""
    return wire.description_parse(http.get_json(url.rstrip("/") + wire.WELL_KNOWN_PATH, timeout=TIMEOUT_SECONDS))


def ask_heads(url: str, wanted: frozenset[str]) -> PeerHeads:
    """Who answers at `url`, and its heads of the wanted origins. Raises PeerUnavailable or VerificationFailed."""
    return wire.heads_parse(_ask(url, {"query": wire.HEADS_QUERY}), wanted)


def ask_page(url: str, *, origin: str, after: int, first: int = wire.PAGE_ENTRIES) -> Page:
    """At most `first` entries of `origin`'s log from index `after` on, not verified.

    Raises PeerUnavailable or VerificationFailed.
    """
    variables = {"origin": origin, "after": after, "first": first}
    return wire.page_parse(_ask(url, {"query": wire.LOG_QUERY, "variables": variables}))


def ask_to_look(url: str, *, origin: str) -> None:
    """Poke: "look at my head". Raises PeerUnavailable."""
    http.post_json(url.rstrip("/") + wire.POKE_PATH, {"origin": origin}, timeout=POKE_TIMEOUT_SECONDS)


def _ask(url: str, body: dict[str, Any]) -> Any:
    return http.post_json(url.rstrip("/") + wire.GRAPHQL_PATH, body, timeout=TIMEOUT_SECONDS)
