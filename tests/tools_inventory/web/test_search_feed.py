"""Every search as a feed: what stands in it, that any reader can read it, that nobody fetches it twice for nothing."""

from datetime import UTC, datetime
from xml.etree import ElementTree

import feedparser
import pytest
from django.core.cache import cache

from core.records.services.append import NewRevision, entries_append
from core.search.services.catch_up import catch_up
from i18n.texts import as_source
from tests.tools_inventory.published import (
    GIRLS_DAY,
    INTERNSHIP,
    PORT_VISIT,
    RALLY,
    URL,
    indexed,
    more_tools,
    published,
)

__all__ = ["indexed", "published"]

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@pytest.fixture(autouse=True)
def nothing_remembered():
    cache.clear()
    yield
    cache.clear()


def tree(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return ElementTree.fromstring(response.content)


def ids(client, address):
    return [entry.findtext(f"{ATOM}id").rpartition("/")[2] for entry in tree(client, address).iter(f"{ATOM}entry")]


def test_a_search_as_atom(client, indexed):
    root = tree(client, "/de/search.atom?q=haven&activity=company_visit&kind=tool")

    assert root.tag == f"{ATOM}feed"
    assert root.get(LANG) == "de"
    assert (
        root.findtext(f"{ATOM}title")
        == "Havenlink Antwerp: „haven“ · Art: Instrumente · Aktivität: Betriebsbesichtigung"
    )
    assert root.findtext(f"{ATOM}id") == (
        "http://127.0.0.1:8001/de/search.atom?q=haven&kind=tool&activity=company_visit"
    )
    assert [(link.get("rel"), link.get("type"), link.get("href")) for link in root.findall(f"{ATOM}link")] == [
        (
            "self",
            "application/atom+xml",
            "http://127.0.0.1:8001/de/search.atom?q=haven&kind=tool&activity=company_visit",
        ),
        (
            "alternate",
            "text/html",
            "http://127.0.0.1:8001/de/search?q=haven&kind=tool&activity=company_visit&sort=newest",
        ),
    ]
    (entry,) = root.iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}id") == f"{URL}{PORT_VISIT}"
    assert (entry.findtext(f"{ATOM}title"), entry.find(f"{ATOM}title").get(LANG)) == ("Hafenbesuch", "de")
    assert (entry.findtext(f"{ATOM}summary"), entry.find(f"{ATOM}summary").get(LANG)) == (
        "Leerlingen bezoeken de haven.",
        "nl",
    )
    assert entry.findtext(f"{ATOM}rights") == "CC-BY-4.0"
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Antwerp"
    assert {link.get("rel"): link.get("href") for link in entry.findall(f"{ATOM}link")} == {
        "alternate": f"http://127.0.0.1:8001/de/records/{PORT_VISIT}",
        "via": f"{URL}{PORT_VISIT}",
        "license": "https://creativecommons.org/licenses/by/4.0/",
    }
    categories = {category.get("term"): category.get("label") for category in entry.findall(f"{ATOM}category")}
    assert categories["company_visit"] == "Betriebsbesichtigung"
    assert categories["port_logistics"].startswith("Hafen")
    updated = datetime.fromisoformat(entry.findtext(f"{ATOM}updated"))
    assert (datetime.now(UTC) - updated).total_seconds() < 60
    assert root.findtext(f"{ATOM}updated") == entry.findtext(f"{ATOM}updated")


def test_what_rfc_4287_requires_of_every_feed_and_entry_is_there_once(client, indexed):
    root = tree(client, "/en/search.atom")
    for element in (root, *root.iter(f"{ATOM}entry")):
        assert [len(element.findall(f"{ATOM}{name}")) for name in ("id", "title", "updated", "author")] == [1, 1, 1, 1]
    assert len({entry.findtext(f"{ATOM}id") for entry in root.iter(f"{ATOM}entry")}) == 4


def test_each_scope_has_its_own_and_withdrawn_ones_are_in_none(client, indexed):
    assert ids(client, "/en/search.atom") == [str(INTERNSHIP), str(RALLY), str(GIRLS_DAY), str(PORT_VISIT)]
    assert ids(client, "/en/programmes.atom") == [str(RALLY)]
    assert ids(client, "/en/opportunities.atom") == [str(INTERNSHIP)]


def test_the_newest_first_fifty_at_most_whatever_order_and_page_are_asked_for(client, published):
    entries_append(more_tools(60))
    catch_up()

    found = ids(client, "/en/search.atom?sort=title&page=2")
    assert len(found) == 50
    assert str(PORT_VISIT) not in found


