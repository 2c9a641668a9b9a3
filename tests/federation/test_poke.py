"""Telling peers to look, and being told."""

import json
from typing import Any

import pytest
from django.test import Client

from core.records.services.append import own_log
from federation.models import Peer
from federation.services.describe import node_describe
from federation.services.poke import poke_subscribers
from tests.federation.fakes import FakePeer

pytestmark = pytest.mark.django_db


def test_each_peer_is_told_once_of_what_is_new(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer
) -> None:
    node_describe()

    assert poke_subscribers() == 2
    assert poke_subscribers() == 0
    assert hamburg.asked == ["poke antwerp.havenlink.localhost"]
    assert {peer.told_size for peer in Peer.objects.all()} == {own_log().size}


def test_a_peer_that_is_down_is_passed_over(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer
) -> None:
    hamburg.down = True
    node_describe()

    assert poke_subscribers() == 1
    hamburg_peer.refresh_from_db()
    assert hamburg_peer.told_size == 0


def test_a_failing_peer_that_listens_again_is_due(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    Peer.objects.update(attempt_count=4, next_pull_at="2030-01-01T00:00Z")
    node_describe()

    poke_subscribers()

    hamburg_peer.refresh_from_db()
    assert hamburg_peer.next_pull_at.year < 2030


def poke(body: Any) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body)
    return Client().post("/federation/poke", data=data, content_type="application/json")


def test_a_poke_of_a_peer_is_accepted(hamburg_peer: Peer, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as woken:
        response = poke({"origin": hamburg_peer.origin, "checkpoint": "what a later version may add"})

    assert (response.status_code, response.json()) == (202, {"accepted": True})
    assert len(woken) == 1


def test_a_poke_of_a_stranger_is_answered_politely(hamburg_peer: Peer) -> None:
    response = poke({"origin": "stranger.example"})

    assert (response.status_code, response.json()) == (202, {"accepted": False})


@pytest.mark.parametrize("body", [{}, [], {"origin": 7}, {"origin": ""}, {"origin": "x" * 254}, b"{", b""])
def test_what_is_no_poke_is_refused(body: Any) -> None:
    assert poke(body).status_code == 400


def test_a_large_poke_is_refused() -> None:
    assert poke({"origin": "x" * 5000}).status_code == 413


def test_a_poke_is_posted() -> None:
    assert Client().get("/federation/poke").status_code == 405
