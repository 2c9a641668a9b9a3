"""One writer of the index at a time, across the node's processes: a lease that runs out if its holder dies."""

import math
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
# What is held longer than this is renewed at the next step.
RENEWED_SECONDS = 10
# Between two looks of somebody who waits.
LOOK_SECONDS = 0.05


class LeaseHeld(Exception):
    """Somebody else is at work: nothing to do here."""


class Lease:
    """Held by this process until LEASE_SECONDS after it was last written."""

    def __init__(self) -> None:
        self._holder = f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid4().hex[:8]}"
        self._written_at = -math.inf

    def take(self) -> bool:
        """Whether it was free."""
        return self._write(Q(held_until__lte=timezone.now()) | Q(holder=""))

    def renew(self) -> None:
        """To be called between all steps; it is written when that is due. Raises LeaseHeld if another has taken it."""
        if time.monotonic() - self._written_at >= RENEWED_SECONDS and not self._write(Q(holder=self._holder)):
            raise LeaseHeld

    def end(self) -> None:
        IndexLease.objects.filter(id=1, holder=self._holder).update(holder="", held_until=timezone.now())

    def _write(self, free: Q) -> bool:
        self._written_at = time.monotonic()
        until = timezone.now() + timedelta(seconds=LEASE_SECONDS)
        return IndexLease.objects.filter(free, id=1).update(holder=self._holder, held_until=until) == 1


@contextmanager
def lease(patience: float = 0.0) -> Iterator[Lease]:
    """Raises LeaseHeld after so many seconds of waiting."""
    mine = Lease()
    gives_up_at = time.monotonic() + patience
    if not mine.take():
        # Held, or never taken by anybody: then there is no row yet.
        IndexLease.objects.get_or_create(id=1, defaults={"held_until": timezone.now()})
        while not mine.take():
            if time.monotonic() >= gives_up_at:
                raise LeaseHeld
            time.sleep(LOOK_SECONDS)
    try:
        yield mine
    finally:
        mine.end()
