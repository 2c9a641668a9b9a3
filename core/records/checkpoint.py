"""Checkpoints: an origin's signed statement "my log has N entries and this root".

Format: C2SP tlog-checkpoint, a signed note (c2sp.org/signed-note) of three lines, origin, size and root:

    antwerp.example.org
    1042
    wLhAc7zW1sVnq6ZBd0mAdmSH2cbiSLCxRRz0tVbIjnM=

    — antwerp.example.org 6tqlTdQ7X...

A verifier key is written as the note format writes it, `name+hash+base64(0x01 and the Ed25519 public key)`: it holds
everything an operator must compare to admit an origin.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.errors import VerificationFailed

_ED25519 = b"\x01"
_DASH = "\u2014"
# A log has fewer entries than this: their numbers are GraphQL's integers.
MAX_ENTRIES = 2**31
# The line of a checkpoint that names the key which the log is signed with from then on.
_NEW_KEY = "new-key "


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`root` is 32 bytes; `note` the signed text as it was received or written."""

    origin: str
    size: int
    root: bytes
    note: str


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public half of an origin's key, with the name that it signs under."""

    name: str
    public: bytes

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Raises VerificationFailed if `text` is not a verifier key, or its hash does not fit."""
        try:
            name, key_hash, encoded = text.strip().split("+", 2)
            data = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error) as error:
            raise VerificationFailed("This is not a verifier key.", code="bad_key") from error
        if data[:1] != _ED25519 or len(data) != 33:
            raise VerificationFailed("This is not an Ed25519 verifier key.", code="bad_key")
        key = cls(name, data[1:])
        if key.hash.hex() != key_hash:
            raise VerificationFailed("The verifier key's hash does not fit its name and key.", code="bad_key")
        return key

    @property
    def hash(self) -> bytes:
        """The four bytes that mark this key's signatures in a note."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    @property
    def fingerprint(self) -> str:
        """What two operators read to each other: SHA-256 of name and key, in groups of four hex digits."""
        digest = hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).hexdigest()[:32]
        return " ".join(digest[i : i + 4] for i in range(0, 32, 4))

    def __str__(self) -> str:
        return f"{self.name}+{self.hash.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"


def verifier_key(name: str, private: Ed25519PrivateKey) -> VerifierKey:
    return VerifierKey(name, private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def sign(
    origin: str, size: int, root: bytes, private: Ed25519PrivateKey, before: Ed25519PrivateKey | None = None
) -> Checkpoint:
    """The checkpoint of `origin`'s log, signed under the origin's name.

    With the key `before` this one, the note names the new key and both sign it: who trusts the old one may go over.
    """
    body = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    if before is not None:
        body += f"{_NEW_KEY}{verifier_key(origin, private)}\n"
    signatures = "".join(_signature(origin, body, key) for key in (private, before) if key is not None)
    return Checkpoint(origin, size, root, f"{body}\n{signatures}")


def _signature(origin: str, body: str, private: Ed25519PrivateKey) -> str:
    key_hash = verifier_key(origin, private).hash
    return f"{_DASH} {origin} {base64.b64encode(key_hash + private.sign(body.encode())).decode()}\n"


def rotation(note: str, key: VerifierKey) -> VerifierKey | None:
    """The key that the owner of `key` has gone over to, if the note says so and both keys signed it.

    Raises VerificationFailed if the note names a new key and either signature is missing.
    """
    named = [line.removeprefix(_NEW_KEY) for line in note.split("\n\n")[0].split("\n")[3:] if line.startswith(_NEW_KEY)]
    if not named or named[0] == str(key):
        return None
    new = VerifierKey.parse(named[0])
    verify(note, key)
    verify(note, new)
    return new


def verify(note: str, key: VerifierKey) -> Checkpoint:
    """The checkpoint in a signed note, if `key` signed it; lines of other signers are passed over.

    Raises VerificationFailed with code `bad_checkpoint` (malformed) or `bad_signature`.
    """
    checkpoint = parse(note)
    if checkpoint.origin != key.name:
        raise VerificationFailed(f"The checkpoint is of {checkpoint.origin}, not of {key.name}.", code="bad_checkpoint")
    body, _, signatures = note.rpartition("\n\n")
    for line in signatures.splitlines():
        mark, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        if mark != _DASH or name != key.name:
            continue
        try:
            data = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            continue
        if data[:4] != key.hash:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(data[4:], f"{body}\n".encode())
        except InvalidSignature as error:
            raise VerificationFailed(f"The signature of {key.name} does not fit.", code="bad_signature") from error
        return checkpoint
    raise VerificationFailed(f"The checkpoint is not signed by {key}.", code="bad_signature")


def parse(note: str) -> Checkpoint:
    """What a note states, its signatures not looked at. Raises VerificationFailed `bad_checkpoint`."""
    body, gap, _ = note.rpartition("\n\n")
    lines = body.split("\n")
    try:
        if not gap or len(lines) < 3 or len(note) > 16_384 or not lines[0]:
            raise ValueError("not a signed note of three lines")
        if not lines[1].isdecimal() or len(lines[1]) > 10:
            raise ValueError("the size is not a plain number")
        size = int(lines[1])
        if str(size) != lines[1] or size >= MAX_ENTRIES:
            raise ValueError("the size is not a plain number below 2^31")
        root = base64.b64decode(lines[2], validate=True)
        if len(root) != 32:
            raise ValueError("the root is not 32 bytes")
    except ValueError as error:  # binascii.Error is one
        raise VerificationFailed(f"The checkpoint is malformed: {error}.", code="bad_checkpoint") from error
    return Checkpoint(lines[0], size, root, note)


def heads_digest(notes: Iterable[str]) -> str:
    """What stands for all heads of a node: the SHA-256, in hex, of their checkpoints one after the other, in order.

    The order is that of their code points, hence of their UTF-8 bytes; no database's collation has a part in it.
    """
    return hashlib.sha256("".join(sorted(notes)).encode()).hexdigest()
