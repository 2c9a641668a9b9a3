"""Proving anew, from what is stored now, that a record is what its origin published: document, leaf, tree, signature.

A pull verifies what arrives; this verifies what lies in the database today, each time somebody looks at it.
"""

import base64
from dataclasses import dataclass

from core.errors import VerificationFailed
from core.records.canonical import canonical_header, sha256_hex
from core.records.checkpoint import Checkpoint, VerifierKey, verify
from core.records.merkle import CompactRange, leaf_hash, root_of_page
from core.records.models import Entry, Log
from core.records.tree import range_hashes


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found. `reason` is empty when all fits, else the first that did not:

    no_document (erased, or never came), document (not the one that was hashed), not_covered (no checkpoint covers it
    yet), checkpoint (not signed by the key that was admitted), root (the entry is not in the tree that was signed).
    `leaf` is in hex, `root` in base64, as checkpoints write it.
    """

    reason: str
    sha256: str
    leaf: str
    size: int
    root: str
    checkpoint: str
    verifier_key: str
    fingerprint: str

    @property
    def verified(self) -> bool:
        return not self.reason


def entry_verify(entry: Entry) -> Verification:
    """For an entry that has `log` selected. O(log n) hashes and at most two queries; raises nothing."""
    log = entry.log
    sha256 = sha256_hex(entry.document.encode()) if entry.document is not None else ""
    leaf = leaf_hash(canonical_header({**entry.header, "sha256": sha256 or entry.sha256}))
    key, checkpoint = _signed(log)
    reason = _reason(entry, sha256, leaf, checkpoint) if checkpoint else "checkpoint"
    return Verification(
        reason=reason,
        sha256=sha256 or entry.sha256,
        leaf=leaf.hex(),
        size=checkpoint.size if checkpoint else log.checkpoint_size,
        root=base64.b64encode(checkpoint.root).decode() if checkpoint else "",
        checkpoint=log.checkpoint,
        verifier_key=log.verifier_key,
        fingerprint=key.fingerprint if key else "",
    )


def _signed(log: Log) -> tuple[VerifierKey | None, Checkpoint | None]:
    """The key that is trusted, and the log's checkpoint if it, or the one before a rotation, signed it."""
    trusted: VerifierKey | None = None
    for text in filter(None, (log.verifier_key, log.old_verifier_key)):
        try:
            key = VerifierKey.parse(text)
            trusted = trusted or key
            return trusted, verify(log.checkpoint, key)
        except VerificationFailed:
            continue
    return trusted, None


def _reason(entry: Entry, sha256: str, leaf: bytes, checkpoint: Checkpoint) -> str:
    if entry.document is None:
        return "no_document"
    if sha256 != entry.sha256:
        return "document"
    if entry.index >= checkpoint.size:
        return "not_covered"
    if _root(entry.log, entry.index, leaf, checkpoint.size) != checkpoint.root:
        return "root"
    return ""


def _root(log: Log, index: int, leaf: bytes, size: int) -> bytes:
    """The root of the tree of `size` entries with this leaf at its place; empty if the tree stored has a gap."""
    try:
        left, right = range_hashes(log, [(0, index), (index + 1, size)])
        return root_of_page(CompactRange(index, left), [leaf], right, size)
    except (KeyError, ValueError):
        return b""
