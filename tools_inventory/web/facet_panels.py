"""The facets of a search page: which values to show first, which behind "more", school stages under their level."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from core.node import this_node
from core.search.seam import FACETS, Query, Results
from i18n.vocabularies.vocabulary import vocabulary
from tools_inventory.selectors.facets import facet_label, value_labels
from tools_inventory.web.scopes import Scope

SHOWN_FIRST = 7
# A shorter rest is shown at once: "more (2)" takes as much room as one of the two.
WORTH_FOLDING = 3


class Value(NamedTuple):
    code: str
    label: str
    number: str
    checked: bool


class Level(NamedTuple):
    """An international level of school stages, and the national stages of it."""

    value: Value
    stages: tuple[Value, ...]
    open: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """One facet. `levels` only for school stages, which have no `values` then."""

    name: str
    label: str
    open: bool
    chosen: int
    values: tuple[Value, ...]
    more: tuple[Value, ...]
    levels: tuple[Level, ...]


def facet_panels(scope: Scope, query: Query, results: Results, names: Mapping[str, str]) -> list[Panel]:
    """Facets that leave a choice, or in which one was made."""
    panels = []
    for facet in FACETS:
        counts = results.facets.get(facet, [])
        chosen = query.filters.get(facet, ())
        if (facet == "kind" and scope.kind) or (len(counts) < 2 and not chosen):
            continue
        panels.append(_panel(scope, facet, counts, chosen, query.language, names))
    return panels


def _panel(
    scope: Scope,
    facet: str,
    counts: Sequence[tuple[str, int]],
    chosen: tuple[str, ...],
    language: str,
    names: Mapping[str, str],
) -> Panel:
    labels = value_labels(facet, language, names)
    values = [Value(code, labels.get(code, code), str(count), code in chosen) for code, count in counts]
    levels = _levels(values) if facet == "stage" else ()
    first, more = ([], []) if levels else _parted(values)
    return Panel(
        name=facet,
        label=facet_label(facet, language),
        open=bool(chosen) or facet in scope.open_facets,
        chosen=len(chosen),
        values=tuple(first),
        more=tuple(more),
        levels=levels,
    )


@cache
def _stage_order() -> dict[str, int]:
    return {code: place for place, code in enumerate(vocabulary("school_stages").concepts)}


def _parted(values: list[Value]) -> tuple[list[Value], list[Value]]:
    """What was chosen stays in sight, wherever it stands."""
    if len(values) < SHOWN_FIRST + WORTH_FOLDING:
        return values, []
    first = [value for place, value in enumerate(values) if place < SHOWN_FIRST or value.checked]
    return first, [value for place, value in enumerate(values) if place >= SHOWN_FIRST and not value.checked]


def _levels(values: Sequence[Value]) -> tuple[Level, ...]:
    """In the vocabulary's order; stages of this node's country first. Unknown codes stand beside the levels."""
    known = vocabulary("school_stages")
    order = _stage_order()
    home = vocabulary("regions").get(this_node().region)
    country = home.country if home else None
    under: dict[str, list[Value]] = {}
    tops: dict[str, Value] = {}
    for value in values:
        above = known.ancestors(value.code)
        if above:
            under.setdefault(above[-1], []).append(value)
        else:
            tops[value.code] = value

    def near_first(value: Value) -> tuple[bool, int]:
        concept = known.get(value.code)
        return concept is None or concept.country != country, order.get(value.code, len(order))

    levels = []
    for code in sorted(tops.keys() | under.keys(), key=lambda code: order.get(code, len(order))):
        stages = tuple(sorted(under.get(code, ()), key=near_first))
        if code in tops:
            levels.append(Level(tops[code], stages, any(stage.checked for stage in stages)))
        else:
            levels += [Level(stage, (), False) for stage in stages]
    return tuple(levels)
