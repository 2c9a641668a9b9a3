"""Admitting peers and their origins."""

import pytest

from core.errors import Conflict, InvalidInput, VerificationFailed
from core.node import this_node
from core.records.keys import own_verifier_key
from core.records.models import Log
from federation.models import Peer
from federation.services.admission import peer_admit, peer_remove
from federation.services.ask import ask_description
from tests.federation.fakes import FakeLog, FakePeer

pytestmark = pytest.mark.django_db


def test_an_admitted_peer_is_due_and_its_log_begun(hamburg: FakePeer) -> None:
    peer = peer_admit(url=hamburg.url + "/", verifier_key=hamburg.key, name="Hamburg")

    assert (peer.origin, peer.url, peer.name, peer.state) == (hamburg.origin, hamburg.url, "Hamburg", "admitted")
    assert peer.fingerprint == hamburg.log.key.fingerprint
    assert Log.objects.get(origin=hamburg.origin).verifier_key == hamburg.key
    assert hamburg.asked == [], "the network is not asked"


def test_admitting_twice_changes_nothing(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    assert peer_admit(url=hamburg.url, verifier_key=hamburg.key) == hamburg_peer
    assert Peer.objects.count() == 1


def test_a_removed_peer_may_be_admitted_again(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    peer_remove(peer=hamburg_peer)

    assert peer_admit(url=hamburg.url, verifier_key=hamburg.key).state == Peer.State.ADMITTED


def test_another_key_for_an_admitted_origin_is_refused(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    other = FakeLog("mallory")
    other.origin = hamburg.origin

    with pytest.raises(Conflict) as refusal:
        peer_admit(url=hamburg.url, verifier_key=str(other.key))

    assert refusal.value.reason == "key_changed"
    assert Peer.objects.get().verifier_key == hamburg.key


def test_an_address_belongs_to_one_peer(hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer) -> None:
    with pytest.raises(Conflict) as refusal:
        peer_admit(url=hamburg.url, verifier_key=rotterdam.key)

    assert refusal.value.reason == "url_taken"
    assert not Log.objects.filter(origin=rotterdam.origin).exists()


def test_a_node_is_not_its_own_peer() -> None:
    with pytest.raises(Conflict) as refusal:
        peer_admit(url=this_node().url, verifier_key=str(own_verifier_key()))

    assert refusal.value.reason == "own_node"


@pytest.mark.parametrize("key", ["", "antwerp", "antwerp+00000000+AQ==", "a+b+c"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(VerificationFailed) as refusal:
        peer_admit(url="http://hamburg.example", verifier_key=key)

    assert refusal.value.reason == "bad_key"


def test_what_is_no_address_is_refused(hamburg: FakePeer) -> None:
    with pytest.raises(InvalidInput) as refusal:
        peer_admit(url="ftp://hamburg.example", verifier_key=hamburg.key)

    assert refusal.value.field == "url"
    assert (Peer.objects.count(), Log.objects.count()) == (0, 0)


def test_a_node_is_asked_for_its_key(hamburg: FakePeer) -> None:
    description = ask_description(hamburg.url)

    assert (description.id, description.name) == (hamburg.origin, "Hamburg")
    assert description.key == hamburg.log.key


def test_a_node_that_shows_anothers_key_is_refused(hamburg: FakePeer) -> None:
    hamburg.shown_key = str(FakeLog("mallory").key)

    with pytest.raises(VerificationFailed) as refusal:
        ask_description(hamburg.url)

    assert refusal.value.reason == "bad_key"
