"""A stored record is proved anew each time: whatever is changed in the database, it shows."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.records import checkpoint as checkpoints
from core.records.models import Entry, Log, TreeNode
from core.records.selectors.proofs import entry_verify
from core.records.services.append import entries_append

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(tool):
    """600 entries: stored nodes, low subtrees and a tail."""
    entries_append([tool(title=f"Tool {number}") for number in range(600)])
    return Log.objects.get()


def entry_at(log, index):
    return Entry.objects.select_related("log").get(id=log.entry_id(index))


@pytest.mark.parametrize("index", [0, 1, 255, 256, 300, 511, 512, 598, 599])
def test_every_entry_is_proved_in_few_queries(log, index, django_assert_max_num_queries):
    entry = entry_at(log, index)
    with django_assert_max_num_queries(2):
        found = entry_verify(entry)
    assert (found.verified, found.reason, found.size) == (True, "", 600)
    assert (found.sha256, found.leaf) == (entry.sha256, bytes(entry.leaf_hash).hex())
    assert found.root == log.checkpoint.split("\n")[2]
    assert found.fingerprint == checkpoints.VerifierKey.parse(log.verifier_key).fingerprint


def test_a_changed_document_shows(log):
    Entry.objects.filter(id=log.entry_id(300)).update(document='{"title":"Forged"}')
    assert entry_verify(entry_at(log, 300)).reason == "document"
    assert entry_verify(entry_at(log, 301)).reason == ""


@pytest.mark.parametrize("changed", [{"revision": 9}, {"kind": "programme"}, {"record_id": "http://x/records/1"}])
def test_a_changed_header_shows(log, changed):
    Entry.objects.filter(id=log.entry_id(300)).update(**changed)
    assert entry_verify(entry_at(log, 300)).reason == "root"


def test_a_document_and_hash_changed_together_show(log):
    other = entry_at(log, 7)
    Entry.objects.filter(id=log.entry_id(300)).update(
        document=other.document, sha256=other.sha256, leaf_hash=other.leaf_hash
    )
    assert entry_verify(entry_at(log, 300)).reason == "root"


def test_an_erased_document_proves_nothing_of_what_is_shown(log):
    Entry.objects.filter(id=log.entry_id(300)).update(document=None)
    found = entry_verify(entry_at(log, 300))
    assert (found.reason, found.sha256) == ("no_document", entry_at(log, 300).sha256)


def test_a_tree_with_a_gap_proves_nothing(log):
    TreeNode.objects.all().delete()
    assert entry_verify(entry_at(log, 300)).reason == "root"


def test_an_entry_beyond_the_checkpoint_is_not_covered_yet(log, tool):
    earlier = log.checkpoint
    entries_append([tool()])
    Log.objects.update(checkpoint=earlier, checkpoint_size=600)
    assert entry_verify(entry_at(log, 600)).reason == "not_covered"
    assert entry_verify(entry_at(log, 599)).reason == ""


def test_a_checkpoint_signed_by_another_key_is_no_proof(log):
    stranger = Ed25519PrivateKey.from_private_bytes(b"stranger".ljust(32, b"."))
    forged = checkpoints.sign(log.origin, log.size, bytes(log.root), stranger)
    Log.objects.update(checkpoint=forged.note)
    assert entry_verify(entry_at(log, 300)).reason == "checkpoint"


@pytest.mark.parametrize("checkpoint", ["", "nonsense", "antwerp\n600\nAAAA\n\n"])
def test_a_checkpoint_that_is_none_is_no_proof(log, checkpoint):
    Log.objects.update(checkpoint=checkpoint)
    assert entry_verify(entry_at(log, 300)).reason == "checkpoint"
