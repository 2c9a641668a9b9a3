"""Only one runner works on a network's state: it holds a lock on a file there, which the kernel frees when it ends."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from deploy.demo.refusal import Refusal

_FILE = "lock"


@contextlib.contextmanager
def locked(root: Path) -> Iterator[None]:
    """Raises Refusal if another runner holds it."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / _FILE).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Refusal(
                f"This demo network runs already (its state is in {root}).",
                "Stop it with Ctrl-C where it was started, or start another beside it: make run PORT=9001",
            ) from error
        yield


def is_locked(root: Path) -> bool:
    try:
        with (root / _FILE).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False
