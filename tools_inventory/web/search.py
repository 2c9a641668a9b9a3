"""Searching as pages: everything, programmes, opportunities, and suggestions while typing.

One view serves the whole page and, to htmx, its results alone. The address holds the whole state.
"""

from collections.abc import Collection
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from core.errors import Unavailable
from core.records import definition as d
from core.records.selectors.records import unknown_among
from core.search.labels import label_suggestions
from core.search.parameters import parse, text
from core.search.seam import Query, Suggestion, engine
from core.web.errors import RETRY_AFTER_SECONDS
from tools_inventory.selectors.facets import facet_label
from tools_inventory.selectors.hits import newest_rows
from tools_inventory.web.scopes import EVERYTHING, OPPORTUNITIES, PROGRAMMES, Scope, record_address, search_address
from tools_inventory.web.search_page import search_page

SUGGESTIONS = 8
SUGGESTIONS_SECONDS = 60
NEWEST = 20


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    return _answer(request, EVERYTHING)


@require_safe
def programmes(request: HttpRequest) -> HttpResponse:
    return _answer(request, PROGRAMMES)


@require_safe
def opportunities(request: HttpRequest) -> HttpResponse:
    return _answer(request, OPPORTUNITIES)


@require_safe
@cache_control(public=True, max_age=SUGGESTIONS_SECONDS)
def suggest(request: HttpRequest) -> JsonResponse:
    """`{"suggestions": [{"text", "language", "note", "url"}]}`: a code leads to a search, a title to its record."""
    language = _language()
    typed = text(request.GET.get("q", ""))
    found = _suggestions(typed, language) if typed else []
    elsewhere = unknown_among([each.uuid for each in found if each.uuid]) if engine().shared else frozenset()
    return JsonResponse({"suggestions": [_suggestion(each, language, elsewhere) for each in found]})


def _suggestions(typed: str, language: str) -> list[Suggestion]:
    """Labels of codes need no index."""
    try:
        return engine().suggest(typed, language, SUGGESTIONS)
    except Unavailable:
        return label_suggestions(typed, language, SUGGESTIONS)


def _answer(request: HttpRequest, scope: Scope) -> HttpResponse:
    query = parse(request.GET, _language())
    fragment = bool(request.htmx)  # type: ignore[attr-defined]  # django-htmx's middleware sets it
    try:
        page = search_page(scope, query)
    except Unavailable as error:
        if fragment:
            raise
        return _down(request, scope, query, error)
    template = "tools_inventory/_results.html" if fragment else "tools_inventory/search.html"
    response = render(request, template, {"page": page, "scope": scope})
    if fragment:
        response["HX-Push-Url"] = page.address
    # The same address answers both, and signed-in readers see their name.
    patch_vary_headers(response, ("HX-Request", "Cookie"))
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _down(request: HttpRequest, scope: Scope, query: Query, error: Unavailable) -> HttpResponse:
    """The index does not answer; the database does, and so do the pages that read only it."""
    asked = bool(query.text or query.filters or query.age is not None)
    query = scope.narrow(query)
    kinds = query.filters.get("kind") or tuple(kind.name for kind in d.kinds() if kind.searched)
    rows = newest_rows(NEWEST, kinds, query)
    context = {"scope": scope, "error": error, "rows": rows, "matching": True}
    if not rows:
        context |= {"rows": newest_rows(NEWEST, kinds, Query(language=query.language)), "matching": False}
    response = render(request, "tools_inventory/search_down.html", context | {"asked": asked}, status=503)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response["Cache-Control"] = "no-store"
    return response


def _suggestion(found: Suggestion, language: str, elsewhere: Collection[UUID]) -> dict[str, str]:
    if found.uuid is not None:
        # What other nodes brought to the index is found by its title.
        url = search_address(q=found.text) if found.uuid in elsewhere else record_address(found.uuid)
        return {"text": found.text, "language": found.language, "note": "", "url": url}
    return {
        "text": found.text,
        "language": found.language,
        "note": facet_label(found.facet, language),
        "url": search_address(**{found.facet: found.code}),
    }


def _language() -> str:
    return get_language() or "en"
