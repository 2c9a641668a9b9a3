"""Stop one node of the running demo network, or start it again: `make stop NODE=hamburg`, `make start NODE=hamburg`."""

import os
import sys
from pathlib import Path

from deploy.demo.lock import is_locked
from deploy.demo.network import BASE_DIR, PAUSED_FILE
from deploy.demo.refusal import Refusal


def main(verb: str, name: str) -> None:
    root = _running()
    names = sorted(folder.parent.name for folder in root.glob("*/secret-key"))
    if name not in names:
        raise Refusal(f"NODE names no node of the running network: {name!r}.", f"Choose from {', '.join(names)}.")
    file = root / name / PAUSED_FILE
    if verb == "stop":
        file.touch()
        print(f"{name} is being stopped. To start it again: make start NODE={name}")
    else:
        file.unlink(missing_ok=True)
        print(f"{name} is being started.")


def _running() -> Path:
    """The folder of the one network that runs."""
    if os.environ.get("DEMO_DIR"):
        return Path(os.environ["DEMO_DIR"]).resolve()
    running = [folder for folder in sorted((BASE_DIR / "var").glob("demo*")) if is_locked(folder)]
    if len(running) != 1:
        count = "No demo network runs" if not running else f"{len(running)} demo networks run"
        raise Refusal(f"{count}.", "Start one with make run, or say which by DEMO_DIR=var/demo….")
    return running[0]


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2])
    except Refusal as refusal:
        sys.exit(f"{refusal.message}\n{refusal.remedy}")
