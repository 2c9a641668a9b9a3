"""What the demo network says on the terminal: one line a fact, the time since the start before it."""

import contextlib
import time

START = time.monotonic()


def say(text: str = "", *, about: str = "") -> None:
    """`about` is a node's name."""
    say_plain(f"{time.monotonic() - START:6.1f} s  {f'{about}: ' if about else ''}{text}")


def say_plain(text: str = "") -> None:
    # The terminal may be gone: then there is nobody to tell, and the nodes must still be stopped.
    with contextlib.suppress(OSError):
        print(text, flush=True)
