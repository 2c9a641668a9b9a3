"""The network page and what it is made of."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from core.records.models import Log
from federation.error_words import WORDS, error_words
from federation.models import Peer
from federation.selectors.network import network_status
from federation.services.describe import node_describe
from federation.services.due import peer_pull
from federation.web.diagram import diagram
from federation.web.network_rows import network_rows
from tests.federation.fakes import FakePeer

pytestmark = pytest.mark.django_db


def test_this_node_comes_first_and_each_with_what_is_held(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer
) -> None:
    node_describe()
    peer_pull(peer=hamburg_peer)

    here, first, second = network_status()

    assert (here.name, here.here, here.record_counts, here.entry_count) == ("Antwerp", True, {"node": 1}, 1)
    assert (first.name, first.record_counts, first.entry_count) == ("Hamburg", {"tool": 3}, 3)
    assert (first.lag_count, first.confirmed_at) == (0, first.last_success_at)
    assert (second.name, second.entry_count, second.confirmed_at) == (rotterdam.origin, 0, None)


def test_the_lag_is_what_peers_report_beyond_what_is_held(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer
) -> None:
    peer_pull(peer=hamburg_peer)
    hamburg.log.publish("Neu")
    rotterdam.also_holds(hamburg.log)
    rotterdam.alter = lambda page: page | {"entries": [{}]}
    peer_pull(peer=rotterdam_peer)

    status = next(found for found in network_status() if found.origin == hamburg.origin)

    assert (status.entry_count, status.lag_count) == (3, 1)


def test_the_status_takes_as_many_queries_for_ten_nodes_as_for_one(
    hamburg_peer: Peer, rotterdam_peer: Peer, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(5):
        network_status()


def test_rows_speak_the_readers_language(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    hamburg.down = True
    peer_pull(peer=hamburg_peer)

    with translation.override("de"):
        row = network_rows(network_status(), timezone.now())[-1]

    assert row.error_when.startswith("vor ")
    assert row.next_attempt.startswith("in ")
    assert row.well is False


def test_a_frozen_origin_says_so(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    peer_pull(peer=hamburg_peer)
    hamburg.log.entries.pop()
    hamburg.log.publish("Andere Geschichte")
    peer_pull(peer=hamburg_peer)

    with translation.override("en"):
        row = network_rows(network_status(), timezone.now())[-1]

    assert (row.state, row.state_class) == ("frozen", "bad")
    assert row.error == error_words("frozen")
    assert "signed another log of 3 entries" in row.error_detail


def test_the_drawing_has_this_node_in_the_middle(hamburg_peer: Peer, rotterdam_peer: Peer) -> None:
    node_describe()

    drawn = diagram(network_rows(network_status(), timezone.now()))

    assert drawn is not None
    assert (drawn.centre.name, len(drawn.others)) == ("Antwerp", 2)


def test_a_node_alone_has_no_drawing() -> None:
    node_describe()

    assert diagram(network_rows(network_status(), timezone.now())) is None


@pytest.mark.parametrize("language", ["nl", "fr", "de", "en"])
def test_the_page_shows_the_table_and_the_fingerprint(hamburg: FakePeer, hamburg_peer: Peer, language: str) -> None:
    node_describe()
    peer_pull(peer=hamburg_peer)

    page = Client().get(f"/{language}/network")

    assert page.status_code == 200
    assert page.templates[0].name == "federation/network.html"
    assert b"Hamburg" in page.content
    assert b"<svg viewBox" in page.content


def test_htmx_gets_the_table_alone(hamburg_peer: Peer) -> None:
    fragment = Client().get("/en/network", headers={"HX-Request": "true"})

    assert fragment.content.lstrip().startswith(b'<div id="network"')
    assert b"<html" not in fragment.content


def test_every_code_of_the_puller_has_words() -> None:
    with translation.override("en"):
        assert all(error_words(code) for code in WORDS)
        assert error_words("of_a_newer_version") == "Something went wrong."
        assert error_words("") == ""


def test_a_frozen_state_outlives_its_peer(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    peer_pull(peer=hamburg_peer)
    Peer.objects.all().delete()
    Log.objects.filter(origin=hamburg.origin).update(state=Log.State.FROZEN)

    assert [(found.origin, found.state) for found in network_status()] == [(hamburg.origin, "frozen")]
