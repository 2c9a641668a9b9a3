"""What an admitted origin may sign and publish: whatever it is, it blocks nothing and breaks no page.

It is kept and relayed as it came. If this node could not show it, or not everywhere, it is listed as unreadable.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from core.records.canonical import sha256_hex
from core.records.models import Entry, Record
from core.search.services.catch_up import catch_up
from federation.models import Peer
from federation.services.due import peer_pull
from tests.federation.fakes import FakePeer

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Row:
    publishes: str
    # Why it is not shown; "" where it is.
    reason: str
    entry: dict[str, Any] = field(default_factory=dict)
    change: dict[str, Any] = field(default_factory=dict)
    # Of the document's text.
    replace: tuple[str, str] = ("", "")


def nested(levels: int) -> Any:
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


def member(text: str) -> tuple[str, str]:
    return ('"licence"', f'"later":{text},"licence"')


ROWS = [
    Row("an unknown member", "", change={"later": {"of": "a newer version"}}),
    Row("a list of lists, 20 deep", "", change={"later": nested(20)}),
    Row("lists, 300 deep", "", replace=member("[" * 300 + "]" * 300)),
    Row("objects, 900 deep", "", replace=member('{"a":' * 900 + "1" + "}" * 900)),
    Row("lists, 100,000 deep", "not JSON", replace=member("[" * 100_000 + "]" * 100_000)),
    Row("NaN", "not JSON", replace=member("NaN")),
    Row("a number beyond all numbers", "not JSON", replace=member("1e999")),
    Row("a number of 400 digits", "not JSON", replace=member("1" * 400)),
    Row("half a surrogate", "not JSON", replace=member('"\\ud800"')),
    Row("a title twice", "", replace=member('1,"title":{"de":{"text":"Anders","method":"source"}}')),
    Row("a member of a member twice", "", replace=member('{"a":1,"a":2}')),
    Row("spaces between members", "", replace=('"licence"', ' "licence"')),
    Row("in the year 9999", "year", entry={"at": "9999-12-31T23:59:59.999999Z"}),
    Row("in the year 1", "year", entry={"at": "0001-01-01T00:00:00.000000Z"}),
    Row("in the year 9999, withdrawn", "year", entry={"at": "9999-12-31T23:59:59.999999Z", "deleted": True}),
    Row(
        "a title of 1,000,000 letters",
        "title",
        change={"title": {"de": {"text": "x" * 1_000_000, "method": "source"}}},
    ),
    Row(
        "a title that is markup",
        "",
        change={"title": {"de": {"text": "<script>alert(1)</script>", "method": "source"}}},
    ),
    Row("a language that is markup", "language", change={"language": "<script>"}),
    Row("an address that is a script", "url", change={"url": "javascript:alert(1)"}),
    Row("control characters", "", change={"title": {"de": {"text": "\x01\x1b[31m\x7f\u202e", "method": "source"}}}),
    Row("a member with a NUL in its name", "", change={"a\x00b": 1}),
    Row("1,000 sources of no form", "sources", change={"sources": ["x"] * 1000}),
]

DOORS = (
    "/search",
    "/search?q=hafen&sort=newest",
    "/programmes",
    "/network",
    "/coverage",
    "/search.atom",
    "/api/v1/records",
    "/api/v1/tools",
    "/metrics",
    "/admin/",
)


@pytest.fixture(autouse=True)
def index(tmp_path: Path, settings: Any) -> None:
    settings.SEARCH_URL = f"tantivy://{tmp_path / 'index'}"


@pytest.fixture
def published(hamburg: FakePeer, hamburg_peer: Peer) -> dict[str, Row]:
    """All of them, in one log: id -> row."""
    ids = {}
    for row in ROWS:
        ids[hamburg.log.publish("Schiffe gucken", change=row.change, **row.entry)] = row
        entry = hamburg.log.entries[-1]
        entry["document"] = entry["document"].replace(*row.replace)
        entry["sha256"] = sha256_hex(entry["document"].encode())
    hamburg.log.publish("Danach")
    peer_pull(peer=hamburg_peer)
    return ids


def test_each_is_kept_as_it_came_and_shown_or_listed_with_its_reason(
    published: dict[str, Row], hamburg: FakePeer, hamburg_peer: Peer
) -> None:
    assert hamburg_peer.last_error_code == ""
    entries = list(Entry.objects.order_by("id"))
    assert [entry.document for entry in entries] == [entry["document"] for entry in hamburg.log.entries]
    wrong = {}
    for entry in entries:
        row = published.get(entry.record_id)
        shown = Record.objects.filter(entry=entry, deleted=False).exists()
        if row and (row.reason not in entry.unreadable or shown is bool(row.reason)):
            wrong[row.publishes] = (entry.unreadable, shown)
    assert wrong == {}


def test_no_page_breaks(published: dict[str, Row], client: Client, caplog: pytest.LogCaptureFixture) -> None:
    catch_up()
    client.raise_request_exception = False
    uuids = [record_id[-36:] for record_id in published]
    own = ("/records/{}", "/api/v1/records/{}", "/records/{}/document", "/records/{}/citation.bib")
    answers = {
        (page, accept): client.get(page, follow=True, headers={"accept": accept}).status_code
        for page in [*DOORS, *(door.format(uuid) for door in own for uuid in uuids)]
        for accept in ("text/html", "application/json")
    }
    assert {page: status for page, status in answers.items() if status >= 500} == {}
    query = '{"query": "{ tools(first: 50) { edges { node { id document } } } network { name lagEntries } }"}'
    assert client.post("/graphql", query, content_type="application/json").status_code == 200
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []
