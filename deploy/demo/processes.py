"""One child process that is kept running: started, watched, started again with back-off, stopped for good.

Each child leads a process group of its own, so that what it started goes with it, and asks the kernel to be told when
the runner dies, so that nothing stays behind even when the runner is killed.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.demo.network import BASE_DIR
from deploy.demo.terminal import say, say_plain

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
# A child that ran this long had started well: the next pause begins at the first step again.
STABLE_SECONDS = 60.0
# How long a child may take to end by itself before it is killed.
STOP_SECONDS = 8.0
TAIL_LINES = 8

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent(parent: int) -> None:
    """Called in the child before its program starts: SIGTERM when `parent`, a process id, ends (Linux only)."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)


async def start(command: Sequence[str], environment: Mapping[str, str], log_file: Path) -> asyncio.subprocess.Process:
    """Start a program in a process group of its own, what it prints added to `log_file`."""
    parent = os.getpid()
    with log_file.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *command,
            cwd=BASE_DIR,
            env={**os.environ, **environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: end_with_parent(parent),
        )


async def stop(process: asyncio.subprocess.Process, patience_seconds: float = STOP_SECONDS) -> None:
    """End a program and all that it started: asked first, then killed."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), patience_seconds)
    kill_group(process)
    await process.wait()


def kill_group(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def last_lines(log_file: Path, count: int = TAIL_LINES) -> list[str]:
    """The end of a log, read from its last 8 KiB."""
    with contextlib.suppress(OSError), log_file.open("rb") as file:
        file.seek(max(0, log_file.stat().st_size - 8192))
        return file.read().decode(errors="replace").splitlines()[-count:]
    return []


@dataclass(slots=True)
class Kept:
    """A child that is started again whenever it ends, until `stop` is called."""

    name: str
    about: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log_file: Path
    _process: asyncio.subprocess.Process | None = None
    _task: asyncio.Task[None] | None = None
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def start(self) -> None:
        self._stopping.clear()
        self.log_file.unlink(missing_ok=True)
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        self._stopping.set()
        if self._process is not None:
            await stop(self._process)
        if self._task is not None:
            await self._task

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def _keep(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            started = time.monotonic()
            self._process = await start(self.command, self.environment, self.log_file)
            if self._stopping.is_set():
                await stop(self._process)
            code = await self._process.wait()
            kill_group(self._process)
            if self._stopping.is_set():
                return
            if time.monotonic() - started > STABLE_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            self._report(code, pause)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _report(self, code: int, pause: float) -> None:
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        say(f"its {self.name} process {how}; it is started again in {pause:.0f} s.", about=self.about)
        for line in last_lines(self.log_file):
            say_plain(f"           | {line}")
        say_plain(f"           Its log: {self.log_file}")
