"""A log that forgot: restored from an old backup, a node pulls its own log back from its peers before it publishes.

Published once is published for ever: peers hold it. A log that goes on from an older state signs a second history, and
every other node freezes it. So how much was published is also written down beside the database (`published.json` in
STATE_DIR), and a database that holds less, or nobody knows whether it does, publishes nothing until it is whole again.
"""

import base64
import json
import logging
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction

from core.node import this_node
from core.records.checkpoint import VerifierKey, verify
from core.records.merkle import EMPTY_ROOT
from core.records.models import Log
from core.records.tree import root_at

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mark:
    """What this node is known to have published: `size` entries with this root."""

    size: int
    root: bytes


def mark_read() -> Mark | None:
    """None if nothing is written down, or nothing that can be read."""
    try:
        written = json.loads(_file().read_text())
        return Mark(int(written["size"]), base64.b64decode(written["root"], validate=True))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.warning("%s cannot be read: %r", _file(), error)
        return None


def mark_write(log: Log) -> None:
    """After commit. A mark that lags behind, as after a kill, is no harm; one that cannot be written is reported."""
    transaction.on_commit(partial(_write, Mark(log.size, bytes(log.root))), robust=True)


def mark_begin() -> None:
    """A log that is begun has published nothing, whether or not the transaction comes to its end."""
    _write(Mark(0, EMPTY_ROOT))


def mark_forget() -> None:
    """Nobody knows any more how much was published: the peers must be asked."""
    _file().unlink(missing_ok=True)


def _write(mark: Mark) -> None:
    beside = _file().with_name(f"published.{os.getpid()}.json")
    try:
        beside.write_text(json.dumps({"size": mark.size, "root": base64.b64encode(mark.root).decode()}))
        beside.replace(_file())
    except OSError as error:
        logger.warning("what was published could not be written down: %s", error)


def _file() -> Path:
    return Path(settings.STATE_DIR) / "published.json"


def loss(log: Log) -> str:
    """Why this node's own log may not be what was published, in words for the operator; "" if all is there."""
    if log.checkpoint_size < log.size:
        return f"{log.size} entries are held, {log.checkpoint_size} of them under a checkpoint"
    mark = mark_read()
    if mark is None:
        return "" if not log.size else "it is not known how much was published before"
    if mark.size > log.size:
        return f"{mark.size} entries were published, {log.size} are held"
    if root_at(log, mark.size) != mark.root:
        return f"the first {mark.size} entries are not those that were published"
    return ""


def loss_now() -> str:
    """As `loss`, of this node's own log as it is now, with nobody publishing meanwhile.

    A log read before a publication and what was written down after it look like a loss; under the log's lock what is
    written down is never ahead.
    """
    with transaction.atomic():
        return loss(Log.objects.select_for_update().get(origin=this_node().id))


def recovery_begin(reason: str) -> bool:
    """Publish nothing until the log is whole; returns whether this is new."""
    states = (Log.State.ADMITTED, Log.State.RETIRED)
    return bool(
        Log.objects.filter(origin=this_node().id, state__in=states).update(
            state=Log.State.RECOVERING, state_reason=reason, state_at=datetime.now(UTC)
        )
    )


def recovery_begin_if_behind(note: str) -> bool:
    """A peer shows this checkpoint of the own log: if it is ours and of more entries than are held, begin.

    Returns whether the log is behind. Raises VerificationFailed if this node did not sign it.
    """
    with transaction.atomic():
        log = Log.objects.select_for_update().get(origin=this_node().id)
        checkpoint = verify(note, VerifierKey.parse(log.verifier_key))
        if checkpoint.size > log.size:
            recovery_begin(f"{checkpoint.size} entries were published, {log.size} are held")
        return checkpoint.size > log.size


def recovery_end() -> None:
    """The log is whole, or the operator takes the loss upon them."""
    with transaction.atomic():
        log = Log.objects.select_for_update().get(origin=this_node().id)
        if log.state == Log.State.RECOVERING:
            log.state, log.state_reason, log.state_at = Log.State.ADMITTED, "", datetime.now(UTC)
            log.save(update_fields=["state", "state_reason", "state_at"])
        mark_write(log)
