"""What a record states, written by tags: a page of a comparison holds hundreds of values, too many for an include each.

Addresses of other nodes' records are only followed when they are web addresses; everything is escaped.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.web.templatetags.havenlink import icon, language_attributes, language_badge
from tools_inventory.selectors.presentation import Brief, Part
from tools_inventory.web.scopes import record_address, search_address

register = template.Library()

WEB = ("https://", "http://")


@register.simple_tag
def part(value: Part, badge: bool = True) -> SafeString:
    """One value: its language where that is not the page's, a link to where it leads, a word beside it."""
    words = _linked(value, _words(value))
    if badge and is_foreign(value.language):
        words = format_html("{} {}", language_badge(value.language), words)
    if value.is_translation:
        words = format_html('{} <span class="method">{}</span>', words, translated(value))
    if value.note:
        words = format_html('{} <span class="soft">({})</span>', words, value.note)
    return words


@register.simple_tag
def values(parts: Sequence[Part], kind: str, searches: bool = True) -> SafeString:
    """All values of a row of this kind: one as it is, several as a list, steps as a numbered one.

    Without `searches` a code is a word, not a link: a table is read, not clicked through.
    """
    if not parts:
        return format_html('<span class="not-stated">{}</span>', _("not stated"))
    if not searches:
        parts = [replace(one, search=()) for one in parts]
    if kind == "items":
        return _items(parts)
    if len(parts) == 1:
        return part(parts[0])
    return format_html(
        '<ul class="plain-list">{}</ul>', format_html_join("", "<li>{}</li>", ((part(one),) for one in parts))
    )


@register.simple_tag
def record_link(brief: Brief) -> SafeString:
    """A record's title, leading to its page; the badge of its language stands before the link."""
    title = brief.title
    link = format_html(
        '<a href="{}"{}>{}</a>', record_address(brief.uuid), language_attributes(title.language), title.text
    )
    return format_html("{} {}", language_badge(title.language), link) if is_foreign(title.language) else link


@register.filter
def is_foreign(language: str) -> bool:
    """Whether a text's language is another than the page's."""
    return bool(language) and language.split("-")[0].lower() != (get_language() or "en").split("-")[0].lower()


@register.filter
def translated(value: Part) -> str:
    """By whom a text was translated, and whether its source was changed since; "" for the source itself."""
    if not value.is_translation:
        return ""
    words = _("translated by machine") if value.method == "machine" else _("translated by a person")
    return _("%(translated)s, outdated") % {"translated": words} if value.outdated else words


def _words(value: Part) -> SafeString:
    attributes = language_attributes(value.language)
    return format_html("<span{}>{}</span>", attributes, value.text) if attributes else conditional_escape(value.text)


def _linked(value: Part, words: SafeString) -> SafeString:
    if value.record is not None:
        return _link(record_address(value.record), words)
    if value.href.startswith(WEB):
        return format_html('<a href="{}" rel="external noopener">{}</a>{}', value.href, words, icon("external", "away"))
    if value.search:
        return _link(search_address(**dict(value.search)), words)
    return words


def _link(address: str, words: SafeString) -> SafeString:
    return format_html('<a href="{}">{}</a>', address, words)


def _items(parts: Sequence[Part]) -> SafeString:
    """Phases, editions. What is true of all their texts, language and hand, is said once above."""
    alike = len({(one.language, one.method, one.outdated) for one in parts}) == 1
    first = parts[0]
    badge = language_badge(first.language) if alike and is_foreign(first.language) else ""
    note = format_html('<div class="text-note">{} {}</div>', badge, translated(first)) if alike else ""
    listed = format_html_join("", "<li>{}</li>", ((_item(one, alike),) for one in parts))
    return format_html("{}<ol>{}</ol>", note if badge or translated(first) else "", listed)


def _item(value: Part, alike: bool) -> SafeString:
    """Its name, and what else is stated of it."""
    inner: Iterable[SafeString] = (
        format_html('<div class="soft">{}{} {}</div>', row.label, _(":"), _several(row.parts)) for row in value.rows
    )
    name = _linked(value, _words(value)) if alike else part(value)
    return mark_safe(name + "".join(inner))


def _several(parts: Iterable[Part]) -> SafeString:
    return mark_safe(", ".join(part(one) for one in parts))
