"""Pages: served, verified, stored; and every way in which a page can be wrong."""

import base64
from dataclasses import replace

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from uuid6 import uuid7

from core.errors import Conflict, ForkDetected, InvalidInput, NotFound, VerificationFailed
from core.records.canonical import canonical, sha256_hex
from core.records.checkpoint import sign, verifier_key
from core.records.merkle import CompactRange, root_hash, subtrees
from core.records.models import Entry, Log, Record
from core.records.page import Page, PageEntry, entries_parse
from core.records.selectors.logs import changes, heads, log_page, unreadable_entries
from core.records.services.append import entries_append
from core.records.services.replicate import log_admit, page_store

pytestmark = pytest.mark.django_db

HAMBURG = "hamburg.havenlink.localhost"


class Origin:
    """Another node's log, held in memory, that serves pages as FEDERATION.md says."""

    def __init__(self, private: Ed25519PrivateKey):
        self.private = private
        self.entries: list[PageEntry] = []

    def publish(self, uuid=None, *, revision=1, deleted=False, change=None):
        uuid = uuid or uuid7()
        document = {
            "id": f"https://{HAMBURG}/records/{uuid}",
            "origin": HAMBURG,
            "kind": "tool",
            "revision": revision,
            "published": "2026-11-22T06:00:00.000000Z",
            "language": "de",
        }
        if deleted:
            document["deleted"] = True
        else:
            document |= {
                "licence": "CC-BY-4.0",
                "sources": [],
                "title": {"de": {"text": f"Hafenführung {revision}", "method": "source"}},
                "summary": {"de": {"text": "Klassen besuchen den Hafen.", "method": "source"}},
                "activity": "company_visit",
                **(change or {}),
            }
        body = canonical(document)
        stated = {name: document[name] for name in ("id", "revision", "published")}
        self.entries.append(
            PageEntry(
                index=len(self.entries),
                kind="tool",
                deleted=deleted,
                sha256=sha256_hex(body),
                document=body.decode(),
                **stated,
            )
        )
        return uuid

    def checkpoint(self, size=None):
        size = len(self.entries) if size is None else size
        return sign(HAMBURG, size, root_hash(self.leaves()[:size]), self.private).note

    def leaves(self):
        return [entry.leaf() for entry in self.entries]

    def page(self, first=0, count=10_000):
        leaves = self.leaves()
        last = min(first + count, len(leaves))
        left = CompactRange()
        left.extend(leaves[:first])
        right = [root_hash(leaves[i << level : (i + 1) << level]) for level, i in subtrees(last, len(leaves))]
        return Page(self.checkpoint(), first, self.entries[first:last], left.peaks, right)


@pytest.fixture
def hamburg(hamburg_key):
    return Origin(hamburg_key)


@pytest.fixture
def replica(hamburg_key):
    return log_admit(key=verifier_key(HAMBURG, hamburg_key))


def state():
    log = Log.objects.get(origin=HAMBURG)
    return log.size, log.checkpoint_size, Entry.objects.count(), Record.objects.count()


def test_pages_are_stored_in_order_until_the_replica_equals_the_origin(hamburg, replica):
    for _ in range(700):
        hamburg.publish()
    assert page_store(replica.id, hamburg.page(0, 300)) == 300
    assert state() == (300, 0, 300, 300)
    assert page_store(replica.id, hamburg.page(300, 300)) == 300
    assert page_store(replica.id, hamburg.page(600)) == 100
    assert state() == (700, 700, 700, 700)
    assert [head.origin for head in heads()] == [HAMBURG]
    assert heads()[0].checkpoint == hamburg.checkpoint()


@pytest.mark.parametrize(("after", "first"), [(0, 700), (0, 1), (255, 2), (256, 256), (300, 33), (699, 1), (700, 1)])
def test_a_replica_serves_pages_that_another_node_can_verify(hamburg, replica, after, first):
    for _ in range(700):
        hamburg.publish()
    page_store(replica.id, hamburg.page())
    served = log_page(HAMBURG, after=after, first=first)
    relayed = Page(
        served.checkpoint,
        served.first,
        entries_parse(orjson.loads(served.entries)),
        [base64.b64decode(node) for node in served.left],
        [base64.b64decode(node) for node in served.right],
    )
    assert relayed == replace(hamburg.page(after, first), checkpoint=served.checkpoint)


