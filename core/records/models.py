"""The published side: logs, their entries and trees, and the current records folded from them.

Rows here are written only by `services/append.py` (this node's own log) and `services/replicate.py` (other origins').
Both write a log, its entries and its records in one transaction; the database is not asked to look each of them up
again (`db_constraint`), which costs a cold pull a tenth of its time on SQLite and a fifth on PostgreSQL.
"""

from typing import Any

import orjson
from django.db import models
from django.utils.translation import gettext_lazy as _

# An entry's key is its log's number and its index in one integer: entries of a log lie together on disk, in order.
ENTRIES_PER_LOG = 2**40
# Inner nodes are stored from this level up; lower ones are hashed anew from at most 2**8 leaves.
STORED_LEVEL = 8


class RowNumber(models.BigIntegerField):  # type: ignore[type-arg]  # not subscriptable at run time
    """A key of 64 bits, chosen and not counted. SQLite keeps the rows in its order, without an index beside them."""

    def db_type(self, connection: Any) -> str | None:
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)


class Log(models.Model):
    """One origin's log, or the prefix of it that is held here.

    `size`, `root` and `peaks` describe the entries held. `checkpoint` is the newest one whose entries are all held:
    what this node can serve and prove. For this node's own log the two always agree.
    """

    class State(models.TextChoices):
        ADMITTED = "admitted", _("admitted")
        FROZEN = "frozen", _("frozen")
        HELD = "held", _("held")
        RECOVERING = "recovering", _("recovering")
        RETIRED = "retired", _("retired")

    # frozen: two histories were signed, or an operator froze it; nothing is taken. held: a pull would delete so much
    # that a person must confirm it. recovering: this node's own, behind what was published. retired: its own, closed.
    TRANSITIONS = {
        State.ADMITTED: (State.FROZEN, State.HELD, State.RECOVERING, State.RETIRED),
        State.FROZEN: (State.ADMITTED,),
        State.HELD: (State.ADMITTED, State.FROZEN),
        State.RECOVERING: (State.ADMITTED, State.FROZEN),
        State.RETIRED: (State.RECOVERING, State.FROZEN),
    }

    id = models.AutoField(primary_key=True)
    origin = models.CharField(max_length=253, unique=True)
    verifier_key = models.CharField(max_length=400)
    # The one before it: peers that have not heard of a rotation serve checkpoints that only this one signed.
    old_verifier_key = models.CharField(max_length=400, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ADMITTED)
    state_reason = models.TextField(blank=True)
    state_at = models.DateTimeField(null=True)
    # Deletions up to this size are confirmed, or wait for it.
    held_size = models.BigIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    root = models.BinaryField(default=b"")
    peaks = models.BinaryField(default=b"")
    checkpoint = models.TextField(blank=True)
    checkpoint_size = models.BigIntegerField(default=0)
    checkpoint_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.origin} ({self.size})"

    def entry_id(self, index: int) -> int:
        return self.id * ENTRIES_PER_LOG + index


class Entry(models.Model):
    """One revision in a log: its header, and its document unless it was erased or came without."""

    id = RowNumber(primary_key=True)
    log = models.ForeignKey(Log, on_delete=models.PROTECT, related_name="entries", db_index=False, db_constraint=False)
    record_id = models.CharField(max_length=400)
    kind = models.CharField(max_length=40)
    revision = models.IntegerField()
    deleted = models.BooleanField(default=False)
    published = models.CharField(max_length=32)
    sha256 = models.CharField(max_length=64)
    leaf_hash = models.BinaryField()
    document = models.TextField(null=True)
    # Why this node's version cannot read the document; empty when it can.
    unreadable = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["log"], condition=~models.Q(unreadable=""), name="entry_unreadable"),
        ]

    def __str__(self) -> str:
        return f"{self.log_id}/{self.index} {self.record_id}"

    @property
    def index(self) -> int:
        return int(self.id % ENTRIES_PER_LOG)

    @property
    def header(self) -> dict[str, str | int | bool]:
        return {
            "deleted": self.deleted,
            "id": self.record_id,
            "index": self.index,
            "kind": self.kind,
            "published": self.published,
            "revision": self.revision,
            "sha256": self.sha256,
        }


class TreeNode(models.Model):
    """A complete subtree's hash, of level STORED_LEVEL or above. The key holds log, level and index."""

    id = RowNumber(primary_key=True)
    hash = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.id:x}"

    @staticmethod
    def key(log_id: int, level: int, index: int) -> int:
        """Level takes 6 bits above 36 bits of index: room for 2**44 leaves in 2**21 logs."""
        return (log_id << 42) | (level << 36) | index


class Record(models.Model):
    """The current revision of one id: what pages, doors and the index show. Folded from the logs."""

    uuid = models.UUIDField(primary_key=True)
    log = models.ForeignKey(Log, on_delete=models.PROTECT, related_name="records", db_index=False, db_constraint=False)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="record", db_constraint=False)
    kind = models.CharField(max_length=40)
    revision = models.IntegerField()
    language = models.CharField(max_length=35, blank=True)
    deleted = models.BooleanField(default=False)
    published_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["log", "deleted", "kind"], name="record_by_log"),
            models.Index(fields=["-published_at"], name="record_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"

    @property
    def document(self) -> dict[str, Any]:
        """The document as published; a deleted record's has only the envelope. Needs `entry` selected."""
        if self.entry.document is None:
            return {"id": self.entry.record_id, "kind": self.kind, "revision": self.revision}
        document: dict[str, Any] = orjson.loads(self.entry.document)
        return document
