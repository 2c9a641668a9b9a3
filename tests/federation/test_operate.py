"""The operator's steps: what they change, that they are recorded, and what they are not allowed."""

from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command

from core.errors import Conflict, NotFound
from core.node import this_node
from core.records.models import Entry, Log, Record, TreeNode
from core.records.selectors.logs import log_page
from core.records.selectors.records import record_or_withdrawal
from core.records.services.append import own_log
from core.records.services.erase import record_erase
from core.records.services.replicate import log_freeze
from core.search.models import IndexPosition
from core.search.services.catch_up import catch_up
from federation.models import Action, Peer
from federation.services.admission import peer_admit
from federation.services.operate import origin_forget, origin_freeze, origin_release
from federation.services.pull import pull_peer
from tests.federation.fakes import FakePeer

pytestmark = pytest.mark.django_db

BY = "ada@antwerp"


def run(*arguments: str) -> str:
    output = StringIO()
    call_command(*arguments, stdout=output, stderr=output)
    return output.getvalue()


def actions() -> list[tuple[str, str, str]]:
    return [(action.verb, action.origin, action.detail) for action in Action.objects.order_by("id")]


def test_a_log_that_an_operator_froze_is_followed_again_when_released(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    pull_peer(hamburg_peer)
    origin_freeze(by=BY, origin=hamburg.origin, reason="its operator asked us to")
    hamburg.log.publish("Später")
    assert pull_peer(hamburg_peer).added == {}

    origin_release(by=BY, origin=hamburg.origin)

    assert pull_peer(hamburg_peer).added == {hamburg.origin: 1}
    assert actions() == [
        ("freeze", hamburg.origin, "its operator asked us to"),
        ("release", hamburg.origin, ""),
    ]


def test_a_forked_log_that_is_released_freezes_anew(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    pull_peer(hamburg_peer)
    hamburg.log.entries.pop()
    hamburg.log.publish("Eine andere Geschichte")
    pull_peer(hamburg_peer)

    origin_release(by=BY, origin=hamburg.origin)
    pull_peer(hamburg_peer)

    assert Log.objects.get(origin=hamburg.origin).state == Log.State.FROZEN


def test_a_forgotten_origin_leaves_nothing_and_can_be_taken_anew(
    hamburg: FakePeer,
    hamburg_peer: Peer,
    rotterdam: FakePeer,
    rotterdam_peer: Peer,
    settings: Any,
    tmp_path: Path,
) -> None:
    settings.SEARCH_URL = f"tantivy://{tmp_path}/index"
    for number in range(300):
        hamburg.log.publish(f"Hafentag {number}")
    pull_peer(hamburg_peer)
    pull_peer(rotterdam_peer)
    catch_up()

    assert origin_forget(by=BY, origin=hamburg.origin)

    assert not Log.objects.filter(origin=hamburg.origin).exists()
    assert not Peer.objects.filter(origin=hamburg.origin).exists()
    kept = Log.objects.get(origin=rotterdam.origin)
    assert (Entry.objects.count(), Record.objects.count(), TreeNode.objects.count()) == (1, 1, 0)
    assert list(IndexPosition.objects.values_list("log_id", flat=True)) == [kept.id]
    # The origin's other history, which forked, is now as good as any.
    hamburg.log.entries.pop()
    hamburg.log.publish("Eine andere Geschichte")
    again = peer_admit(url=hamburg.url, verifier_key=hamburg.key)
    assert pull_peer(again).added == {hamburg.origin: 303}
    assert actions() == [("forget", hamburg.origin, "303 records")]


def test_a_node_cannot_forget_itself_nor_what_it_does_not_know() -> None:
    own_log()
    with pytest.raises(Conflict) as own:
        origin_forget(by=BY, origin=this_node().id)
    with pytest.raises(NotFound) as unknown:
        origin_forget(by=BY, origin="nowhere.example.org")

    assert (own.value.reason, unknown.value.reason) == ("own_node", "unknown_origin")
    assert Log.objects.filter(origin=this_node().id).exists()
    assert actions() == []


@pytest.mark.parametrize("state", [Log.State.ADMITTED, Log.State.HELD])
def test_only_a_frozen_log_is_released(hamburg: FakePeer, hamburg_peer: Peer, state: Log.State) -> None:
    Log.objects.filter(origin=hamburg.origin).update(state=state)

    with pytest.raises(Conflict) as caught:
        origin_release(by=BY, origin=hamburg.origin)

    assert caught.value.reason == "wrong_state"
    assert Log.objects.get(origin=hamburg.origin).state == state


def test_the_verbs_take_the_steps_and_record_who_took_them(hamburg: FakePeer) -> None:
    run("federation", "admit", hamburg.url, "--yes")
    run("federation", "pull")
    run("federation", "freeze", hamburg.origin, "--reason", "to see")
    log_freeze(Log.objects.get(origin=hamburg.origin).id, "a second reason")
    assert Log.objects.get(origin=hamburg.origin).state_reason == "to see"
    run("federation", "release", hamburg.origin)
    run("federation", "forget", hamburg.origin, "--yes")

    printed = run("federation", "actions").splitlines()

    assert [line.split(": ")[1].split()[0] for line in printed] == ["forget", "release", "freeze", "pull", "admit"]
    assert all("@" in line for line in printed)


def test_unreadable_entries_are_listed(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    hamburg.log.publish("Neu", change={"kind": "spaceship"})
    pull_peer(hamburg_peer)

    printed = run("federation", "unreadable", hamburg.origin)

    assert printed.startswith(f"{hamburg.origin} 3 http://{hamburg.origin}/records/")
    assert printed.endswith("(tool): its kind is not the header's\n")
    assert run("federation", "unreadable") == printed


def test_the_documents_of_a_withdrawn_record_are_erased_and_the_log_still_verifies(
    hamburg: FakePeer, hamburg_peer: Peer
) -> None:
    record_id = hamburg.log.publish("Mit einem Namen darin")
    hamburg.log.publish("Ohne", record_id=record_id, revision=2)
    pull_peer(hamburg_peer)
    uuid = UUID(record_id[-36:])
    with pytest.raises(Conflict) as caught:
        record_erase(record_or_withdrawal(uuid))
    assert caught.value.reason == "not_withdrawn"
    hamburg.log.publish("", record_id=record_id, revision=3, deleted=True)
    pull_peer(hamburg_peer)

    assert "2 documents erased" in run("node", "erase", record_id)

    served = log_page(hamburg.origin, after=0, first=100).entries
    assert b"Mit einem Namen darin" not in served
    assert served.count(b'"document":null') == 2
    assert Log.objects.get(origin=hamburg.origin).checkpoint_size == 6
    assert pull_peer(hamburg_peer).problems == []
