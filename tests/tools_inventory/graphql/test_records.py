"""Records over GraphQL: by id, with texts in languages, codes with labels, and nothing made up."""

import uuid
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from core.records.models import Entry, Record
from core.records.services.append import entries_append
from tests.tools_inventory.graphql.asking import ask, data
from tests.tools_inventory.published import (
    GIRLS_DAY,
    INTERNSHIP,
    PORT_AUTHORITY,
    PORT_VISIT,
    RALLY,
    UNKNOWN,
    URL,
    WITHDRAWN,
    more_tools,
)

ALL_OF_A_TOOL = """
fragment T on Tool {
  id uuid kind origin language revision published licence sources { url text date } title titleText { text }
  entry verified document summary { text language method outdated } description { text } activity { code label uri }
  sectors { code label } themes { code label } stages { code label } audiences { code label } targetGroups
  ages { min max } languagesOffered { code label } region { code label } location { city country nuts nutsVersion }
  scope { text } period { text } recurrence { text } organiser { name id role { code } }
  partners { name id role { code label } } contact { role url } duration { text } capacity { text } cost { text }
  outcome { text } status { text } policyStage { code } url sourceDate sameAs
}
"""


def test_a_record_is_found_by_its_id_and_by_its_uuid(client: Client, published: None) -> None:
    query = "query Q($id: String!) { record(id: $id) { __typename id kind origin } }"
    expected = {
        "__typename": "Tool",
        "id": f"{URL}{PORT_VISIT}",
        "kind": "tool",
        "origin": "antwerp.havenlink.localhost",
    }
    for given in (f"{URL}{PORT_VISIT}", f"{URL}{PORT_VISIT}/", str(PORT_VISIT), str(PORT_VISIT).upper()):
        assert data(client, query, id=given)["record"] == expected


def test_every_kind_has_its_type(client: Client, published: None) -> None:
    query = "query Q($id: String!) { record(id: $id) { __typename } }"
    names = [
        data(client, query, id=str(found))["record"]["__typename"]
        for found in (PORT_VISIT, RALLY, INTERNSHIP, PORT_AUTHORITY)
    ]
    assert names == ["Tool", "Programme", "Opportunity", "Organisation"]


def test_a_text_is_given_in_the_language_asked_for_and_says_what_it_is(client: Client, published: None) -> None:
    query = """query Q($id: String!, $language: String) { record(id: $id) {
        title(language: $language) titleText(language: $language) { text language method outdated } } }"""

    def in_language(language: str | None) -> tuple[Any, ...]:
        record = data(client, query, id=str(PORT_VISIT), language=language)["record"]
        assert record["title"] == record["titleText"]["text"]
        return tuple(record["titleText"].values())

    assert in_language(None) == ("Havenbezoek", "nl", "source", False)
    assert in_language("de-AT") == ("Hafenbesuch", "de", "human", False)
    assert in_language("fr") == ("Visite du port", "fr", "machine", True)
    assert in_language("sv") == ("Havenbezoek", "nl", "source", False)


def test_values_are_as_the_document_states_them(client: Client, published: None) -> None:
    tool = data(client, ALL_OF_A_TOOL + "query Q($id: String!) { record(id: $id) { ...T } }", id=str(PORT_VISIT))[
        "record"
    ]
    assert tool["activity"] == {
        "code": "company_visit",
        "label": "Bedrijfsbezoek",
        "uri": "https://havenlink.example/vocabularies/activities/company_visit",
    }
    assert tool["stages"] == [{"code": "be-secondary-grade-3", "label": "3e graad secundair onderwijs (BE)"}]
    assert tool["ages"] == {"min": 16, "max": 18}
    assert tool["location"] == {"city": "Antwerpen", "country": "BE", "nuts": "BE211", "nutsVersion": "2021"}
    assert tool["organiser"] == {"name": "Havenbedrijf", "id": f"{URL}{PORT_AUTHORITY}", "role": None}
    assert tool["partners"] == [
        {"name": "VDAB", "id": None, "role": {"code": "partner", "label": "Partner"}},
        {"name": "Stad Antwerpen", "id": None, "role": None},
    ]
    assert (tool["entry"], tool["verified"], tool["revision"], tool["licence"]) == (0, True, 1, "CC-BY-4.0")
    assert tool["document"]["region"] == "antwerp"
    assert tool["published"] == tool["document"]["published"]


def test_what_is_not_stated_is_null_or_empty(client: Client, published: None) -> None:
    tool = data(client, ALL_OF_A_TOOL + "query Q($id: String!) { record(id: $id) { ...T } }", id=str(GIRLS_DAY))[
        "record"
    ]
    empty = ("description", "ages", "region", "location", "organiser", "contact", "url", "policyStage", "sourceDate")
    assert [tool[name] for name in empty] == [None] * len(empty)
    assert [tool[name] for name in ("sectors", "stages", "partners", "targetGroups", "sameAs", "sources")] == [[]] * 6


