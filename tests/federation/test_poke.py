"""Telling peers to look, and being told."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from core.records.models import Log
from core.records.services.append import own_log
from core.records.services.replicate import log_move
from federation import wire
from federation.models import Peer
from federation.services import poke as service
from federation.services.admission import peer_remove
from federation.services.describe import node_describe
from federation.services.due import peer_pull
from federation.services.poke import MERGE, MIN_INTERVAL_FAILING, RELAY, poke_receive, poke_subscribers
from tests.federation.fakes import FakePeer

pytestmark = pytest.mark.django_db

ANTWERP = "antwerp.havenlink.localhost"
Tick = Callable[[timedelta], None]


@pytest.fixture
def tick(monkeypatch: pytest.MonkeyPatch) -> Tick:
    """Pokes see a clock that stands still but for this."""
    clock = SimpleNamespace(time=datetime(2026, 11, 30, 12, tzinfo=UTC))
    monkeypatch.setattr(service, "timezone", SimpleNamespace(now=lambda: clock.time))

    def move(by: timedelta) -> None:
        clock.time += by

    return move


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float]]:
    """What pokes had woken, and after how many seconds."""
    found: list[tuple[str, float]] = []
    monkeypatch.setattr(service, "wake", lambda task, after_seconds=0.0: found.append((task, after_seconds)))
    return found


def test_each_peer_is_told_once_of_what_is_new(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer, tick: Tick
) -> None:
    node_describe()

    assert poke_subscribers() == 2
    tick(MERGE)
    assert poke_subscribers() == 0
    assert (hamburg.asked, hamburg.pokes) == ([f"poke {ANTWERP}"], [{ANTWERP: 1}])
    assert [peer.told for peer in Peer.objects.all()] == [{ANTWERP: own_log().size}] * 2


def test_a_peer_that_is_down_is_passed_over_and_told_later(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer, tick: Tick
) -> None:
    hamburg.down = True
    node_describe()

    assert poke_subscribers() == 1
    hamburg_peer.refresh_from_db()
    assert hamburg_peer.told == {}

    hamburg.down = False
    tick(MERGE)
    assert poke_subscribers() == 1
    assert hamburg.pokes == [{ANTWERP: 1}]


def test_a_failing_peer_that_listens_again_is_due(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    Peer.objects.update(attempt_count=4, next_pull_at="2030-01-01T00:00Z")
    node_describe()

    poke_subscribers()

    hamburg_peer.refresh_from_db()
    assert hamburg_peer.next_pull_at.year < 2030


def knows_of_hamburg(rotterdam: FakePeer, hamburg: FakePeer, size: int) -> None:
    """Rotterdam was seen to hold so much of Hamburg's log."""
    rotterdam.also_holds(hamburg.log, size)
    peer_pull(peer=Peer.objects.get(origin=rotterdam.origin))
    rotterdam.asked.clear()


def test_what_was_pulled_is_told_on_but_not_to_whom_it_came_from(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer, woken: list[tuple[str, float]]
) -> None:
    knows_of_hamburg(rotterdam, hamburg, 2)
    woken.clear()

    peer_pull(peer=hamburg_peer)

    assert woken == [("federation.tasks.poke_subscribers", 2.0)]
    assert poke_subscribers() == 1
    assert rotterdam.pokes == [{hamburg.origin: 3}]
    assert hamburg.pokes == []


def test_a_pull_that_brings_nothing_is_not_told_on(
    hamburg: FakePeer, hamburg_peer: Peer, woken: list[tuple[str, float]]
) -> None:
    peer_pull(peer=hamburg_peer)
    woken.clear()

    peer_pull(peer=hamburg_peer)

    assert woken == []


def test_who_holds_it_already_is_not_told(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer
) -> None:
    knows_of_hamburg(rotterdam, hamburg, 3)
    peer_pull(peer=hamburg_peer)

    assert poke_subscribers() == 0


def test_a_log_that_a_peer_does_not_hold_at_all_is_no_news_for_it(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer
) -> None:
    peer_pull(peer=rotterdam_peer)
    peer_pull(peer=hamburg_peer)

    assert poke_subscribers() == 0


@pytest.fixture
def told_and_more(
    tick: Tick,
    woken: list[tuple[str, float]],
    hamburg: FakePeer,
    hamburg_peer: Peer,
    rotterdam: FakePeer,
    rotterdam_peer: Peer,
) -> None:
    """Rotterdam was told of Hamburg's entries, and one more was pulled since."""
    knows_of_hamburg(rotterdam, hamburg, 2)
    peer_pull(peer=hamburg_peer)
    poke_subscribers()
    hamburg.log.publish("Betriebsbesichtigung")
    peer_pull(peer=hamburg_peer)


