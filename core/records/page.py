"""A page of a log as it goes over the wire, and its verification: one signature, cheap hashing, whoever served it.

Pure: no database. FEDERATION.md states the same for other implementations.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

from core.errors import ForkDetected, VerificationFailed
from core.records.canonical import canonical_header, sha256_hex
from core.records.checkpoint import Checkpoint, VerifierKey, verify
from core.records.merkle import CompactRange, leaf_hash, root_with, subtrees
from core.records.schema import unreadable_reason

_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MAX_ID = 400
# Records of other years are not shown: one of the year 9999 would stand before all others for ever.
CENTURY = "20"
# Escaped, a document goes into an answer many times over (core/http.py: MAX_BYTES); read, into 300 MB.
MAX_DOCUMENT_CHARACTERS = 2**20
_SCHEMES = ("https://", "http://")
_MEMBERS = ("index", "id", "kind", "revision", "deleted", "published", "sha256", "document")
_members = itemgetter(*_MEMBERS)
# Forms are compared after every digit has become a 0: a whole column of a page at once.
_DIGITS = str.maketrans(dict.fromkeys("0123456789", "0"))
_HEX_DIGITS = str.maketrans(dict.fromkeys("0123456789abcdef", "0"))
_PUBLISHED_FORM = "0000-00-00T00:00:00.000000Z"
_SHA256_FORM = "0" * 64
_UUID_FORM = "/00000000-0000-0000-0000-000000000000"
# What a document repeats of its header, and the origin.
_REPEATED = ("id", "origin", "kind", "revision", "published")


class PageEntry(NamedTuple):
    """One entry: the header's fields, and the document as the very text that was hashed, or None if not served."""

    index: int  # type: ignore[assignment]  # it hides tuple.index, which nobody asks
    id: str
    kind: str
    revision: int
    deleted: bool
    published: str
    sha256: str
    document: str | None

    @property
    def uuid(self) -> str:
        """The 36 characters that end the id."""
        return self.id[-36:]

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


class Reading(NamedTuple):
    """What this node's version makes of a document: why it cannot be read, or "", and its language."""

    unreadable: str
    language: str


@dataclass(frozen=True, slots=True)
class Page:
    """Entries from `first` on, a signed checkpoint, and the compact ranges left and right of the entries."""

    checkpoint: str
    first: int
    entries: Sequence[PageEntry]
    left: Sequence[bytes]
    right: Sequence[bytes]

    @property
    def last(self) -> int:
        """The index after the last entry's."""
        return self.first + len(self.entries)


@dataclass(frozen=True, slots=True)
class CheckedPage:
    """A page that is whole and stands in the log that its origin signed with `key`: true whoever holds what.

    `left` is the compact range of the entries before it; `readings` what each document says, entry for entry.
    """

    key: VerifierKey
    checkpoint: Checkpoint
    first: int
    entries: Sequence[PageEntry]
    leaf_hashes: Sequence[bytes]
    left: Sequence[bytes]
    readings: Sequence[Reading]

    @property
    def last(self) -> int:
        return self.first + len(self.entries)

    @property
    def size(self) -> int:
        return self.checkpoint.size


@dataclass(frozen=True, slots=True)
class VerifiedPage:
    """Entries that are new to the replica, their leaf hashes and readings, and the checkpoint that binds them."""

    checkpoint: Checkpoint
    entries: Sequence[PageEntry]
    leaf_hashes: Sequence[bytes]
    readings: Sequence[Reading]


def entries_parse(rows: Sequence[Any]) -> list[PageEntry]:
    """Entries from their wire form (JSON objects). Raises VerificationFailed `bad_entry`."""
    try:
        entries = list(map(PageEntry._make, map(_members, rows)))
    except (KeyError, TypeError) as error:
        raise VerificationFailed(f"An entry is malformed: {error!r}."[:200], code="bad_entry") from error
    if entries and _malformed(entries):
        entry, member = next((entry, member) for entry in entries if (member := _malformed([entry])))
        raise VerificationFailed(
            f"An entry is malformed: {member} cannot be {str(getattr(entry, member))[:60]!r}.", code="bad_entry"
        )
    return entries


def _malformed(entries: Sequence[PageEntry]) -> str:
    """The first member that has a wrong form in one of the entries, or "". By columns: a third of the time of rows."""
    indexes, ids, kinds, revisions, deleted, published, hashes, documents = zip(*entries, strict=True)
    if not _all_of(int, indexes):
        return "index"
    if not _all_of(str, ids) or not _ids_well_formed(ids):
        return "id"
    if not _all_of(str, kinds) or not all(map(_KIND.fullmatch, set(kinds))):
        return "kind"
    if not _all_of(int, revisions) or min(revisions) < 1 or max(revisions) >= 2**31:
        return "revision"
    if not _all_of(bool, deleted):
        return "deleted"
    if not _all_of(str, published) or not _instants(published):
        return "published"
    if not _all_of(str, hashes) or not _of_form(hashes, _SHA256_FORM, _HEX_DIGITS):
        return "sha256"
    texts = [document for document in documents if document is not None]
    if not _all_of(str, texts) or any("\x00" in text for text in texts):
        return "document"
    if texts and max(map(len, texts)) > MAX_DOCUMENT_CHARACTERS:
        return "document"
    return ""


def _all_of(kind: type, values: Sequence[Any]) -> bool:
    """Not of a subtype: True is no index."""
    return set(map(type, values)) <= {kind}


