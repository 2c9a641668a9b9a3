"""Taking a verified page of another origin's log into the replica: entries, tree, current records and position, in one
transaction. What was verified and how is `core/records/page.py`; who pulls from whom is the federation's.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from core.disk import naming_a_full_disk
from core.errors import Conflict, ForkDetected, HeldForConfirmation, NotFound, VerificationFailed
from core.node import this_node
from core.records.bulk import (
    EntryRow,
    RecordRow,
    insert_entries,
    insert_tree_nodes,
    records_known,
    upsert_records,
)
from core.records.checkpoint import Checkpoint, VerifierKey, parse, rotation, verify
from core.records.durability import atomic_without_waiting
from core.records.merkle import EMPTY_ROOT
from core.records.models import STORED_LEVEL, Log, Record, TreeNode
from core.records.page import CheckedPage, Page, VerifiedPage, page_check, page_continue
from core.records.tree import compact_range, packed, root_at

logger = logging.getLogger(__name__)

# uuid: (log, deleted)
Known = Mapping[str, tuple[int, bool]]

# So few deletions are never held, whatever the share.
MIN_DELETIONS_HELD = 10


def log_admit(*, key: VerifierKey) -> Log:
    """Begin an empty replica of the origin that signs with `key`; the log that exists is returned as it is.

    Raises Conflict if the origin was admitted with another key.
    """
    log, created = Log.objects.get_or_create(origin=key.name, defaults={"verifier_key": str(key), "root": EMPTY_ROOT})
    if not created and log.verifier_key != str(key):
        raise Conflict(f"{key.name} is already admitted with another key.", code="key_changed")
    return log


@naming_a_full_disk()
def page_store(log_id: int, page: Page | CheckedPage) -> int:
    """Verify `page` against the replica and its origin's key and store it whole; returns the entries added.

    A page that begins before the replica's end, as after a crash or a second puller, is cut to what is new. Raises
    VerificationFailed or ForkDetected (nothing stored), HeldForConfirmation if so many records would be deleted that a
    person must confirm it (the log is held from then on), Conflict if the log takes nothing, Unavailable `disk_full`.
    """
    try:
        return _verified_and_stored(log_id, page)
    except HeldForConfirmation as held:
        note = page.checkpoint if isinstance(page, Page) else page.checkpoint.note
        log_hold(log_id, str(held.message), parse(note).size)
        raise


def _verified_and_stored(log_id: int, page: Page | CheckedPage) -> int:
    with atomic_without_waiting():
        log = Log.objects.select_for_update().get(id=log_id)
        if log.state in (Log.State.FROZEN, Log.State.HELD):
            raise Conflict(f"The log of {log.origin} is {log.state}: {log.state_reason}", code="frozen")
        checked = _checked(page, VerifierKey.parse(log.verifier_key), log.size)
        verified = page_continue(checked, compact_range(log))
        _go_over(log, checked.checkpoint.note)
        _store(log, verified)
        return len(verified.entries)


def _checked(page: Page | CheckedPage, key: VerifierKey, held_size: int) -> CheckedPage:
    if isinstance(page, Page):
        return page_check(page, key, held_size)
    if page.key != key:
        # The origin went over to another key, or an operator admitted one, while the page was under way.
        verify(page.checkpoint.note, key)
    return page


def checkpoint_adopt(log_id: int, note: str) -> bool:
    """Compare an origin's checkpoint of as many entries as are held, or fewer, with the replica; a newer one is kept.

    Returns whether the replica's checkpoint changed. Raises VerificationFailed if the origin did not sign it,
    ForkDetected if it signed another history, Conflict if it is of more entries than are held.
    """
    with transaction.atomic():
        log = Log.objects.select_for_update().get(id=log_id)
        checkpoint = _verified(log, note)
        _go_over(log, note)
        if checkpoint.size > log.size:
            raise Conflict(f"{checkpoint.size} entries are signed, {log.size} held.", code="gap")
        if root_at(log, checkpoint.size) != checkpoint.root:
            raise ForkDetected(
                f"{log.origin} signed another log of {checkpoint.size} entries than the one of which "
                f"{log.size} are held here."
            )
        if checkpoint.size != log.size or (log.checkpoint and log.checkpoint_size == log.size):
            return False
        log.checkpoint, log.checkpoint_size, log.checkpoint_at = note, checkpoint.size, datetime.now(UTC)
        log.save(update_fields=["checkpoint", "checkpoint_size", "checkpoint_at"])
        return True


def _verified(log: Log, note: str) -> Checkpoint:
    """A checkpoint of what is held already may be signed by the key before a rotation alone."""
    try:
        return verify(note, VerifierKey.parse(log.verifier_key))
    except VerificationFailed:
        if not log.old_verifier_key or parse(note).size >= log.size:
            raise
    return verify(note, VerifierKey.parse(log.old_verifier_key))


def _go_over(log: Log, note: str) -> None:
    """Trust the key that the origin has gone over to, if the trusted one and the new one signed that."""
    key = VerifierKey.parse(log.verifier_key)
    new = rotation(note, key)
    if new is not None and str(new) != log.old_verifier_key:
        logger.warning("%s signs with another key from now on: %s", log.origin, new.fingerprint)
        log.old_verifier_key, log.verifier_key = str(key), str(new)
        log.save(update_fields=["old_verifier_key", "verifier_key"])


def log_move(*, origin: str, state: Log.State, reason: str = "") -> Log:
    """Take a declared step. Raises NotFound `unknown_origin`, Conflict `wrong_state` for any other step."""
    with transaction.atomic():
        log = Log.objects.select_for_update().filter(origin=origin).first()
        if log is None:
            raise NotFound(f"This node holds no log of {origin[:253]}.", field="origin", code="unknown_origin")
        if state not in Log.TRANSITIONS[Log.State(log.state)]:
            raise Conflict(
                _("The log of %(origin)s is %(state)s; from there it cannot become %(wanted)s.")
                % {"origin": log.origin, "state": log.get_state_display(), "wanted": state.label},
                code="wrong_state",
            )
        log.state, log.state_reason, log.state_at = state, reason, datetime.now(UTC)
        log.save(update_fields=["state", "state_reason", "state_at"])
        return log


def log_freeze(log_id: int, reason: str) -> None:
    """Take nothing more into this replica; what is held stays readable. The first reason stands."""
    taking = Log.objects.filter(id=log_id).exclude(state=Log.State.FROZEN)
    taking.update(state=Log.State.FROZEN, state_reason=reason, state_at=datetime.now(UTC))


def log_hold(log_id: int, reason: str, size: int) -> None:
    """Take nothing more until a person confirms the deletions up to `size`; what is held stays as it is."""
    Log.objects.filter(id=log_id, state=Log.State.ADMITTED).update(
        state=Log.State.HELD, state_reason=reason, state_at=datetime.now(UTC), held_size=size
    )


def _store(log: Log, verified: VerifiedPage) -> None:
    tree = compact_range(log)
    nodes = tree.extend(verified.leaf_hashes, from_level=STORED_LEVEL)
    known = records_known([entry.uuid for entry in verified.entries])
    _check_deletions(log, verified, known)
    entry_rows, record_rows = _rows(log, verified, known)
    insert_entries(entry_rows)
    insert_tree_nodes([(TreeNode.key(log.id, level, index), node) for level, index, node in nodes])
    upsert_records(record_rows)
    log.size, log.root, log.peaks = tree.size, tree.root(), packed(tree)
    if verified.checkpoint.size == tree.size and tree.size >= log.checkpoint_size:
        log.checkpoint, log.checkpoint_size = verified.checkpoint.note, tree.size
        log.checkpoint_at = datetime.now(UTC)
    log.save(update_fields=["size", "root", "peaks", "checkpoint", "checkpoint_size", "checkpoint_at"])


def _check_deletions(log: Log, verified: VerifiedPage, known: Known) -> None:
    """Since the replica was last whole, no more than the share that is set may be deleted without confirmation.

    What came in the meantime counts among the records: a replica that is begun, and follows years of changes, is not
    held. Raises HeldForConfirmation.
    """
    # What was confirmed counts no more, however much came after it.
    since = max(log.checkpoint_size, log.held_size)
    deleted = {
        entry.uuid
        for entry in verified.entries
        if entry.deleted and entry.index >= since and known.get(entry.uuid) == (log.id, False)
    }
    if not deleted or not log.checkpoint_size or log.origin == this_node().id:
        return
    lost = len(deleted) + Record.objects.filter(log=log, deleted=True, entry_id__gte=log.entry_id(since)).count()
    before = lost + Record.objects.filter(log=log, deleted=False).count() - len(deleted)
    if lost >= MIN_DELETIONS_HELD and lost > before * settings.MAX_DELETED_SHARE:
        raise HeldForConfirmation(
            f"{log.origin} deletes {lost} of {before} records; confirm it, or leave what is held as it is."
        )


def _rows(log: Log, verified: VerifiedPage, known: Known) -> tuple[list[EntryRow], list[RecordRow]]:
    """Entry rows for all; one record row for each id, of its newest revision that can be read."""
    entry_rows: list[EntryRow] = []
    record_rows: dict[str, RecordRow] = {}
    log_id, first_id = log.id, log.entry_id(0)
    columns = zip(verified.entries, verified.leaf_hashes, verified.readings, strict=True)
    for entry, leaf, (reason, language) in columns:
        index, record_id, kind, revision, deleted, published, sha256, document = entry
        uuid, row_id = entry.uuid, first_id + index
        if uuid in known and known[uuid][0] != log_id:
            reason = "its id stands in another origin's log"
        entry_rows.append(
            (row_id, log_id, record_id, kind, revision, deleted, published, sha256, leaf, document, reason)
        )
        earlier = record_rows.get(uuid)
        if reason or (document is None and not deleted) or (earlier and earlier[4] >= revision):
            continue
        record_rows[uuid] = (uuid, log_id, row_id, kind, revision, language, deleted, published)
    return entry_rows, list(record_rows.values())
