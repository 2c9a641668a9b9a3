"""A search as parameters, and back: the same words in the address of a page, in REST and in GraphQL.

    q kind direction activity stage audience sector theme country region node language policy_stage age concepts sort
    page

A facet may be named several times. Whatever arrives, the outcome is a Query or an InvalidInput that names the
parameter.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core.errors import InvalidInput
from core.search.seam import FACETS, SORTS, Query, Sort

PAGE_SIZE = 20
MAX_PAGE = 5_000
MAX_TEXT = 500
MAX_CODE = 80
MAX_CODES = 50
OLDEST = 120
# Of `concepts`: only the words themselves are searched.
OFF = "off"

Parameters = Mapping[str, str | Sequence[str]] | QueryDict


def parse(parameters: Parameters, language: str, page_size: int = PAGE_SIZE) -> Query:
    """Parameters that are none of search's are left alone: pages have their own. Raises InvalidInput."""
    return Query(
        text=text(_single(parameters, "q")),
        language=language,
        filters=filters({facet: _several(parameters, facet) for facet in FACETS}),
        age=_age(_single(parameters, "age")),
        concepts=(beyond_words := _concepts(_single(parameters, "concepts"))),
        meaning=beyond_words,
        sort=_sort(_single(parameters, "sort")),
        offset=(_page(_single(parameters, "page")) - 1) * page_size,
        limit=page_size,
    )


def text(typed: str) -> str:
    """What was typed, without control characters. Raises InvalidInput `query_too_long`."""
    if len(typed) > MAX_TEXT:
        raise InvalidInput(
            _("The search is longer than 500 characters."),
            remedy=_("Use fewer words."),
            field="q",
            code="query_too_long",
        )
    return "".join(" " if _is_control(letter) else letter for letter in typed).strip()


def filters(chosen: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Codes by facet, empty ones left out. A code that nobody knows matches nothing; raises InvalidInput

    `unknown_filter` for a facet that does not exist, `bad_filter` for what cannot be a code.
    """
    found: dict[str, tuple[str, ...]] = {}
    for facet, values in chosen.items():
        if facet not in FACETS:
            raise InvalidInput(
                _("There is no filter of this name."),
                remedy=_("Use one of: %(names)s.") % {"names": ", ".join(FACETS)},
                field=str(facet)[:MAX_CODE],
                code="unknown_filter",
            )
        codes = tuple(dict.fromkeys(value for value in values if value))
        if len(codes) > MAX_CODES or any(len(code) > MAX_CODE or any(map(_is_control, code)) for code in codes):
            raise InvalidInput(
                _("This filter's value cannot be a code."),
                remedy=_("Choose the filter from the list, or leave it out."),
                field=facet,
                code="bad_filter",
            )
        if codes:
            found[facet] = codes
    return found


def to_parameters(query: Query) -> list[tuple[str, str]]:
    """The inverse, in a fixed order, defaults left out: what a link to this search holds."""
    pairs = [("q", query.text)] if query.text else []
    pairs += [(facet, code) for facet in FACETS for code in query.filters.get(facet, ())]
    if query.age is not None:
        pairs.append(("age", str(query.age)))
    if not query.concepts:
        pairs.append(("concepts", OFF))
    if query.sort != "relevance":
        pairs.append(("sort", query.sort))
    if page_number(query) > 1:
        pairs.append(("page", str(page_number(query))))
    return pairs


def page_number(query: Query) -> int:
    return query.offset // query.limit + 1 if query.limit else 1


def toggled(query: Query, facet: str, code: str) -> Query:
    """With the code chosen if it was not, without it if it was; back on the first page."""
    codes = query.filters.get(facet, ())
    kept = tuple(each for each in codes if each != code) if code in codes else (*codes, code)
    chosen = {**query.filters, facet: kept}
    return replace(query, filters={name: values for name, values in chosen.items() if values}, offset=0)


def _age(value: str) -> int | None:
    if not value:
        return None
    age = _whole_number(value)
    if age is None or age > OLDEST:
        raise InvalidInput(
            _("The age is not a number of years."), remedy=_("Use 0 to 120."), field="age", code="bad_age"
        )
    return age


def _concepts(value: str) -> bool:
    if value not in ("", "on", OFF):
        raise InvalidInput(
            _("Concepts are searched, or they are not."),
            remedy=_("Use concepts=off, or leave it out."),
            field="concepts",
            code="bad_concepts",
        )
    return value != OFF


def _page(value: str) -> int:
    page = _whole_number(value) if value else 1
    if page is None or not 1 <= page <= MAX_PAGE:
        raise InvalidInput(
            _("There is no such page."), remedy=_("Go to the first page."), field="page", code="bad_page"
        )
    return page


def _sort(value: str) -> Sort:
    sort = next((each for each in SORTS if each == (value or SORTS[0])), None)
    if sort is None:
        raise InvalidInput(
            _("Results cannot be ordered like this."),
            remedy=_("Use one of: %(names)s.") % {"names": ", ".join(SORTS)},
            field="sort",
            code="bad_sort",
        )
    return sort


def _whole_number(value: str) -> int | None:
    """Digits only: no signs, no "½", nothing enormous."""
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 9 else None


def _is_control(letter: str) -> bool:
    """Control characters, and halves of characters that no encoding can write. Joiners of emoji are neither."""
    return unicodedata.category(letter) in ("Cc", "Cs")


def _several(parameters: Parameters, name: str) -> list[str]:
    if isinstance(parameters, QueryDict):
        return [str(value) for value in parameters.getlist(name)]
    value = parameters.get(name, ())
    return [value] if isinstance(value, str) else [str(each) for each in value or ()]


def _single(parameters: Parameters, name: str) -> str:
    """The last one given, as Django reads addresses."""
    values = _several(parameters, name)
    return values[-1].strip() if values else ""
