"""Proving a whole log from what is stored now: every document's hash, every leaf from its header, the tree, the signed
checkpoint, and the current records folded from it. One pass in the log's order, a page at a time; nothing is changed.

A pull verifies what arrives; this finds what a disk, a hand or a defect did to it since. What can be mended without
asking anybody is `services/mend.py`'s; what must be fetched from peers is the federation's.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db.models import Exists, OuterRef

from core.errors import VerificationFailed
from core.node import this_node
from core.records.canonical import canonical_header, sha256_hex
from core.records.checkpoint import Checkpoint, VerifierKey, verify
from core.records.merkle import CompactRange, leaf_hash
from core.records.models import ENTRIES_PER_LOG, STORED_LEVEL, Entry, Log, Record, TreeNode
from core.records.page import PageEntry, document_read
from core.records.services.recovery import loss_now
from core.records.spans import Spans
from core.records.tree import packed

# Entries read at a time, and characters of documents, whichever is reached first.
PAGE_ENTRIES = 2048
PAGE_CHARACTERS = 8 * 1024 * 1024
# Faults that are named of each log; all are counted, and mended.
NAMED = 100

# origin, entries done, entries in all
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it should be; `index` is the entry's, where there is one, `detail` for an operator."""

    code: str
    index: int | None = None
    record: str = ""
    detail: str = ""


@dataclass(slots=True)
class Findings:
    """What one pass over a log found.

    `size` entries were expected. `headers_hold`: the headers stored lead to the signed root; `leaves_hold`: the leaf
    hashes stored do. `wanted` are entries to be had anew from peers, `leaves` those whose header and leaf hash do not
    fit together, `unfolded` those whose record must be folded again; `strays` are records that no entry states,
    `misfiled` whether entries are filed under another log.
    """

    log: Log
    size: int
    checkpoint: Checkpoint | None
    record_count: int = 0
    headers_hold: bool = False
    leaves_hold: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    wanted: Spans = field(default_factory=Spans)
    leaves: Spans = field(default_factory=Spans)
    unfolded: Spans = field(default_factory=Spans)
    strays: set[UUID] = field(default_factory=set)
    misfiled: bool = False

    def note(self, fault: Fault) -> None:
        self.counts[fault.code] += 1
        if len(self.faults) < NAMED:
            self.faults.append(fault)


class _Row(NamedTuple):
    """An entry as it is stored; the first eight in the order of a PageEntry."""

    id: int
    record_id: str
    kind: str
    revision: int
    deleted: bool
    published: str
    sha256: str
    document: str | None
    leaf_hash: bytes
    unreadable: str

    def header(self, index: int) -> dict[str, str | int | bool]:
        return {
            "deleted": self.deleted,
            "id": self.record_id,
            "index": index,
            "kind": self.kind,
            "published": self.published,
            "revision": self.revision,
            "sha256": self.sha256,
        }

    @property
    def uuid(self) -> str:
        return self.record_id[-36:]


class _Folded(NamedTuple):
    """A current record as it is stored."""

    uuid: UUID
    log_id: int
    entry_id: int
    kind: str
    revision: int
    language: str
    deleted: bool
    published_at: datetime


def log_verify(log: Log, on_progress: Progress = lambda origin, done, total: None) -> Findings:
    """Read the log from its first entry to its last and say what does not fit. Memory: two pages, whatever its size.

    What others append or erase meanwhile is no fault: `log` says how far is looked.
    """
    checkpoint, problem = _signed(log)
    size = max(log.size, checkpoint.size if checkpoint else 0)
    found = Findings(log, size, checkpoint)
    if problem:
        found.note(Fault(code="checkpoint_damaged", detail=problem))
    trees, fold = _Trees(found), _Fold(found)
    for first, last, rows in _pages(log, size):
        fold.take(rows, trees.take(first, last, rows))
        on_progress(log.origin, last, size)
    trees.end()
    fold.end()
    if log.origin == this_node().id and (reason := loss_now()):
        found.note(Fault(code="log_behind", detail=reason))
    return found


