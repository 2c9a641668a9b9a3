"""Waiting for a file to be moved into a folder, as messages are into the default broker's (deploy/file_broker.py)."""

import ctypes
import logging
import os
import select
import sys
import time
from pathlib import Path

logger = logging.getLogger(__name__)

# inotify(7): a name appeared in the folder by a rename.
_IN_MOVED_TO = 0x80


class Arrivals:
    """On Linux the kernel tells; elsewhere, and where it cannot (too many watch), the time is waited out."""

    def __init__(self, folder: Path) -> None:
        self._number = _watch(folder) if sys.platform == "linux" else -1

    def wait(self, seconds: float) -> None:
        """Until a file arrived since the last wait, or for so long."""
        if self._number < 0:
            time.sleep(seconds)
            return
        poll = select.poll()
        poll.register(self._number, select.POLLIN)
        if poll.poll(seconds * 1000):
            os.read(self._number, 65_536)

    def close(self) -> None:
        if self._number >= 0:
            os.close(self._number)
            self._number = -1


def _watch(folder: Path) -> int:
    """The number of an open file that becomes readable; -1 if there is none."""
    libc = ctypes.CDLL(None, use_errno=True)
    number: int = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    if number >= 0 and libc.inotify_add_watch(number, os.fsencode(folder), _IN_MOVED_TO) >= 0:
        return number
    logger.warning("%s is looked into at intervals: %s", folder, os.strerror(ctypes.get_errno()))
    if number >= 0:
        os.close(number)
    return -1
