"""Static files: kept for good under the address that pages give, answered for a minute under a plain one."""

import pytest
from django.contrib.staticfiles import finders
from django.templatetags.static import static

from core.web.static_files import version

FOREVER = "max-age=315360000, public, immutable"
MINUTE = "max-age=60, public"


def test_an_address_holds_the_version() -> None:
    assert static("web/css/base.css") == f"/static/{version()}/web/css/base.css"
    assert len(version()) == 11


def test_with_debug_an_address_is_plain(settings) -> None:
    settings.DEBUG = True
    assert static("web/css/base.css") == "/static/web/css/base.css"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        (f"/static/{version()}/web/css/base.css", FOREVER),
        ("/static/web/css/base.css", MINUTE),
        ("/static/v0123456789/web/css/base.css", MINUTE),
    ],
)
def test_how_long_a_browser_keeps_it(client, address, kept) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer["Cache-Control"], answer["Content-Type"]) == (
        200,
        kept,
        'text/css; charset="utf-8"',
    )


def test_what_a_style_sheet_names_beside_it_is_of_the_same_version(client) -> None:
    font = static("web/fonts/commissioner-latin.woff2")
    assert client.get(font)["Cache-Control"] == FOREVER
    assert static("web/css/base.css").rpartition("/css/")[0] == font.rpartition("/fonts/")[0]


@pytest.mark.parametrize("path", ["v0123456789/none.css", "v01/web/css/base.css", "v0123456789/../web/css/base.css"])
def test_no_other_address_is_a_file(client, db, path) -> None:
    assert client.get(f"/static/{path}").status_code == 404


@pytest.fixture
def found_anew(settings):
    """Finders and the version are looked for again, now and after the test."""
    finders.get_finder.cache_clear()
    version.cache_clear()
    yield
    finders.get_finder.cache_clear()
    version.cache_clear()


def test_a_version_is_of_every_file(settings, tmp_path, found_anew):
    before = version()
    (tmp_path / "new.css").write_text("p { margin: 0 }")
    settings.STATICFILES_DIRS = [str(tmp_path)]
    finders.get_finder.cache_clear()
    version.cache_clear()
    assert version() != before
