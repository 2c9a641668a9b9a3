"""A node's numbers in Prometheus' text format. Counts only: nothing here names a person or a record."""

from collections.abc import Iterable, Mapping

from django.db.models import Count

from core.records.models import Entry, Log, Record
from core.search.selectors.status import index_status

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def metrics_text() -> str:
    """Raises core.errors.Unavailable when the index cannot be asked."""
    logs = list(Log.objects.order_by("origin"))
    status = index_status()
    kinds = Record.objects.filter(deleted=False).values_list("kind").annotate(Count("uuid")).order_by("kind")
    unreadable = dict(
        Entry.objects.exclude(unreadable="").values_list("log__origin").annotate(Count("id")).order_by("log__origin")
    )
    families = (
        _family("havenlink_records", "Current records held, of all origins.", "kind", kinds),
        _family("havenlink_log_entries", "Log entries held.", "origin", ((log.origin, log.size) for log in logs)),
        _family(
            "havenlink_log_frozen",
            "1 if the origin's log is frozen on this node.",
            "origin",
            ((log.origin, int(log.state == Log.State.FROZEN)) for log in logs),
        ),
        _family(
            "havenlink_log_unreadable_entries",
            "Entries whose document this version cannot read.",
            "origin",
            ((log.origin, unreadable.get(log.origin, 0)) for log in logs),
        ),
        _family(
            "havenlink_index_lag_entries",
            "Log entries that the search index has yet to take in.",
            "origin",
            ((log.origin, max(0, log.size - log.indexed)) for log in status.logs),
        ),
        _family("havenlink_index_documents", "Records in the search index.", "", [("", status.health.documents)]),
        _family("havenlink_index_up", "1 if the search index answers.", "", [("", int(status.health.ok))]),
    )
    return "".join(families)


def _family(name: str, description: str, label: str, samples: Iterable[tuple[str, int]]) -> str:
    lines = [f"# HELP {name} {description}", f"# TYPE {name} gauge"]
    lines += [f"{name}{_labels({label: value} if label else {})} {number}" for value, number in samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    escape = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
    return "{" + ",".join(f'{name}="{value.translate(escape)}"' for name, value in labels.items()) + "}"
