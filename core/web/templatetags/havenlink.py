"""What templates write often: marks, badges, icons, dates, addresses. Made once per value, so fast enough for a row."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.http import QueryDict
from django.template import Context
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from core.records import definition
from core.web import node_mark as marks
from i18n import formats, languages
from i18n.texts import Chosen
from i18n.vocabularies.vocabulary import vocabulary

register = template.Library()

ACTIVITY_ICONS = frozenset(
    {
        "company_visit",
        "job_tasting",
        "guest_lesson",
        "workshop",
        "event",
        "mentoring",
        "self_assessment",
        "information_portal",
        "internship",
        "dual_learning",
        "assignment",
        "matching_service",
        "teacher_training",
        "campaign",
        "infrastructure_sharing",
        "other",
    }
)
KIND_ICONS = frozenset({"tool", "programme", "organisation", "opportunity", "node"})


def page_language() -> str:
    return get_language() or "en"


# Icons and marks


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, css: str = "") -> SafeString:
    """An icon of the sprite, hidden from assistive technology: its word stands beside it."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        f" {css}" if css else "",
        static("web/icons/sprite.svg"),
        name,
    )


@register.simple_tag
def flag(node_id: str) -> SafeString:
    return marks.flag_svg(node_id)


@register.simple_tag
def node_mark(node_id: str, name: str) -> SafeString:
    return marks.node_mark(node_id, name)


@register.simple_tag
def activity(code: str) -> SafeString:
    """An activity's icon and its word in the reader's language; an unknown code is shown as it is."""
    return activity_mark(code, page_language())


@lru_cache(maxsize=1024)
def activity_mark(code: str, language: str) -> SafeString:
    name = code if code in ACTIVITY_ICONS else "other"
    return format_html(
        '<span class="kind">{}<span>{}</span></span>',
        icon(name),
        escape(vocabulary("activities").label(code, language)),
    )


@register.simple_tag
def record_kind(name: str) -> SafeString:
    """A record kind's icon and its word in the reader's language."""
    return kind_mark(name, page_language())


@lru_cache(maxsize=256)
def kind_mark(name: str, language: str) -> SafeString:
    """`language` is the active one: definitions hold lazily translated labels."""
    kind = definition.kind(name)
    return format_html(
        '<span class="kind">{}<span>{}</span></span>',
        icon(name if name in KIND_ICONS else "file"),
        kind.label if kind else name,
    )


@register.simple_tag
def concept(name: str, code: str) -> str:
    """The label of a vocabulary's code in the reader's language: {% concept "sectors" code %}."""
    return vocabulary(name).label(code, page_language())


@register.simple_tag
def pick(uuid: str, title: str) -> SafeString:
    """The box that takes a record into the comparison; the tray (`_compare_tray.html`) must be on the page."""
    return format_html(
        '<label class="pick"><input type="checkbox" name="id" value="{0}" form="compare-form" data-compare="{1}">'
        '<span>{2}<span class="visually-hidden">: {1}</span></span></label>',
        uuid,
        title,
        gettext("Compare"),
    )


# Languages and texts


@register.simple_tag
def language_badge(code: str) -> SafeString:
    """The code of a language for the eye, its name for the ear and on hover."""
    return badge(code, page_language())


@lru_cache(maxsize=4096)
def badge(code: str, in_language: str) -> SafeString:
    name = languages.language_name(code, in_language)
    return format_html(
        '<span class="badge" title="{0}"><span aria-hidden="true">{1}</span>'
        '<span class="visually-hidden">{0}</span></span>',
        escape(name),
        escape(code),
    )


@register.simple_tag
def foreign_badge(code: str) -> SafeString | str:
    """The badge of a language that is not the page's own, otherwise nothing."""
    return "" if is_language(code, page_language()) else language_badge(code)


@register.simple_tag
def text(chosen: Chosen | None, badge: bool = True) -> SafeString | str:
    """A text in one line: badge if it is not in the page's language, then the text marked with its own."""
    if chosen is None:
        return ""
    if is_language(chosen.language, page_language()):
        return chosen.text
    marked = format_html(
        '<span lang="{}" dir="{}">{}</span>',
        chosen.language,
        languages.text_direction(chosen.language),
        chosen.text,
    )
    return format_html("{} {}", language_badge(chosen.language), marked) if badge else marked


@register.simple_tag
def language_attributes(code: str) -> SafeString:
    """`lang` and `dir` where a text is not in the page's language: <h3{% language_attributes hit.language %}>."""
    return attributes(code, page_language())


