"""Reading current records. Every selector brings the entry and the log along, so that no caller can cause N+1."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from core.errors import InvalidInput, NotFound, Withdrawn
from core.records.models import Record


def record_uuid(value: str) -> UUID:
    """The uuid in a uuid or a record's id (a URL that ends in it). Raises InvalidInput `bad_id`."""
    try:
        return UUID(value.rstrip("/").rpartition("/")[2])
    except ValueError as error:
        raise InvalidInput(
            _("“%(id)s” is not a record's id.") % {"id": value[:80]},
            remedy=_("An id ends in 36 letters, digits and hyphens; copy the whole address, or search for the record."),
            field="id",
            code="bad_id",
        ) from error


def records() -> QuerySet[Record]:
    """Current records that are not deleted, with entry and log."""
    return Record.objects.filter(deleted=False).select_related("entry", "log")


def record_get(uuid: UUID) -> Record:
    """Raises NotFound, or Withdrawn if its origin deleted it."""
    record = record_or_withdrawal(uuid)
    if record.deleted:
        raise Withdrawn(field="id")
    return record


def record_or_withdrawal(uuid: UUID) -> Record:
    """Records that were withdrawn too: of these only the envelope is left. Raises NotFound."""
    record = Record.objects.select_related("entry", "log").filter(uuid=uuid).first()
    if record is None:
        raise NotFound(
            _("No node known here has published a record %(id)s.") % {"id": uuid}, field="id", code="unknown_record"
        )
    return record


def records_get(uuids: Sequence[UUID]) -> list[Record]:
    """The records of these ids that exist, in the order asked for."""
    found = {record.uuid: record for record in records().filter(uuid__in=uuids)}
    return [found[uuid] for uuid in uuids if uuid in found]


def unknown_among(uuids: Sequence[UUID]) -> frozenset[UUID]:
    """Those of them that no log here has ever named."""
    return frozenset(uuids) - set(Record.objects.filter(uuid__in=uuids).values_list("uuid", flat=True))


def withdrawn_among(uuids: Sequence[UUID]) -> list[Record]:
    """Those of them that their origins withdrew, the last withdrawn first."""
    found = Record.objects.filter(uuid__in=uuids, deleted=True).select_related("entry", "log")
    return list(found.order_by("-published_at"))


def counts_by_origin() -> dict[str, Counter[str]]:
    """How many current records of each kind each origin has: {origin: {kind: count}}."""
    counts: dict[str, Counter[str]] = {}
    rows = Record.objects.filter(deleted=False).values_list("log__origin", "kind").annotate(number=Count("uuid"))
    for origin, kind, number in rows:
        counts.setdefault(origin, Counter())[kind] = number
    return counts


def newest_by_log(limit: int, kinds: Sequence[str]) -> list[tuple[UUID, int]]:
    """The most recently published records of these kinds: each one's uuid and its log's number. Reads no document."""
    found = Record.objects.filter(deleted=False, kind__in=kinds).order_by("-published_at")
    return list(found.values_list("uuid", "log_id")[:limit])