def checkpoint_keys(log: Log) -> list[VerifierKey]:
    """The keys that may have signed the log's checkpoint: the trusted one, and the one before a rotation."""
    return [VerifierKey.parse(text) for text in (log.verifier_key, log.old_verifier_key) if text]


def _signed(log: Log) -> tuple[Checkpoint | None, str]:
    """The log's checkpoint if its origin signed it, and what is wrong with it; a replica that is begun has none."""
    if not log.checkpoint:
        return None, "it is gone" if log.checkpoint_size else ""
    problem = ""
    for key in checkpoint_keys(log):
        try:
            checkpoint = verify(log.checkpoint, key)
        except VerificationFailed as error:
            problem = problem or str(error.message)
            continue
        if checkpoint.size != log.checkpoint_size:
            return checkpoint, f"it is of {checkpoint.size} entries, not of {log.checkpoint_size}"
        return checkpoint, ""
    return None, problem


def _pages(log: Log, size: int) -> Iterator[tuple[int, int, list[_Row]]]:
    """(first, last, rows) of the log up to `size`. Rows may be missing."""
    columns = ("id", "record_id", "kind", "revision", "deleted", "published", "sha256", "document")
    first = 0
    while first < size:
        last = min(first + PAGE_ENTRIES, size)
        entries = Entry.objects.filter(id__gte=log.entry_id(first), id__lt=log.entry_id(last)).order_by("id")
        rows: list[_Row] = []
        room = PAGE_CHARACTERS
        for values in entries.values_list(*columns, "leaf_hash", "unreadable").iterator(chunk_size=256):
            rows.append(_Row._make(values))
            room -= len(rows[-1].document or "")
            if room < 0:
                last = rows[-1].id - log.entry_id(0) + 1
                break
        yield first, last, rows
        first = last


class _Doubtful(NamedTuple):
    """Indexes in a page whose header may say anything, and those whose document may."""

    headers: frozenset[int]
    documents: frozenset[int]


