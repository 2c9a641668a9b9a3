"""Searching over GraphQL: results, facets, reasons, pages; and what cannot be searched for."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from core.cursors import encode
from core.errors import Unavailable
from tests.tools_inventory.graphql.asking import ask, data
from tests.tools_inventory.published import GIRLS_DAY, INTERNSHIP, PORT_AUTHORITY, PORT_VISIT, RALLY
from tools_inventory.selectors import record_lists
from tools_inventory.selectors.nodes import node_names

SEARCH = """
query S($query: String, $language: String, $filters: SearchFilters, $sort: Sort, $first: Int, $after: String) {
  search(query: $query, language: $language, filters: $filters, sort: $sort, first: $first, after: $after) {
    total
    edges { cursor score why { field code words } node { uuid id kind origin title(language: $language) } }
    pageInfo { hasNextPage endCursor }
  }
}
"""


def uuids(results: Any) -> list[str]:
    return [edge["node"]["uuid"] for edge in results["edges"]]


def test_results_are_as_the_contract_says(client: Client, indexed: None) -> None:
    results = data(client, SEARCH, query="hafenrallye", language="de", filters={"kind": ["programme"]})["search"]
    assert results["total"] == 1
    edge = results["edges"][0]
    assert edge["node"] == {
        "uuid": str(RALLY),
        "id": f"http://127.0.0.1:8001/records/{RALLY}",
        "kind": "programme",
        "origin": "antwerp.havenlink.localhost",
        "title": "Hafenrallye",
    }
    assert edge["score"] > 0
    assert {"field": "title", "code": None, "words": "hafenrallye"} in edge["why"]


def test_facets_have_labels_in_the_readers_language(client: Client, indexed: None) -> None:
    query = '{ search(language: "de") { facets { name values { code label count } } } }'
    facets = {facet["name"]: facet["values"] for facet in data(client, query)["search"]["facets"]}
    assert facets["node"] == [{"code": "antwerp.havenlink.localhost", "label": "Antwerp", "count": 4}]
    assert facets["region"] == [
        {"code": "antwerp", "label": "Antwerpen", "count": 1},
        {"code": "hamburg", "label": "Hamburg", "count": 1},
    ]


def test_concepts_can_be_left_out(client: Client, indexed: None) -> None:
    query = 'query S($concepts: Boolean) { search(query: "Betriebsbesichtigung", concepts: $concepts) { total } }'
    assert data(client, query)["search"]["total"] > 0
    assert data(client, query, concepts=None)["search"]["total"] > 0
    assert data(client, query, concepts=False)["search"]["total"] == 0


def test_filters_narrow_and_organisations_wait_to_be_asked_for(client: Client, indexed: None) -> None:
    def found(**filters: Any) -> list[str]:
        return uuids(data(client, SEARCH, filters=filters, sort="TITLE")["search"])

    assert found() == [str(uuid) for uuid in (GIRLS_DAY, RALLY, PORT_VISIT, INTERNSHIP)]
    assert found(kind=["organisation"]) == [str(PORT_AUTHORITY)]
    assert found(activity=["event", "internship"]) == [str(GIRLS_DAY), str(INTERNSHIP)]
    assert found(age=17, country=["BE"]) == [str(PORT_VISIT)]
    assert found(activity=["nobody_knows_it"]) == []
    assert found(policyStage=[]) == found()


def test_pages_follow_each_other(client: Client, indexed: None) -> None:
    first = data(client, SEARCH, sort="TITLE", first=3)["search"]
    assert (uuids(first), first["pageInfo"]["hasNextPage"]) == ([str(GIRLS_DAY), str(RALLY), str(PORT_VISIT)], True)
    assert first["pageInfo"]["endCursor"] == first["edges"][2]["cursor"]
    second = data(client, SEARCH, sort="TITLE", first=3, after=first["pageInfo"]["endCursor"])["search"]
    assert (uuids(second), second["pageInfo"]["hasNextPage"]) == ([str(INTERNSHIP)], False)


def test_a_search_costs_one_query_and_facets_one_more(
    client: Client, indexed: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        data(client, SEARCH, query="haven")
    node_names()  # remembered until a log grows
    with django_assert_num_queries(2):
        data(client, '{ search(query: "haven") { facets { name values { label } } edges { node { title } } } }')


@pytest.mark.parametrize(
    ("variables", "field", "code"),
    [
        ({"query": "x" * 501}, "q", "query_too_long"),
        ({"language": "xx"}, "language", "unknown_language"),
        ({"language": "nl\x00"}, "language", "unknown_language"),
        ({"filters": {"age": -1}}, "age", "bad_age"),
        ({"filters": {"age": 121}}, "age", "bad_age"),
        ({"filters": {"activity": ["x" * 81]}}, "activity", "bad_filter"),
        ({"filters": {"activity": ["a\x00b"]}}, "activity", "bad_filter"),
        ({"filters": {"activity": [str(n) for n in range(51)]}}, "activity", "bad_filter"),
        ({"first": 0}, "first", "bad_page_size"),
        ({"first": -1}, "first", "bad_page_size"),
        ({"first": 101}, "first", "bad_page_size"),
        ({"after": "nonsense"}, "after", "bad_cursor"),
        ({"after": "\x00"}, "after", "bad_cursor"),
        ({"after": encode("search 1", [1])}, "after", "bad_cursor"),
        ({"after": encode("records", [1])}, "after", "bad_cursor"),
    ],
)
def test_what_cannot_be_searched_for_is_refused_by_name(
    client: Client, indexed: None, variables: dict[str, Any], field: str, code: str
) -> None:
    response = ask(client, SEARCH, **variables)
    error = response.json()["errors"][0]
    assert (response.status_code, error["extensions"]["code"], error["extensions"]["field"]) == (400, code, field)
    assert error["message"]
    assert error["extensions"]["remedy"]


@pytest.mark.parametrize(
    "variables",
    [{"sort": "BEST"}, {"filters": {"nothing": ["x"]}}, {"filters": {"age": "old"}}, {"first": "ten"}, {"first": 1e99}],
)
def test_what_the_schema_does_not_know_is_refused(client: Client, variables: dict[str, Any]) -> None:
    response = ask(client, SEARCH, **variables)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "invalid_document")


@pytest.mark.parametrize("query", ['"', "title:* OR (", "\\", "🚢", "\x00\x01", "'; DROP TABLE", "a" * 500, "   "])
def test_odd_words_are_searched_for_all_the_same(client: Client, indexed: None, query: str) -> None:
    assert data(client, SEARCH, query=query)["search"]["total"] >= 0


def test_an_index_that_is_down_is_said_to_be_so(
    client: Client, published: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down() -> None:
        raise Unavailable(code="index_down")

    monkeypatch.setattr(record_lists, "engine", down)
    response = ask(client, SEARCH)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (503, "index_down")
    assert len(data(client, "{ tools { edges { node { id } } } }")["tools"]["edges"]) == 2
