"""Markup written by functions is escaped whatever a record states."""

from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from core.web.markup import escaped, joined, markup

HOSTILE = """<script>alert("x")</script>'&{title}"""


def test_a_value_is_escaped_as_django_does():
    made = markup('<a title="{title}">{title}</a>{number}', title=HOSTILE, number=3)
    assert made == format_html('<a title="{0}">{0}</a>{1}', HOSTILE, 3)
    assert "<script" not in made


def test_markup_stays_as_it_is():
    assert markup("<p>{inner}</p>", inner=mark_safe("<b>x</b>")) == "<p><b>x</b></p>"
    assert joined([markup("<b>{x}</b>", x="<"), escaped(">")]) == "<b>&lt;</b>&gt;"


def test_what_is_made_is_markup_and_lazy_texts_are_read():
    assert hasattr(markup("{x}", x=gettext_lazy("Search")), "__html__")
    assert escaped(gettext_lazy("Search")) == "Search"
    assert escaped(None) == "None"
