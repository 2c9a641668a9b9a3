"""Appending to this node's own log: the only way by which anything is published.

One transaction builds the documents, appends their entries, folds the current records and signs the checkpoint. The
log's row is locked first and held to the commit, so the index has no gap and its order is the order of commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.disk import naming_a_full_disk
from core.errors import Conflict, InvalidRecord, NotFound, Unavailable
from core.node import this_node
from core.records import checkpoint as checkpoints
from core.records.bulk import (
    EntryRow,
    RecordRow,
    insert_entries,
    insert_tree_nodes,
    upsert_records,
)
from core.records.canonical import canonical, canonical_header, sha256_hex
from core.records.keys import old_signing_key, own_verifier_key, signing_key
from core.records.merkle import EMPTY_ROOT, leaf_hash
from core.records.models import STORED_LEVEL, Log, Record, TreeNode
from core.records.page import CENTURY, MAX_DOCUMENT_CHARACTERS
from core.records.schema import validate
from core.records.services.recovery import loss, mark_begin, mark_read, mark_write
from core.records.tree import compact_range, packed

DEFAULT_LICENCE = "CC-BY-4.0"


@dataclass(frozen=True, slots=True)
class NewRevision:
    """What to publish. `content` holds the kind's fields and may hold `licence` and `sources`; a withdrawal has none.

    `expected_revision` is the revision that the author saw (0: none yet); None does not ask.
    """

    uuid: UUID
    kind: str
    language: str
    content: dict[str, Any] = field(default_factory=dict)
    deleted: bool = False
    expected_revision: int | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """Where a revision came to stand."""

    uuid: UUID
    index: int
    revision: int


def own_log() -> Log:
    """This node's log; made, empty and signed, at first use."""
    existing = Log.objects.filter(origin=this_node().id).first()
    if existing is not None:
        return existing
    key = own_verifier_key()
    mark = mark_read()
    empty = checkpoints.sign(this_node().id, 0, EMPTY_ROOT, signing_key())
    log, created = Log.objects.get_or_create(
        origin=this_node().id,
        defaults={
            "verifier_key": str(key),
            "root": EMPTY_ROOT,
            "checkpoint": empty.note,
            "checkpoint_at": datetime.now(UTC),
        },
    )
    if created and mark is None:
        mark_begin()
    return log


def record_url(uuid: UUID) -> str:
    return f"{this_node().url}/records/{uuid}"


@naming_a_full_disk()
def entries_append(revisions: Sequence[NewRevision]) -> list[Published]:
    """Publish revisions in order, all or none; returns where each stands.

    Raises InvalidRecord (a document does not fit its kind, or is `too_large`), Conflict (`expected_revision` is not
    current; or the log is `frozen`, `retired`, or behind what was published: `log_behind`), NotFound (a withdrawal of
    what was never published), Unavailable (no signing key, `wrong_clock`, `disk_full`).
    """
    if not revisions:
        return []
    own_log()
    with transaction.atomic():
        log = Log.objects.select_for_update().get(origin=this_node().id)
        _check_open(log)
        published = _append_locked(log, revisions)
        mark_write(log)
        return published


def _check_open(log: Log) -> None:
    if log.state == Log.State.FROZEN:
        raise Conflict(_("This node's log is frozen: %(reason)s") % {"reason": log.state_reason}, code="frozen")
    if log.state == Log.State.RETIRED:
        raise Conflict(_("This node is retired: its log is closed."), code="retired")
    reason = log.state_reason if log.state == Log.State.RECOVERING else loss(log)
    if reason:
        raise Conflict(
            _("This node's log is not what it has published: %(reason)s. Nothing can be published until it is.")
            % {"reason": reason},
            remedy=_("It is pulled back from the peers by itself; “manage.py node recover” says what is missing."),
            code="log_behind",
        )


