"""Two to five records side by side, field by field, as their kinds' definitions order them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.records import definition as d
from core.records.selectors.records import records_get
from tools_inventory.selectors.nodes import node_names
from tools_inventory.selectors.presentation import (
    Brief,
    Document,
    Part,
    brief,
    held_records,
    row,
)

MIN_RECORDS = 2
MAX_RECORDS = 5

# Fields that head the columns and are not compared again below.
HEADINGS = frozenset({"title"})


@dataclass(frozen=True, slots=True)
class Cell:
    """What one record states. `state` is same (all state the same), differs, or missing (not stated)."""

    parts: tuple[Part, ...]
    state: str


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A field over all records; `kind` as in presentation.Row. `equal`: all state it, and the same."""

    field: str
    label: str
    kind: str
    cells: tuple[Cell, ...]
    equal: bool


@dataclass(frozen=True, slots=True)
class ComparedGroup:
    name: str
    label: str
    rows: tuple[ComparedRow, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`columns` are the records that exist, in the order asked for; `unavailable` those that do not, or not any more.

    `unstated` are the labels of fields that none of them states; they have no row.
    """

    columns: tuple[Brief, ...]
    groups: tuple[ComparedGroup, ...]
    unavailable: tuple[UUID, ...]
    unstated: tuple[str, ...]

    @property
    def equal_count(self) -> int:
        return sum(row.equal for group in self.groups for row in group.rows)

    @property
    def row_count(self) -> int:
        return sum(len(group.rows) for group in self.groups)


def compare(uuids: Sequence[UUID], language: str) -> Comparison:
    """Raises InvalidInput `too_few_records` or `too_many_records` (of those asked for, doubles counted once)."""
    wanted = list(dict.fromkeys(uuids))
    if len(wanted) < MIN_RECORDS:
        raise InvalidInput(
            _("A comparison needs at least two records."),
            remedy=_("Choose records in the search results and compare them."),
            field="id",
            code="too_few_records",
        )
    if len(wanted) > MAX_RECORDS:
        raise InvalidInput(
            _("At most %(number)s records can be compared at a time.") % {"number": MAX_RECORDS},
            remedy=_("Leave some out."),
            field="id",
            code="too_many_records",
        )
    found = records_get(wanted)
    documents = [record.document for record in found]
    names = node_names()
    held = held_records(documents)
    rows = [_row(field, documents, language, held) for field in _fields([record.kind for record in found])]
    stated = [(group, row) for group, row in rows if any(cell.parts for cell in row.cells)]
    return Comparison(
        columns=tuple(brief(record, language, names) for record in found),
        groups=_grouped(stated),
        unavailable=tuple(uuid for uuid in wanted if uuid not in {record.uuid for record in found}),
        unstated=tuple(row.label for _group, row in rows if not any(cell.parts for cell in row.cells)),
    )


def _fields(kinds: Sequence[str]) -> list[d.Field]:
    """The compared fields of all the kinds, each once: those of the first kind, others where their kind has them."""
    merged: list[d.Field] = []
    for name in dict.fromkeys(kinds):
        kind = d.kind(name)
        place = 0
        for field in kind.fields if kind else ():
            known = next((index for index, other in enumerate(merged) if other.name == field.name), None)
            if known is None:
                merged.insert(place, field)
                place += 1
            else:
                place = known + 1
    return [field for field in merged if field.compared and field.name not in HEADINGS]


def _row(
    field: d.Field, documents: Sequence[Document], language: str, held: frozenset[UUID]
) -> tuple[str, ComparedRow]:
    rows = [row(field, document, language, held) for document in documents]
    contents = {_content(shown.parts) for shown in rows}
    equal = len(contents) == 1 and all(shown.stated for shown in rows)
    cells = tuple(
        Cell(shown.parts, "missing" if not shown.stated else "same" if equal else "differs") for shown in rows
    )
    return field.group, ComparedRow(field.name, str(field.label), rows[0].kind if rows else "", cells, equal)


def _content(parts: Sequence[Part]) -> tuple[str, ...]:
    """What makes two cells equal: codes and words, in any order, capital letters aside."""
    return tuple(sorted(_part_content(part) for part in parts))


def _part_content(part: Part) -> str:
    inner = [inner for row in part.rows for inner in _content(row.parts)]
    return "\n".join([part.code or part.text.casefold(), *inner])


def _grouped(rows: Sequence[tuple[str, ComparedRow]]) -> tuple[ComparedGroup, ...]:
    groups = []
    for name, label in d.GROUPS.items():
        members = tuple(row for group, row in rows if group == name)
        if members:
            groups.append(ComparedGroup(name, str(label), members))
    return tuple(groups)
