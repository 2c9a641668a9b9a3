"""Background work of search: shells around services."""

import logging

from celery import shared_task

from core.errors import Unavailable
from core.search.services.catch_up import catch_up as catch_up_service
from core.search.services.vectors import vectors_compute

# A worker's thread is not held longer than this at a time.
VECTOR_SECONDS = 20
# Who holds the index mostly writes a few records; a wake-up that did not wait for that would be lost until the clock's.
PATIENCE_SECONDS = 2.0

logger = logging.getLogger(__name__)


@shared_task(time_limit=600)
def catch_up() -> int:
    """Offered every few seconds; does nothing when the index is up to date or another process is at it."""
    try:
        return catch_up_service(patience=PATIENCE_SECONDS)
    except Unavailable as error:
        logger.warning("The index did not catch up and will be tried again: %s", error)
        return 0


@shared_task(time_limit=600)
def compute_vectors() -> int:
    """Offered every few seconds; does nothing when every record has its vector."""
    try:
        return vectors_compute(VECTOR_SECONDS)
    except Unavailable as error:
        logger.warning("Records were not given their vectors and will be tried again: %s", error)
        return 0