def test_a_page_that_overlaps_what_is_held_adds_only_what_is_new(hamburg, replica):
    for _ in range(20):
        hamburg.publish()
    page_store(replica.id, hamburg.page(0, 8))
    assert page_store(replica.id, hamburg.page(4, 10)) == 6
    assert page_store(replica.id, hamburg.page(0, 14)) == 0
    assert state() == (14, 0, 14, 14)


def test_the_newest_revision_and_the_withdrawal_win_within_and_across_pages(hamburg, replica):
    one, two = hamburg.publish(), hamburg.publish()
    hamburg.publish(one, revision=2)
    page_store(replica.id, hamburg.page())
    assert Record.objects.get(uuid=one).document["title"]["de"]["text"] == "Hafenführung 2"
    hamburg.publish(two, revision=2, deleted=True)
    page_store(replica.id, hamburg.page(3))
    assert Record.objects.get(uuid=two).deleted
    assert [hasattr(entry, "record") for entry in changes(Log.objects.get(), 0, 10)] == [False, False, True, True]


def test_a_superseded_entry_may_come_without_its_document(hamburg, replica):
    one = hamburg.publish()
    hamburg.publish(one, revision=2)
    hamburg.entries[0] = hamburg.entries[0]._replace(document=None)
    page_store(replica.id, hamburg.page())
    assert Record.objects.get().revision == 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kind": "tool", "activity": 7}, "activity: "),
        ({"origin": "bremen.example.org"}, "its origin is not the header's"),
        ({"title": {"de": {"text": "x"}}}, "title.de: "),
    ],
)
def test_a_document_that_cannot_be_read_is_kept_listed_and_blocks_nothing(hamburg, replica, change, reason):
    hamburg.publish(change=change)
    hamburg.publish()
    page_store(replica.id, hamburg.page())
    assert state() == (2, 2, 2, 1)
    (unreadable,) = unreadable_entries(replica)
    assert unreadable.unreadable.startswith(reason)
    assert log_page(HAMBURG).count == 2


def test_unknown_fields_of_a_newer_peer_are_kept(hamburg, replica):
    uuid = hamburg.publish(change={"weather": {"rain": [1, 2]}})
    page_store(replica.id, hamburg.page())
    assert Record.objects.get(uuid=uuid).document["weather"] == {"rain": [1, 2]}


def test_an_origin_cannot_change_the_record_of_another(hamburg, replica, tool):
    ours = tool()
    entries_append([ours])
    hamburg.publish(ours.uuid, revision=9)
    hamburg.publish(ours.uuid, revision=10, deleted=True)
    page_store(replica.id, hamburg.page())
    record = Record.objects.get(uuid=ours.uuid)
    assert (record.revision, record.deleted, record.log.origin) == (1, False, "antwerp.havenlink.localhost")
    assert len(list(unreadable_entries(replica))) == 2


def forged_document(page):
    entries = list(page.entries)
    entries[3] = entries[3]._replace(document=entries[3].document.replace("Hafen", "Bahnhof"))
    return replace(page, entries=entries)


def forged_header(page):
    entries = list(page.entries)
    entries[3] = entries[3]._replace(revision=7)
    return replace(page, entries=entries)


def swapped(page):
    entries = list(page.entries)
    entries[3], entries[4] = entries[4], entries[3]
    return replace(page, entries=entries)


def swapped_and_renumbered(page):
    entries = list(page.entries)
    entries[3], entries[4] = entries[4]._replace(index=3), entries[3]._replace(index=4)
    return replace(page, entries=entries)


def hidden(page):
    entries = [entry for entry in page.entries if entry.index != 3]
    return replace(page, entries=[entry._replace(index=i) for i, entry in enumerate(entries)])


@pytest.mark.parametrize(
    ("tamper", "code"),
    [
        (forged_document, "bad_document"),
        (forged_header, "bad_proof"),
        (swapped, "bad_page"),
        (swapped_and_renumbered, "bad_proof"),
        (hidden, "bad_proof"),
        (lambda page: replace(page, right=page.right[:-1]), "bad_proof"),
        (lambda page: replace(page, left=[b"x" * 32]), "bad_proof"),
        (lambda page: replace(page, checkpoint=page.checkpoint.replace("\n20\n", "\n21\n")), "bad_signature"),
        (lambda page: replace(page, first=5), "gap"),
    ],
)
def test_a_page_that_was_tampered_with_is_refused_whole(hamburg, replica, tamper, code):
    for _ in range(20):
        hamburg.publish()
    with pytest.raises(VerificationFailed) as caught:
        page_store(replica.id, tamper(hamburg.page(0, 10)))
    assert caught.value.reason == code
    assert state() == (0, 0, 0, 0)


