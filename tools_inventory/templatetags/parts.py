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
from tools_inventory.selectors.presentation import Part
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
        return format_html("<ol>{}</ol>", format_html_join("", "<li>{}</li>", ((_item(one),) for one in parts)))
    if len(parts) == 1:
        return part(parts[0])
    return format_html(
        '<ul class="plain-list">{}</ul>', format_html_join("", "<li>{}</li>", ((part(one),) for one in parts))
    )


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
    return f"{words}, {_('outdated')}" if value.outdated else words


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


def _item(value: Part) -> SafeString:
    """A phase or an edition: its name, and what else is stated of it."""
    inner: Iterable[SafeString] = (
        format_html('<div class="soft">{}: {}</div>', row.label, _several(row.parts)) for row in value.rows
    )
    return mark_safe(part(value) + "".join(inner))


def _several(parts: Iterable[Part]) -> SafeString:
    return mark_safe(", ".join(part(one, badge=False) for one in parts))
