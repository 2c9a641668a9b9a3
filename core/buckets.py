"""How often somebody may do something: a bucket that holds a number of goes and fills with time.

Its state lies in Django's cache, hence in each process by itself unless that is shared: a courtesy among strangers, no
protection from an attack.
"""

import time

from django.core.cache import cache


def bucket_take(key: str, *, per_second: float, burst: float) -> float:
    """0.0 if there was one to take, else the seconds until there is."""
    now = time.time()
    goes, filled_at = cache.get(key, (burst, now))
    goes = min(burst, goes + (now - filled_at) * per_second)
    taken: bool = goes >= 1
    cache.set(key, (goes - 1 if taken else goes, now), timeout=burst / per_second + 1)
    return 0.0 if taken else (1 - goes) / per_second
