"""Keys change, are lost, and are given up: who trusted the old one goes over by proof, or by hand."""

from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone
from uuid6 import uuid7

from core.errors import Conflict, VerificationFailed
from core.records import checkpoint as checkpoints
from core.records.checkpoint import VerifierKey, rotation, sign, verifier_key
from core.records.keys import old_key_drop, own_verifier_key, signing_key_create, signing_key_rotate
from core.records.models import Entry, Log
from core.records.selectors.proofs import entry_verify
from core.records.services.append import NewRevision, entries_append, own_log
from federation.models import Peer
from federation.selectors.network import network_status
from federation.services.admission import peer_admit
from federation.services.describe import node_describe, node_retire, node_rotate_key
from federation.services.due import peer_pull
from federation.services.pull import pull_peer
from federation.web.network_rows import network_rows
from tests.federation.fakes import FakeLog, FakePeer

pytestmark = pytest.mark.django_db

NEW = Ed25519PrivateKey.from_private_bytes(b"new".ljust(32, b"."))


@pytest.fixture
def key_of_its_own(settings: Any, tmp_path: Path) -> None:
    """Other tests of this run go on with the key that they share."""
    settings.SIGNING_KEY_FILE = tmp_path / "signing.key"
    signing_key_create(settings.SIGNING_KEY_FILE)


def rotate(log: FakeLog, *, both: bool = True) -> VerifierKey:
    """The origin goes over to the new key; its old one signs too, or not."""
    old = log.private
    log.private = NEW
    signed_by(log, NEW, old if both else None)
    return log.key


def signed_by(log: FakeLog, key: Ed25519PrivateKey, before: Ed25519PrivateKey | None = None) -> None:
    def checkpoint(size: int) -> str:
        return sign(log.origin, size, log.root(size), key, before).note

    log.checkpoint = checkpoint  # type: ignore[method-assign]


def trusted(origin: str) -> tuple[str, str]:
    return Log.objects.get(origin=origin).verifier_key, Peer.objects.get(origin=origin).verifier_key


