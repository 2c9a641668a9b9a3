"""Records side by side, and as a spreadsheet that cannot run anything."""

import csv
import io

import pytest
from django.utils import translation
from openpyxl import load_workbook
from uuid6 import uuid7

from core.errors import InvalidInput
from i18n.texts import as_source
from tools_inventory.selectors.comparison import compare
from tools_inventory.selectors.nodes import node_names
from tools_inventory.services.spreadsheet import comparison_csv, comparison_xlsx


@pytest.fixture(autouse=True)
def reading_english():
    with translation.override("en"):
        yield


def rows(comparison):
    return {row.field: row for group in comparison.groups for row in group.rows}


def test_fields_are_aligned_and_judged(published):
    one = published("One", sectors=["energy", "port_logistics"], cost={"nl": as_source("Gratis")}, region="antwerp")
    other = published("Other", sectors=["port_logistics", "energy"], region="ghent")
    comparison = compare([one, other], "en")
    found = rows(comparison)
    assert [column.title.text for column in comparison.columns] == ["One", "Other"]
    assert found["sectors"].equal
    assert [cell.state for cell in found["sectors"].cells] == ["same", "same"]
    assert not found["region"].equal
    assert [cell.state for cell in found["region"].cells] == ["differs", "differs"]
    assert [cell.state for cell in found["cost"].cells] == ["differs", "missing"]
    assert "title" not in found
    assert (comparison.equal_count, comparison.row_count) == (3, 5)


def test_what_nobody_states_has_no_row_but_is_named(published):
    comparison = compare([published("One"), published("Other")], "en")
    assert set(rows(comparison)) == {"summary", "activity"}
    assert "Cost" in comparison.unstated
    assert "The same as" not in comparison.unstated


def test_groups_come_in_the_definitions_order(published):
    one = published("One", cost={"nl": as_source("Gratis")}, region="antwerp", ages={"min": 12})
    comparison = compare([one, published("Other")], "en")
    assert [group.name for group in comparison.groups] == ["what", "for_whom", "when_where", "effort"]


def test_kinds_can_be_mixed(published):
    tool = published("Tool", policy_stage="tested")
    phases = [{"title": {"nl": as_source("bezoek")}}]
    programme = published("Programme", kind="programme", phases=phases, editions=[{"label": "2024-2025"}])
    comparison = compare([tool, programme], "en")
    assert [len(row.cells) for group in comparison.groups for row in group.rows] == [2] * comparison.row_count
    found = rows(comparison)
    assert [cell.state for cell in found["phases"].cells] == ["missing", "differs"]
    assert [cell.state for cell in found["policy_stage"].cells] == ["differs", "missing"]
    names = list(found)
    assert names.index("summary") < names.index("phases") < names.index("activity")


def test_items_are_equal_when_all_in_them_is(published):
    editions = [{"label": "2024-2025", "places": 20}]
    one = published("One", kind="programme", editions=editions)
    same = published("Same", kind="programme", editions=editions)
    more = published("More", kind="programme", editions=[{"label": "2024-2025", "places": 30}])
    assert rows(compare([one, same], "en"))["editions"].equal
    assert not rows(compare([one, more], "en"))["editions"].equal


def test_two_to_five_records(published):
    uuids = [published(f"Tool {number}") for number in range(6)]
    with pytest.raises(InvalidInput) as few:
        compare(uuids[:1] * 3, "en")
    with pytest.raises(InvalidInput) as many:
        compare(uuids, "en")
    assert (few.value.reason, many.value.reason) == ("too_few_records", "too_many_records")
    assert len(compare(uuids[:5], "en").columns) == 5


def test_records_that_are_not_there_are_named(published, withdrawn):
    one, gone, never = published("One"), published("Gone"), uuid7()
    withdrawn(gone)
    comparison = compare([never, one, gone], "en")
    assert [column.uuid for column in comparison.columns] == [one]
    assert comparison.unavailable == (never, gone)
    assert compare([never, gone], "en").columns == ()


def test_the_queries_do_not_grow_with_the_records(published, django_assert_num_queries):
    uuids = [published(f"Tool {number}") for number in range(5)]
    node_names()
    with django_assert_num_queries(2):
        compare(uuids[:2], "en")
    with django_assert_num_queries(2):
        compare(uuids, "en")


@pytest.fixture
def dangerous(published):
    """A comparison of which one title and one cost would be formulas."""
    one = published('=HYPERLINK("https://evil.example";"click")', cost={"nl": as_source("+1+1|' /C calc'!A0")})
    other = published("Plain", cost={"nl": as_source("-5\x07 euro")}, target_groups=["@home", "parents"])
    return compare([one, other], "en")


def test_csv_cells_are_never_formulas(dangerous):
    data = comparison_csv(dangerous)
    assert data.startswith(b"\xef\xbb\xbf")
    table = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    cells = [cell for line in table for cell in line if cell]
    assert not any(cell[0] in "=+-@\t\r" for cell in cells)
    assert table[0][1] == """'=HYPERLINK("https://evil.example";"click")"""
    assert ["Target groups, as stated", "not stated", "'@home\nparents"] in table


def test_xlsx_cells_are_texts(dangerous):
    sheet = load_workbook(io.BytesIO(comparison_xlsx(dangerous))).active
    assert sheet["B1"].data_type == "s"
    assert sheet["B1"].value == '=HYPERLINK("https://evil.example";"click")'
    assert {cell.data_type for line in sheet.iter_rows() for cell in line if cell.value} == {"s"}
    assert sheet.freeze_panes == "B2"


def test_a_spreadsheet_says_whose_each_column_is(published):
    comparison = compare([published("One"), published("Other")], "en")
    table = list(csv.reader(io.StringIO(comparison_csv(comparison).decode("utf-8-sig"))))
    assert table[1] == ["Node", "Antwerp", "Antwerp"]
    assert table[3][1].startswith("http://127.0.0.1:8001/records/")
    assert ["Cost", "not stated", "not stated"] in table
