"""Mending what `services/verify.py` found, as far as what is stored here suffices: a leaf hash from its header or a
header from its document, the tree from its leaves, the records from the log. Nothing is written that the signed root
does not bear out; what is written is proven by verifying again.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import QuerySet

from core.errors import VerificationFailed
from core.node import this_node
from core.records import checkpoint as checkpoints
from core.records.bulk import EntryRow, RecordRow, insert_entries, insert_tree_nodes, upsert_records
from core.records.canonical import canonical_header, sha256_hex
from core.records.checkpoint import Checkpoint, verify
from core.records.keys import old_signing_key, own_verifier_key, signing_key
from core.records.merkle import EMPTY_ROOT, CompactRange, leaf_hash
from core.records.models import ENTRIES_PER_LOG, STORED_LEVEL, Entry, Log, Record, TreeNode
from core.records.page import PageEntry, document_read
from core.records.services.recovery import mark_read
from core.records.services.verify import PAGE_ENTRIES, Findings, checkpoint_keys
from core.records.spans import Spans
from core.records.tree import packed, root_at


def log_mend(found: Findings) -> None:
    """Every step that needs nobody else, each in a transaction of its own. What was mended, the next pass shows."""
    log = found.log
    if found.misfiled:
        first, last = log.entry_id(0), log.entry_id(found.size)
        Entry.objects.filter(id__gte=first, id__lt=last).exclude(log=log).update(log=log)
    if found.leaves and found.headers_hold:
        _leaves_from_headers(log, found.leaves)
    elif found.leaves:
        _headers_from_documents(log, found.leaves)
    if found.counts["checkpoint_damaged"]:
        _checkpoint_mend(log, found.checkpoint)
    if found.counts["tree_damaged"] and not found.wanted:
        tree_mend(log.id)
    if found.counts["entry_extra"] and log.origin != this_node().id:
        _cut_off(log.id)
    if found.strays or found.unfolded:
        _fold(log, found.strays, found.unfolded)


def entries_replace(log: Log, entries: Sequence[PageEntry]) -> None:
    """Put verified entries where others, or none, are held. A document that came along with none stays, if it fits."""
    with transaction.atomic():
        Log.objects.select_for_update().get(id=log.id)
        ids = [log.entry_id(entry.index) for entry in entries]
        held = dict(Entry.objects.filter(id__in=ids).values_list("id", "document"))
        rows: list[EntryRow] = []
        for row_id, entry in zip(ids, entries, strict=True):
            document = held.get(row_id) if entry.document is None else entry.document
            if document is not None and sha256_hex(document.encode()) != entry.sha256:
                document = None
            whole = entry._replace(document=document)
            index, record_id, kind, revision, deleted, published, sha256, _document = whole
            reason, _language = document_read(log.origin, whole)
            rows.append(
                (
                    log.entry_id(index),
                    log.id,
                    record_id,
                    kind,
                    revision,
                    deleted,
                    published,
                    sha256,
                    entry.leaf(),
                    document,
                    reason,
                )
            )
        _delete(Entry.objects.filter(id__in=ids))
        insert_entries(rows)


def tree_mend(log_id: int) -> bool:
    """Hash the tree anew from the leaves stored, and put it in place if it has the signed root; returns whether."""
    with transaction.atomic():
        log = Log.objects.select_for_update().get(id=log_id)
        signed = _signed(log)
        size = max(log.size, signed.size if signed else 0)
        tree, root = CompactRange(), b""
        nodes: list[tuple[int, bytes]] = []
        for leaves in _leaves(log, size, signed.size if signed else 0):
            grown = tree.extend(leaves, from_level=STORED_LEVEL)
            nodes += [(TreeNode.key(log.id, level, index), node) for level, index, node in grown]
            if signed and tree.size == signed.size:
                root = tree.root()
        if tree.size != size or (signed and root != signed.root) or (signed is None and tree.root() != bytes(log.root)):
            return False
        if signed and signed.size < size and tree.root() != bytes(log.root):
            return False
        _delete(TreeNode.objects.filter(id__gte=log.id << 42, id__lt=(log.id + 1) << 42))
        insert_tree_nodes(nodes)
        log.size, log.root, log.peaks = size, tree.root(), packed(tree)
        log.save(update_fields=["size", "root", "peaks"])
        return True


def log_cut_to_checkpoint(log_id: int) -> bool:
    """Let go of what is held of a replica beyond its checkpoint, to be pulled anew; returns whether anything was."""
    with transaction.atomic():
        log = Log.objects.select_for_update().get(id=log_id)
        signed = _signed(log)
        size = signed.size if signed else 0
        if log.origin == this_node().id or size >= log.size:
            return False
        _drop_entries(log, size)
        if signed is None:
            log.checkpoint = ""
        log.size, log.checkpoint_size, log.root = size, size, signed.root if signed else EMPTY_ROOT
        log.save(update_fields=["size", "root", "checkpoint", "checkpoint_size"])
        return tree_mend(log_id)


def _leaves_from_headers(log: Log, places: Spans) -> None:
    for entries in _entries(log, places):
        for entry in entries:
            entry.leaf_hash = leaf_hash(canonical_header(entry.header))
        Entry.objects.bulk_update(entries, ["leaf_hash"], batch_size=200)


def _headers_from_documents(log: Log, places: Spans) -> None:
    """A document repeats its header; the leaf hash says whether what it repeats is what was signed."""
    for entries in _entries(log, places):
        mended = [entry for entry in entries if _header_from_document(entry)]
        columns = ["record_id", "kind", "revision", "deleted", "published", "sha256"]
        Entry.objects.bulk_update(mended, columns, batch_size=100)


def _header_from_document(entry: Entry) -> bool:
    try:
        document = orjson.loads(entry.document or "")
        entry.record_id, entry.kind = str(document["id"]), str(document["kind"])
        entry.revision, entry.published = int(document["revision"]), str(document["published"])
        entry.deleted = document.get("deleted", False) is True
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        return False
    entry.sha256 = sha256_hex((entry.document or "").encode())
    return leaf_hash(canonical_header(entry.header)) == bytes(entry.leaf_hash)


def _checkpoint_mend(log: Log, signed: Checkpoint | None) -> None:
    """The size from the note; this node's own note anew, if what it would state was stated before."""
    if signed is not None:
        Log.objects.filter(id=log.id).update(checkpoint_size=signed.size)
        return
    mark = mark_read() if log.origin == this_node().id else None
    if mark is None or str(own_verifier_key()) != log.verifier_key:
        return
    with transaction.atomic():
        held = Log.objects.select_for_update().get(id=log.id)
        if (held.size, bytes(held.root)) == (mark.size, mark.root):
            held.checkpoint = checkpoints.sign(
                held.origin, held.size, bytes(held.root), signing_key(), old_signing_key()
            ).note
            held.checkpoint_size, held.checkpoint_at = held.size, datetime.now(UTC)
            held.save(update_fields=["checkpoint", "checkpoint_size", "checkpoint_at"])


