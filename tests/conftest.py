"""One node's environment for the tests, and the cast of fixtures that every test may use.

The database is SQLite in a temporary folder, or what DATABASE_URL names (PostgreSQL in the second pass).
"""

import os
import tempfile
from pathlib import Path

_STATE = Path(tempfile.mkdtemp(prefix="havenlink-tests-"))

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
os.environ.setdefault("NODE_ID", "antwerp.havenlink.localhost")
os.environ.setdefault("NODE_URL", "http://127.0.0.1:8001")
os.environ.setdefault("NODE_NAME", "Antwerp")
os.environ.setdefault("NODE_LANGUAGES", "nl")
os.environ.setdefault("NODE_REGION", "antwerp")
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 40)
os.environ.setdefault("STATE_DIR", str(_STATE))
os.environ.setdefault("LEMMA_DIR", str(Path(__file__).resolve().parents[1] / "var" / "lemmas"))
os.environ.setdefault("ALLOW_PRIVATE_PEERS", "on")
os.environ.setdefault("ALLOWED_HOSTS", "testserver,127.0.0.1,localhost")

import django  # noqa: E402  the environment above must stand first

# Conftest files below import models, which pytest-django would only allow later.
django.setup()
