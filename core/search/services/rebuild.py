"""Build the index anew beside the one that answers, then swap: readers notice nothing."""

from core.search.models import IndexPosition
from core.search.seam import engine
from core.search.services.catch_up import Progress, index_changes
from core.search.services.lease import lease


def rebuild(on_progress: Progress = lambda entry_count: None) -> int:
    """How many entries were read. Raises LeaseHeld while another process writes, Unavailable if nothing can be."""
    with lease() as held:
        current = engine()
        rebuilt = current.rebuild_start()
        done = index_changes(rebuilt, held, on_progress)
        if not done:
            rebuilt.commit()
        current.rebuild_finish(rebuilt)
        IndexPosition.objects.exclude(index_name__startswith=rebuilt.name()).delete()
        return done
