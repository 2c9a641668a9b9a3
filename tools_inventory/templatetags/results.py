"""Rows and facets of a search page, written by functions: too many for a template, twenty rows and 300 values a page.

Everything that a record or a reader states is escaped (`core.web.markup`).
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import escape
from typing import NamedTuple

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.web.markup import joined, markup
from core.web.templatetags.havenlink import (
    activity_mark,
    attributes,
    badge,
    icon,
    is_language,
    kind_mark,
    node_mark,
    page_language,
)
from i18n.languages import text_direction
from tools_inventory.selectors.hits import HitRow, Pieces, Why
from tools_inventory.web.facet_panels import Level, Panel, Value
from tools_inventory.web.scopes import record_address

register = template.Library()


class _Words(NamedTuple):
    """What rows say in the reader's language."""

    compare: str
    colon: str
    by_machine: str
    years: str
    also_found: str
    further_on: str
    without: str
    by_meaning: str
    elsewhere: str


@lru_cache(maxsize=8)
def _words(language: str) -> _Words:
    """`language` is the active one."""
    return _Words(
        compare=_("Compare"),
        colon=_(":"),
        by_machine=_("translated by machine"),
        years=_("%(ages)s years"),
        also_found=_("also found as:"),
        further_on=_("further on in the record:"),
        without=_("without:"),
        by_meaning=_("similar in meaning"),
        elsewhere=_("to be read on its own node"),
    )


# Rows

_HIT = """
<li class="hit">
<h3{own}><a href="{address}">{title}</a></h3>{pick}
<p class="hit-from">{origin}</p>
{summary}<p class="hit-facts">{facts}</p>{why}
</li>"""

_PICK = """
<label class="pick"{own}><input type="checkbox" name="id" value="{uuid}" form="compare-form" data-compare="{text}">\
<span lang="{language}" dir="{direction}">{compare}<span class="visually-hidden">: {text}</span></span></label>"""


@register.simple_tag
def hit_rows(rows: Iterable[HitRow]) -> SafeString:
    """Records as an ordered list."""
    language = page_language()
    return markup('<ol class="hits">{rows}\n</ol>', rows=joined(_row(row, language) for row in rows))


def _row(row: HitRow, language: str) -> SafeString:
    words = _words(language)
    summary = row.summary
    return markup(
        _HIT,
        own=attributes(row.title.language, language),
        address=row.address or record_address(row.uuid),
        title=marked(row.title.pieces),
        # What only its own node can show, this one cannot lay beside others.
        pick=SafeString("") if row.address else _pick(row, language),
        origin=joined(_origin(row, language)),
        summary=markup(
            '<p class="hit-text"{own}>{text}</p>\n',
            own=attributes(summary.language, language),
            text=marked(summary.pieces),
        )
        if summary
        else "",
        facts=joined(_facts(row, language)),
        why=_why(row, words),
    )


def _pick(row: HitRow, language: str) -> SafeString:
    return markup(
        _PICK,
        own=attributes(row.title.language, language),
        uuid=row.uuid,
        text=row.title.text,
        language=language,
        direction=text_direction(language),
        compare=_words(language).compare,
    )


def _origin(row: HitRow, language: str) -> Iterator[SafeString]:
    yield node_mark(row.origin, row.node_name)
    if not is_language(row.title.language, language):
        yield badge(row.title.language, language)
    if row.place:
        yield _span(row.place)
    if row.title.method == "machine":
        yield _span(_words(language).by_machine)
    if row.address:
        yield _span(_words(language).elsewhere)


def _facts(row: HitRow, language: str) -> Iterator[SafeString]:
    if row.activity:
        yield activity_mark(row.activity, language)
    if row.kind != "tool":
        yield kind_mark(row.kind, language)
    if row.stages:
        named = " · ".join(row.stages)
        more = f" +{row.more_stages}" if row.more_stages else ""
        yield markup("<span>{icon}<span>{stages}</span></span>", icon=icon("school"), stages=named + more)
    if row.ages:
        years = _words(language).years % {"ages": row.ages}
        yield markup("<span>{icon}<span>{years}</span></span>", icon=icon("people"), years=years)


