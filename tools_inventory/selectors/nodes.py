"""What nodes call themselves: from the records of kind `node` that each has in its log."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from core.node import this_node
from core.records.models import Log
from core.records.selectors.records import records

# Each log as it stands: its number, size and root.
_State = tuple[tuple[int, int, bytes], ...]


def node_names() -> Mapping[str, str]:
    """Names by origin. A node that has not described itself yet is missing: show its origin. One query."""
    return _names(
        tuple((number, size, bytes(root)) for number, size, root in Log.objects.values_list("id", "size", "root"))
    )


@lru_cache(maxsize=2)
def _names(logs: _State) -> Mapping[str, str]:
    """Every page needs them and they hardly ever change: read again when a log has grown."""
    names = {this_node().id: this_node().name}
    # With the logs named, the index on (log, deleted, kind) answers; without, every record is read.
    for record in records().filter(log_id__in=[number for number, _size, _root in logs], kind="node"):
        title = record.document.get("title", {})
        text = title.get(record.language) or next(iter(title.values()), None)
        if text:
            names[record.log.origin] = text["text"]
    return MappingProxyType(names)
