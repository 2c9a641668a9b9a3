"""Publishing: the log has no gap, its checkpoint holds, the current records follow."""

import threading
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import orjson
import pytest
from django.db import connection

from core.errors import Conflict, InvalidRecord, NotFound, Unavailable
from core.records.canonical import canonical, sha256_hex
from core.records.checkpoint import verify
from core.records.keys import own_verifier_key
from core.records.merkle import root_hash
from core.records.models import Entry, Log, Record
from core.records.services.append import entries_append, own_log

pytestmark = pytest.mark.django_db


def test_a_published_tool_is_an_entry_a_record_and_a_signed_checkpoint(tool):
    revision = tool()
    (published,) = entries_append([revision])
    assert (published.index, published.revision) == (0, 1)
    entry = Entry.objects.get()
    document = orjson.loads(entry.document)
    assert document["id"] == f"http://127.0.0.1:8001/records/{revision.uuid}"
    assert document["origin"] == "antwerp.havenlink.localhost"
    assert document["licence"] == "CC-BY-4.0"
    assert document["title"] == {"nl": {"text": "Port Xpert", "method": "source"}}
    assert entry.document.encode() == canonical(document)
    assert entry.sha256 == sha256_hex(entry.document.encode())
    record = Record.objects.get()
    assert (record.uuid, record.entry_id, record.kind, record.language) == (revision.uuid, entry.id, "tool", "nl")
    assert record.document == document
    log = Log.objects.get()
    checkpoint = verify(log.checkpoint, own_verifier_key())
    assert (checkpoint.size, checkpoint.root) == (1, root_hash([bytes(entry.leaf_hash)]))


def test_the_newest_revision_is_current_and_a_withdrawal_leaves_only_the_envelope(tool):
    first = tool()
    entries_append([first])
    entries_append([tool(first.uuid, title="Port Xpert 2", expected_revision=1)])
    assert Record.objects.get().document["title"]["nl"]["text"] == "Port Xpert 2"
    (withdrawn,) = entries_append([tool(first.uuid, deleted=True)])
    assert (withdrawn.index, withdrawn.revision) == (2, 3)
    record = Record.objects.get()
    assert record.deleted
    assert sorted(record.document) == ["deleted", "id", "kind", "language", "origin", "published", "revision"]


def test_several_revisions_of_one_id_in_one_call_fold_to_the_last(tool):
    first = tool()
    second = tool(first.uuid, title="Later")
    published = entries_append([first, tool(), second])
    assert [(entry.index, entry.revision) for entry in published] == [(0, 1), (1, 1), (2, 2)]
    assert Record.objects.get(uuid=first.uuid).document["title"]["nl"]["text"] == "Later"


def test_entries_are_a_microsecond_apart_in_the_order_of_the_log(tool):
    entries_append([tool() for _ in range(5)])
    times = list(Entry.objects.order_by("id").values_list("published", flat=True))
    assert times == sorted(set(times))


@pytest.mark.parametrize("size", [1, 255, 256, 257, 700])
def test_root_and_peaks_are_those_of_the_whole_tree_after_any_batches(tool, size):
    entries_append([tool() for _ in range(size)])
    entries_append([tool()])
    leaves = [bytes(leaf) for leaf in Entry.objects.order_by("id").values_list("leaf_hash", flat=True)]
    log = Log.objects.get()
    assert log.size == size + 1
    assert bytes(log.root) == root_hash(leaves)


def test_a_stale_revision_is_a_conflict_and_changes_nothing(tool):
    first = tool()
    entries_append([first, tool(first.uuid)])
    with pytest.raises(Conflict):
        entries_append([tool(), tool(first.uuid, expected_revision=1)])
    assert Entry.objects.count() == Log.objects.get().size == 2


def test_withdrawing_what_was_never_published_is_not_found(tool):
    with pytest.raises(NotFound):
        entries_append([tool(deleted=True)])
    assert Entry.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": "not texts"}, "title"),
        ({"title": {}}, "title"),
        ({"activity": "no_such_activity"}, "activity"),
        ({"activity": "Company visit"}, "activity"),
        ({"stages": ["no-such-stage"]}, "stages"),
        ({"ages": {"min": -1}}, "ages"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"source_date": "2018-13"}, "source_date"),
        ({"location": {"country": "Belgium"}}, "location"),
    ],
)
def test_a_document_that_does_not_fit_names_its_field_and_changes_nothing(tool, change, field):
    revision = tool()
    with pytest.raises(InvalidRecord) as caught:
        entries_append([replace(revision, content={**revision.content, **change})])
    assert caught.value.field == field
    assert Entry.objects.count() == Record.objects.count() == 0


def test_a_record_that_no_peer_would_take_is_not_published(tool):
    revision = tool()
    with pytest.raises(InvalidRecord) as caught:
        entries_append([replace(revision, content={**revision.content, "more": "x" * 2**20})])
    assert (caught.value.reason, Entry.objects.count()) == ("too_large", 0)


def test_a_clock_of_another_century_publishes_nothing(tool):
    own_log()
    Log.objects.update(checkpoint_at=datetime(2100, 1, 1, tzinfo=UTC))
    with pytest.raises(Unavailable) as caught:
        entries_append([tool()])
    assert (caught.value.reason, Entry.objects.count()) == ("wrong_clock", 0)


def test_a_frozen_log_takes_nothing(tool):
    own_log()
    Log.objects.update(state=Log.State.FROZEN, state_reason="two histories")
    with pytest.raises(Conflict):
        entries_append([tool()])
    assert Entry.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_publishers_at_the_same_time_leave_no_gap(tool):
    batches = [[tool() for _ in range(3)] for _ in range(24)]
    own_log()
    problems: list[Exception] = []

    def publish(mine):
        try:
            for batch in mine:
                entries_append(batch)
        except Exception as error:
            problems.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=publish, args=(batches[i::4],)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    log = Log.objects.get()
    entries = list(Entry.objects.order_by("id"))
    assert [entry.index for entry in entries] == list(range(72))
    assert {UUID(entry.record_id.rpartition("/")[2]) for entry in entries} == {r.uuid for b in batches for r in b}
    assert bytes(log.root) == root_hash([bytes(entry.leaf_hash) for entry in entries])
    assert verify(log.checkpoint, own_verifier_key()).size == 72
    times = [entry.published for entry in entries]
    assert times == sorted(set(times))