def _why(row: HitRow, words: _Words) -> SafeString:
    """Codes that answered, words found elsewhere in the record, words that it has not; or that it means alike."""
    if not (row.why or row.elsewhere or row.missing or row.by_meaning):
        return SafeString("")
    said = [_code(why, words) for why in row.why]
    if row.elsewhere:
        found = ", ".join(row.elsewhere)
        said.append(markup("<span>{said} <mark>{found}</mark></span>", said=words.further_on, found=found))
    if row.by_meaning:
        said.append(_span(words.by_meaning))
    if row.missing:
        missing = ", ".join(row.missing)
        said.append(markup("<span>{said} <s>{missing}</s></span>", said=words.without, missing=missing))
    return markup('\n<p class="hit-why">{said}</p>', said=joined(said))


def _code(why: Why, words: _Words) -> SafeString:
    value = markup(
        "<mark>{value}</mark>" if why.literal else "{value}, {also} <mark>{words}</mark>",
        value=why.value,
        also=words.also_found,
        words=why.words,
    )
    return markup("<span>{label}{colon} {value}</span>", label=why.label, colon=words.colon, value=value)


def marked(pieces: Pieces) -> SafeString:
    """A text in pieces, those that a search found in flag colour."""
    return SafeString("".join([f"<mark>{escape(text)}</mark>" if found else escape(text) for text, found in pieces]))


def _span(text: str) -> SafeString:
    return markup("<span>{text}</span>", text=text)


# Facets


@register.simple_tag
def facet_panels(panels: Iterable[Panel]) -> SafeString:
    """Every facet, folded or open. Each box belongs to the page's one form (#search-form), wherever it stands."""
    return joined(
        markup(
            """
<details class="fold facet" id="facet-{name}"{open}>
<summary>{label}{chosen}</summary>
{values}
</details>""",
            name=panel.name,
            open=_open(panel.open),
            label=panel.label,
            chosen=chosen_tally(panel.chosen),
            values=_levels(panel) if panel.levels else _values(panel),
        )
        for panel in panels
    )


@register.simple_tag
def chosen_tally(count: int) -> SafeString:
    """How many values of a facet are chosen; nothing for none."""
    if not count:
        return SafeString("")
    return markup(
        ' <span class="tally chosen">{count}<span class="visually-hidden"> {chosen}</span></span>',
        count=count,
        chosen=_("chosen"),
    )


def _values(panel: Panel) -> SafeString:
    shown = markup("<ul>{items}</ul>", items=_items(panel.name, panel.values))
    if not panel.more:
        return shown
    count = len(panel.more)
    more = ngettext("%(number)s more", "%(number)s more", count) % {"number": count}
    return joined([shown, _more(f"more-{panel.name}", False, more, _items(panel.name, panel.more))])


def _levels(panel: Panel) -> SafeString:
    note = _(
        "A national stage also finds records of other countries for the same level and age; its number counts only "
        "those coded with it."
    )
    return markup(
        '<ul>{levels}</ul>\n<p class="facet-note">{note}</p>',
        levels=joined(_level(panel.name, level) for level in panel.levels),
        note=note,
    )


def _level(facet: str, level: Level) -> SafeString:
    stages = SafeString("")
    if level.stages:
        count = len(level.stages)
        said = ngettext("%(number)s national stage", "%(number)s national stages", count) % {"number": count}
        stages = _more(f"stages-{level.value.code}", level.open, said, _items(facet, level.stages))
    return markup("<li>{value}{stages}</li>", value=SafeString(_value(facet, *level.value)), stages=stages)


def _more(name: str, is_open: bool, summary: str, items: SafeString) -> SafeString:
    return markup(
        '\n<details class="more" id="{name}"{open}><summary>{summary}</summary><ul>{items}</ul></details>',
        name=name,
        open=_open(is_open),
        summary=summary,
        items=items,
    )


def _open(is_open: bool) -> SafeString:
    return SafeString(" open" if is_open else "")


def _items(facet: str, values: Iterable[Value]) -> SafeString:
    return SafeString("".join([f"<li>{_value(facet, *value)}</li>" for value in values]))


def _value(facet: str, code: str, label: str, number: str, checked: bool) -> str:
    """One value with its box: only the number and whether it is checked are new each time."""
    before, after = _box(facet, code, label)
    return f"{before}{' checked' if checked else ''}{after}{escape(number)}</span></label>"


@lru_cache(maxsize=8192)
def _box(facet: str, code: str, label: str) -> tuple[str, str]:
    """What stands before and after `checked`. The id keeps the focus when htmx swaps the facets."""
    return (
        markup(
            '<label><input type="checkbox" form="search-form" name="{facet}" value="{code}" id="f-{facet}-{code}"',
            facet=facet,
            code=code,
        ),
        markup('><span>{label}</span> <span class="count">', label=label),
    )
