"""The puller against peers in memory: what is taken, what is refused and under which name, what stays as it was."""

from typing import Any

import pytest

from core.errors import PeerUnavailable, VerificationFailed
from core.records.models import Entry, Log, Record
from core.records.services.append import own_log
from core.records.services.replicate import log_admit
from federation.models import Peer
from federation.services.admission import peer_admit, peer_remove
from federation.services.pull import pull_peer
from tests.federation.fakes import FakeLog, FakePeer

pytestmark = pytest.mark.django_db


def titles(origin: str) -> list[str]:
    current = Record.objects.filter(log__origin=origin, deleted=False).select_related("entry").order_by("entry_id")
    return [record.document["title"]["de"]["text"] for record in current]


def problems(peer: Peer) -> list[tuple[str, str]]:
    return [(problem.origin, problem.error.reason) for problem in pull_peer(peer).problems]


def test_a_cold_pull_takes_the_whole_log(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    outcome = pull_peer(hamburg_peer)

    log = Log.objects.get(origin=hamburg.origin)
    assert outcome.added == {hamburg.origin: 3}
    assert (outcome.problems, outcome.finished) == ([], True)
    assert titles(hamburg.origin) == ["Hafenrallye", "Girls' Day", "Schnuppertag"]
    assert (log.size, log.checkpoint_size, bytes(log.root)) == (3, 3, hamburg.log.root(3))
    assert hamburg.asked == ["heads", "log hamburg 0"]


def test_equal_heads_cost_one_request(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    pull_peer(hamburg_peer)
    hamburg.asked.clear()

    outcome = pull_peer(hamburg_peer)

    assert hamburg.asked == ["unchanged"]
    assert (outcome.added, outcome.finished) == ({}, True)


def test_a_second_pull_takes_only_what_is_new(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    pull_peer(hamburg_peer)
    hamburg.asked.clear()
    hamburg.log.publish("Betriebsbesichtigung")

    outcome = pull_peer(hamburg_peer)

    assert outcome.added == {hamburg.origin: 1}
    assert hamburg.asked == ["heads", "log hamburg 3"]
    assert titles(hamburg.origin)[-1] == "Betriebsbesichtigung"


def test_a_withdrawal_and_a_new_revision_arrive(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    first, second = hamburg.log.entries[0]["id"], hamburg.log.entries[1]["id"]
    pull_peer(hamburg_peer)
    hamburg.log.publish("", record_id=first, revision=2, deleted=True)
    hamburg.log.publish("Girls' & Boys' Day", record_id=second, revision=2)

    pull_peer(hamburg_peer)

    assert titles(hamburg.origin) == ["Schnuppertag", "Girls' & Boys' Day"]
    assert Entry.objects.filter(log__origin=hamburg.origin).count() == 5


def test_logs_of_several_origins_are_pulled_in_turn(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer
) -> None:
    rotterdam.log.publish("Open dag")
    hamburg.page_size = 1
    hamburg.also_holds(rotterdam.log)

    outcome = pull_peer(hamburg_peer)

    assert outcome.added == {hamburg.origin: 3, rotterdam.origin: 2}
    assert hamburg.asked[1:] == [
        "log hamburg 0",
        "log rotterdam 0",
        "log hamburg 1",
        "log rotterdam 1",
        "log hamburg 2",
    ]


def test_an_origin_that_is_down_arrives_by_way_of_another(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer
) -> None:
    rotterdam.down = True
    hamburg.also_holds(rotterdam.log)

    with pytest.raises(PeerUnavailable):
        pull_peer(rotterdam_peer)
    outcome = pull_peer(hamburg_peer)

    assert outcome.added[rotterdam.origin] == 1
    assert Log.objects.get(origin=rotterdam.origin).checkpoint == rotterdam.log.checkpoint(1)


def test_a_pull_that_began_at_one_peer_goes_on_at_another(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer
) -> None:
    rotterdam.log.publish("Open dag")
    hamburg.also_holds(rotterdam.log, size=1)
    pull_peer(hamburg_peer)
    rotterdam.asked.clear()

    outcome = pull_peer(rotterdam_peer)

    assert outcome.added == {rotterdam.origin: 1}
    assert "log rotterdam 1" in rotterdam.asked


def test_an_origin_that_was_not_admitted_is_passed_over(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    stranger = FakeLog("stranger")
    stranger.publish("Unbekannt")
    hamburg.also_holds(stranger)

    outcome = pull_peer(hamburg_peer)

    assert outcome.added == {hamburg.origin: 3}
    assert not Log.objects.filter(origin=stranger.origin).exists()


def test_a_removed_origin_is_not_followed_by_any_way(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer
) -> None:
    hamburg.also_holds(rotterdam.log)
    peer_remove(peer=rotterdam_peer)

    outcome = pull_peer(hamburg_peer)

    assert rotterdam.origin not in outcome.added


def test_another_key_than_the_admitted_one_stops_the_pull(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    hamburg.shown_key = str(FakeLog("mallory").key)

    with pytest.raises(VerificationFailed) as refusal:
        pull_peer(hamburg_peer)

    assert refusal.value.reason == "key_changed"
    assert hamburg.asked == ["heads"]
    assert Entry.objects.count() == 0


def test_another_node_at_the_address_stops_the_pull(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    hamburg.shown_id = "mallory.havenlink.localhost"

    with pytest.raises(VerificationFailed) as refusal:
        pull_peer(hamburg_peer)

    assert refusal.value.reason == "wrong_node"


def test_another_protocol_stops_the_pull(
    hamburg: FakePeer, hamburg_peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = hamburg.heads()
    monkeypatch.setattr(hamburg, "heads", lambda: {**heads, "protocol": 2})

    with pytest.raises(VerificationFailed) as refusal:
        pull_peer(hamburg_peer)

    assert refusal.value.reason == "other_protocol"


def altered_header(page: dict[str, Any]) -> dict[str, Any]:
    page["entries"][1]["deleted"] = True
    return page


def no_entry(page: dict[str, Any]) -> dict[str, Any]:
    return page | {"entries": [{}]}


def test_a_bad_log_does_not_hold_up_the_others(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer
) -> None:
    hamburg.also_holds(rotterdam.log)
    hamburg.alter = lambda page: altered_header(page) if page["origin"] == hamburg.origin else page

    outcome = pull_peer(hamburg_peer)

    assert outcome.added == {rotterdam.origin: 1}
    assert [problem.origin for problem in outcome.problems] == [hamburg.origin]


def test_a_page_refused_later_leaves_what_was_stored(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    hamburg.page_size = 1
    hamburg.alter = lambda page: page if page["first"] == 0 else no_entry(page)

    assert problems(hamburg_peer) == [(hamburg.origin, "bad_entry")]
    assert Log.objects.get(origin=hamburg.origin).size == 1

    hamburg.alter = None
    assert pull_peer(hamburg_peer).added == {hamburg.origin: 2}


@pytest.mark.parametrize(
    "change", [{"published": "2020-01-01T00:00:00.000000Z"}, {"deleted": True}, {"activity": "\x00"}, {"language": 7}]
)
def test_a_document_that_contradicts_its_header_or_kind_is_kept_and_not_shown(
    hamburg: FakePeer, hamburg_peer: Peer, change: dict[str, Any]
) -> None:
    hamburg.log.publish("Was dagegen spricht", change=change)

    assert pull_peer(hamburg_peer).added == {hamburg.origin: 4}
    assert len(titles(hamburg.origin)) == 3
    assert Entry.objects.exclude(unreadable="").count() == 1


def test_two_histories_of_the_same_size_freeze_the_origin(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    pull_peer(hamburg_peer)
    hamburg.log.entries.pop()
    hamburg.log.publish("Ein anderer dritter Eintrag")

    assert problems(hamburg_peer) == [(hamburg.origin, "fork_detected")]

    log = Log.objects.get(origin=hamburg.origin)
    assert log.state == Log.State.FROZEN
    assert "signed another log of 3 entries" in log.state_reason
    assert titles(hamburg.origin) == ["Hafenrallye", "Girls' Day", "Schnuppertag"]


def test_a_frozen_origin_is_left_alone(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    pull_peer(hamburg_peer)
    Log.objects.filter(origin=hamburg.origin).update(state=Log.State.FROZEN, state_reason="two histories")
    hamburg.log.publish("Nicht zu holen")

    outcome = pull_peer(hamburg_peer)

    assert (outcome.added, outcome.problems) == ({}, [])
    assert len(titles(hamburg.origin)) == 3


def test_a_peer_that_holds_less_of_the_same_history_is_just_behind(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer
) -> None:
    pull_peer(hamburg_peer)
    rotterdam.also_holds(hamburg.log, size=2)

    outcome = pull_peer(rotterdam_peer)

    assert (outcome.problems, outcome.added) == ([], {rotterdam.origin: 1})


def test_a_forged_fork_freezes_nothing(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer
) -> None:
    pull_peer(hamburg_peer)
    forged = FakeLog("hamburg")
    forged.private = FakeLog("mallory").private
    forged.entries = hamburg.log.entries[:2]
    forged.publish("Gefälscht")
    rotterdam.also_holds(forged)

    assert problems(rotterdam_peer) == [(hamburg.origin, "bad_signature")]
    assert Log.objects.get(origin=hamburg.origin).state == Log.State.ADMITTED


def test_entries_held_without_their_checkpoint_get_it_from_an_equal_head(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    pull_peer(hamburg_peer)
    Log.objects.filter(origin=hamburg.origin).update(checkpoint="", checkpoint_size=0)

    pull_peer(hamburg_peer)

    log = Log.objects.get(origin=hamburg.origin)
    assert (log.checkpoint, log.checkpoint_size) == (hamburg.log.checkpoint(3), 3)


def test_a_log_that_grows_while_it_is_pulled_is_taken_to_its_end(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    hamburg.page_size = 2

    def grow(page: dict[str, Any]) -> dict[str, Any]:
        hamburg.alter = None
        hamburg.log.publish("Währenddessen")
        return hamburg.log.page(0, 2)

    hamburg.alter = grow

    assert pull_peer(hamburg_peer).added == {hamburg.origin: 4}
    assert Log.objects.get(origin=hamburg.origin).checkpoint_size == 4


def test_a_pull_out_of_time_says_that_more_is_left(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    hamburg.page_size = 1

    outcome = pull_peer(hamburg_peer, seconds=0)

    assert (outcome.added, outcome.finished) == ({}, False)


def test_this_nodes_own_lost_entries_come_back_from_a_peer(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    own = own_log()
    lost = FakeLog("antwerp")
    Log.objects.filter(id=own.id).update(verifier_key=str(lost.key))
    lost.publish("Vor dem Plattencrash")
    hamburg.also_holds(lost)

    outcome = pull_peer(hamburg_peer)

    assert outcome.added[own.origin] == 1
    assert titles(own.origin) == ["Vor dem Plattencrash"]


def test_the_index_is_woken_only_when_something_came(
    hamburg: FakePeer, hamburg_peer: Peer, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as woken:
        pull_peer(hamburg_peer)
    with django_capture_on_commit_callbacks() as woken_again:
        pull_peer(hamburg_peer)

    assert (len(woken), len(woken_again)) == (1, 0)


def test_a_log_may_be_admitted_without_a_peer_of_its_own(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    retired = FakeLog("retired")
    retired.publish("Was bleibt")
    log_admit(key=retired.key)
    hamburg.also_holds(retired)

    assert pull_peer(hamburg_peer).added[retired.origin] == 1


def test_admitting_again_with_another_address_moves_the_peer(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    moved = peer_admit(url="http://hafen.example", verifier_key=hamburg.key)

    assert (moved.pk, moved.url) == (hamburg_peer.pk, "http://hafen.example")
