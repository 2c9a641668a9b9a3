"""Reading logs: heads, pages with their proofs, where a record stands."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.errors import InvalidInput, NotFound
from core.node import this_node
from core.records.checkpoint import heads_digest
from core.records.models import ENTRIES_PER_LOG, Entry, Log
from core.records.tree import range_hashes

# A page is bounded in entries and in bytes of documents; one entry is always served, however large.
MAX_PAGE_ENTRIES = 2048
MAX_PAGE_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Head:
    """What this node can serve of an origin: `size` entries with this `root` (base64) under this checkpoint."""

    origin: str
    size: int
    root: str
    checkpoint: str


@dataclass(frozen=True, slots=True)
class ServedPage:
    """A page ready for the wire. `entries` is the JSON array of entries, already serialised; hashes are base64."""

    origin: str
    first: int
    size: int
    root: str
    checkpoint: str
    entries: bytes
    count: int
    left: list[str]
    right: list[str]


def heads() -> list[Head]:
    """One head for each origin that this node can serve, its own among them, by origin."""
    found = []
    for origin, size, checkpoint in (
        Log.objects.exclude(checkpoint="").order_by("origin").values_list("origin", "checkpoint_size", "checkpoint")
    ):
        found.append(Head(origin, size, checkpoint.split("\n", 3)[2], checkpoint))
    return found


def served_sizes() -> dict[str, int]:
    """How many entries of each origin's log this node can serve."""
    return dict(Log.objects.exclude(checkpoint="").values_list("origin", "checkpoint_size"))


def heads_digest_now() -> str:
    """The digest of `heads`, made of the rows as they are: nothing is remembered that could be out of date."""
    return heads_digest(Log.objects.exclude(checkpoint="").values_list("checkpoint", flat=True))


def log_get(origin: str) -> Log:
    """Raises NotFound `unknown_origin`."""
    log = Log.objects.filter(origin=origin).first()
    if log is None:
        raise NotFound(
            _("This node holds no log of %(origin)s.") % {"origin": origin[:253]}, field="origin", code="unknown_origin"
        )
    return log


def log_page(origin: str, *, after: int = 0, first: int = 512) -> ServedPage:
    """Up to `first` entries of an origin's log from index `after` on, bound to the newest checkpoint.

    Raises InvalidInput for `after` or `first` out of range, NotFound for an origin that is not held.
    """
    log = log_get(origin)
    size = log.checkpoint_size
    if not 0 <= after <= size:
        raise InvalidInput(
            _("“%(name)s” must be between %(least)s and %(most)s.") % {"name": "after", "least": 0, "most": size},
            field="after",
            code="bad_position",
        )
    if not 1 <= first <= MAX_PAGE_ENTRIES:
        raise InvalidInput(
            _("“%(name)s” must be between %(least)s and %(most)s.")
            % {"name": "first", "least": 1, "most": MAX_PAGE_ENTRIES},
            field="first",
            code="bad_page_size",
        )
    entries = _page_entries(log, after, min(after + first, size))
    last = after + len(entries)
    left, right = range_hashes(log, [(0, after), (last, size)])
    return ServedPage(
        origin=log.origin,
        first=after,
        size=size,
        root=log.checkpoint.split("\n", 3)[2] if log.checkpoint else "",
        checkpoint=log.checkpoint,
        entries=orjson.dumps(entries),
        count=len(entries),
        left=[base64.b64encode(node).decode() for node in left],
        right=[base64.b64encode(node).decode() for node in right],
    )


def _page_entries(log: Log, first: int, last: int) -> list[dict[str, Any]]:
    rows = Entry.objects.filter(id__gte=log.entry_id(first), id__lt=log.entry_id(last)).order_by("id")
    columns = ("id", "record_id", "kind", "revision", "deleted", "published", "sha256", "document")
    entries: list[dict[str, Any]] = []
    room = MAX_PAGE_BYTES
    offset = log.entry_id(0)
    for key, record_id, kind, revision, deleted, published, sha256, document in rows.values_list(*columns).iterator(
        chunk_size=512
    ):
        room -= len(document or "") + 400
        if room < 0 and entries:
            break
        entries.append(
            {
                "index": key - offset,
                "id": record_id,
                "kind": kind,
                "revision": revision,
                "deleted": deleted,
                "published": published,
                "sha256": sha256,
                "document": document,
            }
        )
    return entries


def changes(log: Log, after: int, limit: int) -> list[Entry]:
    """Entries [after, after + limit) in log order, each with `record` if it is the current revision of its id."""
    entries: QuerySet[Entry] = Entry.objects.filter(
        id__gte=log.entry_id(after), id__lt=log.entry_id(min(after + limit, log.size))
    )
    return list(entries.select_related("record").order_by("id"))


def logs() -> list[Log]:
    """All logs held, this node's first, then by origin."""
    return sorted(Log.objects.all(), key=lambda log: (log.origin != this_node().id, log.origin))


def unreadable_entries(log: Log) -> Iterator[Entry]:
    """Entries whose documents this version cannot read."""
    first, last = log.id * ENTRIES_PER_LOG, (log.id + 1) * ENTRIES_PER_LOG
    return Entry.objects.filter(id__gte=first, id__lt=last).exclude(unreadable="").order_by("id").iterator()
