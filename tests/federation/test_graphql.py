"""What a node answers to its peers, over the real view."""

import json
import os
from typing import Any

import orjson
import pytest
from django.test import Client
from graphql import GraphQLObjectType

from core import http
from core.graphql.documents import schema
from core.records.keys import own_verifier_key
from core.records.merkle import CompactRange
from core.records.models import Log
from core.records.page import page_verify
from core.records.selectors.logs import MAX_PAGE_ENTRIES
from core.records.services.append import own_log
from federation import wire
from federation.models import Peer
from federation.services.describe import node_describe
from federation.services.due import peer_pull
from federation.wire import heads_parse, page_parse
from tests.federation.fakes import FakeLog, FakePeer

pytestmark = pytest.mark.django_db

ANTWERP = "antwerp.havenlink.localhost"


def ask(query: str, **variables: Any) -> Any:
    body = json.dumps({"query": query, "variables": variables})
    return Client().post("/graphql", data=body, content_type="application/json").json()


def code(reply: Any) -> str:
    found: str = reply["errors"][0]["extensions"]["code"]
    return found


def test_heads_tell_of_every_log_that_can_be_served(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    node_describe()
    peer_pull(peer=hamburg_peer)

    answer = heads_parse(ask(wire.HEADS_QUERY), frozenset({ANTWERP, hamburg.origin}))

    assert (answer.id, answer.name, answer.verifier_key) == (ANTWERP, "Antwerp", str(own_verifier_key()))
    assert {origin: head.size for origin, head in answer.heads.items()} == {ANTWERP: 1, hamburg.origin: 3}
    assert answer.heads[hamburg.origin].checkpoint == hamburg.log.checkpoint(3)


def test_heads_are_answered_only_if_they_changed(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    node_describe()
    first = heads_parse(ask(wire.HEADS_QUERY), frozenset({ANTWERP, hamburg.origin}))

    unchanged = ask(wire.CHANGED_HEADS_QUERY, known=first.digest)
    assert unchanged["data"]["headsIfChanged"] is None
    assert unchanged["data"]["node"]["verifierKey"] == str(own_verifier_key())

    peer_pull(peer=hamburg_peer)
    changed = ask(wire.CHANGED_HEADS_QUERY, known=first.digest)
    second = ask(wire.HEADS_QUERY)
    assert changed["data"]["headsIfChanged"] == second["data"]["heads"]
    assert len(second["data"]["heads"]) == 2
    both = heads_parse(second, frozenset())
    assert ask(wire.CHANGED_HEADS_QUERY, known=both.digest)["data"]["headsIfChanged"] is None


def test_a_log_that_was_put_back_is_not_called_unchanged() -> None:
    node_describe()
    before = Log.objects.get(origin=ANTWERP)
    known = heads_parse(ask(wire.HEADS_QUERY), frozenset()).digest
    Log.objects.filter(pk=before.pk).update(checkpoint=FakeLog("antwerp").checkpoint(0), checkpoint_size=0)
    put_back = heads_parse(ask(wire.HEADS_QUERY), frozenset()).digest

    assert put_back != known
    assert ask(wire.CHANGED_HEADS_QUERY, known=known)["data"]["headsIfChanged"] is not None
    before.save()
    assert ask(wire.CHANGED_HEADS_QUERY, known=put_back)["data"]["headsIfChanged"] is not None
    assert ask(wire.CHANGED_HEADS_QUERY, known=known)["data"]["headsIfChanged"] is None


@pytest.mark.parametrize("known", ["", "x", "0" * 64, "\u00fc" * 10_000])
def test_whoever_knows_something_else_is_told_all(known: str) -> None:
    node_describe()

    assert len(ask(wire.CHANGED_HEADS_QUERY, known=known)["data"]["headsIfChanged"]) == 1


def test_an_idle_poll_takes_less_than_a_kilobyte_and_one_query(django_assert_num_queries: Any) -> None:
    node_describe()
    known = heads_parse(ask(wire.HEADS_QUERY), frozenset()).digest
    question = orjson.dumps({"query": wire.CHANGED_HEADS_QUERY, "variables": {"known": known}})
    sent = http._client(os.getpid()).build_request(
        "POST", "http://127.0.0.1:8001/graphql", content=question, headers=http.request_headers(question)
    )

    with django_assert_num_queries(1):
        answer = Client().post("/graphql", question, content_type="application/json", headers=dict(sent.headers))

    assert set(answer.headers) == JSON_HEADERS
    asked = len("POST /graphql HTTP/1.1\r\n\r\n") + _length(sent.headers) + len(question)
    answered = len(SERVERS_OWN) + _length(answer.headers) + len(answer.content)
    assert asked + answered < 1000


SERVERS_OWN = "HTTP/1.1 200 OK\r\nserver: granian\r\ndate: Mon, 30 Nov 2026 12:00:00 GMT\r\n\r\n"
JSON_HEADERS = {
    "Content-Type",
    "Content-Length",
    "Content-Language",
    "Cache-Control",
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
}


def _length(headers: Any) -> int:
    return sum(len(f"{name}: {value}\r\n") for name, value in headers.items())


def test_an_own_page_verifies() -> None:
    node_describe()

    page = page_parse(ask(wire.LOG_QUERY, origin=ANTWERP, after=0, first=10))
    verified = page_verify(page, own_verifier_key(), CompactRange())

    assert [entry.kind for entry in verified.entries] == ["node"]
    assert verified.checkpoint.root == bytes(own_log().root)


def test_another_nodes_page_is_served_as_it_came(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    peer_pull(peer=hamburg_peer)

    served = ask(wire.LOG_QUERY, origin=hamburg.origin, after=1, first=1)["data"]["log"]

    assert served == hamburg.log.page(1, 1)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"origin": "stranger.example", "after": 0, "first": 10}, "unknown_origin"),
        ({"origin": ANTWERP, "after": -1, "first": 10}, "bad_position"),
        ({"origin": ANTWERP, "after": 2, "first": 10}, "bad_position"),
        ({"origin": ANTWERP, "after": 0, "first": 0}, "bad_page_size"),
        ({"origin": ANTWERP, "after": 0, "first": MAX_PAGE_ENTRIES + 1}, "bad_page_size"),
    ],
)
def test_what_cannot_be_served_is_refused_by_code(variables: dict[str, Any], expected: str) -> None:
    node_describe()

    assert code(ask(wire.LOG_QUERY, **variables)) == expected