def test_a_search_as_rss(client, indexed):
    response = client.get("/nl/search.rss?kind=tool&q=haven")
    parsed = feedparser.parse(response.content)

    assert response["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert (parsed.bozo, parsed.version, parsed.feed.language) == (False, "rss20", "nl")
    (entry,) = parsed.entries
    assert (entry.id, entry.title) == (f"{URL}{PORT_VISIT}", "Havenbezoek")
    assert entry.link == f"http://127.0.0.1:8001/nl/records/{PORT_VISIT}"
    assert "Bedrijfsbezoek" in [tag.term for tag in entry.tags]


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_a_feed_reader_reads_it_whatever_records_hold(client, published, form):
    nasty = "Haven <b>&amp;</b> ]]> \x00\x08\x0b\x1f\ufffe\uffff \U0001f6a2 \u202e"
    record = {"title": {"nl": as_source(nasty)}, "summary": {"nl": as_source(nasty)}, "activity": "event\U0001f6a2"}
    entries_append([NewRevision(more_tools(1)[0].uuid, "tool", "nl", record | {"activity": "event"})])
    catch_up()

    response = client.get(f"/en/search.{form}")
    parsed = feedparser.parse(response.content)
    assert (parsed.bozo, len(parsed.entries)) == (False, 5)
    ElementTree.fromstring(response.content)
    title = next(entry.title for entry in parsed.entries if "Haven" in entry.title and "]]>" in entry.title)
    assert "\x00" not in title
    assert "\U0001f6a2" in title


@pytest.mark.parametrize("query", ["q=%00%01%1f<&sector=x", "q=" + "%F0%9F%9A%A2" * 50, "q=%22%3E%3Cscript%3E"])
def test_whatever_is_asked_is_answered_with_xml(client, indexed, query):
    ElementTree.fromstring(client.get(f"/en/search.atom?{query}").content)


def test_an_empty_feed_is_one(client, indexed):
    parsed = feedparser.parse(client.get("/en/search.atom?q=xyzzyqwrt").content)

    assert (parsed.bozo, parsed.entries, parsed.feed.updated) == (False, [], "2020-01-01T00:00:00+00:00")


@pytest.mark.parametrize(
    ("query", "code"), [("age=old", "bad_age"), ("q=" + "x" * 501, "query_too_long"), ("sort=random", "bad_sort")]
)
def test_a_bad_question_gets_a_clear_answer(client, indexed, query, code):
    response = client.get(f"/en/search.atom?{query}")

    assert response.status_code == 400
    assert code in response.content.decode()


def test_a_dead_index_is_a_503_to_come_back_to(client, published, settings, tmp_path):
    settings.SEARCH_URL = f"tantivy://{tmp_path}/none"
    response = client.get("/en/search.atom")

    assert (response.status_code, response["Retry-After"]) == (503, "30")


# Conditional requests


def test_who_has_it_is_not_sent_it_again(client, indexed):
    first = client.get("/en/search.atom?q=haven")

    by_tag = client.get("/en/search.atom?q=haven", headers={"If-None-Match": first["ETag"]})
    by_time = client.get("/en/search.atom?q=haven", headers={"If-Modified-Since": first["Last-Modified"]})
    assert [(each.status_code, each.content) for each in (by_tag, by_time)] == [(304, b""), (304, b"")]
    assert by_tag["ETag"] == first["ETag"]
    other = client.get("/en/search.atom", headers={"If-None-Match": first["ETag"]})
    assert other.status_code == 200


def test_a_withdrawal_changes_it_too(client, indexed):
    first = client.get("/en/search.atom")
    entries_append([NewRevision(RALLY, "programme", "de", deleted=True)])
    catch_up()

    second = client.get("/en/search.atom", headers={"If-None-Match": first["ETag"]})
    assert second.status_code == 200
    assert str(RALLY) not in second.content.decode()


def test_another_process_never_says_that_nothing_changed_before_it_looked(client, indexed):
    first = client.get("/en/search.atom")
    cache.clear()
    earlier = "Wed, 01 Jan 2025 00:00:00 GMT"

    assert client.get("/en/search.atom", headers={"If-Modified-Since": earlier}).status_code == 200
    assert client.get("/en/search.atom", headers={"If-None-Match": first["ETag"]}).status_code == 304


# How it is found


@pytest.mark.parametrize("page", ["search", "programmes", "opportunities"])
def test_the_page_names_its_feed_in_its_head_and_in_sight(client, indexed, page):
    markup = client.get(f"/en/{page}?activity=company_visit&sort=title").content.decode()

    feed = f'href="/en/{page}.atom?activity=company_visit"'
    assert markup.count(feed) == 2
    assert '<link rel="alternate" type="application/atom+xml" title="' in markup[: markup.index("</head>")]


def test_a_feed_asks_the_database_a_fixed_number_of_times(client, published, django_assert_num_queries):
    entries_append(more_tools(45))
    catch_up()
    client.get("/en/search.atom")

    with django_assert_num_queries(3):
        client.get("/en/search.atom")
