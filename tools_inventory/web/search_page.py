"""What a search page shows, made of a query and its results: chips, facets, rows, pages, points on the map.

Addresses and words for the reader, no markup; `search.py` answers requests with it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core.errors import NotFound
from core.search.concepts import VOCABULARIES
from core.search.parameters import MAX_PAGE, page_number, toggled
from core.search.seam import Query, Results, Understood, engine
from i18n.formats import format_number
from i18n.vocabularies.vocabulary import fold, vocabulary
from tools_inventory.selectors.facet_sets import expanded
from tools_inventory.selectors.facets import facet_label, value_label
from tools_inventory.selectors.hits import HitRow, hit_rows
from tools_inventory.selectors.nodes import node_names
from tools_inventory.web.facet_panels import Panel, facet_panels
from tools_inventory.web.scopes import Scope

# Each of these is a search; nobody reads more advice than that.
ADVISED = 8
NEAR_HITS = 3
# Of what was searched besides the words: so many concepts, each with so many of its names in other languages.
CONCEPTS_NAMED = 5
NAMES_SHOWN = 3
# What the reader may not have meant is searched, and not spoken of.
LEAST_WEIGHT = 0.5
# Stands for a region in an address; no search for words can hold it, as `q` is written with escapes.
_ANY_REGION = "--any-region--"


@dataclass(frozen=True, slots=True)
class Chip:
    """A part of the search that can be taken away. `count`: what would be found without it, in words."""

    label: str
    value: str
    address: str
    count: str = ""


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Words of the query, and the code that they were read as."""

    words: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Concept:
    """What was searched besides the words: "Company visit", in other languages (word, language)."""

    label: str
    names: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AlsoSearched:
    """Concepts that the words name, and the address that leaves them out, or takes them in again."""

    concepts: tuple[Concept, ...]
    only_words: bool
    address: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """For a search that found nothing: how it was read, what to drop, what is near."""

    words: tuple[str, ...]
    mentioned: tuple[Mentioned, ...]
    unknown: tuple[str, ...]
    drops: tuple[Chip, ...]
    near: tuple[HitRow, ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    scope: Scope
    query: Query
    total: int
    total_words: str
    title: str
    address: str
    did_you_mean: str
    did_you_mean_address: str
    also_searched: AlsoSearched | None
    chips: tuple[Chip, ...]
    clear_address: str
    panels: tuple[Panel, ...]
    rows: tuple[HitRow, ...]
    page: int
    pages: int
    numbers: tuple[int | None, ...]
    points: tuple[dict[str, str | int | float], ...]
    nothing: Nothing | None

    @property
    def chosen_count(self) -> int:
        return sum(panel.chosen for panel in self.panels) + (self.query.age is not None)

    @property
    def unfiltered(self) -> bool:
        """Whether nothing is asked but the scope's own kind."""
        return not self.query.text and not self.chips


def search_page(scope: Scope, query: Query) -> SearchPage:
    """One search; a few more if it finds nothing. Raises NotFound `no_such_page`, Unavailable."""
    query = scope.narrow(query)
    results = engine().search(query)
    page, pages = page_number(query), min(MAX_PAGE, -(-results.total // query.limit))
    if results.total and page > pages:
        raise NotFound(
            _("There is no such page."),
            remedy=_("There are %(pages)s pages. Go to the first.") % {"pages": format_number(pages)},
            field="page",
            code="no_such_page",
        )
    names = node_names()
    words = _total_words(scope, results.total)
    mended = replace(query, text=results.did_you_mean or "", offset=0)
    return SearchPage(
        scope=scope,
        query=query,
        total=results.total,
        total_words=words,
        title=f"{query.text} – {words}" if query.text else f"{scope.title} – {words}",
        address=scope.address(query),
        did_you_mean=results.did_you_mean or "",
        did_you_mean_address=scope.address(mended) if results.did_you_mean else "",
        also_searched=_also_searched(scope, query, results.understood),
        chips=tuple(chip for chip, _without in _without_one(scope, query, names)),
        clear_address=scope.address(
            Query(text=query.text, sort=query.sort, concepts=query.concepts, meaning=query.meaning)
        ),
        panels=tuple(facet_panels(scope, query, results, names)),
        rows=tuple(hit_rows(results.hits, results.understood, query.language, names)),
        page=page,
        pages=pages,
        numbers=page_numbers(page, pages),
        points=tuple(_points(scope, query, results)),
        nothing=None if results.total else _nothing(scope, query, results, names),
    )


def page_numbers(page: int, pages: int) -> tuple[int | None, ...]:
    """First, last, and those around the present one; None for a gap."""
    shown = sorted({1, pages, *range(max(1, page - 1), min(pages, page + 1) + 1)})
    numbers: list[int | None] = []
    for number in shown:
        before = numbers[-1] if numbers else None
        if before is not None and number == before + 2:
            numbers.append(before + 1)
        elif before is not None and number > before + 2:
            numbers.append(None)
        numbers.append(number)
    return tuple(numbers)


def _also_searched(scope: Scope, query: Query, understood: Understood) -> AlsoSearched | None:
    """None where there is nothing to say and nothing to switch."""
    if not query.text:
        return None
    concepts: dict[str, Concept] = {}
    for mention in sorted(understood.mentions, key=lambda mention: -mention.terms[0][1]):
        if mention.terms[0][1] >= LEAST_WEIGHT and len(concepts) < CONCEPTS_NAMED:
            concepts.setdefault(mention.terms[0][0], _concept(mention.facet, mention.code, query.language))
    if query.concepts and not concepts:
        return None
    switched = replace(query, concepts=not query.concepts, meaning=not query.concepts, offset=0)
    return AlsoSearched(tuple(concepts.values()), not query.concepts, scope.address(switched))


@lru_cache(maxsize=2048)
def _concept(facet: str, code: str, language: str) -> Concept:
    known = vocabulary(VOCABULARIES[facet])
    label, stated = known.label(code, language), known.get(code)
    names = {fold(name): (name, each) for each, name in (stated.labels if stated else {}).items() if each != language}
    names.pop(fold(label), None)
    return Concept(label, tuple(names.values())[:NAMES_SHOWN])


def _total_words(scope: Scope, total: int) -> str:
    return _count_of_kind(scope.kind, total, get_language() or "en")


@lru_cache(maxsize=4096)
def _count_of_kind(kind: str, total: int, language: str) -> str:
    """A map has one for each of its points."""
    count = {"count": format_number(total, language)}
    match kind:
        case "programme":
            return ngettext("%(count)s programme", "%(count)s programmes", total) % count
        case "opportunity":
            return ngettext("%(count)s opportunity", "%(count)s opportunities", total) % count
        case _:
            return ngettext("%(count)s result", "%(count)s results", total) % count


def _without_one(scope: Scope, query: Query, names: Mapping[str, str]) -> Iterator[tuple[Chip, Query]]:
    """Each filter as a chip, and the search without it."""
    for facet, codes in query.filters.items():
        if facet == "kind" and scope.kind:
            continue
        for code in codes:
            without = toggled(query, facet, code)
            label = value_label(facet, code, query.language, names)
            yield Chip(facet_label(facet, query.language), label, scope.address(without)), without
    if query.age is not None:
        without = replace(query, age=None, offset=0)
        yield Chip(_("Age"), str(query.age), scope.address(without)), without


def _points(scope: Scope, query: Query, results: Results) -> Iterator[dict[str, str | int | float]]:
    """All hits, not only this page's, by region. Counts of a facet are without its own choice: that is applied here."""
    regions = vocabulary("regions")
    chosen = {code for one in query.filters.get("region", ()) for code in expanded("region", one)}
    labels = regions.labels(query.language)
    # An address takes 20 µs to write, and they differ in the code alone.
    before, _code, after = scope.address(
        replace(query, filters={**query.filters, "region": (_ANY_REGION,)}, offset=0)
    ).partition(_ANY_REGION)
    for code, count in results.facets.get("region", []):
        region = regions.get(code)
        if region is None or region.lat is None or region.lon is None or not count or (chosen and code not in chosen):
            continue
        yield {
            "lat": region.lat,
            "lon": region.lon,
            "label": labels[code],
            "count": count,
            "note": _total_words(scope, count),
            "url": f"{before}{code}{after}",
        }


def _nothing(scope: Scope, query: Query, results: Results, names: Mapping[str, str]) -> Nothing:
    understood = results.understood
    mentioned = tuple(
        Mentioned(
            mention.words,
            facet_label(mention.facet, query.language),
            value_label(mention.facet, mention.code, query.language, names),
        )
        for mention in understood.mentions
    )
    named = {word for mention in understood.mentions for word in mention.words.split(" ")}
    near = engine().search(replace(query, filters={}, age=None, sort="relevance", offset=0, limit=NEAR_HITS, facets=()))
    return Nothing(
        words=tuple(word.text for word in understood.words),
        mentioned=mentioned,
        unknown=tuple(word.text for word in understood.words if word.text not in named) if not near.total else (),
        drops=tuple(_drops(scope, query, names)),
        near=tuple(hit_rows(near.hits, near.understood, query.language, names)),
    )


def _drops(scope: Scope, query: Query, names: Mapping[str, str]) -> Iterator[Chip]:
    """Each part of the search whose absence would find something, with how much."""
    parts = list(_without_one(scope, query, names))
    if query.text and parts:
        without = replace(query, text="", offset=0)
        parts.insert(0, (Chip(_("Words"), query.text, scope.address(without)), without))
    for chip, without in parts[:ADVISED]:
        total = engine().search(replace(without, limit=0, facets=())).total
        if total:
            yield replace(chip, count=_total_words(scope, total))