def test_phases_are_in_order_with_their_texts(client: Client, published: None) -> None:
    query = """query Q($id: String!) { record(id: $id) { ... on Programme {
        phases { title(language: "nl") { text language } description { text } } editions { label } } } }"""
    assert data(client, query, id=str(RALLY))["record"] == {
        "phases": [
            {"title": {"text": "Anmeldung", "language": "de"}, "description": None},
            {"title": {"text": "Rallye", "language": "de"}, "description": {"text": "Vier Stationen."}},
        ],
        "editions": [],
    }


def test_a_record_of_a_kind_from_the_future_is_shown_as_it_came(client: Client, published: None) -> None:
    Record.objects.filter(uuid=GIRLS_DAY).update(kind="apprenticeship")
    Entry.objects.filter(record__uuid=GIRLS_DAY).update(kind="apprenticeship")
    record = data(client, f'{{ record(id: "{GIRLS_DAY}") {{ __typename kind title document }} }}')["record"]
    assert (record["__typename"], record["kind"], record["title"]) == ("OtherRecord", "apprenticeship", "Girls' Day")


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        (str(UNKNOWN), 404, "unknown_record"),
        (f"{URL}{UNKNOWN}", 404, "unknown_record"),
        (str(WITHDRAWN), 410, "withdrawn"),
        ("", 400, "bad_id"),
        ("nonsense", 400, "bad_id"),
        ("\x00", 400, "bad_id"),
        ("x" * 100_000, 400, "bad_id"),
        (f"{PORT_VISIT}'; --", 400, "bad_id"),
    ],
)
def test_an_id_that_leads_nowhere_says_so(client: Client, published: None, given: str, status: int, code: str) -> None:
    response = ask(client, "query Q($id: String!) { record(id: $id) { id } }", id=given)
    error = response.json()["errors"][0]
    assert (response.status_code, error["extensions"]["code"]) == (status, code)
    assert (error["extensions"]["field"], response.json()["data"]) == ("id", {"record": None})


@pytest.mark.parametrize("language", ["xx", "nonsense", "../nl", "\x00", "nl" * 50])
@pytest.mark.parametrize("field", ["title", "titleText", "summary"])
def test_a_language_that_does_not_exist_says_so(client: Client, published: None, field: str, language: str) -> None:
    inner = "" if field == "title" else " { text }"
    query = f"""query Q($id: String!, $language: String) {{ record(id: $id) {{
        ... on Tool {{ {field}(language: $language){inner} }} }} }}"""
    response = ask(client, query, id=str(PORT_VISIT), language=language)
    error = response.json()["errors"][0]
    assert error["extensions"]["code"] == "unknown_language"


def test_lists_follow_their_cursors_to_the_end(client: Client, published: None) -> None:
    entries_append(more_tools(4))
    query = """query Q($after: String) { tools(first: 3, after: $after) {
        edges { cursor node { uuid } } pageInfo { hasNextPage endCursor } } }"""
    seen: list[str] = []
    after, pages = None, 0
    while pages == 0 or after:
        page = data(client, query, after=after)["tools"]
        seen += [edge["node"]["uuid"] for edge in page["edges"]]
        assert page["pageInfo"]["endCursor"] == page["edges"][-1]["cursor"]
        after = page["pageInfo"]["endCursor"] if page["pageInfo"]["hasNextPage"] else None
        pages += 1
    assert (pages, len(seen), len(set(seen))) == (2, 6, 6)
    assert seen[-2:] == [str(GIRLS_DAY), str(PORT_VISIT)]


def test_a_list_with_filters_comes_from_the_index(client: Client, indexed: None) -> None:
    query = '{ tools(filters: {country: ["BE"], age: 17}) { edges { node { uuid } } pageInfo { hasNextPage } } }'
    assert data(client, query)["tools"] == {
        "edges": [{"node": {"uuid": str(PORT_VISIT)}}],
        "pageInfo": {"hasNextPage": False},
    }


def test_every_field_of_a_hundred_tools_costs_one_query(
    client: Client, published: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    entries_append(more_tools(100))
    with django_assert_num_queries(1):
        answer = data(client, ALL_OF_A_TOOL + "{ tools(first: 100) { edges { node { ...T } } } }")
    assert len(answer["tools"]["edges"]) == 100


def test_an_id_is_any_uuid_that_was_published(client: Client, published: None) -> None:
    response = ask(client, "query Q($id: String!) { record(id: $id) { id } }", id=str(uuid.uuid4()))
    assert response.status_code == 404
