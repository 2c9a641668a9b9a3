"""Monitoring's addresses: alive, ready by parts, and numbers."""

import pytest
from django.db import DatabaseError
from uuid6 import uuid7

from core.health import checks
from core.records.keys import signing_key_create
from core.records.services.append import NewRevision, entries_append
from core.search.services.catch_up import catch_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def node(tmp_path, settings):
    """This node with a key and an empty index of its own."""
    signing_key_create(settings.SIGNING_KEY_FILE)
    settings.SEARCH_URL = f"tantivy:///{tmp_path}/index"
    catch_up()


@pytest.fixture
def published(node):
    """One tool in this node's log, not yet indexed."""
    content = {
        "title": {"nl": {"text": "Port Xpert", "method": "source"}},
        "summary": {"nl": {"text": "Leerlingen bezoeken de haven.", "method": "source"}},
        "activity": "company_visit",
    }
    entries_append([NewRevision(uuid=uuid7(), kind="tool", language="nl", content=content)])


def test_alive_asks_nothing_of_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_ready_names_every_part(client, node):
    response = client.get("/readyz")
    assert response.status_code == 200
    well = {"ok": True, "detail": ""}
    assert response.json() == {
        "ready": True,
        "parts": {"database": well, "migrations": well, "signing_key": well, "index": well},
    }


def test_an_index_that_is_not_there_is_named(client, node, tmp_path, settings):
    settings.SEARCH_URL = f"tantivy:///{tmp_path}/nowhere"
    response = client.get("/readyz")
    assert response.status_code == 503
    parts = response.json()["parts"]
    assert [name for name, part in parts.items() if not part["ok"]] == ["index"]
    assert parts["index"]["detail"]


def test_a_database_that_fails_is_named_without_its_own_words(client, node, monkeypatch):
    def refuse():
        raise DatabaseError("connection to host db.internal as user havenlink refused")

    monkeypatch.setitem(checks._CHECKS, "database", refuse)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["parts"]["database"] == {
        "ok": False,
        "detail": "the database does not answer as it should: see the node's log",
    }


def test_metrics_count_records_logs_and_lag(client, published):
    lines = client.get("/metrics").content.decode().splitlines()
    assert 'havenlink_records{kind="tool"} 1' in lines
    assert 'havenlink_log_entries{origin="antwerp.havenlink.localhost"} 1' in lines
    assert 'havenlink_log_frozen{origin="antwerp.havenlink.localhost"} 0' in lines
    assert 'havenlink_index_lag_entries{origin="antwerp.havenlink.localhost"} 1' in lines
    assert "havenlink_index_up 1" in lines

    catch_up()

    lines = client.get("/metrics").content.decode().splitlines()
    assert 'havenlink_index_lag_entries{origin="antwerp.havenlink.localhost"} 0' in lines
    assert "havenlink_index_documents 1" in lines


def test_monitoring_only_reads(client, node):
    for path in ("/healthz", "/readyz", "/metrics"):
        assert client.post(path).status_code == 405
        assert client.head(path).status_code == 200
        assert client.get(path).headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
