"""What a process counts is the same whether it read every record itself or began with what the worker kept."""

import pytest

from core.records.models import Log
from core.records.services.append import NewRevision, entries_append
from tools_inventory.models import FacetSnapshot
from tools_inventory.selectors import facet_counting
from tools_inventory.selectors.facet_counting import FEW, Counted, read_forward
from tools_inventory.selectors.facet_sets import facet_reader, facet_sets
from tools_inventory.selectors.facet_snapshot import snapshot_counted
from tools_inventory.services.facet_snapshot import KEPT_EVERY, facet_snapshot_update
from tools_inventory.tasks import keep_facet_sets


def carried():
    """The uuids that carry each code: what does not depend on the order of reading."""
    counted = facet_reader._counted
    uuids = [counted.uuids[start : start + 16] for start in range(0, len(counted.uuids), 16)]
    return {
        code: {uuid for number, uuid in enumerate(uuids) if bits >> number & 1}
        for code, bits in counted.sets.items()
        if bits
    }


def read_anew():
    FacetSnapshot.objects.all().delete()
    facet_reader.forget()
    facet_sets()
    return carried()


@pytest.fixture
def many(published):
    """More records than are looked up one by one."""
    return [published(f"Tool {number}", activity="event", sectors=["energy"]) for number in range(FEW + 8)]


def test_what_was_kept_is_what_was_counted(many):
    assert facet_snapshot_update(every=1) == FEW + 8
    assert snapshot_counted() == read_forward(Counted(), Log.objects.all())


def test_a_process_begins_with_what_was_kept_and_reads_on(many, published, withdrawn, tool_content, monkeypatch):
    facet_snapshot_update(every=1)
    withdrawn(many[0])
    entries_append([NewRevision(uuid=many[1], kind="tool", language="nl", content=tool_content("Other"))])
    published("New", activity="workshop")
    read = []
    monkeypatch.setattr(
        facet_counting, "_carried", lambda *found, one=facet_counting._carried: read.append(found) or one(*found)
    )
    facet_reader.forget()
    assert facet_sets().mask("activity", ["event"]).bit_count() == FEW + 6
    assert len(read) == 2
    assert carried() == read_anew()


def test_many_changes_at_once_are_counted_as_one_by_one(many, withdrawn, tool_content):
    facet_snapshot_update(every=1)
    for uuid in many[:-2]:
        entries_append([NewRevision(uuid=uuid, kind="tool", language="nl", content=tool_content("Other"))])
    withdrawn(many[-1])
    facet_reader.forget()
    assert facet_sets().mask("activity", ["event"]).bit_count() == 1
    assert facet_sets().mask("activity", ["company_visit"]).bit_count() == FEW + 6
    assert carried() == read_anew()


def test_little_that_is_new_is_not_worth_writing(published):
    published("One")
    assert keep_facet_sets() == 0
    assert FacetSnapshot.objects.count() == 0
    assert KEPT_EVERY == 1000


def test_what_is_kept_is_brought_forward(many, published):
    facet_snapshot_update(every=1)
    published("New", activity="workshop")
    assert facet_snapshot_update(every=2) == 0
    assert facet_snapshot_update(every=1) == 1
    assert snapshot_counted() == read_forward(Counted(), Log.objects.all())
    assert FacetSnapshot.objects.count() == 1


def test_a_count_with_other_codes_is_made_anew(many):
    facet_snapshot_update(every=1)
    FacetSnapshot.objects.update(codes="of another version")
    assert snapshot_counted() is None
    assert facet_snapshot_update(every=1) == FEW + 8
    assert snapshot_counted() is not None


@pytest.mark.parametrize("change", [{"root": b"another"}, {"size": 3}])
def test_a_count_of_another_history_is_not_begun_with(many, change):
    facet_snapshot_update(every=1)
    Log.objects.update(**change)
    facet_reader.forget()
    expected = change.get("size", FEW + 8)
    assert facet_sets().mask("activity", ["event"]).bit_count() == expected
    assert facet_snapshot_update(every=1) == expected


def test_beginning_costs_two_queries_and_going_on_one(many, django_assert_num_queries):
    facet_snapshot_update(every=1)
    facet_reader.forget()
    with django_assert_num_queries(2):
        facet_sets()
    with django_assert_num_queries(1):
        facet_sets()
