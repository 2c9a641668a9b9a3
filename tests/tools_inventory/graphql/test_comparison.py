"""Comparing over GraphQL."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.tools_inventory.graphql.asking import ask, data
from tests.tools_inventory.published import GIRLS_DAY, INTERNSHIP, PORT_AUTHORITY, PORT_VISIT, RALLY, UNKNOWN
from tools_inventory.selectors.nodes import node_names

COMPARE = """
query C($ids: [String!]!, $language: String) { compare(ids: $ids, language: $language) {
  records { uuid title(language: $language) }
  groups { name label rows { field label equal cells { state values { text code language method outdated } } } }
  unavailable unstated
} }
"""


def test_records_are_aligned_field_by_field(client: Client, published: None) -> None:
    compared = data(client, COMPARE, ids=[str(RALLY), str(PORT_VISIT)], language="de")["compare"]
    assert compared["records"] == [
        {"uuid": str(RALLY), "title": "Hafenrallye"},
        {"uuid": str(PORT_VISIT), "title": "Hafenbesuch"},
    ]
    rows = {row["field"]: row for group in compared["groups"] for row in group["rows"]}
    assert (rows["activity"]["equal"], [cell["state"] for cell in rows["activity"]["cells"]]) == (
        True,
        ["same", "same"],
    )
    assert rows["activity"]["cells"][0]["values"] == [
        {"text": "Betriebsbesichtigung", "code": "company_visit", "language": None, "method": None, "outdated": False}
    ]
    assert [cell["state"] for cell in rows["stages"]["cells"]] == ["missing", "differs"]
    assert rows["summary"]["cells"][1]["values"][0]["language"] == "nl"


def test_what_is_not_there_is_named(client: Client, published: None) -> None:
    compared = data(client, COMPARE, ids=[str(RALLY), str(UNKNOWN), str(GIRLS_DAY)])["compare"]
    assert (len(compared["records"]), compared["unavailable"]) == (2, [str(UNKNOWN)])


def test_comparing_five_costs_as_many_queries_as_comparing_two(
    client: Client, published: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    node_names()  # remembered until a log grows
    for ids in ([PORT_VISIT, RALLY], [PORT_VISIT, RALLY, GIRLS_DAY, INTERNSHIP, PORT_AUTHORITY]):
        with django_assert_num_queries(4):
            data(client, COMPARE, ids=[str(uuid) for uuid in ids])


@pytest.mark.parametrize(
    ("ids", "language", "code"),
    [
        ([], None, "too_few_records"),
        ([PORT_VISIT], None, "too_few_records"),
        ([PORT_VISIT, PORT_VISIT], None, "too_few_records"),
        ([f"0192f0c1-0000-7000-8000-00000000000{number}" for number in range(6)], None, "too_many_records"),
        ([PORT_VISIT, "nonsense"], None, "bad_id"),
        ([PORT_VISIT, RALLY], "xx", "unknown_language"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    client: Client, published: None, ids: list[Any], language: str | None, code: str
) -> None:
    response = ask(client, COMPARE, ids=[str(value) for value in ids], language=language)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, code)


def test_ten_thousand_ids_are_refused_before_they_are_read(client: Client, published: None) -> None:
    response = ask(client, COMPARE, ids=[str(PORT_VISIT)] * 6000)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (413, "too_costly")
