"""The matrix of any two facets: how many records stand where, at home and elsewhere, and who fills home's holes."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.records import definition as d
from i18n.vocabularies.vocabulary import vocabulary
from tools_inventory.selectors.facet_sets import FacetSets, coded_facets, facet_sets, vocabulary_of
from tools_inventory.selectors.facets import facet_label
from tools_inventory.selectors.nodes import node_names

SearchParameters = tuple[tuple[str, str], ...]

# How many who could fill a hole are named; `filler_count` says how many there are.
FILLERS_NAMED = 5
# Steps of lightness in the heat table, 0 for an empty cell.
LEVELS = 5
HOME_FACETS = ("region", "node", "country")


@dataclass(frozen=True, slots=True)
class Header:
    """A row or column; `count` and `home_count` are of records, each counted once, not the sums of the cells."""

    code: str
    label: str
    count: int
    home_count: int
    search: SearchParameters
    has_narrower: bool


@dataclass(frozen=True, slots=True)
class Filler:
    """Who has what home lacks: a region, node or country, as the home is one."""

    code: str
    label: str
    count: int
    search: SearchParameters


@dataclass(frozen=True, slots=True)
class CoverageCell:
    """`count` in the whole network, `home_count` at home. `level` 0 to LEVELS, of home if there is one, else of all."""

    count: int
    home_count: int
    level: int
    search: SearchParameters
    home_search: SearchParameters
    fillers: tuple[Filler, ...]
    filler_count: int
    hole: bool


@dataclass(frozen=True, slots=True)
class CoverageRow:
    header: Header
    cells: tuple[CoverageCell, ...]


@dataclass(frozen=True, slots=True)
class Dimension:
    """A facet that can be a side of the matrix."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """`home` is (facet, value) or None for the network alone. A hole is a cell empty at home and filled elsewhere."""

    row_dimension: Dimension
    column_dimension: Dimension
    columns: tuple[Header, ...]
    rows: tuple[CoverageRow, ...]
    home: tuple[str, str] | None
    home_label: str
    total: int
    home_total: int
    dimensions: tuple[Dimension, ...]
    homes: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]

    @property
    def hole_count(self) -> int:
        return sum(cell.hole for row in self.rows for cell in row.cells)


def coverage(
    *,
    language: str,
    rows: str = "stage",
    columns: str = "activity",
    home: tuple[str, str] | None = None,
    kinds: Sequence[str] = (),
    rows_under: str = "",
    columns_under: str = "",
) -> Coverage:
    """Counts of current records by two facets. One pass over this process's facet sets.

    `rows_under` and `columns_under` show the codes narrower than that one instead of the top ones. `kinds` as in a
    search: none means those found by default. Counts agree with the searches that `search` leads to. Raises
    InvalidInput `unknown_facet`, `same_facet`, `unknown_home`, `unknown_kind`.
    """
    _check(rows, columns, home, kinds)
    sets = facet_sets()
    matrix = _Matrix(sets, language, home, tuple(kinds))
    column_headers = matrix.headers(columns, columns_under)
    row_headers = matrix.headers(rows, rows_under)
    counts = {
        (row.code, column.code): matrix.count((rows, row.code), (columns, column.code))
        for row in row_headers
        for column in column_headers
    }
    most = max((home_count if home else count for count, home_count in counts.values()), default=0)
    return Coverage(
        row_dimension=_dimension(rows, language),
        column_dimension=_dimension(columns, language),
        columns=column_headers,
        rows=tuple(
            CoverageRow(
                row, tuple(matrix.cell((rows, row.code), (columns, column.code), most) for column in column_headers)
            )
            for row in row_headers
        ),
        home=home,
        home_label=matrix.label(*home) if home else "",
        total=matrix.scope.bit_count(),
        home_total=(matrix.scope & matrix.home_mask).bit_count(),
        dimensions=tuple(_dimension(name, language) for name in coded_facets()),
        homes=tuple(
            (facet, tuple((value, matrix.label(facet, value)) for value in sets.values(facet))) for facet in HOME_FACETS
        ),
    )


def value_label(facet: str, value: str, language: str) -> str:
    """What people call a facet's value."""
    if facet == "node":
        return node_names().get(value, value)
    if facet == "kind":
        kind = d.kind(value)
        return str(kind.label_plural) if kind else value
    name = vocabulary_of(facet)
    return vocabulary(name).label(value, language) if name else value


