"""Shells around services: the clock and wake-ups run them, the database remembers."""

from celery import shared_task

from tools_inventory.services import alerts


@shared_task(name="tools_inventory.tasks.send_due_mails", time_limit=300)
def send_due_mails() -> None:
    """Send what readers are waiting for: confirmations, links, new matches of saved searches."""
    alerts.send_due_mails()
