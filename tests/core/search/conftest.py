"""A node with keys, a log and an index of its own."""

import pytest
from uuid6 import uuid7

from core.records.keys import signing_key_create
from core.records.services.append import NewRevision, entries_append


@pytest.fixture
def index(settings, tmp_path):
    """This node's index: a folder of its own for each test."""
    settings.SEARCH_URL = f"tantivy://{tmp_path}/index"
    return tmp_path / "index"


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