def test_one_page_a_request() -> None:
    node_describe()

    reply = ask(f'{{ a: log(origin: "{ANTWERP}") {{ size }} b: log(origin: "{ANTWERP}") {{ size }} }}')

    assert code(reply) == "one_log_a_request"


def test_the_network_is_told_to_monitoring(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    node_describe()
    hamburg.down = True
    peer_pull(peer=hamburg_peer)

    query = "{ network { origin state here entries records lagEntries failing lastError { code words } } }"
    here, other = ask(query)["data"]["network"]

    assert (here["origin"], here["here"], here["entries"], here["records"]) == (ANTWERP, True, 1, {"node": 1})
    assert (other["origin"], other["failing"], other["lastError"]["code"]) == (hamburg.origin, True, "unreachable")


def test_lag_and_what_others_hold_of_this_node_are_told(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    node_describe()
    peer_pull(peer=hamburg_peer)
    Peer.objects.update(
        reported={
            ANTWERP: {"size": 1, "root": ""},
            hamburg.origin: {"size": 9, "root": "", "ahead_since": "2026-01-01T00:00Z"},
        }
    )

    query = "{ network { lagEntries lagSeconds holdsOfOurs reportedAt } }"
    here, other = ask(query)["data"]["network"]

    assert (here["lagEntries"], here["lagSeconds"], here["holdsOfOurs"], here["reportedAt"]) == (0, 0.0, None, None)
    assert (other["lagEntries"], other["holdsOfOurs"], other["lagSeconds"] > 1_000_000) == (6, 1, True)
    assert other["reportedAt"] is not None


def test_every_field_is_described() -> None:
    names = ("Head", "Proof", "LogPage", "NetworkNode", "NetworkError")
    types = [schema().type_map[name] for name in names]
    fields = [
        (kind.name, name, field.description)
        for kind in types
        if isinstance(kind, GraphQLObjectType)
        for name, field in kind.fields.items()
    ]
    root = schema().query_type
    assert root is not None
    asked = ("protocol", "heads", "headsIfChanged", "log", "network")
    fields += [("Query", name, root.fields[name].description) for name in asked]

    assert [(kind, name) for kind, name, description in fields if not description] == []
    assert all(kind.description for kind in types if isinstance(kind, GraphQLObjectType))
