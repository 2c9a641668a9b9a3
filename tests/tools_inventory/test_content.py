"""What may stand in a draft, and what it needs to be published."""

import pytest

from core.errors import InvalidRecord
from i18n.texts import as_source, text_hash
from tools_inventory.services.content import content_checked, content_problems, content_title


def problems(content, *, complete=False, kind="tool"):
    found = content_problems(kind=kind, language="nl", content=content, complete=complete)
    return [(problem.field, problem.reason) for problem in found]


def test_a_draft_may_lack_everything():
    assert problems({}) == []


def test_what_a_record_needs_is_named_field_by_field():
    assert problems({}, complete=True) == [
        ("title", "missing_field"),
        ("summary", "missing_field"),
        ("activity", "missing_field"),
    ]


def test_a_complete_tool_has_no_problems(tool_content):
    assert problems(tool_content(), complete=True) == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"activity": "no_such"}, ("activity", "unknown_code")),
        ({"sectors": ["port_logistics", "no_such"]}, ("sectors", "unknown_code")),
        ({"sectors": "port_logistics"}, ("sectors", "invalid_record")),
        ({"ages": {"min": -1}}, ("ages", "invalid_record")),
        ({"url": "ftp://example.org"}, ("url", "invalid_record")),
        ({"location": {"country": "Belgium"}}, ("location", "invalid_record")),
        ({"source_date": "last year"}, ("source_date", "invalid_record")),
        ({"summary": "Port"}, ("summary", "invalid_record")),
        ({"contact": {"url": "https://example.org"}}, ("contact", "invalid_record")),
        ({"colour": "blue"}, ("colour", "unknown_field")),
        ({"origin": "hamburg.example"}, ("origin", "unknown_field")),
        ({"revision": 9}, ("revision", "unknown_field")),
        ({"deleted": True}, ("deleted", "unknown_field")),
    ],
)
def test_a_value_that_does_not_fit_is_named(tool_content, fields, expected):
    assert problems(tool_content(**fields)) == [expected]


def test_a_kind_that_is_not_edited_here_has_no_drafts():
    assert problems({}, kind="node") == [("kind", "unknown_kind")]
    assert problems({}, kind="ship") == [("kind", "unknown_kind")]


def test_a_translation_of_nothing_is_not_published(tool_content):
    content = tool_content(cost={"fr": {"text": "gratuit", "method": "human"}})
    assert problems(content) == []
    assert problems(content, complete=True) == [("cost", "missing_source_text")]


def test_content_is_tidied(tool_content):
    content = tool_content(
        cost={"nl": {"text": "  gratis\0\r\nvoor scholen ", "method": "human", "of": "0" * 64}},
        period={"nl": {"text": " ", "method": "source"}},
        target_groups=["ouders", ""],
        ages={},
        url="",
    )
    assert content_checked(kind="tool", language="nl", content=content) == tool_content(
        cost={"nl": {"text": "gratis\nvoor scholen", "method": "source"}}, target_groups=["ouders"]
    )


def test_a_translation_says_what_it_is_of(tool_content):
    content = tool_content()
    content["title"]["fr"] = {"text": "Port Xpert FR", "method": "source"}
    content["title"]["de"] = {"text": "Port Xpert DE", "method": "machine", "of": "0" * 64}
    checked = content_checked(kind="tool", language="nl", content=content)
    assert checked["title"] == {
        "nl": as_source("Port Xpert"),
        "fr": {"text": "Port Xpert FR", "method": "human", "of": text_hash("Port Xpert")},
        "de": {"text": "Port Xpert DE", "method": "machine", "of": "0" * 64},
    }


def test_phases_are_checked_inside(tool_content):
    content = tool_content(phases=[{"description": {"nl": as_source("Eerst")}}])
    with pytest.raises(InvalidRecord) as refusal:
        content_checked(kind="programme", language="nl", content=content)
    assert refusal.value.field == "phases"


def test_the_title_of_a_list_is_the_source_or_any():
    assert content_title({"title": {"fr": as_source("Visite"), "nl": as_source("Bezoek")}}, "nl") == "Bezoek"
    assert content_title({"title": {"fr": as_source("Visite")}}, "nl") == "Visite"
    assert content_title({}, "nl") == ""
