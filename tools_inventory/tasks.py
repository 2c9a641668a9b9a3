"""Shells around services: the clock and wake-ups run them, the database remembers."""

from celery import shared_task

from tools_inventory.services import alerts
from tools_inventory.services.facet_snapshot import facet_snapshot_update


@shared_task(name="tools_inventory.tasks.send_due_mails", time_limit=300)
def send_due_mails() -> None:
    """Send what readers are waiting for: confirmations, links, new matches of saved searches."""
    alerts.send_due_mails()


@shared_task(name="tools_inventory.tasks.keep_facet_sets", time_limit=600)
def keep_facet_sets() -> int:
    """Count anew what coverage and home begin with; nothing is done while little was published or pulled."""
    return facet_snapshot_update()
