"""The door /graphql, over HTTP: what it takes, what it refuses, and how it says so."""

import logging
from typing import Any

import orjson
import pytest
import zstandard
from django.test import Client
from graphql import get_introspection_query

from core.graphql import node as node_module
from core.graphql.question import MAX_BODY_BYTES

HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def ask(client: Client, query: str, **further: Any) -> Any:
    return client.post("/graphql", {"query": query, **further}, content_type="application/json")


def test_a_query_is_answered_by_post_and_by_get(client: Client) -> None:
    expected = {"data": {"node": {"id": "antwerp.havenlink.localhost", "languages": ["nl"]}}}
    posted = ask(client, "{ node { id languages } }")
    assert (posted.status_code, posted.json()) == (200, expected)
    assert posted["Content-Type"] == "application/json"
    got = client.get(
        "/graphql", {"query": "query Q { node { id languages } }", "operationName": "Q", "variables": "{}"}
    )
    assert (got.status_code, got.json()) == (200, expected)


def test_charset_in_the_content_type_is_no_obstacle(client: Client) -> None:
    response = client.post("/graphql", b'{"query": "{protocol}"}', content_type="application/json; charset=utf-8")
    assert response.json() == {"data": {"protocol": 1}}


BAD: list[tuple[str, bytes, str, int, str]] = [
    ("no body", b"", "application/json", 400, "unsupported_media_type"),
    ("not JSON", b"{", "application/json", 400, "invalid_json"),
    ("not text", b"\xff\xfe\x00", "application/json", 400, "invalid_json"),
    ("deeply nested", b"[" * 100_000, "application/json", 400, "invalid_json"),
    ("a batch", b'[{"query": "{protocol}"}]', "application/json", 400, "invalid_request"),
    ("a number", b"1", "application/json", 400, "invalid_request"),
    ("null", b"null", "application/json", 400, "invalid_request"),
    ("no query", b"{}", "application/json", 400, "invalid_request"),
    ("an empty query", b'{"query": " "}', "application/json", 400, "invalid_request"),
    ("a query that is no text", b'{"query": 1}', "application/json", 400, "invalid_request"),
    (
        "variables that are a list",
        b'{"query": "{protocol}", "variables": []}',
        "application/json",
        400,
        "invalid_request",
    ),
    (
        "a name that is no text",
        b'{"query": "{protocol}", "operationName": 1}',
        "application/json",
        400,
        "invalid_request",
    ),
    ("a form", b"query={protocol}", "application/x-www-form-urlencoded", 400, "unsupported_media_type"),
    ("plain text", b'{"query": "{protocol}"}', "text/plain", 400, "unsupported_media_type"),
    ("too large", b'{"query": "' + b" " * MAX_BODY_BYTES + b'"}', "application/json", 413, "too_large"),
]


@pytest.mark.parametrize(
    ("content", "content_type", "status", "code"), [row[1:] for row in BAD], ids=[r[0] for r in BAD]
)
def test_a_request_that_is_not_graphql_is_refused(
    client: Client, content: bytes, content_type: str, status: int, code: str
) -> None:
    response = client.post("/graphql", content, content_type=content_type)
    assert_refused(response, status, code)


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("{", 400, "invalid_document"),
        ("}", 400, "invalid_document"),
        ("\x00", 400, "invalid_document"),
        ("{ nothing }", 400, "invalid_document"),
        ("{ node }", 400, "invalid_document"),
        ("{ node { id { x } } }", 400, "invalid_document"),
        ("{ ...F } fragment F on Query { ...F }", 400, "invalid_document"),
        ("{ log(origin: 1) { size } }", 400, "invalid_document"),
        ('{ log(origin: "x", first: 99999999999) { size } }', 400, "invalid_document"),
        ("mutation { x }", 400, "invalid_document"),
        ("subscription { x }", 400, "unsupported_operation"),
        ("fragment F on Query { protocol }", 400, "invalid_document"),
        ("query A { protocol } query B { protocol }", 400, "unknown_operation"),
        ("{ " * 3000, 400, "invalid_document"),
        ("{" + " ".join(f"a{n}: protocol" for n in range(200)) + "}", 413, "too_large"),
        ("{" + " ".join(f"a{n}: network {{ origin }}" for n in range(31)) + "}", 413, "too_large"),
        ("{" + "protocol " * 700 + "}", 413, "too_large"),
        ("{ search(first: 100) { edges { node { ...R } } } } fragment R on Record { ... on Tool { "
         + " ".join(f"p{n}: partners {{ name role {{ code label }} }}" for n in range(29)) + " } }", 413, "too_costly"),
    ],
)  # fmt: skip
def test_a_document_that_cannot_be_run_is_refused(client: Client, query: str, status: int, code: str) -> None:
    assert_refused(ask(client, query), status, code)


