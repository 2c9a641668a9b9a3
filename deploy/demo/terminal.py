"""What the demo network says on the terminal: one line a fact, the time since the start before it."""

import time

START = time.monotonic()


def say(text: str = "", *, about: str = "") -> None:
    """`about` is a node's name."""
    print(f"{time.monotonic() - START:6.1f} s  {f'{about}: ' if about else ''}{text}", flush=True)


def say_plain(text: str = "") -> None:
    print(text, flush=True)
