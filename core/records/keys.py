"""This node's signing key: a PEM file that only the node may read, made once by `manage.py node init`.

After `manage.py node rotate-key` the key before it lies beside it and signs too, until it is dropped: whoever trusts
the one learns of the other.
"""

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

from core.errors import Conflict, Unavailable
from core.node import this_node
from core.records.checkpoint import VerifierKey, verifier_key


def signing_key_create(path: Path) -> bool:
    """Make the key file unless it exists; returns whether it was made. Never overwrites."""
    return _write_new(path, Ed25519PrivateKey.generate())


def signing_key_rotate() -> None:
    """Make a new key; the present one is kept beside it. Raises Conflict while one from before is still kept."""
    path, old = _path(), _old_path()
    if old.exists():
        raise Conflict(
            _("The key before the present one still signs."),
            remedy=_("Run “manage.py node drop-old-key” once all peers have pulled, then rotate again."),
            code="old_key_kept",
        )
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    _write_new(fresh, Ed25519PrivateKey.generate())
    os.link(path, old)
    # From here on both sign, whenever the process dies.
    fresh.replace(path)


def old_key_drop() -> bool:
    """Sign with the present key alone from now on; returns whether there was another."""
    existed = _old_path().exists()
    _old_path().unlink(missing_ok=True)
    return existed


def _write_new(path: Path, key: Ed25519PrivateKey) -> bool:
    path.parent.mkdir(parents=True, exist_ok=True)
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


def _path() -> Path:
    return Path(settings.SIGNING_KEY_FILE)


def _old_path() -> Path:
    return _path().with_name(_path().name + ".old")


def _load(path: Path) -> Ed25519PrivateKey:
    try:
        found = path.stat()
    except OSError as error:
        raise _unreadable() from error
    # Another process may have changed the key: by rotation, or by putting a backup back.
    return _load_file(path, found.st_ino, found.st_mtime_ns)


@cache
def _load_file(path: Path, _inode: int, _changed_ns: int) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise _unreadable() from error
    if not isinstance(key, Ed25519PrivateKey):
        raise Unavailable(_("This node's signing key is not an Ed25519 key."), code="no_signing_key")
    return key


def _unreadable() -> Unavailable:
    return Unavailable(
        _("This node's signing key cannot be read, so nothing can be published."),
        remedy=_("Run “manage.py node init”, or restore the key file named by SIGNING_KEY_FILE."),
        code="no_signing_key",
    )


def signing_key() -> Ed25519PrivateKey:
    """This node's private key. Raises Unavailable `no_signing_key`."""
    return _load(_path())


def old_signing_key() -> Ed25519PrivateKey | None:
    """The key before it, while it still signs."""
    return _load(_old_path()) if _old_path().exists() else None


def own_verifier_key() -> VerifierKey:
    return verifier_key(this_node().id, signing_key())