class _Trees:
    """Two trees over the log, of the leaves that its headers make and of the leaf hashes stored: which was signed?"""

    def __init__(self, found: Findings) -> None:
        self.found = found
        self.headers, self.leaves = CompactRange(), CompactRange()
        self.signed_size = found.checkpoint.size if found.checkpoint else 0
        # The roots at the checkpoint's size.
        self.roots = (CompactRange().root(), CompactRange().root())
        self.whole = True
        # Blocks of 2**STORED_LEVEL entries whose stored hash is that of neither tree.
        self.odd = Spans()

    def take(self, first: int, last: int, rows: Sequence[_Row]) -> _Doubtful:
        log, found = self.found.log, self.found
        made, stored = [], []
        unfit: list[int] = []
        damaged: list[int] = []
        offset, expected = log.entry_id(0), first
        for row in rows:
            index = row.id - offset
            if index != expected:
                self._missing(expected, index)
            expected = index + 1
            leaf = leaf_hash(canonical_header(row.header(index)))
            made.append(leaf)
            stored.append(bytes(row.leaf_hash))
            if leaf != stored[-1]:
                found.note(Fault(code="leaf_damaged", index=index, record=row.record_id))
                found.leaves.add(index)
                unfit.append(index)
            if row.document is not None and sha256_hex(row.document.encode("utf-8", "surrogatepass")) != row.sha256:
                found.note(Fault(code="document_damaged", index=index, record=row.record_id))
                found.wanted.add(index)
                damaged.append(index)
        if expected < last:
            self._missing(expected, last)
        if self.whole:
            self._extend(made, stored)
        return _Doubtful(frozenset(unfit), frozenset(damaged))

    def _missing(self, first: int, last: int) -> None:
        self.whole = False
        self.found.wanted.add(first, last)
        self.found.counts["entry_missing"] += last - first - 1
        self.found.note(
            Fault(code="entry_missing", index=first, detail=f"up to entry {last - 1}" if last - first > 1 else "")
        )

    def _extend(self, made: list[bytes], stored: list[bytes]) -> None:
        cut = self.signed_size - self.headers.size
        for part in (slice(None, cut), slice(cut, None)) if 0 <= cut <= len(made) else (slice(None),):
            nodes = self.headers.extend(made[part], from_level=STORED_LEVEL)
            others = self.leaves.extend(stored[part], from_level=STORED_LEVEL)
            if self.headers.size == self.signed_size:
                self.roots = (self.headers.root(), self.leaves.root())
            self._compare(nodes, others)

    def _compare(self, nodes: list[tuple[int, int, bytes]], others: list[tuple[int, int, bytes]]) -> None:
        """The nodes stored with those that became complete."""
        if not nodes:
            return
        log_id = self.found.log.id
        keys = [TreeNode.key(log_id, level, index) for level, index, _node in nodes]
        stored = {key: bytes(node) for key, node in TreeNode.objects.filter(id__in=keys).values_list("id", "hash")}
        for key, (level, index, node), (_level, _index, other) in zip(keys, nodes, others, strict=True):
            if stored.get(key) not in (node, other):
                first, last = index << level, (index + 1) << level
                self.found.note(
                    Fault(code="tree_damaged", index=first, detail=f"the node over the entries {first} to {last - 1}")
                )
                if level == STORED_LEVEL:
                    self.odd.add(first, last)

    def end(self) -> None:
        found, log = self.found, self.found.log
        self._beyond()
        within = Entry.objects.filter(id__gte=log.entry_id(0), id__lt=log.entry_id(found.size))
        for key in within.exclude(log=log).values_list("id", flat=True)[:NAMED]:
            found.note(Fault(code="entry_misfiled", index=key - log.entry_id(0)))
            found.misfiled = True
        if not self.whole:
            return
        root = found.checkpoint.root if found.checkpoint else None
        found.headers_hold, found.leaves_hold = (one == root for one in self.roots)
        if root and not found.headers_hold and not found.leaves_hold:
            found.note(Fault(code="root_damaged", detail=f"the first {self.signed_size} entries are not those signed"))
            tail = self.signed_size >> STORED_LEVEL << STORED_LEVEL
            self.odd.add(tail, self.signed_size)
            for first, last in self.odd:
                found.wanted.add(first, last)
        wanted = (log.size, bytes(log.root), bytes(log.peaks))
        if wanted not in [(tree.size, tree.root(), packed(tree)) for tree in (self.headers, self.leaves)]:
            found.note(Fault(code="tree_damaged", detail=f"the log's row says {log.size} entries, with another root"))

    def _beyond(self) -> None:
        """Entries after the log's end: whoever appends next would find their places taken."""
        log, found = self.found.log, self.found
        end, room = log.entry_id(found.size), log.entry_id(ENTRIES_PER_LOG)
        extra = Entry.objects.filter(id__gte=end, id__lt=room).order_by("id").values_list("id", flat=True)[:NAMED]
        # They may have been appended since this log was read.
        if extra and Log.objects.filter(id=log.id, size=log.size).exists():
            for key in extra:
                found.note(Fault(code="entry_extra", index=key - log.entry_id(0)))