class _Matrix:
    """The sets of one question, so that each is made once."""

    def __init__(self, sets: FacetSets, language: str, home: tuple[str, str] | None, kinds: tuple[str, ...]) -> None:
        self.sets = sets
        self.language = language
        self.home = home
        self.kind_search: SearchParameters = tuple(("kind", kind) for kind in kinds)
        self.scope = sets.mask("kind", kinds or [kind.name for kind in d.kinds() if kind.searched])
        self.home_mask = sets.filtered(*home) if home else 0
        self._masks: dict[tuple[str, str], int] = {}
        self._names = node_names()

    def mask(self, facet: str, code: str) -> int:
        if (facet, code) not in self._masks:
            self._masks[facet, code] = self.sets.filtered(facet, code) & self.scope
        return self._masks[facet, code]

    def count(self, row: tuple[str, str], column: tuple[str, str]) -> tuple[int, int]:
        both = self.mask(*row) & self.mask(*column)
        return both.bit_count(), (both & self.home_mask).bit_count()

    def headers(self, facet: str, under: str) -> tuple[Header, ...]:
        headers = []
        for code in self._codes(facet, under):
            mask = self.mask(facet, code)
            headers.append(
                Header(
                    code=code,
                    label=self.label(facet, code),
                    count=mask.bit_count(),
                    home_count=(mask & self.home_mask).bit_count(),
                    search=((facet, code), *self.kind_search),
                    has_narrower=bool(self._narrower(facet, code)),
                )
            )
        return tuple(headers)

    def cell(self, row: tuple[str, str], column: tuple[str, str], most: int) -> CoverageCell:
        both = self.mask(*row) & self.mask(*column)
        count, home_count = both.bit_count(), (both & self.home_mask).bit_count()
        hole = self.home is not None and not home_count and count > 0
        search = (row, column, *self.kind_search)
        fillers = self._fillers(both, search) if hole else ()
        return CoverageCell(
            count=count,
            home_count=home_count,
            level=_level(home_count if self.home else count, most),
            search=search,
            home_search=(*search, self.home) if self.home else search,
            fillers=fillers[:FILLERS_NAMED],
            filler_count=len(fillers),
            hole=hole,
        )

    def label(self, facet: str, code: str) -> str:
        return self._names.get(code, code) if facet == "node" else value_label(facet, code, self.language)

    def _fillers(self, mask: int, search: SearchParameters) -> tuple[Filler, ...]:
        """Who has the records of the mask, those with most first."""
        assert self.home is not None
        facet = self.home[0]
        counts = [(value, (mask & self.sets.mask(facet, [value])).bit_count()) for value in self.sets.values(facet)]
        found = sorted(((value, count) for value, count in counts if count), key=lambda pair: (-pair[1], pair[0]))
        return tuple(
            Filler(value, self.label(facet, value), count, (*search, (facet, value))) for value, count in found
        )

    def _codes(self, facet: str, under: str) -> list[str]:
        """The vocabulary's own order where it is small and complete; what occurs, where it is not."""
        if under:
            return list(self._narrower(facet, under)) or [under]
        name = vocabulary_of(facet)
        if name is None or name in ("countries", "languages"):
            return sorted(self.sets.values(facet), key=lambda code: self.label(facet, code))
        return [concept.code for concept in vocabulary(name).concepts.values() if concept.broader is None]

    def _narrower(self, facet: str, code: str) -> tuple[str, ...]:
        name = vocabulary_of(facet)
        return vocabulary(name).narrower(code) if name else ()


def _level(count: int, most: int) -> int:
    """1 to LEVELS by the square root of the share, so that small counts still differ."""
    if not count or not most:
        return 0
    return max(1, round((count / most) ** 0.5 * LEVELS))


def _dimension(name: str, language: str) -> Dimension:
    return Dimension(name, facet_label(name, language))


def _check(rows: str, columns: str, home: tuple[str, str] | None, kinds: Sequence[str]) -> None:
    for parameter, facet in (("rows", rows), ("columns", columns)):
        if facet not in coded_facets():
            raise InvalidInput(
                _("There is no facet “%(facet)s”.") % {"facet": facet[:60]},
                remedy=_("Choose one of: %(facets)s.") % {"facets": ", ".join(coded_facets())},
                field=parameter,
                code="unknown_facet",
            )
    if rows == columns:
        raise InvalidInput(
            _("Rows and columns are the same."),
            remedy=_("Choose two different ones."),
            field="columns",
            code="same_facet",
        )
    if home and home[0] not in HOME_FACETS:
        raise InvalidInput(
            _("Coverage can be seen from a region, a node or a country."), field="home", code="unknown_home"
        )
    for kind in kinds:
        if d.kind(kind) is None:
            raise InvalidInput(
                _("There is no kind “%(kind)s”.") % {"kind": kind[:60]}, field="kind", code="unknown_kind"
            )