def test_what_comes_within_a_moment_is_told_together(
    told_and_more: None, hamburg: FakePeer, rotterdam: FakePeer, tick: Tick, woken: list[tuple[str, float]]
) -> None:
    node_describe()
    woken.clear()

    tick(MERGE / 2)
    # Hamburg was not told anything yet.
    assert poke_subscribers() == 1
    assert rotterdam.pokes == [{hamburg.origin: 3}]
    assert woken == [("federation.tasks.poke_subscribers", 0.5)]

    tick(MERGE / 2)
    assert poke_subscribers() == 1
    assert rotterdam.pokes == [{hamburg.origin: 3}, {hamburg.origin: 4, ANTWERP: 1}]


def test_a_peer_that_publishes_without_end_cannot_have_others_told_without_measure(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer, tick: Tick
) -> None:
    knows_of_hamburg(rotterdam, hamburg, 2)
    for number in range(40):
        hamburg.log.publish(f"Nummer {number}")
        peer_pull(peer=hamburg_peer)
        poke_subscribers()
        tick(timedelta(milliseconds=200))

    # Forty entries in eight seconds: a poke in two seconds, each of what came since the one before.
    assert [poke[hamburg.origin] for poke in rotterdam.pokes] == [4, 14, 24, 34]


def test_what_was_pulled_is_not_told_on_again_at_once(
    told_and_more: None, hamburg: FakePeer, rotterdam: FakePeer, tick: Tick, woken: list[tuple[str, float]]
) -> None:
    woken.clear()

    tick(MERGE)
    assert poke_subscribers() == 0
    assert woken == [("federation.tasks.poke_subscribers", 2.0)]
    tick(RELAY)
    assert poke_subscribers() == 1
    assert rotterdam.pokes == [{hamburg.origin: 3}, {hamburg.origin: 4}]


def test_a_failing_peer_is_told_less_often(
    hamburg: FakePeer, hamburg_peer: Peer, tick: Tick, woken: list[tuple[str, float]]
) -> None:
    Peer.objects.update(attempt_count=1)
    hamburg.down = True
    node_describe()

    assert poke_subscribers() == 0
    hamburg.down = False
    tick(MERGE)
    assert poke_subscribers() == 0
    tick(MIN_INTERVAL_FAILING)
    assert poke_subscribers() == 1
    assert woken == [], "nobody looks again for its sake"


def test_a_clock_that_was_put_back_keeps_nobody_waiting(hamburg: FakePeer, hamburg_peer: Peer, tick: Tick) -> None:
    Peer.objects.update(told_at=datetime(2027, 1, 1, tzinfo=UTC))
    node_describe()

    assert poke_subscribers() == 1


def test_what_was_told_is_forgotten_when_it_is_reported(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer, tick: Tick
) -> None:
    knows_of_hamburg(rotterdam, hamburg, 2)
    peer_pull(peer=hamburg_peer)
    poke_subscribers()
    rotterdam.also_holds(hamburg.log)
    peer_pull(peer=rotterdam_peer)
    node_describe()
    tick(MERGE)

    poke_subscribers()

    rotterdam_peer.refresh_from_db()
    assert rotterdam_peer.told == {ANTWERP: 1}


@pytest.fixture
def declined(
    tick: Tick, hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer
) -> Callable[[], list[dict[str, int]]]:
    """Hamburg publishes, is pulled and told on to Rotterdam, which has heard of it: what Rotterdam is told."""
    knows_of_hamburg(rotterdam, hamburg, 2)
    rotterdam.declines = True

    def publish_and_tell() -> list[dict[str, int]]:
        rotterdam.pokes.clear()
        hamburg.log.publish("Betriebsbesichtigung")
        peer_pull(peer=Peer.objects.get(origin=hamburg.origin))
        tick(RELAY)
        poke_subscribers()
        return list(rotterdam.pokes)

    return publish_and_tell


def test_who_has_a_log_from_others_is_told_no_more_of_it(
    declined: Callable[[], list[dict[str, int]]], hamburg: FakePeer, rotterdam: FakePeer, rotterdam_peer: Peer
) -> None:
    assert [declined() for _ in range(3)] == [[{hamburg.origin: 4}], [{hamburg.origin: 5}], []]
    rotterdam_peer.refresh_from_db()
    assert rotterdam_peer.declined == {hamburg.origin: 2}

    node_describe()
    assert declined() == [{ANTWERP: 1}], "this node's own log is told all the same"


def test_who_declined_once_and_lacks_it_the_next_time_is_told_as_before(
    declined: Callable[[], list[dict[str, int]]], hamburg: FakePeer, rotterdam: FakePeer, rotterdam_peer: Peer
) -> None:
    declined()
    rotterdam.declines = False
    declined()
    rotterdam_peer.refresh_from_db()
    assert rotterdam_peer.declined == {}

    rotterdam.declines = True
    assert [declined() for _ in range(2)] == [[{hamburg.origin: 6}], [{hamburg.origin: 7}]]


