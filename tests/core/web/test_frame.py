"""The frame's own pages, its policies, and what its files may not contain."""

import gzip
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from core.web.context import in_language
from core.web.templatetags.havenlink import ACTIVITY_ICONS, KIND_ICONS

STATIC = Path("core/web/static/web")
TEMPLATES = sorted(Path("core/web/templates").rglob("*.html"))
OWN_FILES = [
    path for path in sorted(STATIC.rglob("*")) if path.suffix in (".css", ".js") and "vendor" not in path.parts
]
# What the heaviest page (search) loads of our own to be shown on a screen; the budget is 20 KB as sent (gzip).
HEAVIEST = ["tokens", "base", "frame", "components", "map", "pages/search"]
HEAVIEST_SCRIPTS = ["page", "combobox", "compare-tray", "map"]


class LoadedAddresses(HTMLParser):
    """Addresses that a browser fetches by itself, style attributes, and handlers or scripts in the page."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("script", "img", "iframe", "use", "source"):
            self.loaded.append(given.get("src") or given.get("href") or "inline")
        if tag == "link" and given.get("rel") not in ("alternate", "license"):
            self.loaded.append(given.get("href") or "")
        self.inline += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        if tag == "style":
            self.inline.append(tag)


@pytest.mark.parametrize("path", OWN_FILES, ids=str)
def test_our_styles_and_scripts_ask_nothing_of_others(path: Path) -> None:
    assert re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", path.read_text()) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_templates_load_nothing_from_elsewhere_and_hold_no_inline_code(path: Path) -> None:
    page = LoadedAddresses()
    page.feed(path.read_text())
    assert [address for address in page.loaded if address.startswith(("http", "//"))] == []
    assert page.inline == []


def test_vendored_files_stand_beside_their_licences() -> None:
    for folder in ("vendor/htmx", "vendor/leaflet", "fonts", "icons"):
        assert (STATIC / folder / "LICENSE.txt").is_file()


def test_vendored_styles_need_no_file_that_is_not_there() -> None:
    assert "url(" not in (STATIC / "vendor/leaflet/leaflet.css").read_text()
    assert "sourceMappingURL" not in (STATIC / "vendor/leaflet/leaflet.js").read_text()


def test_every_font_that_the_styles_name_is_there() -> None:
    named = re.findall(r'url\("\.\./fonts/([^"]+)"\)', (STATIC / "css/base.css").read_text())
    assert sorted(named) == sorted(path.name for path in (STATIC / "fonts").glob("*.woff2"))


def test_every_icon_in_use_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons/sprite.svg").read_text()))
    used = {name for path in TEMPLATES for name in re.findall(r'{% icon "([a-z-]+)"', path.read_text())}
    assert (used | ACTIVITY_ICONS | KIND_ICONS) - sprite == set()


def test_the_heaviest_page_keeps_its_budget() -> None:
    files = [STATIC / f"css/{name}.css" for name in HEAVIEST] + [STATIC / f"js/{name}.js" for name in HEAVIEST_SCRIPTS]
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < 20 * 1024


def test_the_base_map_is_outlines_of_land_only() -> None:
    base = json.loads((STATIC / "map/europe.json").read_text())
    assert base["type"] == "FeatureCollection"
    assert {feature["geometry"]["type"] for feature in base["features"]} == {"Polygon", "MultiPolygon"}


@pytest.mark.django_db
def test_a_page_forbids_every_outside_source(client: Client) -> None:
    response = client.get("/en/accessibility")
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
def test_a_rendered_page_loads_only_from_here(client: Client) -> None:
    page = LoadedAddresses()
    page.feed(client.get("/en/accessibility").content.decode())
    assert [address for address in page.loaded if not address.startswith("/")] == []
    assert page.inline == []


@pytest.mark.django_db
def test_reading_a_page_sets_no_cookie(client: Client) -> None:
    assert client.get("/en/accessibility").cookies.output() == ""


@pytest.mark.parametrize(
    ("accepted", "cookie", "expected"),
    [("de-AT,de;q=0.9", None, "/de/"), ("ja", None, "/nl/"), ("de", "fr", "/fr/"), ("de", "xx", "/de/")],
)
def test_the_entrance_leads_to_the_reader_s_language(
    client: Client, accepted: str, cookie: str | None, expected: str
) -> None:
    if cookie:
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = cookie
    response = client.get("/", headers={"accept-language": accepted})
    assert response.status_code == 302
    assert response["Location"] == expected
    assert {"Accept-Language", "Cookie"} <= set(response["Vary"].split(", "))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/en/search?q=dock&stage=a", "/nl/search?q=dock&stage=a"),
        ("/en/", "/nl/"),
        ("/nowhere", "/nl/"),
    ],
)
def test_a_page_is_the_same_page_in_another_language(address: str, expected: str) -> None:
    assert in_language(RequestFactory().get(address), "nl") == expected


def test_the_theme_is_remembered_without_a_script(client: Client) -> None:
    response = client.post("/theme", {"theme": "dark", "next": "/en/search?q=a"})
    assert response["Location"] == "/en/search?q=a"
    assert response.cookies["theme"].value == "dark"


@pytest.mark.django_db
def test_the_theme_stands_in_the_page(client: Client) -> None:
    client.cookies["theme"] = "dark"
    assert b'<html lang="en" dir="ltr" data-theme="dark">' in client.get("/en/accessibility").content
    client.cookies["theme"] = '"><script>'
    assert b'<html lang="en" dir="ltr">' in client.get("/en/accessibility").content


def test_the_theme_is_forgotten_for_anything_else(client: Client) -> None:
    response = client.post("/theme", {"theme": "pink", "next": "/en/"})
    assert response.cookies["theme"]["max-age"] == 0


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_theme_never_leads_away(client: Client, elsewhere: str) -> None:
    assert client.post("/theme", {"theme": "dark", "next": elsewhere})["Location"] == "/"


def test_robots_may_read_records_but_not_repetitions(client: Client) -> None:
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /nl/compare\n" in text
    assert "records" not in text


@pytest.mark.parametrize("address", ["/favicon.svg", "/favicon.ico"])
def test_the_icon_is_the_node_s_mark(client: Client, address: str) -> None:
    response = client.get(address)
    assert response["Content-Type"] == "image/svg+xml"
    assert response.content.startswith(b"<svg")


@pytest.mark.django_db
def test_the_style_page_is_not_for_readers(client: Client) -> None:
    assert client.get("/en/style").status_code == 404