class _Fold:
    """Whether each id's record is the newest revision that can be read, with what its entry says."""

    def __init__(self, found: Findings) -> None:
        self.found = found
        # Newest revisions whose document is not held: {uuid: (index, revision)}; taken out when a newer one follows.
        self.without: dict[str, tuple[int, int]] = {}

    def take(self, rows: Sequence[_Row], doubtful: _Doubtful) -> None:
        """Entries whose header is in doubt are judged when they are mended."""
        if not rows:
            return
        log = self.found.log
        pointed = self._records(entry_id__gte=rows[0].id, entry_id__lte=rows[-1].id)
        by_entry = {record.entry_id: record for record in pointed}
        offset = log.entry_id(0)
        sure = [row for row in rows if row.id - offset not in doubtful.headers and _is_uuid(row.uuid)]
        others = {row.uuid for row in sure if row.id not in by_entry}
        by_uuid = {str(record.uuid): record for record in self._records(uuid__in=others)} if others else {}
        by_uuid |= {str(record.uuid): record for record in pointed}
        for row in sure:
            index = row.id - offset
            self._judge(row, index, by_entry.get(row.id), by_uuid.get(row.uuid), index in doubtful.documents)
        for key in by_entry.keys() - {row.id for row in rows}:
            self._stray(by_entry[key].uuid, key - offset, "its entry is gone")

    def end(self) -> None:
        log, found = self.found.log, self.found
        for uuid, (index, _revision) in self.without.items():
            # A replica that is under way may have been served without what a later page supersedes.
            if log.checkpoint_size == log.size:
                found.note(Fault(code="document_missing", index=index, record=uuid))
                found.wanted.add(index)
        own = Record.objects.filter(log=log)
        gone = own.exclude(Exists(Entry.objects.filter(id=OuterRef("entry_id"), log=log)))
        for stray in gone.values_list("uuid", flat=True).iterator():
            if stray not in found.strays:
                self._stray(stray, None, "no entry of its log says so")

    def _records(self, **where: Any) -> list[_Folded]:
        found: list[_Folded] = []
        values = where.pop("uuid__in", None)
        # SQLite takes so many parameters and no more in older versions.
        parts = [{}] if values is None else [{"uuid__in": part} for part in _parts(sorted(values), 500)]
        for part in parts:
            rows = Record.objects.filter(**where, **part).values_list(*_Folded._fields)
            found += map(_Folded._make, rows)
        return found

    def _judge(self, row: _Row, index: int, pointing: _Folded | None, current: _Folded | None, damaged: bool) -> None:
        log, found = self.found.log, self.found
        newer = self.without.get(row.uuid)
        if newer and row.revision > newer[1]:
            del self.without[row.uuid]
        if pointing is not None:
            found.record_count += not pointing.deleted
            if pointing.log_id != log.id or str(pointing.uuid) != row.uuid:
                self._stray(pointing.uuid, index, "its entry is another's")
            elif wrong := _difference(row, pointing, damaged):
                found.note(Fault(code="record_damaged", index=index, record=row.record_id, detail=wrong))
                found.unfolded.add(index)
        if row.document is None and not row.deleted:
            older = current is not None and current.log_id == log.id and current.revision < row.revision
            if pointing is not None or current is None or older:
                self.without[row.uuid] = (index, row.revision)
            return
        if current is not None and current.log_id != log.id and not self._belongs_elsewhere(current):
            self._stray(current.uuid, index, "it is said to be of another log")
        elif current is None or (current.log_id == log.id and current.revision < row.revision):
            self._missing(row, index, current)

    def _missing(self, row: _Row, index: int, current: _Folded | None) -> None:
        """The entry's revision is newer than what is current, or nothing is; an unreadable one is not folded."""
        if row.unreadable:
            entry = PageEntry(index, *row[1:8])
            if document_read(self.found.log.origin, entry)[0]:
                return
        if current is None:
            self.found.note(Fault(code="record_missing", index=index, record=row.record_id))
        else:
            older = f"it is revision {current.revision}, its entry {row.revision}"
            self.found.note(Fault(code="record_outdated", index=index, record=row.record_id, detail=older))
        self.found.unfolded.add(index)

    def _belongs_elsewhere(self, record: _Folded) -> bool:
        return Entry.objects.filter(id=record.entry_id, log_id=record.log_id).exists()

    def _stray(self, uuid: UUID, index: int | None, why: str) -> None:
        self.found.note(Fault(code="record_stray", index=index, record=str(uuid), detail=why))
        self.found.strays.add(uuid)


def _difference(row: _Row, record: _Folded, damaged: bool) -> str:
    """The first member in which a record is not its entry, or ""."""
    stated = {
        "kind": row.kind,
        "revision": row.revision,
        "deleted": row.deleted,
        "published_at": _instant(row.published),
    }
    for name, value in stated.items():
        if getattr(record, name) != value:
            return f"its {name} is not its entry's"
    if not damaged and row.document is not None and record.language != _language(row.document):
        return "its language is not its document's"
    return ""


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _instant(published: str) -> datetime | None:
    try:
        return datetime.fromisoformat(published).astimezone(UTC)
    except ValueError:
        return None


def _language(document: str) -> str:
    """As a pull reads it: `page.document_read`."""
    try:
        language = orjson.loads(document).get("language")
    except (orjson.JSONDecodeError, AttributeError):
        return ""
    return language[:35].replace("\x00", "") if isinstance(language, str) else ""


def _parts(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
