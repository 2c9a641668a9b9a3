"""Taking documents out of the database for good, while the tree still verifies: an entry's header stays."""

from django.db import connection
from django.utils.translation import gettext as _

from core.errors import Conflict
from core.records.models import Entry, Log, Record


def record_erase(record: Record) -> int:
    """Erase the documents of all revisions of a withdrawn record, here; returns how many.

    Others are served headers alone from then on; copies that they hold are theirs to erase. Needs `entry` and `log`
    selected. Raises Conflict `not_withdrawn`: what is current must be withdrawn first, by its origin.
    """
    if not record.deleted:
        raise Conflict(
            _("This record is current: it must be withdrawn before its documents are erased."), code="not_withdrawn"
        )
    log = record.log
    revisions = Entry.objects.filter(id__gte=log.entry_id(0), id__lt=log.entry_id(log.size))
    erased = revisions.filter(record_id=record.entry.record_id, deleted=False, document__isnull=False)
    return erased.update(document=None, unreadable="")


def log_erase(log: Log) -> None:
    """Delete a replica whole: its records, entries and tree, and the log's own row."""
    first, last = log.entry_id(0), log.entry_id(log.size)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM records_record WHERE log_id = %s", [log.id])
        cursor.execute("DELETE FROM records_entry WHERE id >= %s AND id < %s", [first, last])
        cursor.execute("DELETE FROM records_treenode WHERE id >= %s AND id < %s", [log.id << 42, (log.id + 1) << 42])
    log.delete()
