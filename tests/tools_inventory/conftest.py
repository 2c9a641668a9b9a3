"""This node is Antwerp. Its people, one of each role, and content for drafts."""

import pytest
from django.conf import settings

from core.accounts.roles import OPERATOR, Role
from core.accounts.services.accounts import account_create
from core.records.keys import signing_key_create
from core.records.services.append import NewRevision, entries_append
from i18n.texts import as_source
from tools_inventory.models.draft import new_uuid
from tools_inventory.selectors.facet_sets import facet_reader
from tools_inventory.services.drafts import draft_create


@pytest.fixture(autouse=True)
def antwerp_key():
    signing_key_create(settings.SIGNING_KEY_FILE)


@pytest.fixture(autouse=True)
def nothing_counted_before():
    """The facet sets live as long as the process; a test's records do not."""
    facet_reader.forget()


def person(role):
    return account_create(by=OPERATOR, name=role.value, role=role, password="a long tide table")


@pytest.fixture
def editor(db):
    return person(Role.EDITOR)


@pytest.fixture
def publisher(db):
    return person(Role.PUBLISHER)


@pytest.fixture
def coordinator(db):
    return person(Role.COORDINATOR)


@pytest.fixture
def tool_content():
    """The least that a tool needs to be published, and whatever a test adds."""

    def make(title="Port Xpert", **fields):
        return {
            "title": {"nl": as_source(title)},
            "summary": {"nl": as_source("Leerlingen bezoeken de haven.")},
            "activity": "company_visit",
            **fields,
        }

    return make


@pytest.fixture
def draft(publisher, tool_content):
    """Makes drafts of tools, each complete: `draft()`, `draft("Title", sectors=[...])`."""

    def make(title="Port Xpert", *, kind="tool", language="nl", **fields):
        return draft_create(by=publisher, kind=kind, language=language, content=tool_content(title, **fields))

    return make


@pytest.fixture
def published(db, tool_content):
    """Puts records of this node into its log: `published("Title", activity=...)`; returns the record's uuid."""

    def make(name="Port Xpert", *, kind="tool", language="nl", **fields):
        content = {**tool_content(name), **fields}
        if language != "nl":
            content["title"], content["summary"] = {language: as_source(name)}, {language: as_source("…")}
        uuid = new_uuid()
        entries_append([NewRevision(uuid=uuid, kind=kind, language=language, content=content)])
        return uuid

    return make


@pytest.fixture
def revised(db, tool_content):
    """Puts another revision of a tool into this node's log: `revised(uuid, "Title", activity=...)`."""

    def revise(uuid, name, **fields):
        content = {**tool_content(name), **fields}
        entries_append([NewRevision(uuid=uuid, kind="tool", language="nl", content=content)])

    return revise


@pytest.fixture
def withdrawn(db):
    """Withdraws a record of this node."""

    def withdraw(uuid, kind="tool"):
        entries_append([NewRevision(uuid=uuid, kind=kind, language="nl", deleted=True)])

    return withdraw
