"""Background work of the inventory: shells around services."""

from celery import shared_task

from tools_inventory.services.facet_snapshot import facet_snapshot_update


@shared_task(time_limit=600)
def keep_facet_sets() -> int:
    """Offered by the clock; does nothing while little was published or pulled."""
    return facet_snapshot_update()
