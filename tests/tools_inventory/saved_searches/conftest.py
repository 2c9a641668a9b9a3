"""Antwerp's node with an index and a mail server, its clock in the tests' hands; Jo reads there without an account."""

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.utils import timezone

from core.search.services.catch_up import catch_up
from deploy.settings.environment import email
from i18n.texts import as_source
from tests.smtp_server import SmtpServer
from tools_inventory.models import SavedSearch
from tools_inventory.services.alerts import send_due_mails

JO = "jo@example.org"
# A Wednesday.
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
LINK = re.compile(r"http://127\.0\.0\.1:8001(/\S+)")


class Clock:
    """The time as Django's `timezone.now` tells it."""

    def __init__(self):
        self.now = NOW

    def pass_(self, **time):
        self.now += timedelta(**time)


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(timezone, "now", lambda: made.now)
    return made


@pytest.fixture
def server(settings):
    with SmtpServer() as running:
        for name, value in email(running.url).items():
            # pytest-django puts a backend in memory in place of the node's own.
            setattr(settings, name, value)
        yield running


@pytest.fixture(autouse=True)
def node(db, settings, tmp_path, server, clock):
    settings.SEARCH_URL = f"tantivy://{tmp_path}/index"
    cache.clear()
    catch_up()
    yield
    cache.clear()


PLAIN = {"summary": {"nl": as_source("Voor leerlingen van alle scholen.")}}


@pytest.fixture
def published(published):
    """With a summary that no search here asks for: what matches, matches by its title."""
    return partial(published, **PLAIN)


@pytest.fixture
def revised(revised):
    return partial(revised, **PLAIN)


class Reader:
    """What Jo does, by way of the pages alone."""

    def __init__(self, client, server):
        self.client = client
        self.server = server

    def save(self, search="q=haven", *, language="en", address=JO, frequency="daily", **extra):
        where = f"/{language}/saved-searches/new?{search}"
        return self.client.post(where, {"email": address, "frequency": frequency}, **extra)

    def follow(self, search="q=haven", **options):
        """Save and confirm; the first look is done, which finds nothing new."""
        before = list(SavedSearch.objects.values_list("pk", flat=True))
        self.save(search, **options)
        send_due_mails()
        self.client.post(self.link("confirm"))
        send_due_mails()
        return SavedSearch.objects.exclude(pk__in=before).get()

    def link(self, purpose, mail=-1):
        """The path of the last such link in a mail."""
        text = self.server.mails[mail].text()
        return next(path for path in reversed(LINK.findall(text)) if f"/saved-searches/{purpose}/" in path)


@pytest.fixture
def jo(client, server):
    return Reader(client, server)


def paths(text):
    return [urlsplit(path).path for path in LINK.findall(text)]
