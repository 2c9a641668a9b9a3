"""Making, changing and throwing away drafts, and who may."""

import pytest
from uuid6 import uuid7

from core.accounts.roles import OPERATOR
from core.errors import Conflict, InvalidInput, InvalidRecord, NotFound, NotPermitted
from tools_inventory.models import Draft
from tools_inventory.services.drafts import draft_create, draft_discard, draft_update
from tools_inventory.services.publishing import draft_publish, draft_withdraw


def stored(draft):
    return Draft.objects.get(pk=draft.pk)


def test_a_draft_belongs_to_who_made_it(editor, tool_content):
    draft = draft_create(by=editor, kind="tool", language="nl", content=tool_content())
    assert stored(draft).content == tool_content()
    assert (draft.title, draft.state, draft.version, draft.published_revision) == ("Port Xpert", "draft", 1, 0)
    assert draft.owner == editor
    assert draft.id.version == 7


def test_who_is_no_editor_makes_no_draft(coordinator, tool_content):
    with pytest.raises(NotPermitted):
        draft_create(by=coordinator, kind="tool", language="nl", content=tool_content())
    assert Draft.objects.count() == 0


@pytest.mark.parametrize("language", ["", "xx", "klingon", "nl; DROP TABLE"])
def test_a_language_that_does_not_exist_is_refused(db, tool_content, language):
    with pytest.raises(InvalidInput) as refusal:
        draft_create(by=OPERATOR, kind="tool", language=language, content=tool_content())
    assert refusal.value.reason == "unknown_language"
    assert Draft.objects.count() == 0


def test_a_source_row_becomes_one_draft(db, tool_content):
    draft_create(by=OPERATOR, kind="tool", language="nl", content=tool_content(), import_key="records:antwerp-001")
    with pytest.raises(Conflict) as refusal:
        draft_create(by=OPERATOR, kind="tool", language="nl", content=tool_content(), import_key="records:antwerp-001")
    assert refusal.value.reason == "already_imported"
    assert Draft.objects.count() == 1


def test_a_change_counts_a_version(editor, draft, tool_content):
    one = draft()
    changed = draft_update(by=editor, draft_id=one.id, version=1, content=tool_content("Port Xpert 2"))
    assert (changed.version, changed.title, changed.state) == (2, "Port Xpert 2", "draft")
    assert stored(one).content == tool_content("Port Xpert 2")
    assert stored(one).owner != editor


def test_saving_what_stands_there_changes_nothing(editor, draft, tool_content):
    one = draft()
    before = stored(one).updated_at
    assert draft_update(by=editor, draft_id=one.id, version=1, content=tool_content()).version == 1
    assert stored(one).updated_at == before


def test_the_slower_of_two_editors_is_told(editor, draft, tool_content):
    one = draft()
    draft_update(by=editor, draft_id=one.id, version=1, content=tool_content("Theirs"))
    with pytest.raises(Conflict) as refusal:
        draft_update(by=editor, draft_id=one.id, version=1, content=tool_content("Mine"))
    assert refusal.value.reason == "changed_meanwhile"
    assert stored(one).title == "Theirs"


def test_a_change_that_does_not_fit_changes_nothing(editor, draft, tool_content):
    one = draft()
    with pytest.raises(InvalidRecord):
        draft_update(by=editor, draft_id=one.id, version=1, content=tool_content("New", activity="no_such"))
    assert (stored(one).title, stored(one).version) == ("Port Xpert", 1)


def test_who_is_no_editor_changes_nothing(coordinator, draft, tool_content):
    one = draft()
    with pytest.raises(NotPermitted):
        draft_update(by=coordinator, draft_id=one.id, version=1, content=tool_content("Mine"))
    with pytest.raises(NotPermitted):
        draft_discard(by=coordinator, draft_id=one.id)
    assert stored(one).title == "Port Xpert"


def test_a_draft_that_is_gone_is_not_found(editor, tool_content):
    with pytest.raises(NotFound):
        draft_update(by=editor, draft_id=uuid7(), version=1, content=tool_content())


def test_a_draft_never_published_can_be_thrown_away(editor, draft):
    one = draft()
    draft_discard(by=editor, draft_id=one.id)
    assert Draft.objects.count() == 0


def test_what_was_published_is_never_thrown_away(publisher, draft):
    one = draft()
    draft_publish(by=publisher, draft_id=one.id)
    for _state in ("published", "withdrawn"):
        with pytest.raises(Conflict) as refusal:
            draft_discard(by=publisher, draft_id=one.id)
        assert refusal.value.reason == "wrong_state"
        if _state == "published":
            draft_withdraw(by=publisher, draft_id=one.id)
    assert Draft.objects.count() == 1


def test_every_transition_leads_to_a_state_or_to_nowhere():
    for step, states in Draft.TRANSITIONS.items():
        assert set(states) <= set(Draft.State.values), step
        assert set(states.values()) <= {*Draft.State.values, ""}, step


def test_an_owner_may_leave(draft, publisher):
    one = draft()
    publisher.delete()
    assert stored(one).owner is None
