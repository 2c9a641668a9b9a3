"""Asking a running node how it is, over its own doors: /readyz and /metrics."""

import asyncio
import json
import re
import urllib.error
import urllib.request
from dataclasses import dataclass

from deploy.demo.network import Place

TIMEOUT_SECONDS = 5
_SAMPLE = re.compile(r'^(?P<name>\w+)(?:\{origin="(?P<origin>[^"]*)"\})? (?P<value>[0-9.e+-]+)$')


@dataclass(frozen=True, slots=True)
class Holding:
    """What one node holds: entries by origin, and how many of them its index has yet to take in."""

    entries: dict[str, int]
    index_lag: dict[str, int]


def _get(url: str) -> tuple[int, str]:
    # Never through a proxy that the environment names: the nodes are on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=TIMEOUT_SECONDS) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except (OSError, ValueError) as error:
        return 0, str(error)


async def not_ready(place: Place) -> str:
    """What keeps the node from being ready, in words; empty when it is."""
    status, body = await asyncio.to_thread(_get, f"{place.url}/readyz")
    if status == 200:
        return ""
    try:
        parts = json.loads(body)["parts"]
        return "; ".join(f"{name}: {part['detail']}" for name, part in parts.items() if not part["ok"])
    except (ValueError, KeyError, TypeError):
        return f"answers {status}" if status else "does not answer yet"


async def holding(place: Place) -> Holding | None:
    """None while the node does not answer."""
    status, body = await asyncio.to_thread(_get, f"{place.url}/metrics")
    if status != 200:
        return None
    found = Holding({}, {})
    for line in body.splitlines():
        match = _SAMPLE.match(line)
        if match and match["origin"]:
            value = int(float(match["value"]))
            if match["name"] == "havenlink_log_entries":
                found.entries[match["origin"]] = value
            elif match["name"] == "havenlink_index_lag_entries":
                found.index_lag[match["origin"]] = value
    return found


async def lags(places: tuple[Place, ...]) -> list[str]:
    """Who does not yet hold or find what, in words; empty when every node finds every record."""
    holdings = dict(zip(places, await asyncio.gather(*(holding(place) for place in places)), strict=True))
    missing = []
    for place, held in holdings.items():
        if held is None:
            missing.append(f"{place.city.title} does not answer")
            continue
        for other, theirs in holdings.items():
            own = theirs.entries.get(other.city.id, 0) if theirs else 0
            here = held.entries.get(other.city.id, 0)
            if here < own or own == 0:
                missing.append(f"{place.city.title} holds {here} of {other.city.title}'s {own} entries")
            elif held.index_lag.get(other.city.id, 0):
                count = held.index_lag[other.city.id]
                missing.append(f"{place.city.title} has yet to index {count} of {other.city.title}'s entries")
    return missing
