"""A comparison as a spreadsheet, .xlsx and .csv; coverage as .csv.

Texts of other nodes never become formulas of the reader's program.
"""

import csv
import io
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from tools_inventory.selectors.comparison import Comparison
from tools_inventory.selectors.coverage import Coverage
from tools_inventory.selectors.presentation import Part

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"

# What spreadsheet programs take for the beginning of a formula (OWASP, "CSV injection").
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
# Excel's own limit of a cell.
MAX_CELL = 32_767
COLUMN_WIDTH = 48


def comparison_csv(comparison: Comparison) -> bytes:
    """UTF-8 with a byte order mark, without which Excel reads another encoding."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in _rows(comparison):
        writer.writerow([_without_formula(value) for value in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def coverage_csv(coverage: Coverage) -> bytes:
    """The matrix as it is shown, with totals; where there is a home, a second one of the whole network below it."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in _coverage_rows(coverage):
        writer.writerow([_without_formula(value) if isinstance(value, str) else value for value in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def comparison_xlsx(comparison: Comparison) -> bytes:
    """One sheet; the heading row and the field names stay in view."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = _("Comparison")[:31]
    for number, row in enumerate(_rows(comparison), 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(row=number, column=column)
            assert isinstance(cell, Cell)
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)[:MAX_CELL]
            # A text is a text, whatever it begins with.
            cell.data_type = "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if number == 1 or column == 1:
                cell.font = Font(bold=True)
    for column_number in range(1, len(comparison.columns) + 2):
        letter = sheet.cell(row=1, column=column_number).column_letter
        sheet.column_dimensions[letter].width = COLUMN_WIDTH if column_number > 1 else COLUMN_WIDTH / 2
    sheet.freeze_panes = "B2"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _rows(comparison: Comparison) -> Iterator[list[str]]:
    columns = comparison.columns
    yield ["", *(column.title.text for column in columns)]
    yield [_("Node"), *(column.node_name for column in columns)]
    yield [_("Language"), *(column.language for column in columns)]
    yield [_("Record"), *(column.id for column in columns)]
    for group in comparison.groups:
        for row in group.rows:
            cells = (_cell(cell.parts) if cell.parts else _("not stated") for cell in row.cells)
            yield [row.label, *cells]
    for label in comparison.unstated:
        yield [label, *(_("not stated") for _column in columns)]


def _coverage_rows(coverage: Coverage) -> Iterator[list[str | int]]:
    labels = [column.label for column in coverage.columns]
    if coverage.home:
        yield [coverage.home_label, *labels, _("Total")]
        for row in coverage.rows:
            yield [row.header.label, *(cell.home_count for cell in row.cells), row.header.home_count]
        yield [_("Total"), *(column.home_count for column in coverage.columns), coverage.home_total]
        yield []
    yield [_("The whole network"), *labels, _("Total")]
    for row in coverage.rows:
        yield [row.header.label, *(cell.count for cell in row.cells), row.header.count]
    yield [_("Total"), *(column.count for column in coverage.columns), coverage.total]


def _cell(parts: Sequence[Part]) -> str:
    """A line a value; a text in another language than its neighbours is known by its tag."""
    return "\n".join(_line(part) for part in parts)


def _line(part: Part) -> str:
    text = f"[{part.language}] {part.text}" if part.language else part.text
    if part.note:
        text += f" ({part.note})"
    if part.href and part.href != part.text:
        text += f" <{part.href}>"
    inner = "; ".join(f"{row.label}: {_cell(row.parts)}" for row in part.rows)
    return f"{text} – {inner}" if inner else text


def _without_formula(value: str) -> str:
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value
