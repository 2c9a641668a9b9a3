"""What the network is for: publish in one city, find and compare in another, withdraw; go on while a node is down."""

import re
import time

import pytest
from playwright.sync_api import expect

from i18n.vocabularies.vocabulary import vocabulary

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

TITLE = "Een dag aan het roer van de sleepboot"
SUMMARY = "Leerlingen varen een dag mee op een sleepboot en nemen zelf even het roer over."
ACTIVITY = "job_tasting"
# The promise: what one city publishes is found on another's node within this time.
SOON_SECONDS = 10


def _search(page, interface, words, **filters):
    query = "&".join(f"{name}={value}" for name, value in {"q": words, **filters}.items())
    page.goto(f"/{interface}/search?{query}")


def _hit(page, title):
    return page.locator("ol.hits > li.hit").filter(has_text=title)


def _seconds_until(page, condition):
    """Load the page anew until the condition holds; how long that took. Fails after SOON_SECONDS."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < SOON_SECONDS, f"not after {SOON_SECONDS} s: {page.url}"
        page.reload()
    return time.monotonic() - started


def _publish(page):
    """A new tool, as a publisher of Antwerp makes it: fill in, preview, publish. Returns its workbench address."""
    page.goto("/en/workbench/new/tool")
    page.locator("#id_title__nl").fill(TITLE)
    page.locator("#id_summary__nl").fill(SUMMARY)
    page.locator("#id_activity").select_option(ACTIVITY)
    page.get_by_role("button", name="Save and preview").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    address = page.url
    page.get_by_role("main").get_by_role("link", name="Publish", exact=True).click()
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url(re.compile(r"/workbench/"))
    return address


def _withdraw(page, address):
    page.goto(address)
    page.get_by_role("main").get_by_role("link", name="Withdraw", exact=True).click()
    page.get_by_role("button", name="Withdraw").click()
    page.wait_for_url(re.compile(r"/workbench/"))


def test_a_tool_is_published_found_compared_and_withdrawn(network, browse, sign_in):
    antwerp = browse.page(network.url("antwerp"), language="en")
    hamburg = browse.page(network.url("hamburg"), language="de")
    rotterdam = browse.page(network.url("rotterdam"), language="nl")

    sign_in(antwerp, "publisher")
    workbench = _publish(antwerp)

    # Found on Hamburg's node, in German facets.
    _search(hamburg, "de", "sleepboot", activity=ACTIVITY, language="nl")
    _seconds_until(hamburg, lambda: _hit(hamburg, TITLE).count() == 1)
    facet = hamburg.locator("#facet-activity")
    expect(facet.locator(f'input[value="{ACTIVITY}"]')).to_be_checked()
    expect(facet).to_contain_text(vocabulary("activities").label(ACTIVITY, "de"))
    expect(_hit(hamburg, TITLE)).to_contain_text("Antwerp")

    # Compared with a tool of Hamburg's own.
    _hit(hamburg, TITLE).get_by_role("checkbox").check()
    _search(hamburg, "de", "Hafen", node="hamburg.havenlink.localhost", kind="tool")
    other = hamburg.locator("ol.hits > li.hit").first
    other_title = other.locator("h3").inner_text()
    other.get_by_role("checkbox").check()
    hamburg.locator("[data-tray-go]").click()
    hamburg.wait_for_url("**/de/compare?**")
    table = hamburg.get_by_role("table").first
    expect(table).to_contain_text(TITLE)
    expect(table).to_contain_text(other_title)

    # Its own page says where it comes from, on every node.
    _search(rotterdam, "nl", "sleepboot")
    _seconds_until(rotterdam, lambda: _hit(rotterdam, TITLE).count() == 1)
    _hit(rotterdam, TITLE).get_by_role("link", name=TITLE).click()
    expect(rotterdam.get_by_role("heading", level=1)).to_contain_text(TITLE)
    expect(rotterdam.get_by_role("main")).to_contain_text("Antwerp")
    record = rotterdam.url.removeprefix(network.url("rotterdam"))

    # Withdrawn, and gone everywhere.
    _withdraw(antwerp, workbench)
    for page, language in ((antwerp, "nl"), (hamburg, "de"), (rotterdam, "nl")):
        _search(page, language, "sleepboot")
        _seconds_until(page, lambda page=page: _hit(page, TITLE).count() == 0)
    browse.expected_statuses.add(410)
    assert hamburg.goto(record).status == 410
    assert rotterdam.goto(record).status == 410


def test_a_node_that_is_down_is_still_searched_on_the_others(network, browse):
    antwerp = browse.page(network.url("antwerp"), language="en")
    rotterdam = browse.page(network.url("rotterdam"), language="nl")
    filters = {"node": "hamburg.havenlink.localhost"}
    _search(antwerp, "en", "", **filters)
    before = antwerp.locator("#hits-title").inner_text()

    with network.stopped("hamburg"):
        for page, language in ((antwerp, "en"), (rotterdam, "nl")):
            _search(page, language, "", **filters)
            expect(page.locator("ol.hits > li.hit").first).to_be_visible()
        assert antwerp.locator("#hits-title").inner_text() != ""
        _search(antwerp, "en", "", **filters)
        assert antwerp.locator("#hits-title").inner_text() == before
        antwerp.locator("ol.hits > li.hit h3 a").first.click()
        expect(antwerp.get_by_role("heading", level=1)).to_be_visible()
        antwerp.goto("/en/network")
        expect(antwerp.get_by_role("main")).to_contain_text("Hamburg")


def test_an_editor_may_not_publish(network, browse, sign_in):
    page = browse.page(network.url("antwerp"), language="en")
    sign_in(page, "editor")
    page.goto("/en/workbench/")
    expect(page.get_by_role("link", name=re.compile("^Publish"))).to_have_count(0)
    browse.expected_statuses.add(403)
    draft = page.locator("ul.bench-list a").first.get_attribute("href")
    assert page.goto(f"{draft}/publish").status == 403
