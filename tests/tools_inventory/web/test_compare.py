import csv
import io

import pytest
from openpyxl import load_workbook

from tests.tools_inventory.published import GIRLS_DAY, INTERNSHIP, PORT_AUTHORITY, PORT_VISIT, RALLY, UNKNOWN, WITHDRAWN
from tests.tools_inventory.web.reading import seen

FIVE = (PORT_VISIT, GIRLS_DAY, RALLY, INTERNSHIP, PORT_AUTHORITY)


def address(*uuids, language="en", more=""):
    return f"/{language}/compare?" + "&".join(f"id={uuid}" for uuid in uuids) + more


def rows(response):
    return {row.field: row for group in response.context["comparison"].groups for row in group.rows}


# The table


def test_records_stand_side_by_side_in_the_order_asked_for(client, indexed):
    response = client.get(address(RALLY, PORT_VISIT))

    assert response.status_code == 200
    assert [column.brief.uuid for column in response.context["columns"]] == [RALLY, PORT_VISIT]
    assert [group.label for group in response.context["comparison"].groups] == [
        "What it is",
        "For whom",
        "When and where",
        "With whom",
        "Source and terms",
    ]


def test_equal_differing_and_missing_cells(client, indexed):
    response = client.get(address(RALLY, PORT_VISIT))
    found = rows(response)

    assert (found["activity"].equal, [cell.state for cell in found["activity"].cells]) == (True, ["same", "same"])
    assert [cell.state for cell in found["region"].cells] == ["differs", "differs"]
    assert [cell.state for cell in found["ages"].cells] == ["missing", "differs"]
    markup = response.content.decode()
    assert '<tr role="row" class="equal"><th role="rowheader" scope="row">Activity</th>' in markup
    assert (
        '<th role="rowheader" scope="row">Ages</th><td role="cell"><span class="not-stated">not stated</span></td>'
        '<td role="cell" class="differs">16–18</td>'
    ) in markup


def test_each_text_has_its_language(client, indexed):
    markup = client.get(address(RALLY, PORT_VISIT)).content.decode()

    assert '<span lang="de" dir="ltr">Eine Rallye durch den Hafen.</span>' in markup
    assert '<span lang="nl" dir="ltr">Leerlingen bezoeken de haven.</span>' in markup


def test_equal_rows_can_be_folded_without_a_script(client, indexed):
    open_table = client.get(address(RALLY, PORT_VISIT)).content.decode()
    folded = client.get(address(RALLY, PORT_VISIT, more="&equal=hide")).content.decode()

    assert 'class="compare columns-2"' in open_table
    assert 'data-fold-equal aria-pressed="false"' in open_table
    assert 'class="compare columns-2 hides-equal"' in folded
    assert 'data-fold-equal aria-pressed="true"' in folded


def test_what_none_states_is_named_once(client, indexed):
    text = seen(client.get(address(GIRLS_DAY, RALLY)))

    assert text.count("Duration") == 1
    assert "None of them states: Description, Sectors, Themes, School stages," in text


def test_five_leave_no_room_for_more(client, indexed):
    response = client.get(address(*FIVE))

    assert (response.status_code, response.context["may_add"], len(response.context["columns"])) == (200, False, 5)


# Nothing to compare


def test_nothing_chosen(client, indexed):
    response = client.get("/en/compare")

    assert (response.status_code, response.context["error"].reason) == (400, "too_few_records")
    assert "Search for two to five records and tick “Compare” beside them." in seen(response)


def test_one_record_is_kept_and_others_proposed(client, indexed):
    response = client.get(address(RALLY))

    assert (response.status_code, response.context["error"].reason) == (400, "too_few_records")
    assert [one.brief.uuid for one in response.context["addable"]] == [PORT_VISIT]


def test_the_same_record_twice_is_one(client, indexed):
    response = client.get(address(RALLY, RALLY))

    assert response.status_code == 400
    assert "That is one record, named twice" in seen(response)


def test_a_double_among_others_stands_once(client, indexed):
    response = client.get(address(RALLY, PORT_VISIT, RALLY))

    assert (response.status_code, len(response.context["columns"])) == (200, 2)
    assert "A record was named twice; it stands here once." in seen(response)


def test_more_than_five(client, indexed):
    response = client.get(address(*FIVE, UNKNOWN))

    assert (response.status_code, response.context["error"].reason) == (400, "too_many_records")
    assert len(response.context["columns"]) == 5
    assert "At most 5 records can be compared at a time. Leave some out." in seen(response)


def test_a_withdrawn_one_is_named_and_the_others_stand(client, indexed):
    response = client.get(address(RALLY, WITHDRAWN, PORT_VISIT))

    assert (response.status_code, len(response.context["columns"])) == (200, 2)
    assert "Antwerp withdrew one of the records on" in seen(response)


@pytest.mark.parametrize(
    ("gone", "status", "reason"), [(WITHDRAWN, 410, "withdrawn"), (UNKNOWN, 404, "unknown_record")]
)
def test_when_too_few_are_left(client, indexed, gone, status, reason):
    response = client.get(address(RALLY, gone))

    assert (response.status_code, response.context["error"].reason) == (status, reason)
    assert [column.brief.uuid for column in response.context["columns"]] == [RALLY]


def test_what_is_no_id(client, indexed):
    response = client.get(address(RALLY, "zzz"))

    assert (response.status_code, response.context["error"].reason) == (400, "bad_id")


def test_no_end_of_ids(client, indexed):
    response = client.get(address(*[UNKNOWN] * 51))

    assert (response.status_code, response.context["error"].reason) == (413, "too_large")


# As a spreadsheet


def test_as_csv(client, indexed):
    response = client.get(address(RALLY, PORT_VISIT).replace("/compare?", "/compare.csv?"))

    table = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert table[0] == ["", "Hafenrallye", "Havenbezoek"]
    assert ["Ages", "not stated", "16–18"] in table
    assert response["Content-Disposition"] == 'attachment; filename="havenlink-comparison.csv"'


def test_as_xlsx(client, indexed):
    response = client.get(address(RALLY, PORT_VISIT).replace("/compare?", "/compare.xlsx?"))

    sheet = load_workbook(io.BytesIO(response.content)).active
    assert [cell.value for cell in sheet[1]] == [None, "Hafenrallye", "Havenbezoek"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/en/compare.pdf?id={RALLY}&id={PORT_VISIT}", 404),
        (f"/en/compare.csv?id={RALLY}", 400),
        (f"/en/compare.csv?id={RALLY}&id={WITHDRAWN}", 410),
        (f"/en/compare.xlsx?id={RALLY}&id={UNKNOWN}", 404),
    ],
)
def test_a_spreadsheet_of_nothing(client, indexed, path, status):
    assert client.get(path).status_code == status
