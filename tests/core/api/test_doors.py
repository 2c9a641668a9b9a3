"""The REST edge itself: errors as data, throttling, the OpenAPI document and the page that shows it."""

import logging
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.test import Client, RequestFactory
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.renderers import JsonRenderer
from core.api.views import ApiView
from core.errors import HavenlinkError, NotPermitted, Unavailable


@pytest.fixture(autouse=True)
def empty_buckets() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def failing(error: Exception) -> Response:
    """What the edge answers when a view raises `error`."""

    class Failing(ApiView):
        def get(self, request: Request) -> Response:
            raise error

    response = Failing.as_view()(RequestFactory().get("/api/v1/failing"))
    assert isinstance(response, Response)
    return response.render()


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotPermitted(), 403, "not_permitted"),
        (PermissionDenied("secret"), 403, "not_permitted"),
        (SuspiciousOperation("secret"), 400, "invalid_input"),
        (Unavailable(code="index_down"), 503, "index_down"),
    ],
)
def test_an_error_is_data_with_code_and_remedy(error: Exception, status: int, code: str) -> None:
    response = failing(error)
    body = orjson.loads(response.content)["error"]
    assert (response.status_code, body["code"]) == (status, code)
    assert body["message"]
    assert body["remedy"]
    assert b"secret" not in response.content


def test_what_may_work_later_says_when() -> None:
    assert failing(Unavailable())["Retry-After"] == "30"
    assert not failing(NotPermitted()).has_header("Retry-After")


def test_a_defect_is_logged_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="core.api.errors"):
        response = failing(RuntimeError("secret of the house"))
    assert (response.status_code, orjson.loads(response.content)["error"]["code"]) == (500, "internal")
    assert b"secret" not in response.content
    assert "secret of the house" in caplog.text


@pytest.mark.parametrize(
    "path", ["/api/", "/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v2/records", "/api/v1/tools/"]
)
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_unknown_address_is_404_as_data(client: Client, path: str, method: str) -> None:
    response = getattr(client, method)(path)
    assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_records_are_only_read_here(client: Client, method: str) -> None:
    response = getattr(client, method)("/api/v1/records", b"{", content_type="application/json")
    assert (response.status_code, response.json()["error"]["code"]) == (405, "method_not_allowed")
    assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_the_language_of_errors_is_the_readers(client: Client) -> None:
    response = client.get("/api/v1/nothing", headers={"accept-language": "de"})
    assert response["Content-Language"] == "de"


def test_a_client_that_asks_far_too_much_is_slowed_down(client: Client, settings: Any) -> None:
    settings.API_BURST, settings.API_REQUESTS_PER_SECOND = 3, 0.001
    assert [client.get("/api/v1/nothing").status_code for _ in range(4)] == [404, 404, 404, 429]
    refused = client.get("/api/v1/nothing")
    assert refused.json()["error"]["code"] == "too_many_requests"
    assert 900 < int(refused["Retry-After"]) <= 1001
    assert client.get("/api/v1/nothing", REMOTE_ADDR="192.0.2.7").status_code == 404
    settings.API_REQUESTS_PER_SECOND = 0
    assert client.get("/api/v1/nothing").status_code == 404


def test_bytes_in_an_answer_are_json_already() -> None:
    assert JsonRenderer().render({"document": b'{"b":1}', "label": HavenlinkError.default_message}) == (
        b'{"document":{"b":1},"label":"Something went wrong."}'
    )


def test_the_documentation_page_needs_nothing_but_this_node(client: Client) -> None:
    response = client.get("/api/docs")
    content = response.content.decode()
    assert response.status_code == 200
    assert "://" not in content
    assert 'href="/api/schema"' in content
    assert 'href="/graphql"' in content
    assert "unsafe" not in response["Content-Security-Policy"]
