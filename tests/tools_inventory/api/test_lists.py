"""Lists over REST: conditions, pages to the last one, labels, and a fixed number of queries."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from core.records.services.append import entries_append
from tests.tools_inventory.published import (
    GIRLS_DAY,
    INTERNSHIP,
    PORT_AUTHORITY,
    PORT_VISIT,
    RALLY,
    more_tools,
)
from tools_inventory.selectors.nodes import node_names


def get(client: Client, address: str) -> Any:
    response = client.get(f"/api/v1/{address}")
    assert response.status_code == 200, response.content
    return response.json()


def uuids(answer: Any) -> list[str]:
    return [row["uuid"] for row in answer["results"]]


def follow(client: Client, address: str) -> list[list[str]]:
    """The uuids of each page, to the last."""
    pages, answer = [], get(client, address)
    while True:
        pages.append(uuids(answer))
        if answer["next"] is None:
            return pages
        answer = client.get(answer["next"]).json()


def test_without_conditions_everything_is_listed_newest_first(client: Client, published: None) -> None:
    assert follow(client, "records?first=2") == [[str(INTERNSHIP), str(RALLY)], [str(GIRLS_DAY), str(PORT_VISIT)]]
    assert follow(client, "records?kind=organisation&kind=tool") == [
        [str(PORT_AUTHORITY), str(GIRLS_DAY), str(PORT_VISIT)]
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tools", [GIRLS_DAY, PORT_VISIT]),
        ("programmes", [RALLY]),
        ("opportunities", [INTERNSHIP]),
        ("organisations", [PORT_AUTHORITY]),
    ],
)
def test_each_kind_has_a_list(client: Client, published: None, name: str, expected: list[Any]) -> None:
    assert uuids(get(client, name)) == [str(uuid) for uuid in expected]


def test_conditions_are_those_of_a_search(client: Client, indexed: None) -> None:
    assert uuids(get(client, "records?q=rallye")) == [str(RALLY)]
    assert uuids(get(client, "tools?activity=event&activity=workshop")) == [str(GIRLS_DAY)]
    assert uuids(get(client, "records?country=BE")) == [str(PORT_VISIT)]
    assert uuids(get(client, "records?age=17")) == [str(PORT_VISIT)]
    assert uuids(get(client, "records?language=de&sort=title")) == [str(GIRLS_DAY), str(RALLY)]
    assert uuids(get(client, "records?activity=nobody_knows_it")) == []


def test_concepts_can_be_left_out(client: Client, indexed: None) -> None:
    assert get(client, "records?q=Betriebsbesichtigung&concepts=on")["total"] > 0
    assert get(client, "records?q=Betriebsbesichtigung&concepts=off&facets=true")["total"] == 0


def test_a_search_says_how_many_why_and_how_to_narrow_it(client: Client, indexed: None) -> None:
    answer = get(client, "records?q=havenbezoek&kind=tool&facets=true&labels=de")
    assert answer["total"] == 1
    assert answer["results"][0]["score"] > 0
    assert {reason["field"] for reason in answer["results"][0]["why"]} >= {"title"}
    assert answer["facets"]["activity"] == [{"code": "company_visit", "label": "Betriebsbesichtigung", "count": 1}]
    assert answer["facets"]["node"] == [{"code": "antwerp.havenlink.localhost", "label": "Antwerp", "count": 1}]


def test_a_search_is_followed_to_its_last_page(client: Client, published: None) -> None:
    entries_append(more_tools(5))
    from_database = follow(client, "tools?first=3")
    assert [len(page) for page in from_database] == [3, 3, 1]


def test_a_filtered_list_is_followed_to_its_last_page(client: Client, indexed: None) -> None:
    assert follow(client, "records?activity=company_visit&first=1") == [[str(RALLY)], [str(PORT_VISIT)]]


def test_titles_and_labels_are_in_the_language_asked_for(client: Client, published: None) -> None:
    german = get(client, "tools?labels=de")["results"][1]
    assert (german["title"], german["language"]) == ("Hafenbesuch", "nl")
    assert german["labels"]["activity"] == {"company_visit": "Betriebsbesichtigung"}
    assert german["page"] == f"http://127.0.0.1:8001/de/records/{PORT_VISIT}"
    dutch = client.get("/api/v1/tools", headers={"accept-language": "nl"}).json()["results"][1]
    assert (dutch["title"], dutch["labels"]["activity"]) == ("Havenbezoek", {"company_visit": "Bedrijfsbezoek"})


def test_a_list_costs_one_query_however_long(
    client: Client, published: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    entries_append(more_tools(30))
    with django_assert_num_queries(1):
        assert len(get(client, "tools?first=32")["results"]) == 32


def test_a_search_costs_one_query_and_facets_one_more(
    client: Client, indexed: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        get(client, "records?sort=title&first=100")
    node_names()  # remembered until a log grows
    with django_assert_num_queries(2):
        get(client, "records?sort=title&first=100&facets=true")