def checkpoint_put(log_id: int, note: str) -> bool:
    """Put a checkpoint that a peer shows in the place of a damaged one, if it is of what is held; returns whether.

    Raises VerificationFailed if the origin did not sign it.
    """
    with transaction.atomic():
        log = Log.objects.select_for_update().get(id=log_id)
        signed = _verified(log, note)
        if signed.size > log.size or root_at(log, signed.size) != signed.root:
            return False
        log.checkpoint, log.checkpoint_size, log.checkpoint_at = note, signed.size, datetime.now(UTC)
        log.save(update_fields=["checkpoint", "checkpoint_size", "checkpoint_at"])
        return True


def _cut_off(log_id: int) -> None:
    """Entries after a replica's end: the next page brings what truly follows."""
    with transaction.atomic():
        log = Log.objects.select_for_update().get(id=log_id)
        signed = _signed(log)
        _drop_entries(log, max(log.size, signed.size if signed else 0))


def _drop_entries(log: Log, size: int) -> None:
    first, last = log.entry_id(size), log.entry_id(ENTRIES_PER_LOG)
    _delete(Record.objects.filter(log=log, entry_id__gte=first, entry_id__lt=last))
    _delete(Entry.objects.filter(id__gte=first, id__lt=last))


def _delete(rows: QuerySet[Any]) -> None:
    """Without asking what else would have to go, as the tables are written (see core/records/models.py)."""
    rows._raw_delete(rows.db)


