"""A node with keys, a log and an index of its own."""

import shutil

import pytest
from uuid6 import uuid7

from core.records.keys import signing_key_create
from core.records.services.append import NewRevision, entries_append
from tests.engines import ENGINES, index_address, remove_indexes


@pytest.fixture(params=ENGINES)
def search_url(request, tmp_path):
    """The address of an index of the test's own, on each engine."""
    with index_address(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def index(settings, search_url):
    """This node's index, on each engine."""
    settings.SEARCH_URL = search_url


@pytest.fixture
def delete_index(search_url, tmp_path):
    """Takes the index away under the node's feet."""

    def delete():
        if search_url.startswith("tantivy"):
            shutil.rmtree(tmp_path / "index")
        else:
            remove_indexes(search_url.rpartition("/")[2])

    return delete


@pytest.fixture
def publish(settings):
    """Publishes tools: `publish("Titel")` new ones, with `uuid` another revision; None for a title withdraws."""
    if not settings.SIGNING_KEY_FILE.exists():
        signing_key_create(settings.SIGNING_KEY_FILE)

    def make(*titles, uuid=None):
        revisions = [
            NewRevision(
                uuid=uuid or uuid7(),
                kind="tool",
                language="nl",
                deleted=title is None,
                content={}
                if title is None
                else {
                    "title": {"nl": {"text": title, "method": "source"}},
                    "summary": {"nl": {"text": "Leerlingen bezoeken de haven.", "method": "source"}},
                    "activity": "company_visit",
                },
            )
            for title in titles
        ]
        return [published.uuid for published in entries_append(revisions)]

    return make
