"""Coverage: a matrix of any two facets, home's counts in it, and who could fill home's holes.

The address holds the whole state: `rows`, `columns`, `rows_under`, `columns_under`, `home` (region:antwerp, node:…,
country:BE, or network for no home at all), `kind`, and `cell` (row:column) for the records behind one cell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.errors import InvalidInput, Unavailable
from core.node import this_node
from core.records import definition as d
from core.records.models import Record
from core.records.selectors.records import records_get
from core.search.seam import Query, engine
from i18n.vocabularies.vocabulary import vocabulary
from tools_inventory.selectors.coverage import (
    HOME_FACETS,
    Coverage,
    CoverageCell,
    CoverageRow,
    Header,
    coverage,
    value_label,
)
from tools_inventory.selectors.facet_sets import coded_facets, vocabulary_of
from tools_inventory.selectors.nodes import node_names
from tools_inventory.selectors.presentation import Brief, briefs
from tools_inventory.services.spreadsheet import CSV_TYPE, coverage_csv
from tools_inventory.web.scopes import search_address

NETWORK = "network"
# Facets that make readable matrices; kind has a choice of its own.
SIDES = tuple(facet for facet in coded_facets() if facet not in ("kind", "direction"))
# Records listed behind a cell; the search has the rest.
LISTED = 60
HOLES_NAMED = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """The state of the page, as its address says."""

    rows: str
    columns: str
    rows_under: str
    columns_under: str
    home: tuple[str, str] | None
    kinds: tuple[str, ...]
    cell: tuple[str, str] | None

    @property
    def home_text(self) -> str:
        return ":".join(self.home) if self.home else NETWORK

    def address(self, **changes: str) -> str:
        """The page with some of it changed; what stands as it is without being said is left out."""
        state = {
            "rows": self.rows,
            "columns": self.columns,
            "rows_under": self.rows_under,
            "columns_under": self.columns_under,
            "home": self.home_text,
            "kind": self.kinds[0] if self.kinds else "",
            **changes,
        }
        return f"?{urlencode({name: value for name, value in state.items() if value})}"


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A region (or node, or country) that has records behind the cell. `more` is a search with all of them."""

    label: str
    count: int
    more: str
    records: tuple[Brief, ...]


@dataclass(frozen=True, slots=True)
class Hole:
    """One of the largest: most others have what home has not."""

    row: str
    column: str
    fillers: int
    address: str


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind one cell: at home, and elsewhere."""

    row: str
    column: str
    cell: CoverageCell
    places: tuple[Place, ...]
    everything: str
    index_down: bool


@require_safe
def matrix(request: HttpRequest) -> HttpResponse:
    """Raises InvalidInput: `unknown_` facet, home, kind, code, cell; `same_facet`."""
    asked = _asked(request)
    found = _coverage(asked)
    opened = _cell(found, asked.cell)
    behind = _behind(found, asked, *opened) if opened else None
    fragment = request.htmx and request.htmx.target == "fillers"  # type: ignore[attr-defined]  # django-htmx's middleware
    context = {"coverage": found, "asked": asked, "behind": behind}
    if not fragment:
        context |= {
            "rows_choice": _sides(found, asked.rows),
            "columns_choice": _sides(found, asked.columns),
            "homes": _homes(found, asked),
            "kinds": _kinds(asked),
            "ups": _ups(found, asked),
            "holes": _largest_holes(found, asked),
            "file": reverse("inventory:coverage_file") + asked.address(),
        }
    template = "tools_inventory/_fillers.html" if fragment else "tools_inventory/coverage.html"
    response = render(request, template, context)
    patch_vary_headers(response, ("HX-Request", "Cookie"))
    patch_cache_control(response, private=True, no_cache=True)
    return response


@require_safe
def spreadsheet(request: HttpRequest) -> HttpResponse:
    """The matrix as it is asked for, as CSV."""
    response = HttpResponse(coverage_csv(_coverage(_asked(request))), content_type=CSV_TYPE)
    response["Content-Disposition"] = 'attachment; filename="havenlink-coverage.csv"'
    return response


# What is asked for


def _asked(request: HttpRequest) -> Asked:
    read = request.GET.get
    rows, columns = read("rows") or "stage", read("columns") or "activity"
    for name, facet in (("rows", rows), ("columns", columns)):
        if facet not in SIDES:
            raise InvalidInput(
                _("Records cannot be counted by “%(facet)s”.") % {"facet": facet[:60]},
                remedy=_("Choose one of: %(facets)s.") % {"facets": ", ".join(SIDES)},
                field=name,
                code="unknown_facet",
            )
    return Asked(
        rows=rows,
        columns=columns,
        rows_under=_under("rows_under", rows, read("rows_under", "")),
        columns_under=_under("columns_under", columns, read("columns_under", "")),
        home=_home(read("home", "")),
        kinds=tuple(kind for kind in request.GET.getlist("kind")[:8] if kind),
        cell=_pair(read("cell", "")),
    )


def _under(name: str, facet: str, code: str) -> str:
    vocabulary_name = vocabulary_of(facet)
    if code and (vocabulary_name is None or code not in vocabulary(vocabulary_name)):
        raise InvalidInput(
            _("There is nothing to show below “%(code)s”.") % {"code": code[:60]},
            remedy=_("Leave it out to see all."),
            field=name,
            code="unknown_code",
        )
    return code


def _home(typed: str) -> tuple[str, str] | None:
    """This node's own region, else the node itself, unless another home is named."""
    if typed == NETWORK:
        return None
    node = this_node()
    if not typed:
        return ("region", node.region) if node.region else ("node", node.id)
    facet, _colon, value = typed.partition(":")
    if facet not in HOME_FACETS or not _exists(facet, value):
        raise InvalidInput(
            _("“%(home)s” is no region, node or country known here.") % {"home": typed[:60]},
            remedy=_("Choose a home from the list."),
            field="home",
            code="unknown_home",
        )
    return facet, value


