"""Every page in every interface language: accessible in light and dark, no wider than a narrow screen, asking only its
own node; search and compare work without a script."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

LANGUAGES = ("nl", "fr", "de", "en")
# {name: path below the language, {record} and {second} standing for records of two nodes}
PAGES = {
    "home": "",
    "search": "search",
    "search with words and filters": "search?q=haven&country=BE&country=DE",
    "search that finds nothing": "search?q=xyzzyqwrt",
    "programmes": "programmes",
    "opportunities": "opportunities",
    "record": "records/{record}",
    "compare": "compare?id={record}&id={second}",
    "coverage": "coverage",
    "network": "network",
    "offer": "offer",
    "save a search": "saved-searches/new?q=haven&country=BE",
    "saved searches": "saved-searches/",
    "look in your mail": "saved-searches/sent",
    "sign in": "sign-in",
    "accessibility": "accessibility",
}
BEHIND_SIGN_IN = {
    "workbench": "workbench/",
    "new tool": "workbench/new/tool",
    "new programme": "workbench/new/programme",
    "account": "account",
}
NARROW = {"width": 320, "height": 640}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What a scheme of colours can change; everything else was found in light.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}


@pytest.fixture(scope="package")
def two_records(network, browser):
    """The uuids of a programme of Rotterdam's and a tool of Hamburg's."""
    context = browser.new_context()
    found = []
    for kind, node in (("programmes", "rotterdam"), ("tools", "hamburg")):
        address = f"{network.url('antwerp')}/api/v1/{kind}?node={node}.havenlink.localhost"
        found.append(context.request.get(address).json()["results"][0]["id"].rpartition("/")[2])
    context.close()
    return dict(zip(("record", "second"), found, strict=True))


def _faults(browse, page, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    options = {"runOnly": WCAG if scheme == "light" else COLOURS, "resultTypes": ["violations"], "preload": False}
    with browse.measuring():
        violations = Axe().run(page, options=options).response["violations"]
    return [
        f"{scheme}: {violation['id']} ({violation['help']}): {node['html'][:200]}"
        for violation in violations
        for node in violation["nodes"]
    ]


def _too_wide(page):
    """What sticks out of a narrow screen; scrolling inside a box of its own, as a wide table does, is fine."""
    page.set_viewport_size(NARROW)
    width = page.evaluate("document.scrollingElement.scrollWidth")
    return [f"{width} px wide at {NARROW['width']} px"] if width > NARROW["width"] else []


def _check(browse, page, address, status=200):
    response = page.goto(address)
    assert response is not None
    assert response.status == status, address
    faults = _faults(browse, page, "light") + _faults(browse, page, "dark") + _too_wide(page)
    return [f"{address}: {fault}" for fault in faults]


@pytest.mark.parametrize("language", LANGUAGES)
def test_public_pages(network, browse, two_records, language):
    page = browse.page(network.url("antwerp"), language=language)
    faults = []
    for path in PAGES.values():
        faults += _check(browse, page, f"/{language}/{path.format(**two_records)}")
        expect(page.locator("html")).to_have_attribute("lang", language)
    assert faults == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_behind_the_sign_in(network, browse, sign_in, language):
    page = browse.page(network.url("antwerp"), language=language)
    sign_in(page, "publisher")
    faults = []
    for path in BEHIND_SIGN_IN.values():
        faults += _check(browse, page, f"/{language}/{path}")
    page.goto(f"/{language}/workbench/")
    draft = page.locator("ul.bench-list a").first.get_attribute("href")
    for step in ("", "/preview", "/history"):
        faults += _check(browse, page, draft + step)
    assert faults == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/de/records/00000000-0000-7000-8000-000000000000", 404),
        ("/de/nowhere", 404),
        ("/de/compare", 400),
        ("/de/compare?id=nonsense", 400),
        ("/de/search?page=nonsense", 400),
    ],
)
def test_a_wrong_address_is_answered_with_a_page(network, browse, path, status):
    browse.expected_statuses.add(status)
    page = browse.page(network.url("antwerp"), language="de")
    assert _check(browse, page, path, status) == []


def test_doors_for_machines_have_pages_too(network, browse):
    page = browse.page(network.url("antwerp"), language="en")
    for path in ("/api/docs", "/graphql"):
        response = page.goto(path)
        assert response is not None
        assert response.status == 200, path
        page.wait_for_load_state("networkidle")


def test_search_and_compare_without_a_script(network, browse):
    page = browse.page(network.url("hamburg"), language="de", java_script_enabled=False)
    page.goto("/de/")
    page.locator("main input[type=search]").first.fill("Hafen")
    page.locator("main form[role=search] button").first.click()
    page.wait_for_url("**/de/search?**")
    hits = page.locator("ol.hits > li.hit")
    first, second = hits.nth(0), hits.nth(1)
    titles = [first.locator("h3").inner_text(), second.locator("h3").inner_text()]
    first.get_by_role("checkbox").check()
    second.get_by_role("checkbox").check()
    page.locator("#compare-form button[data-tray-go]").click()
    page.wait_for_url("**/de/compare?**")
    for title in titles:
        expect(page.get_by_role("table").first).to_contain_text(title)


def test_filters_without_a_script(network, browse):
    page = browse.page(network.url("hamburg"), language="de", java_script_enabled=False)
    page.goto("/de/search?q=Hafen")
    all_hits = page.locator("#hits-title").inner_text()
    page.locator("#facet-country > summary").click()
    page.locator("#f-country-BE").check()
    page.locator("#filters button[form=search-form]").click()
    page.wait_for_url("**country=BE**")
    assert page.locator("#hits-title").inner_text() != all_hits
    expect(page.locator("#f-country-BE")).to_be_checked()
