"""One node's environment for the tests, and the cast of fixtures that every test may use.

The database is SQLite in a temporary folder, or what DATABASE_URL names (PostgreSQL in the second pass).
What needs something that is not on this machine is skipped by name; with REQUIRE_ALL=1 such a skip is a failure.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_STATE = Path(tempfile.mkdtemp(prefix="havenlink-tests-"))
atexit.register(shutil.rmtree, _STATE, ignore_errors=True)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
os.environ.setdefault("NODE_ID", "antwerp.havenlink.localhost")
os.environ.setdefault("NODE_URL", "http://127.0.0.1:8001")
os.environ.setdefault("NODE_NAME", "Antwerp")
os.environ.setdefault("NODE_LANGUAGES", "nl")
os.environ.setdefault("NODE_REGION", "antwerp")
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 40)
os.environ.setdefault("STATE_DIR", str(_STATE))
os.environ.setdefault("LEMMA_DIR", str(Path(__file__).resolve().parents[1] / "var" / "lemmas"))
# Those who test sentence vectors turn them on: a vector takes longer than most tests. They are kept between runs.
os.environ.setdefault("VECTORS", "off")
os.environ.setdefault("VECTOR_DIR", str(Path(__file__).resolve().parents[1] / "var" / "vectors"))
os.environ.setdefault("ALLOW_PRIVATE_PEERS", "on")
os.environ.setdefault("ALLOWED_HOSTS", "testserver,127.0.0.1,localhost")

from hypothesis import settings as hypothesis_settings  # noqa: E402

# On a loaded machine a single example may take long; what is tested is what comes out.
hypothesis_settings.register_profile("havenlink", deadline=None)
hypothesis_settings.load_profile("havenlink")

import django  # noqa: E402  the environment above must stand first
import pytest  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import translation  # noqa: E402

# Conftest files below import models, which pytest-django would only allow later.
django.setup()
# A process that pytest-xdist starts has its parent's in the environment; what it publishes is written down apart. A
# node that a benchmark starts has its own.
if "PYTEST_XDIST_WORKER" in os.environ:
    settings.STATE_DIR = _STATE

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
REQUIRE_ALL = os.environ.get("REQUIRE_ALL") == "1"


def pytest_collection_modifyitems(config, items):
    """Skip what needs a browser or a PostgreSQL server that is not there; leave the second pass what it will run."""
    no_browser = pytest.mark.skip(reason="needs Chromium: install the package chromium")
    no_postgres = pytest.mark.skip(reason="needs PostgreSQL: set POSTGRES_URL=postgresql://user:password@host/database")
    left_to_second_pass = []
    for item in items:
        if item.get_closest_marker("browser") and CHROMIUM is None:
            item.add_marker(no_browser)
        if item.get_closest_marker("postgres") and connection.vendor != "postgresql":
            if os.environ.get("POSTGRES_URL"):
                left_to_second_pass.append(item)
            else:
                item.add_marker(no_postgres)
    if left_to_second_pass:
        config.hook.pytest_deselected(items=left_to_second_pass)
        items[:] = [item for item in items if item not in left_to_second_pass]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    return _skip_refused((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return _skip_refused((yield))


def _skip_refused(report):
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Skipped where everything is required (REQUIRE_ALL=1): {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def english():
    """Messages outside a request are English here, whatever catalogues are compiled; a request says its language."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def nothing_published():
    """A test begins with an empty log: what an earlier one published is not missed."""
    (_STATE / "published.json").unlink(missing_ok=True)


@pytest.fixture(scope="session")
def chromium_path():
    return CHROMIUM
