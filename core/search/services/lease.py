"""One writer of the index at a time, across the node's processes: a lease that runs out if its holder dies."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

from django.db.models import Q
from django.utils import timezone

from core.search.models import IndexLease

# Longer than any step between two renewals: a commit with its merges at 1,000,000 records takes about 20 s.
LEASE_SECONDS = 60
# Between two looks of somebody who waits.
LOOK_SECONDS = 0.05


class LeaseHeld(Exception):
    """Somebody else is at work: nothing to do here."""


@contextmanager
def lease(patience: float = 0.0) -> Iterator[str]:
    """Yields the holder's name, for `lease_renew`. Raises LeaseHeld after so many seconds of waiting."""
    holder = f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid4().hex[:8]}"
    IndexLease.objects.get_or_create(id=1, defaults={"held_until": timezone.now()})
    gives_up_at = time.monotonic() + patience
    while not _take(holder, Q(held_until__lte=timezone.now()) | Q(holder="")):
        if time.monotonic() >= gives_up_at:
            raise LeaseHeld
        time.sleep(LOOK_SECONDS)
    try:
        yield holder
    finally:
        IndexLease.objects.filter(id=1, holder=holder).update(holder="", held_until=timezone.now())


def lease_renew(holder: str) -> None:
    """Raises LeaseHeld if it ran out and another took it."""
    if not _take(holder, Q(holder=holder)):
        raise LeaseHeld


def _take(holder: str, free: Q) -> bool:
    until = timezone.now() + timedelta(seconds=LEASE_SECONDS)
    return IndexLease.objects.filter(free, id=1).update(holder=holder, held_until=until) == 1
