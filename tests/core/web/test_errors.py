import json

import pytest
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
)
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import translation
from django_htmx.middleware import HtmxMiddleware

from core.errors import (
    Conflict,
    HavenlinkError,
    InvalidInput,
    NotFound,
    NotPermitted,
    RequestTooLarge,
    Unavailable,
    Withdrawn,
)
from core.web.errors import as_havenlink_error, error_response, server_error
from core.web.middleware import OF_PAGES, ErrorPages, SecurityHeaders

BROWSER = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"


def asked(path: str, error: HavenlinkError, **headers: str) -> HttpResponse:
    """What a request is answered whose view raised the error, through the middleware that maps it."""
    request = RequestFactory().get(path, headers=headers)

    def view(request: HttpRequest) -> HttpResponse:
        answer = ErrorPages(lambda _request: HttpResponse()).process_exception(request, error)
        assert answer is not None
        return answer

    with translation.override("en"):
        answered = HtmxMiddleware(view)(request)
    assert isinstance(answered, HttpResponse)
    return answered


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (Http404(), NotFound),
        (PermissionDenied(), NotPermitted),
        (SuspiciousOperation(), InvalidInput),
        (BadRequest(), InvalidInput),
        (RequestDataTooBig(), RequestTooLarge),
        (TooManyFieldsSent(), RequestTooLarge),
        (ValueError(), HavenlinkError),
    ],
)
def test_django_s_exceptions_have_their_place_in_the_tree(raised: Exception, expected: type[HavenlinkError]) -> None:
    assert type(as_havenlink_error(raised)) is expected


def test_our_own_errors_pass_unchanged() -> None:
    error = Conflict()
    assert as_havenlink_error(error) is error


@pytest.mark.parametrize("error", [InvalidInput(), NotPermitted(), NotFound(), Withdrawn(), Conflict(), Unavailable()])
def test_an_error_in_a_page_is_a_page_with_message_remedy_and_code(error: HavenlinkError) -> None:
    response = asked("/en/records/x", error, accept=BROWSER)
    html = response.content.decode()
    assert response.status_code == error.http_status
    assert f"<h1>{error.message}</h1>" in html
    assert str(error.remedy).replace("'", "&#x27;") in html
    assert f"{error.http_status} {error.reason}" in html


def test_only_what_may_pass_by_itself_is_to_be_retried() -> None:
    assert asked("/en/search", Unavailable(), accept=BROWSER)["Retry-After"] == "30"
    assert "Retry-After" not in asked("/en/search", NotFound(), accept=BROWSER)


def test_htmx_gets_the_notice_alone_and_is_told_where_to_put_it() -> None:
    response = asked("/en/search", InvalidInput("No such <facet>."), **{"hx-request": "true"})
    html = response.content.decode()
    assert response["HX-Retarget"] == "#notices"
    assert "<html" not in html
    assert "No such &lt;facet&gt;." in html


def test_a_machine_outside_the_pages_gets_json() -> None:
    response = asked("/.well-known/other", NotFound(), accept="*/*")
    assert json.loads(response.content) == {
        "errors": [
            {
                "code": "not_found",
                "message": "There is nothing at this address.",
                "remedy": "Check the address, or search for it.",
                "field": None,
                "retryable": False,
            }
        ]
    }


def test_a_defect_is_not_hidden_by_the_middleware() -> None:
    request = RequestFactory().get("/en/search")
    assert ErrorPages(lambda _request: HttpResponse()).process_exception(request, ValueError()) is None


@pytest.mark.django_db
def test_an_unknown_address_is_a_page_in_the_reader_s_language(client: Client) -> None:
    response = client.get("/en/there/is/no/such/page", headers={"accept": BROWSER})
    assert response.status_code == 404
    assert b'<html lang="en" dir="ltr"' in response.content
    assert b"404 not_found" in response.content


@pytest.mark.django_db
def test_a_method_that_an_address_does_not_take_gets_words_too(client: Client) -> None:
    response = client.post("/en/accessibility")
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD"
    assert b"method_not_allowed" in response.content


def test_the_page_for_our_own_defects_needs_no_context() -> None:
    response = server_error(RequestFactory().get("/en/search", headers={"accept": BROWSER}))
    assert response.status_code == 500
    assert b"500 error" in response.content


def test_headers_forbid_what_is_never_used() -> None:
    response = SecurityHeaders(lambda _request: HttpResponse())(RequestFactory().get("/"))
    assert "camera=()" in response["Permissions-Policy"]
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v1/records", "/.well-known/havenlink.json", "/graphql?query={protocol}"])
def test_json_has_the_headers_that_have_a_meaning_for_it(client: Client, path: str) -> None:
    response = client.get(path)

    assert response["Content-Type"] == "application/json"
    assert {name: response[name] for name in PROTECTING} == PROTECTING
    assert [name for name in OF_PAGES if name in response] == []


@pytest.mark.django_db
def test_what_is_kept_says_what_it_depends_on_and_what_is_not_kept_need_not(client: Client) -> None:
    assert "Accept-Language" in client.get("/api/v1/records")["Vary"]
    assert "Vary" not in client.get("/graphql?query={protocol}")


@pytest.mark.django_db
def test_pages_keep_all_theirs(client: Client) -> None:
    response = client.get("/en/accessibility")

    assert [name for name in OF_PAGES if name not in response] == []
    assert "script-src 'self'" in response["Content-Security-Policy"]


PROTECTING = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def test_a_message_is_escaped() -> None:
    with translation.override("en"):
        response = error_response(RequestFactory().get("/en/x"), InvalidInput("<script>"))
    assert b"<h1>&lt;script&gt;</h1>" in response.content
