"""Shells around services: the clock and wake-ups run them, the database remembers."""

from celery import shared_task

from federation.services import due, poke, verify_runs


@shared_task(name="federation.tasks.pull_due_peers", time_limit=300)
def pull_due_peers() -> None:
    """Pull every peer that is due."""
    due.pull_due_peers()


@shared_task(name="federation.tasks.poke_subscribers", time_limit=60)
def poke_subscribers() -> None:
    """Tell the peers what they are not known to hold."""
    poke.poke_subscribers()


@shared_task(name="federation.tasks.verify_asked", time_limit=6 * 3600)
def verify_asked() -> None:
    """Verify anew what an operator asked to have verified."""
    verify_runs.verify_asked()
