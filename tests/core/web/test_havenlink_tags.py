from datetime import date
from typing import Any

import pytest
from django.template import Context, Template
from django.templatetags.static import static
from django.test import RequestFactory
from django.utils import translation

from core.web.templatetags.havenlink import ACTIVITY_ICONS
from i18n.texts import Chosen
from i18n.vocabularies.vocabulary import vocabulary


def rendered(source: str, address: str = "/en/search", **context: Any) -> str:
    request = RequestFactory().get(address)
    with translation.override("en"):
        return Template("{% load havenlink %}" + source).render(Context({"request": request, **context}))


def test_an_icon_points_into_the_sprite() -> None:
    assert rendered('{% icon "search" %}') == (
        '<svg class="icon" aria-hidden="true" focusable="false">'
        f'<use href="{static("web/icons/sprite.svg")}#search"/></svg>'
    )


def test_every_activity_of_the_vocabulary_has_an_icon() -> None:
    assert set(vocabulary("activities").concepts) == ACTIVITY_ICONS


def test_an_activity_has_icon_and_word() -> None:
    html = rendered('{% activity "company_visit" %}')
    assert "sprite.svg#company_visit" in html
    assert "<span>Company visit</span>" in html


def test_an_unknown_activity_is_shown_as_it_is() -> None:
    html = rendered("{% activity code %}", code="<moon_walk>")
    assert "sprite.svg#other" in html
    assert "&lt;moon_walk&gt;" in html


def test_a_language_badge_says_the_language_in_the_reader_s_words() -> None:
    assert rendered('{% language_badge "nl" %}') == (
        '<span class="badge" title="Dutch"><span aria-hidden="true">nl</span>'
        '<span class="visually-hidden">Dutch</span></span>'
    )
    with translation.override("de"):
        assert 'title="Niederländisch"' in Template('{% load havenlink %}{% language_badge "nl" %}').render(Context())


def test_the_page_s_own_language_gets_no_badge() -> None:
    assert rendered('{% foreign_badge "en-GB" %}') == ""
    assert 'title="Dutch"' in rendered('{% foreign_badge "nl" %}')


@pytest.mark.parametrize(
    ("code", "expected"), [("en", ""), ("nl", ' lang="nl" dir="ltr"'), ("ar", ' lang="ar" dir="rtl"'), ("", "")]
)
def test_language_attributes_stand_where_the_language_changes(code: str, expected: str) -> None:
    assert rendered("{% language_attributes code %}", code=code) == expected


def test_a_text_of_another_language_is_marked() -> None:
    foreign = Chosen("Drei <Tage>", "de", "source", outdated=False)
    html = rendered("{% text chosen %}", chosen=foreign)
    assert html.endswith('<span lang="de" dir="ltr">Drei &lt;Tage&gt;</span>')
    assert 'class="badge"' in html


def test_a_text_of_the_page_s_language_is_only_escaped() -> None:
    assert rendered("{% text chosen %}", chosen=Chosen("a < b", "en", "human", outdated=False)) == "a &lt; b"
    assert rendered("{% text chosen %}", chosen=None) == ""


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("{% query_string page=3 %}", "?q=dock&amp;stage=a&amp;stage=b&amp;page=3"),
        ("{% query_string page=None q=None %}", "?stage=a&amp;stage=b"),
        ('{% query_with "stage" "c" %}', "?q=dock&amp;stage=a&amp;stage=b&amp;stage=c"),
        ('{% query_with "stage" "a" %}', "?q=dock&amp;stage=a&amp;stage=b"),
        ('{% query_without "stage" "a" %}', "?q=dock&amp;stage=b"),
        ('{% query_without "stage" %}', "?q=dock"),
    ],
)
def test_queries_change_by_parameter(tag: str, expected: str) -> None:
    assert rendered(tag, "/en/search?q=dock&stage=a&stage=b&page=2") == expected


def test_a_query_without_anything_is_the_page_itself() -> None:
    assert rendered("{% query_string page=None %}", "/en/search?page=2") == "?"


def test_the_box_for_comparing_names_its_record_and_escapes_it() -> None:
    html = rendered("{% pick uuid title %}", uuid="0192f6a0", title='Dock "7"')
    assert 'value="0192f6a0" form="compare-form" data-compare="Dock &quot;7&quot;"' in html
    assert '<span class="visually-hidden">: Dock &quot;7&quot;</span>' in html


def test_page_link_marks_where_one_is() -> None:
    link = rendered('{% page_link "web:accessibility" "Accessibility" %}', "/en/accessibility")
    assert link == '<li><a href="/en/accessibility" aria-current="page">Accessibility</a></li>'
    assert "aria-current" not in rendered('{% page_link "web:accessibility" "Accessibility" %}', "/en/search")


def test_page_link_says_nothing_of_a_page_that_is_not_there() -> None:
    assert rendered('{% page_link "nowhere:at_all" "Nowhere" %}') == ""


def test_data_for_scripts_cannot_leave_its_attribute() -> None:
    html = rendered("<i data-x='{{ points|as_json }}'>", points=[{"label": "L'Aquila \"<"}])
    assert html == "<i data-x='[{&quot;label&quot;:&quot;L&#x27;Aquila \\&quot;&lt;&quot;}]'>"


def test_dates_and_numbers_are_the_reader_s() -> None:
    assert rendered("{{ value|day }}", value=date(2026, 11, 22)) == "22 November 2026"
    assert rendered("{{ 1234567|number }}") == "1,234,567"
    assert rendered("{{ '2018-09'|partial_date }}") == "September 2018"
