"""Waking the workers. The database holds the work; a wake-up only says "look now".

Services wake a task by its name, after their transaction has committed; nothing is lost when the broker is down, since
every task also runs by the clock.
"""

import logging

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)

CATCH_UP_INDEX = "core.search.tasks.catch_up"
POKE_SUBSCRIBERS = "federation.tasks.poke_subscribers"
SEND_MAILS = "tools_inventory.tasks.send_due_mails"


def wake(task_name: str, *, after_seconds: float = 0.0) -> None:
    """After commit, ask a worker to run the task now, or so much later. Never raises."""
    transaction.on_commit(lambda: _send(task_name, after_seconds), robust=True)


def _send(task_name: str, after_seconds: float) -> None:
    try:
        current_app.send_task(task_name, countdown=after_seconds or None, retry=False, ignore_result=True)
    except Exception as error:
        # The clock runs the task within its interval all the same.
        log.warning("could not wake %s: %s", task_name, error)