def test_a_key_signed_by_the_old_and_the_new_one_is_gone_over_to(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    pull_peer(hamburg_peer)
    new = rotate(hamburg.log)
    hamburg.log.publish("Unter neuem Schlüssel")

    assert pull_peer(hamburg_peer).added == {hamburg.origin: 1}

    assert trusted(hamburg.origin) == (str(new), str(new))
    entry = Entry.objects.select_related("log").order_by("-id")[0]
    assert entry_verify(entry).verified
    signed_by(hamburg.log, NEW)
    hamburg.log.publish("Unter dem neuen allein")
    assert pull_peer(hamburg_peer).added == {hamburg.origin: 1}


def test_a_new_key_that_the_old_one_did_not_sign_is_refused(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    pull_peer(hamburg_peer)
    before = trusted(hamburg.origin)
    rotate(hamburg.log, both=False)
    hamburg.log.publish("Untergeschoben")

    with pytest.raises(VerificationFailed) as caught:
        pull_peer(hamburg_peer)

    assert caught.value.reason == "key_changed"
    assert trusted(hamburg.origin) == before
    assert Log.objects.get(origin=hamburg.origin).size == 3


def test_a_rotation_reaches_others_by_way_of_a_relay(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer
) -> None:
    pull_peer(hamburg_peer)
    new = rotate(hamburg.log)
    hamburg.log.publish("Unter neuem Schlüssel")
    rotterdam.also_holds(hamburg.log)

    assert pull_peer(rotterdam_peer).added[hamburg.origin] == 1
    assert Log.objects.get(origin=hamburg.origin).verifier_key == str(new)

    signed_by(hamburg.log, NEW)
    assert pull_peer(hamburg_peer).problems == [], "the old key is dropped, and the peer known by the new one"
    assert trusted(hamburg.origin) == (str(new), str(new))


def test_a_relay_that_has_not_heard_of_a_rotation_is_just_behind(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer
) -> None:
    earlier = FakeLog("hamburg")
    earlier.entries = list(hamburg.log.entries)
    rotate(hamburg.log)
    hamburg.log.publish("Unter neuem Schlüssel")
    pull_peer(hamburg_peer)
    rotterdam.also_holds(earlier)

    assert pull_peer(rotterdam_peer).problems == []


@pytest.mark.parametrize("missing", ["old", "new"])
def test_a_rotation_that_one_key_did_not_sign_is_refused(missing: str) -> None:
    log = FakeLog("hamburg")
    note = sign(log.origin, 0, log.root(0), NEW, log.private).note
    keys = {"old": log.key, "new": verifier_key(log.origin, NEW)}
    body, signatures = note.split("\n\n")
    marks = {name: b64encode(key.hash).decode()[:5] for name, key in keys.items()}
    kept = [line for line in signatures.splitlines() if marks[missing] not in line]
    assert len(kept) == 1

    with pytest.raises(VerificationFailed) as caught:
        rotation(f"{body}\n\n" + "\n".join(kept) + "\n", keys["old"])

    assert caught.value.reason == "bad_signature"


def test_a_lost_key_is_replaced_by_hand_and_what_is_held_still_counts(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    pull_peer(hamburg_peer)
    new = rotate(hamburg.log, both=False)

    peer = peer_admit(url=hamburg.url, verifier_key=str(new), replace_key=True)
    assert pull_peer(peer).problems == []

    assert trusted(hamburg.origin) == (str(new), str(new))
    assert Log.objects.get(origin=hamburg.origin).checkpoint == hamburg.log.checkpoint(3)
    hamburg.log.entries.pop()
    hamburg.log.publish("Eine andere Geschichte")
    assert [problem.error.reason for problem in pull_peer(peer).problems] == ["fork_detected"]


def publish() -> int:
    text = {"nl": {"text": "Havendag", "method": "source"}}
    content = {"title": text, "summary": text, "activity": "workshop"}
    return entries_append([NewRevision(uuid=uuid7(), kind="tool", language="nl", content=content)])[0].index


def test_this_node_goes_over_to_a_new_key(key_of_its_own: None) -> None:
    node_describe()
    old = own_verifier_key()

    node_rotate_key()

    new, log = own_verifier_key(), own_log()
    assert new != old
    assert (log.size, log.verifier_key) == (2, str(new)), "the description names the new key"
    assert rotation(log.checkpoint, old) == new
    assert old_key_drop()
    publish()
    note = own_log().checkpoint
    assert checkpoints.verify(note, new).size == 3
    with pytest.raises(VerificationFailed):
        checkpoints.verify(note, old)


def test_a_second_rotation_waits_until_the_first_is_done(key_of_its_own: None) -> None:
    signing_key_rotate()
    second = own_verifier_key()

    with pytest.raises(Conflict) as caught:
        signing_key_rotate()

    assert (caught.value.reason, own_verifier_key()) == ("old_key_kept", second)


def test_a_retired_node_names_who_goes_on_in_its_last_entry_and_publishes_nothing_more() -> None:
    node_describe()
    publish()

    node_retire(successor="https://ghent.example.org")

    log = own_log()
    last = Entry.objects.select_related("record").get(id=log.entry_id(log.size - 1))
    assert last.record.document["successor"] == "https://ghent.example.org"
    with pytest.raises(Conflict) as caught:
        publish()
    assert caught.value.reason == "retired"
    assert not node_describe()
    assert own_log().size == log.size == 3


def test_a_retired_peer_is_shown_with_who_goes_on(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    text = {"de": {"text": "Hamburg", "method": "source"}}
    about = {"kind": "node", "title": text, "languages": ["de"], "url": hamburg.url, "successor": "ghent.example.org"}
    hamburg.log.publish("Hamburg", kind="node", change=about)
    peer_pull(peer=hamburg_peer)

    row = next(row for row in network_rows(network_status(), timezone.now()) if row.status.origin == hamburg.origin)

    assert (row.state, row.error_detail) == ("retired", "Who goes on: ghent.example.org")
