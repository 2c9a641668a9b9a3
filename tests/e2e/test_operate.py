"""The operator's pages in a real browser: accessible in every language, light and dark, no wider than a narrow screen;
and every step taken without a script.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_pages import LANGUAGES, _check

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

HAMBURG = "hamburg.havenlink.localhost"
ROTTERDAM = "rotterdam.havenlink.localhost"
PAGES = (
    "operate",
    "admit",
    "verification",
    "actions",
    f"origins/{HAMBURG}",
    f"origins/{HAMBURG}/freeze",
    f"origins/{HAMBURG}/verify",
    "origins/antwerp.havenlink.localhost",
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_operators_pages(network, browse, sign_in, language):
    page = browse.page(network.url("antwerp"), language=language)
    sign_in(page, "administrator")
    faults = []
    for path in PAGES:
        faults += _check(browse, page, f"/{language}/network/{path}")
    assert faults == []


def test_a_step_is_taken_and_written_down_without_a_script(network, browse, sign_in):
    page = browse.page(network.url("antwerp"), language="en", java_script_enabled=False)
    sign_in(page, "administrator")
    page.goto("/en/network")
    page.get_by_role("link", name="Operate the network").click()
    page.get_by_role("link", name=re.compile("Look and decide.*Hamburg")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("in touch")

    page.get_by_role("link", name="Freeze").click()
    page.get_by_role("main").get_by_role("button", name="Freeze").click()
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    page.get_by_label("Why").fill("to see what happens")
    page.get_by_role("main").get_by_role("button", name="Freeze").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("frozen")

    page.get_by_role("link", name="Release").click()
    page.get_by_role("main").get_by_role("button", name="Release").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("in touch")

    page.goto("/en/network/actions")
    newest = page.locator("tbody tr")
    expect(newest.nth(0)).to_contain_text("Release")
    expect(newest.nth(1)).to_contain_text("to see what happens")
    expect(newest.nth(1)).to_contain_text("administrator")


def test_everything_is_verified_by_the_worker_while_the_page_waits(network, browse, sign_in):
    page = browse.page(network.url("antwerp"), language="en")
    sign_in(page, "administrator")
    page.goto("/en/network/verification")

    page.get_by_role("button", name="Verify everything anew").click()

    found = page.get_by_role("heading", name="What was found")
    expect(found).to_be_visible(timeout=60_000)
    expect(found).to_contain_text("all is as it was signed")
    for origin in ("antwerp.havenlink.localhost", HAMBURG, ROTTERDAM):
        expect(page.locator(".verified-logs")).to_contain_text(origin)


def test_an_editor_is_refused(network, browse, sign_in):
    browse.expected_statuses.add(403)
    page = browse.page(network.url("antwerp"), language="en")
    sign_in(page, "editor")

    assert page.goto("/en/network/operate").status == 403
    expect(page.get_by_role("main")).to_contain_text("Node administrator")
