"""Slowing down a client that asks far more than a person or a careful script would.

A bucket for each address: it fills with API_REQUESTS_PER_SECOND and holds API_BURST. Its state lies in Django's
cache, hence in each process by itself unless that is shared: a courtesy among strangers, no protection from an attack.
"""

import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle


class BucketThrottle(BaseThrottle):
    def __init__(self) -> None:
        self._wait = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        rate: float = settings.API_REQUESTS_PER_SECOND
        burst: float = settings.API_BURST
        if not rate:
            return True
        key = f"api-bucket:{self.get_ident(request)}"
        now = time.time()
        tokens, filled_at = cache.get(key, (burst, now))
        tokens = min(burst, tokens + (now - filled_at) * rate)
        self._wait = max(0.0, (1 - tokens) / rate)
        allowed: bool = tokens >= 1
        cache.set(key, (tokens - 1 if allowed else tokens, now), timeout=burst / rate + 1)
        return allowed

    def wait(self) -> float:
        """Seconds until the next request is taken."""
        return self._wait
