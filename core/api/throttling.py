"""Slowing down a client that asks far more than a person or a careful script would.

A bucket for each address: it fills with API_REQUESTS_PER_SECOND and holds API_BURST.
"""

from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core.buckets import bucket_take


class BucketThrottle(BaseThrottle):
    def __init__(self) -> None:
        self._wait = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        rate: float = settings.API_REQUESTS_PER_SECOND
        if not rate:
            return True
        key = f"api-bucket:{self.get_ident(request)}"
        self._wait = bucket_take(key, per_second=rate, burst=settings.API_BURST)
        return self._wait == 0.0

    def wait(self) -> float:
        """Seconds until the next request is taken."""
        return self._wait
