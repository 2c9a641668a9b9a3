"""A reader without an account, a browser without a script: save a search, confirm, be told, change, unsubscribe."""

import email
import email.policy
import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import _until
from tests.e2e.test_pages import _check
from tests.e2e.test_story import _publish, _withdraw

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

ADDRESS = "jo@hafen-köln.de"
LINK = re.compile(r"http://127\.0\.0\.1:\d+(/\S+)")


class Mailbox:
    """What the node sent, oldest first, as files in its folder."""

    def __init__(self, folder):
        self.folder = folder

    def mails(self):
        """A file holds what left over one connection, each mail followed by a line of dashes."""
        files = sorted(self.folder.glob("*.log"), key=lambda file: file.stat().st_mtime_ns)
        parts = [part for file in files for part in file.read_bytes().split(b"-" * 79 + b"\n") if part.strip()]
        return [email.message_from_bytes(part, policy=email.policy.default) for part in parts]

    def wait_for(self, count):
        _until(lambda: len(self.mails()) >= count, f"{count} mails in {self.folder}", seconds=60)
        return self.mails()[count - 1]


def _link(mail, purpose):
    text = mail.get_body(("plain",)).get_content()
    return next(path for path in reversed(LINK.findall(text)) if f"/saved-searches/{purpose}/" in path)


def test_save_confirm_be_told_change_and_unsubscribe(network, browse, sign_in):
    mailbox = Mailbox(network.folder / "rotterdam" / "mail")
    reader = browse.page(network.url("rotterdam"), language="de", java_script_enabled=False)
    # A form without an address; a link to what is deleted.
    browse.expected_statuses |= {400, 404}
    faults = []

    # Save
    reader.goto("/de/search?q=sleepboot&activity=job_tasting")
    reader.locator(".keep-search a").first.click()
    expect(reader.locator(".search-line")).to_contain_text("sleepboot")
    reader.locator("form.form button").click()
    expect(reader.locator(".error-summary a")).to_be_visible()
    reader.locator("#id_email").fill(ADDRESS)
    reader.locator("form.form button").click()
    reader.wait_for_url("**/de/saved-searches/sent")

    # Confirm: in another browser, where scripts run, for the checks of accessibility
    other = browse.page(network.url("rotterdam"), language="de")
    confirmation = mailbox.wait_for(1)
    assert confirmation["To"] == "jo@xn--hafen-kln-67a.de"
    confirm = _link(confirmation, "confirm")
    faults += _check(browse, other, confirm)
    reader.goto(confirm)
    reader.get_by_role("main").get_by_role("button").click()
    expect(reader.locator(".notice.success")).to_be_visible()

    # Be told of what another city publishes
    publisher = browse.page(network.url("antwerp"), language="en")
    sign_in(publisher, "publisher")
    workbench = _publish(publisher)
    told = mailbox.wait_for(2)
    assert told["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text = told.get_body(("plain",)).get_content()
    assert "Een dag aan het roer van de sleepboot [nl]" in text
    reader.goto(next(path for path in LINK.findall(text) if "/records/" in path))
    expect(reader.get_by_role("heading", level=1)).to_contain_text("sleepboot")

    # Change
    manage = _link(told, "manage")
    faults += _check(browse, other, manage)
    reader.goto(manage)
    reader.locator("select[name=language]").select_option("nl")
    reader.locator("button[value=change]").click()
    expect(reader.locator(".notice.success")).to_be_visible()
    expect(reader.locator("select[name=language]")).to_have_value("nl")
    reader.locator("button[value=pause]").click()
    expect(reader.locator("button[value=resume]")).to_be_visible()

    # Unsubscribe
    unsubscribe = _link(told, "unsubscribe")
    faults += _check(browse, other, unsubscribe)
    reader.goto(unsubscribe)
    reader.get_by_role("main").get_by_role("button").click()
    assert reader.goto(manage).status == 404
    assert reader.context.cookies() == []
    _withdraw(publisher, workbench)
    assert faults == []


def test_the_feed_beside_the_hits_is_the_pages(network, browse):
    page = browse.page(network.url("hamburg"), language="de")
    page.goto("/de/search?q=Hafen&country=DE")
    feed = page.locator(".keep-search a[type]").get_attribute("href")
    answer = page.request.get(feed)

    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert answer.text().count("<entry>") == int(re.match(r"\d+", page.locator("#hits-title").inner_text())[0])
