"""Keeping what was counted of the published records. Safe to kill at any instant: a row is written whole or not."""

from core.records.models import Log
from tools_inventory.models import FacetSnapshot
from tools_inventory.selectors.facet_counting import Counted, read_forward
from tools_inventory.selectors.facet_snapshot import snapshot_counted, snapshot_fields

# A process that starts reads up to so many entries itself, in 30 ms. Each write is of everything, 3 MB at 100,000.
KEPT_EVERY = 1000


def facet_snapshot_update(*, every: int = KEPT_EVERY) -> int:
    """Count what the logs hold beyond the snapshot and keep it, if that is `every` entries; how many it was.

    Two processes at once do the same work twice: whichever is last is right as well.
    """
    logs = list(Log.objects.all())
    counted = snapshot_counted()
    if counted is None or not counted.is_of(logs):
        counted = Counted()
    new_count = counted.behind(logs)
    if new_count < every:
        return 0
    FacetSnapshot.objects.update_or_create(id=1, defaults=snapshot_fields(read_forward(counted, logs)))
    return new_count
