"""An e-mail address stays where it belongs: in one table, in the mails to it, on the page that its holder opens."""

import logging

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.management import call_command
from django.db import connection

from core.search.services.catch_up import catch_up
from tests.tools_inventory.saved_searches.conftest import JO
from tools_inventory.models import SavedSearch, Subscriber
from tools_inventory.services.alerts import send_due_mails
from tools_inventory.services.mail_links import Purpose, token

DOORS = (
    "/metrics",
    "/readyz",
    "/.well-known/havenlink.json",
    "/api/v1/tools",
    "/api/schema",
    "/en/",
    "/en/search",
    "/en/search.atom",
    "/en/network",
    "/en/saved-searches/",
    "/en/saved-searches/sent",
)


@pytest.fixture
def told(jo, published, clock, server, caplog):
    """Jo saved a search and has had a mail with matches; Ada's address is refused; all of it logged in full."""
    caplog.set_level(logging.DEBUG)
    jo.follow("q=haven")
    jo.follow("q=haven", address="ada@example.org")
    published("Bezoek aan de haven")
    catch_up()
    clock.pass_(days=1)
    server.refuse["ada@example.org"] = (550, "ada@example.org: no such mailbox")
    send_due_mails()
    jo.save("q=haven", address="not an address of jo@example.org")


def holds(text):
    return any(address in text for address in (JO, "ada@example.org"))


def test_no_door_no_page_and_no_log_line_holds_it(told, client, caplog):
    for door in DOORS:
        response = client.get(door)
        assert response.status_code == 200, door
        assert not holds(response.content.decode()), door
    question = {"query": "{ __schema { types { name fields { name } } } }"}
    schema = client.post("/graphql", question, content_type="application/json").content.decode()
    assert ("SavedSearch" in schema, "Subscriber" in schema, "email" in schema.lower()) == (False, False, False)
    assert not holds(caplog.text)


def test_no_other_table_holds_it(told):
    found = set()
    for model in apps.get_models():
        for row in model._base_manager.values_list():
            if holds(" ".join(str(value) for value in row)):
                found.add(model.__name__)
    assert found == {"Subscriber"}


def test_no_row_of_it_prints_itself_with_the_address(told):
    assert not holds(" ".join(str(row) + repr(row) for row in (*SavedSearch.objects.all(), *Subscriber.objects.all())))
    assert not {SavedSearch, Subscriber} & set(admin.site._registry)


def test_the_command_prints_no_address(told, capsys):
    call_command("alerts", "status")
    printed = capsys.readouterr()

    assert "stopped because refused: 1" in printed.out
    assert not holds(printed.out + printed.err)


def test_what_is_deleted_leaves_no_trace_in_the_database(told, jo, client):
    for saved in list(SavedSearch.objects.all()):
        jo.client.post(f"/en/saved-searches/unsubscribe/{_token(saved)}")
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            assert not any(holds(str(row)) for row in cursor.fetchall()), table


def _token(saved):
    return token(Purpose.UNSUBSCRIBE, saved.pk)


def test_the_pages_set_no_cookie_and_are_kept_by_nobody(told, jo, client):
    unsubscribe = jo.link("unsubscribe")
    for path in ("/en/saved-searches/new?q=haven", "/en/saved-searches/", unsubscribe):
        response = client.get(path)
        assert response.cookies == {}, path
        assert "no-store" in response["Cache-Control"], path
        assert response["Referrer-Policy"] == "same-origin", path
        assert '<meta name="robots" content="noindex">' in response.content.decode(), path


def test_a_mail_loads_nothing_and_tells_nothing_of_its_reading(told, server):
    markup = next(mail for mail in server.mails if "1 new" in mail.subject).text("html")

    assert not any(word in markup for word in ("<img", "<script", "<link", "url(", "@import", "src="))
