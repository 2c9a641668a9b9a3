"""The operator's verbs: what they print, and how they fail."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core.node import this_node
from core.records.keys import own_verifier_key
from core.records.services.append import own_log
from federation.models import Action, Peer
from tests.federation.fakes import FakePeer

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    output = StringIO()
    call_command(*arguments, stdout=output, stderr=output)
    return output.getvalue()


def test_init_publishes_the_description_once() -> None:
    assert "Published this node's description." in run("node", "init")
    assert "The description is up to date." in run("node", "init")
    assert own_log().size == 1


def test_show_prints_the_well_known_json() -> None:
    assert json.loads(run("node", "show"))["verifier_key"] == str(own_verifier_key())


def test_admit_with_a_key_asks_nobody(hamburg: FakePeer) -> None:
    printed = run("federation", "admit", hamburg.url, "--key", hamburg.key)

    assert hamburg.log.key.fingerprint in printed
    assert hamburg.asked == []


def test_admit_without_a_key_shows_the_fingerprint_and_wants_it_compared(hamburg: FakePeer) -> None:
    with pytest.raises(CommandError, match="Nobody is there to compare"):
        run("federation", "admit", hamburg.url)

    assert Peer.objects.count() == 0


def test_admit_yes_takes_the_key_that_is_shown(hamburg: FakePeer) -> None:
    run("federation", "admit", hamburg.url, "--yes")

    assert [(peer.name, peer.verifier_key) for peer in Peer.objects.all()] == [("Hamburg", hamburg.key)]


def test_pull_says_what_came(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    printed = run("federation", "pull")

    assert "Hamburg: 3 entries of hamburg.havenlink.localhost" in printed
    assert "Hamburg: nothing more to take" in printed


def test_pull_fails_by_name(hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer) -> None:
    hamburg.down = True

    with pytest.raises(CommandError, match="Not pulled"):
        run("federation", "pull")

    assert own_log().size == 0
    assert rotterdam.asked == ["heads", "log rotterdam 0"]


@pytest.mark.parametrize(
    ("steps", "state"), [(["pause"], "paused"), (["pause", "resume"], "admitted"), (["remove"], "removed")]
)
def test_the_states_are_moved_by_verbs(hamburg: FakePeer, hamburg_peer: Peer, steps: list[str], state: str) -> None:
    for verb in steps:
        run("federation", verb, hamburg.url)

    assert Peer.objects.get().state == state


def test_a_peer_that_is_not_known_is_an_error() -> None:
    with pytest.raises(CommandError, match="There is no peer"):
        run("federation", "pause", "nobody.example")


def test_list_and_status_in_words(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    run("federation", "pull")

    assert hamburg.origin in run("federation", "list")
    assert "Hamburg (hamburg.havenlink.localhost): admitted, 3 records, 3 entries verified" in run(
        "federation", "status"
    )


def test_status_for_monitoring(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    hamburg.down = True
    with pytest.raises(CommandError):
        run("federation", "pull")

    report: dict[str, Any] = json.loads(run("federation", "status", "--json"))

    assert report["node"] == "antwerp.havenlink.localhost"
    assert [(node["origin"], node["failing"]) for node in report["nodes"]] == [(hamburg.origin, True)]


def test_the_verbs_of_this_node_are_written_down(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    run("node", "init")
    run("node", "init")
    run("node", "rotate-key")
    fingerprint = own_verifier_key().fingerprint
    run("node", "drop-old-key")
    run("node", "drop-old-key")
    record_id = hamburg.log.publish("Mit einem Namen darin")
    hamburg.log.publish("", record_id=record_id, revision=2, deleted=True)
    run("federation", "pull")
    run("node", "erase", record_id)
    run("node", "retire", "--successor", "https://next.example.org", "--yes")
    run("node", "restored")
    run("node", "recover")

    here = this_node().id
    assert [(row.verb, row.origin, row.detail) for row in Action.objects.order_by("id")] == [
        ("init", here, "description published"),
        ("rotate-key", here, fingerprint),
        ("drop-old-key", here, ""),
        ("pull", hamburg.origin, ""),
        ("erase", hamburg.origin, record_id),
        ("retire", here, "https://next.example.org"),
        ("restored", here, ""),
        ("recover", here, "a backup was restored"),
    ]
    assert {"@" in row.by for row in Action.objects.all()} == {True}


def test_a_verb_that_fails_is_not_written_down(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    with pytest.raises(CommandError):
        run("federation", "release", hamburg.origin)
    with pytest.raises(CommandError):
        run("federation", "resume", hamburg.origin)
    with pytest.raises(CommandError):
        run("node", "erase", "00000000-0000-7000-8000-000000000000")

    assert Action.objects.count() == 0


def test_status_says_how_far_a_peer_is_and_for_how_long(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    hamburg.alter = lambda page: page | {"entries": [{}]}
    with pytest.raises(CommandError):
        run("federation", "pull")

    report: dict[str, Any] = json.loads(run("federation", "status", "--json"))

    node = report["nodes"][-1]
    assert (node["lag_count"], node["holds_of_ours"]) == (3, None)
    assert 0 <= node["lag_seconds"] < 60
    assert "3 behind for" in run("federation", "status")
