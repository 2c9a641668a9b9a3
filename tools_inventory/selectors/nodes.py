"""What nodes call themselves: from the records of kind `node` that each has in its log."""

from core.node import this_node
from core.records.models import Log
from core.records.selectors.records import records


def node_names() -> dict[str, str]:
    """Names by origin. A node that has not described itself yet is missing: show its origin."""
    names = {this_node().id: this_node().name}
    # With the logs named, the index on (log, deleted, kind) answers; without, every record is read.
    for record in records().filter(log_id__in=list(Log.objects.values_list("id", flat=True)), kind="node"):
        title = record.document.get("title", {})
        text = title.get(record.language) or next(iter(title.values()), None)
        if text:
            names[record.log.origin] = text["text"]
    return names
