"""The OpenAPI document: complete, described, and true to what the doors answer."""

from typing import Any

import jsonschema_rs
import pytest
from django.test import Client

from core.search.seam import FACETS
from tests.tools_inventory.published import PORT_VISIT, RALLY

PATHS = [
    "/api/v1/compare",
    "/api/v1/coverage",
    "/api/v1/opportunities",
    "/api/v1/organisations",
    "/api/v1/programmes",
    "/api/v1/records",
    "/api/v1/records/{uuid}",
    "/api/v1/tools",
]


@pytest.fixture
def document(client: Client) -> dict[str, Any]:
    response = client.get("/api/schema")
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    found: dict[str, Any] = response.json()
    return found


def test_every_address_is_there_with_its_parameters_and_errors(document: dict[str, Any]) -> None:
    assert (document["openapi"], sorted(document["paths"])) == ("3.1.1", PATHS)
    for path, methods in document["paths"].items():
        assert list(methods) == ["get"], path
        operation = methods["get"]
        assert operation["summary"], path
        assert operation["description"], path
        assert {"200", "400", "429"} <= set(operation["responses"]), path
        for parameter in operation["parameters"]:
            assert parameter["description"], (path, parameter["name"])


def test_a_list_takes_every_parameter_of_a_search(document: dict[str, Any]) -> None:
    def names(path: str) -> set[str]:
        return {parameter["name"] for parameter in document["paths"][path]["get"]["parameters"]}

    everything = {"q", "age", "concepts", "sort", "facets", "labels", "after", "first", *FACETS}
    assert names("/api/v1/records") == everything
    assert names("/api/v1/tools") == everything - {"kind"}


def test_every_parameter_that_is_described_is_taken(client: Client, document: dict[str, Any], published: None) -> None:
    for path in ("/api/v1/records", "/api/v1/tools"):
        for parameter in document["paths"][path]["get"]["parameters"]:
            response = client.get(path, {parameter["name"]: "x"})
            assert b"unknown_parameter" not in response.content, (path, parameter["name"])


def test_documents_are_described_by_their_kinds_definition(document: dict[str, Any]) -> None:
    tool = document["components"]["schemas"]["FoundTool"]["properties"]["document"]
    assert tool["properties"]["kind"] == {"const": "tool"}
    assert {"title", "summary", "activity"} <= set(tool["required"])


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/api/v1/records?q=haven&facets=true", "/api/v1/records"),
        ("/api/v1/records", "/api/v1/records"),
        ("/api/v1/tools", "/api/v1/tools"),
        ("/api/v1/programmes", "/api/v1/programmes"),
        ("/api/v1/opportunities", "/api/v1/opportunities"),
        ("/api/v1/organisations", "/api/v1/organisations"),
        (f"/api/v1/records/{PORT_VISIT}", "/api/v1/records/{uuid}"),
        (f"/api/v1/compare?id={PORT_VISIT}&id={RALLY}", "/api/v1/compare"),
        ("/api/v1/coverage?home=region:antwerp", "/api/v1/coverage"),
    ],
)
def test_answers_are_as_described(
    client: Client, indexed: None, document: dict[str, Any], address: str, path: str
) -> None:
    described = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    schema = {**described, "components": document["components"]}
    response = client.get(address)
    assert response.status_code == 200
    assert [error.message for error in jsonschema_rs.validator_for(schema).iter_errors(response.json())] == []


@pytest.mark.parametrize("address", ["/api/v1/records?x=1", f"/api/v1/records/{PORT_VISIT}", "/api/v1/compare"])
@pytest.mark.django_db
def test_errors_are_as_described(client: Client, document: dict[str, Any], address: str) -> None:
    schema = {**document["components"]["schemas"]["Error"], "components": document["components"]}
    jsonschema_rs.validator_for(schema).validate(client.get(address).json())