def _append_locked(log: Log, revisions: Sequence[NewRevision]) -> list[Published]:
    current = {
        record.uuid: (record.revision, record.log_id)
        for record in Record.objects.filter(uuid__in=[new.uuid for new in revisions])
    }
    tree = compact_range(log)
    now = _later_than(log)
    _check_clock(now)
    published, entry_rows, leaves = [], [], []
    record_rows: dict[UUID, RecordRow] = {}
    for offset, new in enumerate(revisions):
        revision, owner = current.get(new.uuid, (0, log.id))
        _check(new, revision, owner == log.id)
        current[new.uuid] = (revision + 1, log.id)
        # A microsecond apart: the order in the log is also the order of publication.
        at = now + timedelta(microseconds=offset)
        document = _document(new, revision + 1, _timestamp(at))
        index = log.size + offset
        row = _entry_row(log, index, document)
        entry_rows.append(row)
        leaves.append(row[8])
        record_rows[new.uuid] = (
            str(new.uuid),
            log.id,
            row[0],
            new.kind,
            revision + 1,
            new.language,
            new.deleted,
            document["published"],
        )
        published.append(Published(new.uuid, index, revision + 1))
    nodes = tree.extend(leaves, from_level=STORED_LEVEL)
    insert_entries(entry_rows)
    insert_tree_nodes([(TreeNode.key(log.id, level, index), node) for level, index, node in nodes])
    upsert_records(list(record_rows.values()))
    root = tree.root()
    log.size = log.checkpoint_size = tree.size
    log.root, log.peaks = root, packed(tree)
    log.checkpoint = checkpoints.sign(log.origin, tree.size, root, signing_key(), old_signing_key()).note
    log.verifier_key = str(own_verifier_key())
    log.checkpoint_at = now + timedelta(microseconds=len(revisions))
    log.save(
        update_fields=[
            "size",
            "root",
            "peaks",
            "checkpoint",
            "checkpoint_size",
            "checkpoint_at",
            "verifier_key",
        ]
    )
    return published


def _check(new: NewRevision, current: int, ours: bool) -> None:
    if not ours:
        raise Conflict(_("This record belongs to another node; only its origin may change it."))
    if new.expected_revision is not None and new.expected_revision != current:
        raise Conflict(
            _("Revision %(current)s was published in the meantime; you began from %(expected)s.")
            % {"current": current, "expected": new.expected_revision}
        )
    if new.deleted and not current:
        raise NotFound(_("This was never published, so there is nothing to withdraw."))


def _document(new: NewRevision, revision: int, published: str) -> dict[str, Any]:
    envelope: dict[str, Any] = {
        "id": record_url(new.uuid),
        "origin": this_node().id,
        "kind": new.kind,
        "revision": revision,
        "published": published,
        "language": new.language,
    }
    if new.deleted:
        return {**envelope, "deleted": True}
    document = {"licence": DEFAULT_LICENCE, "sources": [], **new.content, **envelope}
    validate(document)
    return document


def _entry_row(log: Log, index: int, document: dict[str, Any]) -> EntryRow:
    body = canonical(document)
    if len(body.decode()) > MAX_DOCUMENT_CHARACTERS:
        raise InvalidRecord(
            _("The record is larger than %(limit)s characters.") % {"limit": MAX_DOCUMENT_CHARACTERS},
            remedy=_("Shorten its texts and publish again."),
            code="too_large",
        )
    header: dict[str, str | int | bool] = {
        "index": index,
        "id": document["id"],
        "kind": document["kind"],
        "revision": document["revision"],
        "deleted": bool(document.get("deleted")),
        "published": document["published"],
        "sha256": sha256_hex(body),
    }
    return (
        log.entry_id(index),
        log.id,
        document["id"],
        document["kind"],
        document["revision"],
        bool(document.get("deleted")),
        document["published"],
        str(header["sha256"]),
        leaf_hash(canonical_header(header)),
        body.decode(),
        "",
    )


def _later_than(log: Log) -> datetime:
    """Now, or just after the log's newest checkpoint if the clock was set back."""
    now = datetime.now(UTC)
    return now if log.checkpoint_at is None or now > log.checkpoint_at else log.checkpoint_at


def _check_clock(now: datetime) -> None:
    if not _timestamp(now).startswith(CENTURY):
        raise Unavailable(
            _("This node's clock shows the year %(year)s, so nothing can be published.") % {"year": now.year},
            remedy=_("Set the machine's clock, then try again."),
            code="wrong_clock",
        )


def _timestamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