def _of_form(values: Sequence[str], form: str, digits: dict[int, str]) -> bool:
    """Whether each is `form` once its digits are 0. As many line ends as between them: a value holds none."""
    return "\n".join(values).translate(digits) == "\n".join([form] * len(values))


def _ids_well_formed(ids: Sequence[str]) -> bool:
    return (
        max(map(len, ids)) <= _MAX_ID
        and all(text.startswith(_SCHEMES) for text in ids)
        and not any("\x00" in text for text in ids)
        and _of_form([text[-len(_UUID_FORM) :] for text in ids], _UUID_FORM, _HEX_DIGITS)
    )


def _instants(values: Sequence[str]) -> bool:
    # Later versions of Python take 24:00 for the next day's 00:00.
    if not _of_form(values, _PUBLISHED_FORM, _DIGITS) or any(text.startswith("24", 11) for text in values):
        return False
    try:
        return all(map(datetime.fromisoformat, values))
    except ValueError:
        return False


def page_verify(page: Page, key: VerifierKey, held: CompactRange) -> VerifiedPage:
    """Check that the page's entries follow what is held and stand in the log that `key`'s origin signed.

    Entries that are held already are cut off; they are verified all the same. Raises VerificationFailed, its code
    saying what did not fit, or ForkDetected when the signature is good but the signed history is not the one held.
    """
    return page_continue(page_check(page, key, held.size), held)


def page_check(page: Page, key: VerifierKey, held_size: int) -> CheckedPage:
    """The part that is the same for every replica of `held_size` entries or more, and takes the time. Raises
    VerificationFailed.
    """
    checkpoint = verify(page.checkpoint, key)
    if page.first > held_size:
        raise _gap(page.first, held_size)
    if page.last > checkpoint.size:
        raise VerificationFailed("The page goes beyond its checkpoint.", code="bad_page")
    for position, entry in enumerate(page.entries, start=page.first):
        if entry.index != position:
            raise VerificationFailed(f"Entry {position} is numbered {entry.index}.", code="bad_page")
        if entry.document is not None and sha256_hex(entry.document.encode()) != entry.sha256:
            raise VerificationFailed(f"The document of entry {position} is not the one hashed.", code="bad_document")
    leaves = [entry.leaf() for entry in page.entries]
    tree = _left(page)
    tree.extend(leaves)
    try:
        if root_with(tree, page.right, checkpoint.size) != checkpoint.root:
            raise VerificationFailed("The page does not lead to the signed root.", code="bad_proof")
    except ValueError as error:
        raise VerificationFailed(f"The page's proof is malformed: {error}.", code="bad_proof") from error
    readings = [document_read(checkpoint.origin, entry) for entry in page.entries]
    return CheckedPage(key, checkpoint, page.first, page.entries, leaves, page.left, readings)


def page_continue(page: CheckedPage, held: CompactRange) -> VerifiedPage:
    """The part that depends on what is held. Raises VerificationFailed `gap` or `behind`, or ForkDetected."""
    if page.first > held.size:
        raise _gap(page.first, held.size)
    _same_history(page, held)
    new = held.size - page.first
    return VerifiedPage(page.checkpoint, page.entries[new:], page.leaf_hashes[new:], page.readings[new:])


def _gap(first: int, held_size: int) -> VerificationFailed:
    return VerificationFailed(f"The page begins at {first}; {held_size} was asked for.", code="gap")


def _left(page: Page) -> CompactRange:
    if len(page.left) != len(subtrees(0, page.first)):
        raise VerificationFailed("The page's proof is malformed: hashes left of it are missing.", code="bad_proof")
    return CompactRange(page.first, list(page.left))


def _same_history(page: CheckedPage, held: CompactRange) -> None:
    """What is held must be a prefix of the signed log: else the origin signed two histories."""
    checkpoint = page.checkpoint
    if checkpoint.size < held.size:
        raise VerificationFailed(
            f"The peer's checkpoint has {checkpoint.size} entries; {held.size} are held.", code="behind"
        )
    prefix = CompactRange(page.first, list(page.left))
    prefix.extend(page.leaf_hashes[: held.size - page.first])
    if prefix.size == held.size and prefix.peaks != held.peaks:
        raise ForkDetected(
            f"{checkpoint.origin} signed a log of {checkpoint.size} entries that does not continue the "
            f"{held.size} entries held here."
        )


def document_read(origin: str, entry: PageEntry) -> Reading:
    """What an entry's document says. It blocks nothing: an unreadable one is kept, relayed and listed."""
    if not entry.published.startswith(CENTURY):
        return Reading(f"its year is {entry.published[:4]}", "")
    if entry.document is None:
        return Reading("", "")
    try:
        document = orjson.loads(entry.document)
    except orjson.JSONDecodeError as error:
        return Reading(f"not JSON: {error}"[:300], "")
    if not isinstance(document, dict):
        return Reading("not a JSON object", "")
    stated = (entry.id, origin, entry.kind, entry.revision, entry.published)
    found = tuple(map(document.get, _REPEATED))
    if found != stated:
        name = next(name for name, one, other in zip(_REPEATED, found, stated, strict=True) if one != other)
        return Reading(f"its {name} is not the header's", "")
    if document.get("deleted", False) is not entry.deleted:
        return Reading("its deleted is not the header's", "")
    language = document.get("language")
    # The column's length; a longer one is no language, and a withdrawal's is not checked against a schema.
    language = language[:35].replace("\x00", "") if isinstance(language, str) else ""
    if entry.deleted:
        return Reading("", language)
    # PostgreSQL keeps no NUL in a text; a reason may quote one.
    return Reading(unreadable_reason(document).replace("\x00", "\ufffd"), language)
