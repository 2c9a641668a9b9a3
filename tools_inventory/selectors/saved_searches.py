"""What a saved search asks for: as a query, in words, as an address; and what there is to do about which."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.node import this_node
from core.records import definition as d
from core.records.models import Log
from core.search.parameters import parse
from core.search.seam import FACETS, Query
from i18n.vocabularies.vocabulary import vocabulary
from tools_inventory.models import SavedSearch, Subscriber
from tools_inventory.selectors.facets import facet_label, facet_vocabulary, value_label
from tools_inventory.selectors.nodes import node_names

# The names of the search pages' addresses.
SCOPES = ("search", "programmes", "opportunities")
PARAMETERS = frozenset(("q", *FACETS, "age", "sort"))


@dataclass(frozen=True, slots=True)
class Due:
    """What there is to do, without a word about whom."""

    states: dict[str, int]
    stopped: dict[str, int]
    subscribers: int
    due: int
    oldest_due_at: datetime | None
    failing: dict[str, int]


def saved_query(scope: str, parameters: str, language: str) -> Query:
    """Raises InvalidInput `search_invalid` if a filter, or a code that it names, no longer exists.

    A parameter that nobody knows would widen the search, and a code that nobody knows would find nothing, for ever.
    """
    named = QueryDict(parameters)
    if scope not in SCOPES or set(named) - PARAMETERS:
        raise _gone(", ".join(sorted(set(named) - PARAMETERS)) or scope)
    try:
        query = parse(named, language)
    except InvalidInput as error:
        raise _gone(str(error.message)) from error
    if gone := list(_gone_codes(query)):
        raise _gone(", ".join(f"{facet_label(facet, language)} “{code}”" for facet, code in gone))
    return query


def _gone(what: str) -> InvalidInput:
    return InvalidInput(
        _("This search cannot be followed (any more): %(what)s.") % {"what": what},
        remedy=_("Search again without it, and save that search."),
        code="search_invalid",
    )


def _gone_codes(query: Query) -> Iterator[tuple[str, str]]:
    for facet, codes in query.filters.items():
        for code in codes:
            if not _exists(facet, code):
                yield facet, code


def _exists(facet: str, code: str) -> bool:
    if facet == "kind":
        return d.kind(code) is not None
    if facet == "node":
        return Log.objects.filter(origin=code).exists()
    name = facet_vocabulary(facet)
    return name is None or vocabulary(name).get(code) is not None


def search_words(scope: str, query: Query) -> list[tuple[str, str]]:
    """The search as (label, value), in the active language; its text first, without a label. [] for everything."""
    names = node_names()
    language = query.language
    # Translators: a text in the language's quotation marks.
    words = [("", _("“%(text)s”") % {"text": query.text})] if query.text else []
    for facet, codes in query.filters.items():
        if facet == "kind" and scope != "search":
            continue
        values = ", ".join(value_label(facet, code, language, names) for code in codes)
        words.append((facet_label(facet, language), values))
    if query.age is not None:
        words.append((_("Age"), str(query.age)))
    return words


def search_line(scope: str, parameters: str, language: str) -> str:
    """ "“haven” · Activity: Company visit": the search in one line, in the active language."""
    pages = {"search": _("Everything"), "programmes": _("Programmes"), "opportunities": _("Opportunities")}
    page = pages.get(scope, scope)
    try:
        words = search_words(scope, saved_query(scope, parameters, language))
    except InvalidInput:
        return " · ".join([page, *(value for _name, values in QueryDict(parameters).lists() for value in values)])
    described = [f"{label}{_(':')} {value}" if label else value for label, value in words]
    return " · ".join(described if scope == "search" and described else [page, *described])


def search_page_address(scope: str, parameters: str, language: str, **more: str) -> str:
    """Where to see the search's results on this node, as an absolute address."""
    pairs = [
        (name, value)
        for name, values in QueryDict(parameters).lists()
        for value in values
        if not (name == "kind" and scope != "search") and name not in more
    ]
    with translation.override(language):
        path = reverse(f"inventory:{scope if scope in SCOPES else 'search'}")
    pairs += list(more.items())
    return this_node().url + path + (f"?{urlencode(pairs)}" if pairs else "")


def mails_due() -> Due:
    now = timezone.now()
    searches = list(SavedSearch.objects.values_list("state", "stopped_because", "due_at", "error_code"))
    waiting = list(Subscriber.objects.values_list("due_at", "error_code"))
    due = [at for at in [row[2] for row in searches] + [row[0] for row in waiting] if at and at <= now]
    return Due(
        states=dict(Counter(row[0] for row in searches)),
        stopped=dict(Counter(row[1] for row in searches if row[1])),
        subscribers=len(waiting),
        due=len(due),
        oldest_due_at=min(due, default=None),
        failing=dict(Counter(code for code in [row[3] for row in searches] + [row[1] for row in waiting] if code)),
    )