@lru_cache(maxsize=512)
def attributes(code: str, page: str) -> SafeString:
    if not code or is_language(code, page):
        return SafeString("")
    return format_html(' lang="{}" dir="{}"', code, languages.text_direction(code))


@register.filter
def language_name(code: str) -> str:
    return languages.language_name(code, page_language())


@register.filter
def country_name(code: str) -> str:
    return languages.country_name(code, page_language())


def is_language(one: str, other: str) -> bool:
    """Whether two codes name the same language, "nl-BE" and "nl"."""
    return one.split("-")[0].lower() == other.split("-")[0].lower()


# Dates and numbers


@register.filter
def day(value: date, style: str = "long") -> str:
    """ "22 november 2026"; {{ value|day:"medium" }} for the short form."""
    return formats.format_date(value, style="medium" if style == "medium" else "long")


@register.filter
def moment(value: datetime) -> str:
    return formats.format_datetime(value)


@register.filter
def ago(value: datetime) -> str:
    """ "3 minutes ago"."""
    return formats.relative_time(value)


@register.filter
def partial_date(value: str) -> str:
    """As much of a date as a source states: "2018-09" -> "September 2018"."""
    return formats.format_partial_date(value)


@register.filter
def number(value: float) -> str:
    return formats.format_number(value)


@register.filter
def percent(fraction: float) -> str:
    return formats.format_percent(fraction)


@register.filter
def listed(items: Iterable[Any]) -> str:
    """ "a, b and c"."""
    return formats.format_list([str(item) for item in items])


# Addresses


@register.simple_tag(takes_context=True)
def query_string(context: Context, **changes: Any) -> str:
    """The page's query with parameters replaced; None or "" removes one: {% query_string sort="newest" page=None %}."""
    query = _query(context)
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        elif isinstance(value, Iterable) and not isinstance(value, str):
            query.setlist(name, [str(one) for one in value])
        else:
            query[name] = str(value)
    return _encoded(query)


@register.simple_tag(takes_context=True)
def query_with(context: Context, name: str, value: str) -> str:
    """The page's query with one more value of a parameter, from the first page."""
    query = _query(context)
    query.pop("page", None)
    if value not in query.getlist(name):
        query.appendlist(name, value)
    return _encoded(query)


@register.simple_tag(takes_context=True)
def query_without(context: Context, name: str, value: str | None = None) -> str:
    """The page's query without one value of a parameter (or without all of them), from the first page."""
    query = _query(context)
    query.pop("page", None)
    kept = [] if value is None else [one for one in query.getlist(name) if one != value]
    query.setlist(name, kept)
    return _encoded(query)


def _query(context: Context) -> QueryDict:
    return context["request"].GET.copy()


def _encoded(query: QueryDict) -> str:
    encoded = query.urlencode()
    return f"?{encoded}" if encoded else "?"


@register.simple_tag(takes_context=True)
def page_link(context: Context, url_name: str, label: str, icon_name: str = "") -> SafeString | str:
    """A list item linking to a page by its URL name, marked when one is there; nothing where the page is missing."""
    address = _address(url_name, page_language())
    if not address:
        return ""
    request = context.get("request")
    here = request is not None and (request.path == address or request.path.startswith(f"{address.rstrip('/')}/"))
    return format_html(
        '<li><a href="{}"{}>{}{}</a></li>',
        address,
        SafeString(' aria-current="page"') if here else "",
        icon(icon_name) if icon_name else "",
        label,
    )


@lru_cache(maxsize=128)
def _address(url_name: str, language: str) -> str:
    """ "" where the page is missing. `language` is the active one: it is the first step of an address."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


# Data for scripts


@register.filter
def as_json(value: Mapping[str, Any] | list[Any]) -> str:
    """JSON for a data- attribute (escaped by the template like any text)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# Forms


@register.filter
def widget_kind(field: Any) -> str:
    """How `_field.html` lays a bound field out: "checkbox" (one), "choices" (a list of them), otherwise "plain"."""
    input_type = getattr(field.field.widget, "input_type", "")
    if input_type in ("radio", "checkbox"):
        return (
            "choices"
            if getattr(field.field.widget, "allow_multiple_selected", False) or input_type == "radio"
            else "checkbox"
        )
    return "plain"


@register.filter
def errors_to_show(form: Any) -> list[tuple[str, str]]:
    """(id of the control, label and message) of every error, for the summary; "" for those of the form itself."""
    found = [("", str(message)) for message in form.non_field_errors()]
    colon = gettext(":")
    for field in form:
        found += [(field.id_for_label or field.auto_id, f"{field.label}{colon} {message}") for message in field.errors]
    return found