def test_another_history_signed_by_the_origin_is_a_fork(hamburg, replica, hamburg_key):
    for _ in range(10):
        hamburg.publish()
    page_store(replica.id, hamburg.page())
    other = Origin(hamburg_key)
    for _ in range(12):
        other.publish()
    for page in (other.page(10), other.page(0), other.page(5)):
        with pytest.raises(ForkDetected):
            page_store(replica.id, page)
    assert state() == (10, 10, 10, 10)


def test_a_peer_that_is_behind_is_told_from_a_fork(hamburg, replica):
    for _ in range(10):
        hamburg.publish()
    earlier = hamburg.page()
    hamburg.publish()
    page_store(replica.id, hamburg.page())
    with pytest.raises(VerificationFailed) as caught:
        page_store(replica.id, earlier)
    assert caught.value.reason == "behind"


def test_a_frozen_log_takes_no_page(hamburg, replica):
    hamburg.publish()
    Log.objects.update(state=Log.State.FROZEN)
    with pytest.raises(Conflict):
        page_store(replica.id, hamburg.page())


def test_an_origin_is_not_admitted_with_a_second_key(replica):
    other = Ed25519PrivateKey.from_private_bytes(b"other".ljust(32, b"."))
    with pytest.raises(Conflict):
        log_admit(key=verifier_key(HAMBURG, other))
    assert Log.objects.get().verifier_key == replica.verifier_key


@pytest.mark.parametrize(("after", "first"), [(-1, 1), (3, 1), (0, 0), (0, 4096)])
def test_positions_out_of_range_are_refused(hamburg, replica, after, first):
    hamburg.publish()
    page_store(replica.id, hamburg.page())
    with pytest.raises(InvalidInput):
        log_page(HAMBURG, after=after, first=first)


def test_an_unknown_origin_is_not_found():
    with pytest.raises(NotFound):
        log_page("nowhere.example.org")


@pytest.mark.parametrize(
    "change",
    [
        {"index": "0"},
        {"index": True},
        {"revision": 0},
        {"deleted": 0},
        {"id": "ftp://x/" + str(uuid7())},
        {"id": "https://x/not-a-uuid"},
        {"id": "https://x/" + str(uuid7()).upper().replace("0", "A")},
        {"id": "https://x/" + uuid7().hex},
        {"id": "https://x\x00y/" + str(uuid7())},
        {"id": "https://x/" + "y" * 400 + "/" + str(uuid7())},
        {"kind": "Tool!"},
        {"published": "2026-02-30T00:00:00.000000Z"},
        {"published": "2026-11-22"},
        {"published": "2026-11-22T24:00:00.000000Z"},
        {"published": "2026-11-22T05:50:02.12345\u0662Z"},
        {"published": "0000-11-22T05:50:02.123456Z"},
        {"published": "2026-11-22T05:50:02.123456Z\n2026-11-22T05:50:02.123456Z"},
        {"sha256": "00"},
        {"sha256": "A" * 64},
        {"sha256": 7},
        {"revision": 2**31},
        {"revision": True},
        {"kind": 7},
        {"document": "{\x00}"},
        {"document": {}},
        {"id": None},
    ],
)
def test_a_malformed_entry_is_refused(hamburg, change):
    hamburg.publish()
    entry = hamburg.entries[0]
    wire = {name: getattr(entry, name) for name in PageEntry._fields}
    assert entries_parse([wire]) == [entry]
    with pytest.raises(VerificationFailed) as caught:
        entries_parse([wire, {**wire, **change}, wire])
    assert caught.value.reason == "bad_entry"
    assert f"malformed: {next(iter(change))} cannot be" in str(caught.value.message)


@pytest.mark.parametrize("wire", [None, [], "x", 7, {}])
def test_what_is_no_entry_is_refused(wire):
    with pytest.raises(VerificationFailed):
        entries_parse([wire])