@pytest.mark.parametrize("variables", [{}, {"o": None}, {"o": 1}, {"o": ["x"]}, {"o": {"x": 1}}])
def test_variables_that_do_not_fit_are_refused(client: Client, variables: dict[str, Any]) -> None:
    response = ask(client, "query Q($o: String!) { log(origin: $o) { size } }", variables=variables)
    assert_refused(response, 400, "invalid_document")


def test_an_operation_that_is_not_there_is_refused(client: Client) -> None:
    assert_refused(ask(client, "query A { protocol }", operationName="B"), 400, "unknown_operation")


@pytest.mark.parametrize("parameters", ["", "?query=", "?query={", "?query={protocol}&variables=x", "?variables={}"])
def test_a_faulty_address_is_refused(client: Client, parameters: str) -> None:
    response = client.get(f"/graphql{parameters}", headers={"accept": "application/json"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["remedy"]


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused_by_name(client: Client, method: str) -> None:
    response = getattr(client, method)("/graphql")
    assert_refused(response, 405, "method_not_allowed")
    assert response["Allow"] == "GET, HEAD, POST, OPTIONS"


@pytest.mark.django_db
def test_an_error_of_the_tree_keeps_its_code_status_and_remedy(client: Client) -> None:
    response = ask(client, '{ log(origin: "nowhere.example") { size } }')
    assert_refused(response, 404, "unknown_origin")
    error = response.json()["errors"][0]
    assert (error["path"], error["extensions"]["field"]) == (["log"], "origin")


@pytest.mark.django_db
def test_with_other_data_an_error_does_not_spoil_the_answer(client: Client) -> None:
    response = ask(client, '{ protocol record(id: "0192f0c1-0000-7000-8000-0000000000ff") { id } }')
    assert response.status_code == 200
    answer = response.json()
    assert answer["data"] == {"protocol": 1, "record": None}
    assert answer["errors"][0]["extensions"]["code"] == "unknown_record"


def test_a_defect_is_logged_and_not_told(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(node_module, "this_node", broken)
    with caplog.at_level(logging.ERROR, logger="core.graphql.errors"):
        response = ask(client, "{ node { id } }")
    assert response.status_code == 500
    assert response.json()["errors"][0]["extensions"]["code"] == "internal"
    assert b"secret" not in response.content
    assert "secret of the house" in caplog.text


def test_the_reader_is_told_in_their_language(client: Client) -> None:
    response = client.post(
        "/graphql", b"{", content_type="application/json", headers={"accept-language": "nl-BE,nl;q=0.9,en;q=0.1"}
    )
    assert response["Content-Language"] == "nl"
    assert (response["Cache-Control"], "Vary" in response) == ("no-store", False)


def test_introspection_is_on_and_compressed(client: Client) -> None:
    response = client.post(
        "/graphql",
        {"query": get_introspection_query()},
        content_type="application/json",
        headers={"accept-encoding": "gzip, deflate, br, zstd"},
    )
    assert (response.status_code, response["Content-Encoding"]) == (200, "zstd")
    answer = orjson.loads(zstandard.ZstdDecompressor().decompressobj().decompress(response.content))
    assert answer["data"]["__schema"]["queryType"]["name"] == "Query"


def test_a_browser_gets_graphiql_from_this_node_alone(client: Client) -> None:
    response = client.get("/graphql", headers={"accept": HTML})
    assert (response.status_code, response["Content-Type"]) == (200, "text/html; charset=utf-8")
    content = response.content.decode()
    assert "http://" not in content.replace("http://www.w3.org", "")
    assert "https://" not in content
    policy = response["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_a_program_that_takes_anything_gets_json(client: Client) -> None:
    response = client.get("/graphql", {"query": "{ protocol }"}, headers={"accept": "*/*"})
    assert response.json() == {"data": {"protocol": 1}}


def assert_refused(response: Any, status: int, code: str) -> None:
    assert (response.status_code, response["Content-Type"]) == (status, "application/json")
    error = response.json()["errors"][0]
    assert error["extensions"]["code"] == code
    assert error["message"]
    assert error["extensions"]["remedy"]
