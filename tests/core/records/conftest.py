"""Keys, contents and other origins for the record tests."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from uuid6 import uuid7

from core.records.keys import signing_key_create
from core.records.services.append import NewRevision


@pytest.fixture(autouse=True)
def antwerp_key():
    signing_key_create(settings.SIGNING_KEY_FILE)


@pytest.fixture
def hamburg_key():
    return Ed25519PrivateKey.from_private_bytes(b"hamburg".ljust(32, b"."))


@pytest.fixture
def tool():
    """Makes revisions of tools to publish: `tool()` a new one, `tool(uuid, title=...)` another revision."""

    def make(uuid=None, *, title="Port Xpert", deleted=False, expected_revision=None):
        content = {
            "title": {"nl": {"text": title, "method": "source"}},
            "summary": {"nl": {"text": "Leerlingen bezoeken de haven.", "method": "source"}},
            "activity": "company_visit",
        }
        return NewRevision(
            uuid=uuid or uuid7(),
            kind="tool",
            language="nl",
            content={} if deleted else content,
            deleted=deleted,
            expected_revision=expected_revision,
        )

    return make
