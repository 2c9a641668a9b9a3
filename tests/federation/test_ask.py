"""Asking a peer again and again: it answers its heads only if they changed, and never is that believed wrongly."""

import time
from typing import Any

import pytest

from core.errors import VerificationFailed
from core.records.checkpoint import heads_digest
from core.records.models import Log, Record
from core.records.services.replicate import log_admit
from federation.models import Peer
from federation.services import ask
from federation.services.ask import ask_heads, heads_forget
from federation.services.pull import pull_peer
from tests.federation.fakes import FakeLog, FakePeer

pytestmark = pytest.mark.django_db


def wanted(*peers: FakePeer) -> frozenset[str]:
    return frozenset(peer.origin for peer in peers)


def test_unchanged_heads_are_not_sent_again(hamburg: FakePeer) -> None:
    first = ask_heads(hamburg.url, wanted(hamburg))
    second = ask_heads(hamburg.url, wanted(hamburg))

    assert hamburg.asked == ["heads", "unchanged"]
    assert second == first
    assert second.digest == heads_digest([hamburg.log.checkpoint(3)])


def test_changed_heads_are(hamburg: FakePeer) -> None:
    ask_heads(hamburg.url, wanted(hamburg))
    hamburg.log.publish("Betriebsbesichtigung")

    heads = ask_heads(hamburg.url, wanted(hamburg))
    ask_heads(hamburg.url, wanted(hamburg))

    assert hamburg.asked == ["heads", "heads", "unchanged"]
    assert heads.heads[hamburg.origin].size == 4


def test_a_peer_that_was_put_back_is_seen_to_be(hamburg: FakePeer) -> None:
    ask_heads(hamburg.url, wanted(hamburg))
    hamburg.log.publish("Betriebsbesichtigung")
    ask_heads(hamburg.url, wanted(hamburg))
    del hamburg.log.entries[-1]

    assert ask_heads(hamburg.url, wanted(hamburg)).heads[hamburg.origin].size == 3
    assert hamburg.asked == ["heads", "heads", "heads"]


def test_another_history_of_the_same_size_is_seen(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    pull_peer(hamburg_peer)
    del hamburg.log.entries[-1]
    hamburg.log.publish("Etwas anderes")

    outcome = pull_peer(hamburg_peer)

    assert [problem.error.reason for problem in outcome.problems] == ["fork_detected"]
    assert Log.objects.get(origin=hamburg.origin).state == Log.State.FROZEN


def test_another_checkpoint_of_the_same_size_and_root_is_seen(hamburg: FakePeer) -> None:
    before = ask_heads(hamburg.url, wanted(hamburg))
    # As when the origin goes over to another key: only who signed differs.
    hamburg.log.private = FakeLog("another key").private

    after = ask_heads(hamburg.url, wanted(hamburg))

    assert after.heads[hamburg.origin].root == before.heads[hamburg.origin].root
    assert after.heads[hamburg.origin].checkpoint == hamburg.log.checkpoint(3)
    assert hamburg.asked == ["heads", "heads"]


def test_who_answers_is_said_each_time(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    pull_peer(hamburg_peer)
    hamburg.shown_key = str(FakeLog("mallory").key)

    with pytest.raises(VerificationFailed) as refusal:
        pull_peer(hamburg_peer)

    assert refusal.value.reason == "key_changed"
    assert hamburg.asked[-1] == "unchanged"


def test_a_process_that_begins_asks_for_all_once(hamburg: FakePeer) -> None:
    ask_heads(hamburg.url, wanted(hamburg))
    heads_forget()

    ask_heads(hamburg.url, wanted(hamburg))
    ask_heads(hamburg.url, wanted(hamburg))

    assert hamburg.asked == ["heads", "heads", "unchanged"]


def test_an_origin_that_is_followed_from_now_on_is_asked_for(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer
) -> None:
    hamburg.also_holds(rotterdam.log)
    pull_peer(hamburg_peer)
    log_admit(key=rotterdam.log.key)

    outcome = pull_peer(hamburg_peer)

    assert outcome.added == {rotterdam.origin: 1}


def test_heads_of_others_count_too(hamburg: FakePeer, rotterdam: FakePeer) -> None:
    """What stands for the heads stands for all of them, as the peer reckons."""
    hamburg.also_holds(rotterdam.log)

    ask_heads(hamburg.url, wanted(hamburg))
    ask_heads(hamburg.url, wanted(hamburg))

    assert hamburg.asked == ["heads", "unchanged"]


def test_what_was_refused_is_asked_for_again_though_the_heads_are_unchanged(
    hamburg: FakePeer, hamburg_peer: Peer
) -> None:
    hamburg.alter = lambda page: page | {"entries": [{}]}
    pull_peer(hamburg_peer)
    hamburg.alter = None

    outcome = pull_peer(hamburg_peer)

    assert hamburg.asked == ["heads", "log hamburg 0", "unchanged", "log hamburg 0"]
    assert outcome.added == {hamburg.origin: 3}


def test_a_node_that_was_put_back_itself_sees_what_it_lacks(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    pull_peer(hamburg_peer)
    log = Log.objects.get(origin=hamburg.origin)
    Peer.objects.update(reported={})
    Record.objects.all().delete()
    log.entries.all().delete()
    Log.objects.update(size=0, checkpoint_size=0, checkpoint="", root=b"", peaks=b"")

    assert pull_peer(hamburg_peer).heads.heads[hamburg.origin].size == 3
    assert hamburg.asked == ["heads", "log hamburg 0", "unchanged", "log hamburg 0"]


def test_a_peer_of_an_older_version_is_asked_for_all_its_heads(
    hamburg: FakePeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    hamburg.older = True
    for _ in range(3):
        assert ask_heads(hamburg.url, wanted(hamburg)).heads[hamburg.origin].size == 3

    assert hamburg.asked == ["heads", "a question it does not know", "heads", "heads"]

    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + ask.OLDER_SECONDS + 1)
    hamburg.older = False
    ask_heads(hamburg.url, wanted(hamburg))

    assert hamburg.asked[4:] == ["unchanged"], "it may have been brought up to date meanwhile"


@pytest.mark.parametrize("answer", [{}, {"headsIfChanged": 7}, {"headsIfChanged": [{}]}], ids=str)
def test_what_is_no_answer_is_refused(
    hamburg: FakePeer, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]
) -> None:
    ask_heads(hamburg.url, wanted(hamburg))
    data = {name: value for name, value in hamburg.heads().items() if name != "heads"}
    monkeypatch.setattr(ask, "_ask", lambda _url, _body: {"data": data | answer})

    with pytest.raises(VerificationFailed) as refusal:
        ask_heads(hamburg.url, wanted(hamburg))

    assert refusal.value.reason == "bad_reply"
