"""Stop one node of a running demo network, or start it again: `make stop NODE=hamburg`, `make start NODE=hamburg`."""

import os
import sys

from deploy.demo.network import CITIES, chosen_cities, first_port, state_root
from deploy.demo.refusal import Refusal


def main(verb: str, name: str) -> None:
    cities = chosen_cities(os.environ.get("NODES", ""))
    by_name = {city.name: city for city in CITIES}
    if name not in by_name:
        raise Refusal(f"NODE names no node of the demo network: {name!r}.", f"Choose from {', '.join(by_name)}.")
    root = state_root(cities, first_port(os.environ.get("PORT", "")))
    paused = root / name / "paused"
    if not paused.parent.is_dir():
        raise Refusal(f"{name} is not part of the demo network in {root}.", "Start it first: make run.")
    if verb == "stop":
        paused.touch()
        print(f"{by_name[name].title} is being stopped. Start it again with: make start NODE={name}")
    else:
        paused.unlink(missing_ok=True)
        print(f"{by_name[name].title} is being started.")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:3])
    except Refusal as refusal:
        sys.exit(f"{refusal.message}\n{refusal.remedy}")
