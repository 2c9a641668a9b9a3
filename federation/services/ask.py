"""Asking a peer over the network. What is asked and how a reply reads stands in `federation/wire.py`."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core import http
from core.errors import VerificationFailed
from core.records.page import Page
from federation import wire
from federation.wire import NodeDescription, PeerHeads

# Seconds. A poke is a courtesy: nobody waits long for it.
TIMEOUT_SECONDS = 15.0
POKE_TIMEOUT_SECONDS = 3.0
# A peer whose software is older than the question for changed heads is asked for all of them for so long.
OLDER_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class _Remembered:
    """What an address answered last; `older_until` (monotonic): it refused to be asked for what changed."""

    wanted: frozenset[str]
    heads: PeerHeads
    older_until: float = 0.0


# By address, in this process alone: after its start each peer is asked for all its heads once.
_remembered: dict[str, _Remembered] = {}


def ask_description(url: str) -> NodeDescription:
    """What the node at `url` says of itself. Raises PeerUnavailable or VerificationFailed."""
    return wire.description_parse(http.get_json(url.rstrip("/") + wire.WELL_KNOWN_PATH, timeout=TIMEOUT_SECONDS))


def ask_heads(url: str, wanted: frozenset[str]) -> PeerHeads:
    """Who answers at `url`, and its heads of the wanted origins. Raises PeerUnavailable or VerificationFailed.

    A peer that was asked before only answers those that it remembers if they changed.
    """
    known = _remembered.get(url)
    older_until = known.older_until if known else 0.0
    if known is not None and known.wanted == wanted and older_until < time.monotonic():
        body = {"query": wire.CHANGED_HEADS_QUERY, "variables": {"known": known.heads.digest}}
        try:
            heads = wire.changed_heads_parse(_ask(url, body), wanted, known.heads)
        except VerificationFailed as error:
            if error.reason not in ("peer_refused", "refused"):
                raise
            older_until = time.monotonic() + OLDER_SECONDS
        else:
            _remembered[url] = _Remembered(wanted, heads)
            return heads
    heads = wire.heads_parse(_ask(url, {"query": wire.HEADS_QUERY}), wanted)
    _remembered[url] = _Remembered(wanted, heads, older_until)
    return heads


def heads_forget() -> None:
    """As a process that has just begun."""
    _remembered.clear()


def ask_page(url: str, *, origin: str, after: int, first: int = wire.PAGE_ENTRIES) -> Page:
    """At most `first` entries of `origin`'s log from index `after` on, not verified.

    Raises PeerUnavailable or VerificationFailed.
    """
    variables = {"origin": origin, "after": after, "first": first}
    return wire.page_parse(_ask(url, {"query": wire.LOG_QUERY, "variables": variables}))


def ask_to_look(url: str, *, origin: str, heads: Mapping[str, int]) -> bool:
    """Poke: "look at my heads", of which these sizes are new; whether it is accepted. Raises PeerUnavailable or

    VerificationFailed.
    """
    address, body = url.rstrip("/") + wire.POKE_PATH, wire.poke(origin, heads)
    return wire.poke_reply_parse(http.post_json(address, body, timeout=POKE_TIMEOUT_SECONDS))


def _ask(url: str, body: dict[str, Any]) -> Any:
    return http.post_json(url.rstrip("/") + wire.GRAPHQL_PATH, body, timeout=TIMEOUT_SECONDS)
