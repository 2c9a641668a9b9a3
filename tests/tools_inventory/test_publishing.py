"""From drafts to records: one, many, again, and back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from uuid6 import uuid7

from core.accounts.roles import OPERATOR
from core.errors import Conflict, InvalidRecord, NotFound, NotPermitted, Withdrawn
from core.node import this_node
from core.records.models import Entry, Log, Record
from core.records.selectors.records import record_get
from tools_inventory.models import Draft, Publication
from tools_inventory.services.drafts import draft_create, draft_update
from tools_inventory.services.publishing import draft_publish, draft_withdraw, drafts_publish


def stored(draft):
    return Draft.objects.get(pk=draft.pk)


def log_size():
    return Log.objects.get(origin=this_node().id).size if Log.objects.exists() else 0


def test_a_published_draft_is_a_record(publisher, draft, tool_content):
    one = draft(sources=[{"url": "https://example.org/bron"}])
    published = draft_publish(by=publisher, draft_id=one.id)
    assert (published.uuid, published.index, published.revision) == (one.id, 0, 1)
    document = record_get(one.id).document
    assert document["title"] == tool_content()["title"]
    assert document["sources"] == [{"url": "https://example.org/bron"}]
    assert document["licence"] == "CC-BY-4.0"
    assert document["id"] == f"http://127.0.0.1:8001/records/{one.id}"
    assert "owner" not in document
    now = stored(one)
    assert (now.state, now.published_revision, now.version) == ("published", 1, 2)


def test_changes_become_the_next_revision(publisher, draft, tool_content):
    one = draft()
    draft_publish(by=publisher, draft_id=one.id)
    changed = draft_update(by=publisher, draft_id=one.id, version=2, content=tool_content("Port Xpert 2"))
    assert changed.state == "changed"
    assert record_get(one.id).document["title"]["nl"]["text"] == "Port Xpert"
    assert draft_publish(by=publisher, draft_id=one.id).revision == 2
    assert record_get(one.id).document["title"]["nl"]["text"] == "Port Xpert 2"


def test_withdrawn_is_gone_and_can_come_back(publisher, draft):
    one = draft()
    draft_publish(by=publisher, draft_id=one.id)
    withdrawal = draft_withdraw(by=publisher, draft_id=one.id)
    assert withdrawal.revision == 2
    with pytest.raises(Withdrawn):
        record_get(one.id)
    assert stored(one).state == "withdrawn"
    assert draft_publish(by=publisher, draft_id=one.id).revision == 3
    assert record_get(one.id).revision == 3
    rows = Publication.objects.order_by("revision").values_list("revision", "log_index", "withdrawal")
    assert list(rows) == [(1, 0, False), (2, 1, True), (3, 2, False)]


def test_publishing_what_is_published_is_refused(publisher, draft):
    one = draft()
    draft_publish(by=publisher, draft_id=one.id)
    with pytest.raises(Conflict) as refusal:
        draft_publish(by=publisher, draft_id=one.id)
    assert refusal.value.reason == "wrong_state"
    assert log_size() == 1


def test_withdrawing_what_is_not_published_is_refused(publisher, draft):
    with pytest.raises(Conflict) as refusal:
        draft_withdraw(by=publisher, draft_id=draft().id)
    assert refusal.value.reason == "wrong_state"
    assert log_size() == 0


def test_a_draft_that_lacks_something_is_not_published(publisher):
    one = draft_create(by=publisher, kind="tool", language="nl", content={})
    with pytest.raises(InvalidRecord) as refusal:
        draft_publish(by=publisher, draft_id=one.id)
    assert refusal.value.field == "title"
    assert (stored(one).state, log_size()) == ("draft", 0)


def test_a_translation_without_its_source_is_not_published(publisher, draft):
    one = draft(cost={"fr": {"text": "gratuit", "method": "human"}})
    with pytest.raises(InvalidRecord) as refusal:
        draft_publish(by=publisher, draft_id=one.id)
    assert refusal.value.reason == "missing_source_text"
    assert log_size() == 0


def test_what_was_changed_after_one_looked_is_not_published(publisher, draft, tool_content):
    one = draft()
    draft_update(by=publisher, draft_id=one.id, version=1, content=tool_content("Unseen"))
    with pytest.raises(Conflict) as refusal:
        draft_publish(by=publisher, draft_id=one.id, version=1)
    assert refusal.value.reason == "changed_meanwhile"
    assert log_size() == 0
    draft_publish(by=publisher, draft_id=one.id, version=2)
    with pytest.raises(Conflict):
        draft_withdraw(by=publisher, draft_id=one.id, version=2)
    assert log_size() == 1


@pytest.mark.parametrize("who", ["editor", "coordinator"])
def test_who_may_not_publish_publishes_and_withdraws_nothing(request, publisher, draft, who):
    somebody = request.getfixturevalue(who)
    one, public = draft(), draft("Public")
    draft_publish(by=publisher, draft_id=public.id)
    with pytest.raises(NotPermitted):
        draft_publish(by=somebody, draft_id=one.id)
    with pytest.raises(NotPermitted):
        drafts_publish(by=somebody, draft_ids=[one.id])
    with pytest.raises(NotPermitted):
        draft_withdraw(by=somebody, draft_id=public.id)
    assert (stored(one).state, stored(public).state, log_size()) == ("draft", "published", 1)


def test_many_are_published_in_the_order_asked_for(publisher, draft):
    drafts = [draft(f"Tool {number}") for number in range(5)]
    order = [drafts[number].id for number in (3, 1, 4, 0, 2)]
    published = drafts_publish(by=publisher, draft_ids=[*order, order[0]])
    assert [(one.uuid, one.index) for one in published] == list(zip(order, range(5), strict=True))
    assert Draft.objects.filter(state="published", published_revision=1).count() == 5


def test_many_are_published_all_or_none(publisher, draft):
    good = draft()
    bad = draft_create(by=publisher, kind="tool", language="nl", content={"title": {"nl": {"text": "Half"}}})
    with pytest.raises(InvalidRecord, match="Half"):
        drafts_publish(by=publisher, draft_ids=[good.id, bad.id])
    assert (stored(good).state, Record.objects.count(), log_size()) == ("draft", 0, 0)


def test_a_draft_that_is_gone_stops_the_whole(publisher, draft):
    one = draft()
    with pytest.raises(NotFound):
        drafts_publish(by=publisher, draft_ids=[one.id, uuid7()])
    assert stored(one).state == "draft"


def test_publishing_many_takes_as_many_queries_as_few(publisher, draft):
    few = [draft(f"Few {number}").id for number in range(3)]
    many = [draft(f"Many {number}").id for number in range(30)]
    counts = []
    for draft_ids in ([draft("First").id], few, many):
        with CaptureQueriesContext(connection) as queries:
            drafts_publish(by=OPERATOR, draft_ids=draft_ids)
        counts.append(len(queries))
    assert counts[1] == counts[2]


def test_the_index_and_the_subscribers_are_told_after_the_commit(publisher, draft, django_capture_on_commit_callbacks):
    one = draft()
    with django_capture_on_commit_callbacks() as told:
        draft_publish(by=publisher, draft_id=one.id)
    # Beside them the node notes outside its database how far it has published.
    assert len(told) == 3
    with django_capture_on_commit_callbacks() as told:
        drafts_publish(by=publisher, draft_ids=[])
    assert told == []


def test_no_person_is_in_a_document(publisher, draft):
    draft_publish(by=publisher, draft_id=draft().id)
    assert publisher.username not in Entry.objects.get().document
