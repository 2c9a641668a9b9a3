"""Templates are kept once for each language, with what depends on nothing else written out."""

import pytest
from django.template import Context, Engine
from django.template.base import TextNode
from django.test import RequestFactory
from django.utils import translation

LIBRARIES = {
    "i18n": "django.templatetags.i18n",
    "static": "django.templatetags.static",
    "havenlink": "core.web.templatetags.havenlink",
}
SOURCES = {
    "base.html": """{% load i18n static havenlink %}<p>{% translate "Search" %}</p>{% block main %}{% endblock %}
<link href="{% static "web/css/base.css" %}"><a href="{% url "web:accessibility" %}">{% icon "search" %}</a>""",
    "page.html": """{% extends "base.html" %}{% load i18n havenlink %}{% block main %}{% translate "Search" as label %}
{% if many %}{% blocktranslate %}Search{% endblocktranslate %}{% else %}{% icon name %}{% endif %}
{% for one in many %}{{ one }}{% translate "Search" %}{% include "inner.html" %}{% endfor %}{{ label }}
{% language "de" %}{% translate "Search" %}{% endlanguage %}{{ block.super }}{% endblock %}""",
    "inner.html": """{% load i18n %}{% comment %}x{% endcomment %}{% translate "Search" context "none" %}
{% url "no:such" as gone %}[{{ gone }}]
{% blocktranslate count n=many|length %}{{ n }} more{% plural %}{{ n }} more{% endblocktranslate %}
{{ "<b>" }}{% translate "a & b 100%" %}""",
}


def engine(*loaders, debug=False):
    return Engine(loaders=loaders, libraries=LIBRARIES, debug=debug)


PLAIN = ("django.template.loaders.locmem.Loader", SOURCES)
FOLDING = ("core.web.folding.Loader", [PLAIN])


def rendered(of, language, **values):
    with translation.override(language):
        return of.get_template("page.html").render(Context({"request": RequestFactory().get("/"), **values}))


@pytest.mark.parametrize("values", [{}, {"name": "<x>"}, {"many": ["<1>", "2"]}])
def test_a_page_is_the_same_in_every_language_whichever_was_first(values):
    folding = engine(FOLDING)
    for language in ("nl", "de", "en", "fr", "nl"):
        assert rendered(folding, language, **values) == rendered(engine(PLAIN), language, **values)


def test_what_depends_on_the_language_alone_is_one_text():
    folding = engine(FOLDING)
    with translation.override("nl"):
        nodes = folding.get_template("base.html").nodelist
    assert [type(node).__name__ for node in nodes] == ["TextNode", "BlockNode", "TextNode"]
    assert nodes[0].s == "<p>Zoek</p>"
    assert '<a href="/nl/accessibility"><svg class="icon"' in nodes[2].s


def test_with_debug_every_tag_stays_where_it_can_be_named():
    nodes = engine(FOLDING, debug=True).get_template("base.html").nodelist
    assert sum(not isinstance(node, TextNode) for node in nodes) == 6
