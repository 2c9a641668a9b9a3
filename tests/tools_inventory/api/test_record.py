"""One record: over REST with validators, and at its own address for programs and people."""

import hashlib

import pytest
from django.test import Client

from core.records.services.append import NewRevision, entries_append
from tests.tools_inventory.published import PORT_VISIT, UNKNOWN, URL, WITHDRAWN, content

ADDRESS = f"/api/v1/records/{PORT_VISIT}"
HTML = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "accept-language": "fr"}


def test_a_record_has_what_was_published_and_what_helps_to_show_it(client: Client, published: None) -> None:
    answer = client.get(ADDRESS, {"language": "fr"}).json()
    assert answer["id"] == f"{URL}{PORT_VISIT}"
    assert (answer["kind"], answer["origin"], answer["revision"]) == ("tool", "antwerp.havenlink.localhost", 1)
    assert (answer["title"], answer["summary"]) == ("Visite du port", "Leerlingen bezoeken de haven.")
    assert (answer["entry"], answer["verified"]) == (0, True)
    assert answer["labels"]["region"] == {"antwerp": "Anvers"}
    assert answer["document"]["ages"] == {"min": 16, "max": 18}


def test_a_client_that_holds_it_is_told_so(client: Client, published: None) -> None:
    first = client.get(ADDRESS)
    again = client.get(ADDRESS, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    since = client.get(ADDRESS, headers={"if-modified-since": first["Last-Modified"]})
    assert since.status_code == 304


def test_another_language_or_revision_is_another_answer(client: Client, published: None) -> None:
    first = client.get(ADDRESS, {"language": "nl"})
    assert client.get(ADDRESS, {"language": "de"}, headers={"if-none-match": first["ETag"]}).status_code == 200
    revised = content("Havenbezoek", "Nu ook in de zomer.", "nl", activity="company_visit")
    entries_append([NewRevision(PORT_VISIT, "tool", "nl", revised)])
    second = client.get(ADDRESS, {"language": "nl"}, headers={"if-none-match": first["ETag"]})
    assert (second.status_code, second.json()["revision"]) == (200, 2)


@pytest.mark.parametrize("prefix", ["/api/v1/records/", "/records/"])
def test_what_is_not_there_says_so(client: Client, published: None, prefix: str) -> None:
    for uuid, status, code in ((UNKNOWN, 404, "unknown_record"), (WITHDRAWN, 410, "withdrawn"), ("x", 400, "bad_id")):
        response = client.get(f"{prefix}{uuid}")
        assert (response.status_code, response.json()["error"]["code"]) == (status, code)


def test_at_its_own_address_it_is_the_very_document(client: Client, published: None) -> None:
    response = client.get(f"/records/{PORT_VISIT}")
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    assert response["Link"] == f'<{URL}{PORT_VISIT}>; rel="canonical"'
    assert response["ETag"] == f'W/"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    assert "Accept" in response["Vary"]
    assert client.get(f"/records/{PORT_VISIT}", headers={"if-none-match": response["ETag"]}).status_code == 304


def test_people_are_led_to_its_page(client: Client, published: None) -> None:
    response = client.get(f"/records/{PORT_VISIT}", headers=HTML)
    assert (response.status_code, response["Location"]) == (303, f"/fr/records/{PORT_VISIT}")
    elsewhere = client.get("/records/%2F%2Fevil.example", headers=HTML)
    assert not elsewhere.has_header("Location") or elsewhere["Location"].startswith("/fr/records/")