def _exists(facet: str, value: str) -> bool:
    name = vocabulary_of(facet)
    return value in vocabulary(name) if name else value in node_names()


def _pair(typed: str) -> tuple[str, str] | None:
    if not typed:
        return None
    row, _colon, column = typed.partition(":")
    return row, column


def _coverage(asked: Asked) -> Coverage:
    return coverage(
        language=_language(),
        rows=asked.rows,
        columns=asked.columns,
        home=asked.home,
        kinds=asked.kinds,
        rows_under=asked.rows_under,
        columns_under=asked.columns_under,
    )


# What is shown beside the matrix


def _sides(found: Coverage, chosen: str) -> list[Choice]:
    return [Choice(each.name, each.label, each.name == chosen) for each in found.dimensions if each.name in SIDES]


def _homes(found: Coverage, asked: Asked) -> list[tuple[str, list[Choice]]]:
    """Grouped by what a home can be. This node's own stands in its list even before it has published anything."""
    titles = {"region": _("Regions"), "node": _("Nodes"), "country": _("Countries")}
    groups = []
    for facet, values in found.homes:
        listed = dict(values)
        if asked.home and asked.home[0] == facet:
            listed.setdefault(asked.home[1], found.home_label)
        pairs = sorted(listed.items(), key=lambda pair: pair[1].casefold())
        groups.append(
            (titles[facet], [Choice(f"{facet}:{code}", label, asked.home == (facet, code)) for code, label in pairs])
        )
    return groups


def _kinds(asked: Asked) -> list[Choice]:
    return [
        Choice(kind.name, str(kind.label_plural), asked.kinds == (kind.name,)) for kind in d.kinds() if kind.searched
    ]


def _ups(found: Coverage, asked: Asked) -> list[tuple[str, str]]:
    """For a side that shows what is below a code: its name, and the way back up."""
    ups = []
    for parameter, facet, code in (
        ("rows_under", asked.rows, asked.rows_under),
        ("columns_under", asked.columns, asked.columns_under),
    ):
        if code:
            ups.append((value_label(facet, code, _language()), asked.address(**{parameter: ""})))
    return ups


def _largest_holes(found: Coverage, asked: Asked) -> list[Hole]:
    """What most others have and home has not, in words: the matrix in a glance."""
    holes = [
        Hole(row.header.label, column.label, cell.filler_count, asked.address(cell=f"{row.header.code}:{column.code}"))
        for row in found.rows
        for column, cell in zip(found.columns, row.cells, strict=True)
        if cell.hole
    ]
    return sorted(holes, key=lambda hole: -hole.fillers)[:HOLES_NAMED]


# What stands behind a cell


def _cell(found: Coverage, cell: tuple[str, str] | None) -> tuple[CoverageRow, Header, CoverageCell] | None:
    if cell is None:
        return None
    for row in found.rows:
        for column, one in zip(found.columns, row.cells, strict=True):
            if (row.header.code, column.code) == cell:
                return row, column, one
    raise InvalidInput(
        _("This matrix has no such cell."), remedy=_("Choose a cell of the table."), field="cell", code="unknown_cell"
    )


def _behind(found: Coverage, asked: Asked, row: CoverageRow, column: Header, cell: CoverageCell) -> Behind:
    records, index_down = _records(cell)
    return Behind(
        row=row.header.label,
        column=column.label,
        cell=cell,
        places=_places(records, asked, dict(cell.search)),
        everything=search_address(**dict(cell.search)),
        index_down=index_down,
    )


def _records(cell: CoverageCell) -> tuple[list[Record], bool]:
    filters: dict[str, tuple[str, ...]] = {}
    for facet, code in cell.search:
        filters[facet] = (*filters.get(facet, ()), code)
    query = Query(language=_language(), filters=filters, limit=LISTED, facets=())
    try:
        hits = engine().search(query).hits
    except Unavailable:
        return [], True
    return records_get([hit.uuid for hit in hits]), False


def _places(records: Sequence[Record], asked: Asked, search: dict[str, str]) -> tuple[Place, ...]:
    """Home first, then those with most."""
    facet = asked.home[0] if asked.home else "region"
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(_place_of(record, facet), []).append(record)
    home = asked.home[1] if asked.home else ""
    names = node_names()
    ordered = sorted(groups.items(), key=lambda item: (item[0] != home, -len(item[1]), item[0]))
    return tuple(
        Place(
            label=_place_label(facet, code, names),
            count=len(members),
            more=search_address(**{**search, facet: code}) if code else "",
            records=tuple(briefs(members, _language())),
        )
        for code, members in ordered
    )


def _place_label(facet: str, code: str, names: Mapping[str, str]) -> str:
    if facet == "node":
        return names.get(code, code)
    return value_label(facet, code, _language()) if code else _("elsewhere")


def _place_of(record: Record, facet: str) -> str:
    if facet == "node":
        return record.log.origin
    document = record.document
    if facet == "country":
        return str(document.get("location", {}).get("country", ""))
    return str(document.get("region", ""))


def _language() -> str:
    return get_language() or "en"