def test_who_is_seen_without_entries_is_told_again(
    declined: Callable[[], list[dict[str, int]]], hamburg: FakePeer, rotterdam: FakePeer, rotterdam_peer: Peer
) -> None:
    for _ in range(3):
        declined()
    rotterdam_peer.refresh_from_db()

    rotterdam.also_holds(hamburg.log)
    peer_pull(peer=rotterdam_peer)
    assert declined() == [], "it held all when it was asked"

    rotterdam.also_holds(hamburg.log, 5)
    peer_pull(peer=rotterdam_peer)
    assert declined() == [{hamburg.origin: 8}]


def test_an_answer_to_this_nodes_own_news_says_nothing_of_others(
    declined: Callable[[], list[dict[str, int]]], hamburg: FakePeer, rotterdam: FakePeer, rotterdam_peer: Peer
) -> None:
    declined()
    rotterdam.declines = False
    node_describe()

    assert declined() == [{ANTWERP: 1, hamburg.origin: 5}]
    rotterdam_peer.refresh_from_db()
    assert rotterdam_peer.declined == {hamburg.origin: 1}


@pytest.mark.parametrize("reply", [{}, [], None, "no", {"accepted": "false"}, {"accepted": None}])
def test_an_answer_that_says_nothing_clear_is_no_refusal(reply: Any) -> None:
    assert wire.poke_reply_parse(reply) is True


def test_news_that_does_not_fit_is_left_out() -> None:
    many = {f"city{number}.havenlink.localhost": number for number in range(100)}

    assert wire.poke(ANTWERP, many) == {"origin": ANTWERP}
    few = dict(list(many.items())[:50])
    assert wire.poke_parse(wire.poke(ANTWERP, few)) == (ANTWERP, few)


@pytest.mark.parametrize(("size", "accepted"), [(3, False), (2, False), (4, True)])
def test_only_what_is_not_held_here_is_news(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam_peer: Peer, size: int, accepted: bool
) -> None:
    peer_pull(peer=hamburg_peer)

    assert poke_receive(origin=rotterdam_peer.origin, heads={hamburg.origin: size}) is accepted
    rotterdam_peer.refresh_from_db()
    assert (rotterdam_peer.poked_at is not None) is accepted


def test_news_of_logs_that_are_not_followed_is_no_news(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam_peer: Peer
) -> None:
    log_move(origin=hamburg.origin, state=Log.State.FROZEN, reason="looked into")
    peer_remove(peer=rotterdam_peer)

    heads = {hamburg.origin: 9, rotterdam_peer.origin: 9, "stranger.example": 9}
    assert poke_receive(origin=hamburg.origin, heads=heads) is False


def test_pokes_without_end_make_a_peer_due_four_times_a_second(
    hamburg_peer: Peer, tick: Tick, woken: list[tuple[str, float]]
) -> None:
    """In whose name they come is not proved: somebody may want this node to ask Hamburg without measure."""
    accepted = 0
    for _ in range(200):
        tick(timedelta(milliseconds=10))
        accepted += poke_receive(origin=hamburg_peer.origin, heads={hamburg_peer.origin: 99})

    # In two seconds; the interval must be over, so that it is one tick more than 250 ms.
    assert (accepted, len(woken)) == (8, 8)


BAD_POKES: list[Any] = [
    {},
    [],
    {"origin": 7},
    {"origin": ""},
    {"origin": "x" * 254},
    b"{",
    b"",
    {"origin": "a", "heads": 7},
    {"origin": "a", "heads": ["b"]},
    {"origin": "a", "heads": [{"origin": "b"}]},
    {"origin": "a", "heads": [{"origin": 7, "size": 1}]},
    {"origin": "a", "heads": [{"origin": ["b"], "size": 1}]},
    {"origin": "a", "heads": [{"origin": "b", "size": "1"}]},
    {"origin": "a", "heads": [{"origin": "b", "size": True}]},
    {"origin": "a", "heads": [{"origin": "b", "size": -1}]},
    {"origin": "a", "heads": [{"origin": "b", "size": 2**31}]},
]


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


@pytest.mark.parametrize("body", BAD_POKES)
def test_what_is_no_poke_is_refused(body: Any) -> None:
    assert poke(body).status_code == 400


def test_a_poke_says_what_is_new(hamburg_peer: Peer) -> None:
    heads = [{"origin": hamburg_peer.origin, "size": 1, "newer": "member"}]

    assert poke({"origin": hamburg_peer.origin, "heads": heads}).json() == {"accepted": True}
    assert poke({"origin": hamburg_peer.origin, "heads": []}).json() == {"accepted": False}


def test_a_large_poke_is_refused() -> None:
    assert poke({"origin": "x" * 5000}).status_code == 413


def test_a_poke_is_posted() -> None:
    assert Client().get("/federation/poke").status_code == 405
