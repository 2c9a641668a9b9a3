"""A pull that would delete much of what an origin published waits for a person."""

import pytest

from core.errors import Conflict
from core.records.models import Log, Record
from federation.models import Action, Peer
from federation.selectors.network import network_status
from federation.services.due import peer_pull
from federation.services.operate import deletions_confirm
from federation.services.pull import pull_peer
from tests.federation.fakes import FakePeer

pytestmark = pytest.mark.django_db

BY = "ada@antwerp"


@pytest.fixture
def ids(hamburg: FakePeer, hamburg_peer: Peer) -> list[str]:
    """The ids of 40 records more, which this node has pulled: 43 in all."""
    published = [hamburg.log.publish(f"Hafentag {number}") for number in range(40)]
    pull_peer(hamburg_peer)
    return published


def withdraw(hamburg: FakePeer, ids: list[str], revision: int = 2) -> None:
    for record_id in ids:
        hamburg.log.publish("", record_id=record_id, revision=revision, deleted=True)


def current(hamburg: FakePeer) -> int:
    return Record.objects.filter(log__origin=hamburg.origin, deleted=False).count()


def test_up_to_the_share_deletions_are_taken(hamburg: FakePeer, hamburg_peer: Peer, ids: list[str]) -> None:
    withdraw(hamburg, ids[:12])

    assert pull_peer(hamburg_peer).problems == []
    assert current(hamburg) == 31


def test_more_than_the_share_is_held_and_nothing_of_it_stored(
    hamburg: FakePeer, hamburg_peer: Peer, ids: list[str]
) -> None:
    withdraw(hamburg, ids[:13])

    outcome = pull_peer(hamburg_peer)

    log = Log.objects.get(origin=hamburg.origin)
    assert [problem.error.reason for problem in outcome.problems] == ["mass_deletion"]
    assert (log.state, log.size, log.held_size) == (Log.State.HELD, 43, 56)
    assert f"{hamburg.origin} deletes 13 of 43 records" in log.state_reason
    assert current(hamburg) == 43


def test_a_held_log_is_left_alone_by_any_way_and_others_go_on(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer, ids: list[str]
) -> None:
    withdraw(hamburg, ids)
    pull_peer(hamburg_peer)
    rotterdam.also_holds(hamburg.log)

    outcome = pull_peer(rotterdam_peer)

    assert (outcome.added, outcome.problems) == ({rotterdam.origin: 1}, [])
    assert current(hamburg) == 43


def test_what_an_operator_confirms_is_taken_and_later_deletions_are_held_anew(
    hamburg: FakePeer, hamburg_peer: Peer, ids: list[str]
) -> None:
    withdraw(hamburg, ids[:20])
    pull_peer(hamburg_peer)

    deletions_confirm(by=BY, origin=hamburg.origin)
    withdraw(hamburg, ids[20:22])
    assert pull_peer(hamburg_peer).problems == []
    assert current(hamburg) == 21

    withdraw(hamburg, ids[22:])
    assert [problem.error.reason for problem in pull_peer(hamburg_peer).problems] == ["mass_deletion"]
    assert [(action.by, action.verb, action.detail) for action in Action.objects.all()] == [
        (BY, "confirm", "up to entry 63")
    ]


def test_deletions_that_come_in_small_pages_are_counted_together(
    hamburg: FakePeer, hamburg_peer: Peer, ids: list[str]
) -> None:
    hamburg.page_size = 5
    withdraw(hamburg, ids)

    pull_peer(hamburg_peer)

    assert Log.objects.get(origin=hamburg.origin).state == Log.State.HELD
    assert current(hamburg) == 43 - 10


def test_a_replica_that_is_begun_follows_the_past_without_asking(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    published = [hamburg.log.publish(f"Hafentag {number}") for number in range(40)]
    withdraw(hamburg, published)
    hamburg.page_size = 7

    assert pull_peer(hamburg_peer).problems == []
    assert current(hamburg) == 3


def test_a_few_deletions_of_few_records_are_not_held(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    published = [hamburg.log.publish(f"Hafentag {number}") for number in range(6)]
    pull_peer(hamburg_peer)
    withdraw(hamburg, published)

    assert pull_peer(hamburg_peer).problems == []
    assert current(hamburg) == 3


def test_a_log_that_is_not_held_has_nothing_to_confirm(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    with pytest.raises(Conflict) as caught:
        deletions_confirm(by=BY, origin=hamburg.origin)

    assert caught.value.reason == "wrong_state"
    assert Action.objects.count() == 0


def test_the_network_page_says_what_waits(hamburg: FakePeer, hamburg_peer: Peer, ids: list[str]) -> None:
    withdraw(hamburg, ids)
    peer_pull(peer=hamburg_peer)

    status = next(found for found in network_status() if found.origin == hamburg.origin)

    assert (status.state, status.last_error_code) == ("held", "mass_deletion")
    assert "deletes 40 of 43 records" in status.state_reason
