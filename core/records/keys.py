"""This node's signing key: a PEM file that only the node may read, made once by `manage.py node init`."""

import os
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.errors import Unavailable
from core.node import this_node
from core.records.checkpoint import VerifierKey, verifier_key


def signing_key_create(path: Path) -> bool:
    """Make the key file unless it exists; returns whether it was made. Never overwrites."""
    path.parent.mkdir(parents=True, exist_ok=True)
    key = Ed25519PrivateKey.generate()
    data = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return True


@cache
def _load(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise Unavailable(
            _("This node's signing key cannot be read, so nothing can be published."),
            remedy=_("Run “manage.py node init”, or restore the key file named by SIGNING_KEY_FILE."),
            code="no_signing_key",
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise Unavailable(_("This node's signing key is not an Ed25519 key."), code="no_signing_key")
    return key


def signing_key() -> Ed25519PrivateKey:
    """This node's private key. Raises Unavailable `no_signing_key`."""
    return _load(Path(settings.SIGNING_KEY_FILE))


def own_verifier_key() -> VerifierKey:
    return verifier_key(this_node().id, signing_key())