def _fold(log: Log, strays: set[UUID], places: Spans) -> None:
    """Drop records that no entry states; fold those entries again, in the log's order."""
    for uuids in _parts(sorted(strays)):
        _delete(Record.objects.filter(uuid__in=uuids))
    for entries in _entries(log, places):
        with transaction.atomic():
            Log.objects.select_for_update().get(id=log.id)
            _fold_entries(log, entries)


def _fold_entries(log: Log, entries: Sequence[Entry]) -> None:
    rows: dict[str, RecordRow] = {}
    for entry in entries:
        uuid = entry.record_id[-36:]
        page_entry = PageEntry(
            entry.index,
            entry.record_id,
            entry.kind,
            entry.revision,
            entry.deleted,
            entry.published,
            entry.sha256,
            entry.document,
        )
        if entry.document is not None and sha256_hex(entry.document.encode()) != entry.sha256:
            continue
        reason, language = document_read(log.origin, page_entry)
        if reason != entry.unreadable:
            Entry.objects.filter(id=entry.id).update(unreadable=reason)
        if reason or (uuid in rows and rows[uuid][4] >= entry.revision):
            continue
        rows[uuid] = (
            uuid,
            log.id,
            entry.id,
            entry.kind,
            entry.revision,
            language,
            entry.deleted,
            entry.published,
        )
    for uuids in _parts(sorted(rows)):
        _delete(Record.objects.filter(log=log, uuid__in=uuids))
    upsert_records(list(rows.values()))


def _entries(log: Log, places: Spans) -> Iterator[list[Entry]]:
    """The entries at these places, a few at a time."""
    for first, last in places:
        for start in range(first, last, PAGE_ENTRIES // 8):
            end = min(start + PAGE_ENTRIES // 8, last)
            if found := list(
                Entry.objects.filter(id__gte=log.entry_id(start), id__lt=log.entry_id(end)).order_by("id")
            ):
                yield found


def _leaves(log: Log, size: int, cut: int) -> Iterator[list[bytes]]:
    """The leaf hashes stored, up to the first gap; a part ends at `cut`."""
    first = 0
    while first < size:
        last = min(first + 16 * PAGE_ENTRIES, cut if first < cut else size)
        rows = Entry.objects.filter(id__gte=log.entry_id(first), id__lt=log.entry_id(last)).order_by("id")
        leaves = [bytes(leaf) for leaf in rows.values_list("leaf_hash", flat=True)]
        yield leaves
        if len(leaves) < last - first:
            return
        first = last


def _signed(log: Log) -> Checkpoint | None:
    try:
        return _verified(log, log.checkpoint)
    except VerificationFailed:
        return None


def _verified(log: Log, note: str) -> Checkpoint:
    refused: VerificationFailed | None = None
    for key in checkpoint_keys(log):
        try:
            return verify(note, key)
        except VerificationFailed as error:
            refused = refused or error
    raise refused or VerificationFailed("There is no key.", code="bad_signature")


def _parts(uuids: Sequence[UUID] | Sequence[str]) -> Iterator[Sequence[UUID] | Sequence[str]]:
    for start in range(0, len(uuids), 500):
        yield uuids[start : start + 500]
