"""A page of a log as it goes over the wire, and its verification: one signature, cheap hashing, whoever served it.

Pure: no database. FEDERATION.md states the same for other implementations.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from core.errors import ForkDetected, VerificationFailed
from core.records.canonical import canonical_header, sha256_hex
from core.records.checkpoint import Checkpoint, VerifierKey, verify
from core.records.merkle import CompactRange, leaf_hash, root_of_page, subtrees

_PUBLISHED = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}Z")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MAX_ID = 400


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One entry: the header's fields, and the document as the very text that was hashed, or None if not served."""

    index: int
    id: str
    uuid: UUID
    kind: str
    revision: int
    deleted: bool
    published: str
    sha256: str
    document: str | None

    @property
    def published_at(self) -> datetime:
        return datetime.fromisoformat(self.published).astimezone(UTC)

    def leaf(self) -> bytes:
        return leaf_hash(
            canonical_header(
                {
                    "index": self.index,
                    "id": self.id,
                    "kind": self.kind,
                    "revision": self.revision,
                    "deleted": self.deleted,
                    "published": self.published,
                    "sha256": self.sha256,
                }
            )
        )


@dataclass(frozen=True, slots=True)
class Page:
    """Entries from `first` on, a signed checkpoint, and the compact ranges left and right of the entries."""

    checkpoint: str
    first: int
    entries: Sequence[PageEntry]
    left: Sequence[bytes]
    right: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class VerifiedPage:
    """Entries that are new to the replica, their leaf hashes, and the checkpoint that binds them."""

    checkpoint: Checkpoint
    entries: Sequence[PageEntry]
    leaf_hashes: Sequence[bytes]


def entry_parse(value: Any) -> PageEntry:
    """An entry from its wire form (a JSON object). Raises VerificationFailed `bad_entry`."""
    try:
        document = value["document"]
        entry = PageEntry(
            index=value["index"],
            id=value["id"],
            uuid=UUID(value["id"].rpartition("/")[2]),
            kind=value["kind"],
            revision=value["revision"],
            deleted=value["deleted"],
            published=value["published"],
            sha256=value["sha256"],
            document=document,
        )
        if (
            type(entry.index) is not int
            or type(entry.revision) is not int
            or not 0 < entry.revision < 2**31
            or type(entry.deleted) is not bool
            or not (document is None or type(document) is str)
            or len(entry.id) > _MAX_ID
            or "\x00" in entry.id
            or (document is not None and "\x00" in document)
            or not entry.id.startswith(("https://", "http://"))
            or not _KIND.fullmatch(entry.kind)
            or not _PUBLISHED.fullmatch(entry.published)
            or not _SHA256.fullmatch(entry.sha256)
        ):
            raise ValueError("a field has a wrong form")
        datetime.fromisoformat(entry.published)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise VerificationFailed(f"An entry is malformed: {error}.", code="bad_entry") from error
    return entry


def page_verify(page: Page, key: VerifierKey, held: CompactRange) -> VerifiedPage:
    """Check that the page's entries follow what is held and stand in the log that `key`'s origin signed.

    Entries that are held already are cut off; they are verified all the same. Raises VerificationFailed, its code
    saying what did not fit, or ForkDetected when the signature is good but the signed history is not the one held.
    """
    checkpoint = verify(page.checkpoint, key)
    last = page.first + len(page.entries)
    if page.first > held.size:
        raise VerificationFailed(f"The page begins at {page.first}; {held.size} was asked for.", code="gap")
    if last > checkpoint.size:
        raise VerificationFailed("The page goes beyond its checkpoint.", code="bad_page")
    for position, entry in enumerate(page.entries, start=page.first):
        if entry.index != position:
            raise VerificationFailed(f"Entry {position} is numbered {entry.index}.", code="bad_page")
        if entry.document is not None and sha256_hex(entry.document.encode()) != entry.sha256:
            raise VerificationFailed(f"The document of entry {position} is not the one hashed.", code="bad_document")
    leaves = [entry.leaf() for entry in page.entries]
    left = _left(page)
    try:
        if root_of_page(left, leaves, page.right, checkpoint.size) != checkpoint.root:
            raise VerificationFailed("The page does not lead to the signed root.", code="bad_proof")
    except ValueError as error:
        raise VerificationFailed(f"The page's proof is malformed: {error}.", code="bad_proof") from error
    _same_history(page, leaves, left, held, checkpoint)
    new = max(held.size - page.first, 0)
    return VerifiedPage(checkpoint, page.entries[new:], leaves[new:])


def _left(page: Page) -> CompactRange:
    if len(page.left) != len(subtrees(0, page.first)):
        raise VerificationFailed("The page's proof is malformed: hashes left of it are missing.", code="bad_proof")
    return CompactRange(page.first, list(page.left))


def _same_history(
    page: Page, leaves: Sequence[bytes], left: CompactRange, held: CompactRange, checkpoint: Checkpoint
) -> None:
    """What is held must be a prefix of the signed log: else the origin signed two histories."""
    if checkpoint.size < held.size:
        raise VerificationFailed(
            f"The peer's checkpoint has {checkpoint.size} entries; {held.size} are held.", code="behind"
        )
    prefix = left.copy()
    for leaf in leaves[: held.size - page.first]:
        prefix.append(leaf)
    if prefix.size == held.size and prefix.peaks != held.peaks:
        raise ForkDetected(
            f"{checkpoint.origin} signed a log of {checkpoint.size} entries that does not continue the "
            f"{held.size} entries held here."
        )
