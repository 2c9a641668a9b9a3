"""Children of the runner: restarted when they die, stopped whole, never left behind."""

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from deploy.demo import processes
from deploy.demo.network import BASE_DIR
from deploy.demo.processes import Kept, last_lines, start, stop

# Starts a child of its own, says both process ids, waits to be ended; ignores a polite request if told to.
PARENT = """
import os, signal, subprocess, sys
if "stubborn" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
print(os.getpid(), child.pid, flush=True)
signal.pause()
"""


async def _until(condition, seconds=10.0):
    async with asyncio.timeout(seconds):
        while not (value := condition()):
            await asyncio.sleep(0.01)
    return value


def _said(log_file):
    lines = last_lines(log_file)
    return [int(word) for word in lines[-1].split()] if lines else None


def _gone(pid):
    """Ended, or a zombie that only waits for whoever adopted it."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.parametrize("manner", ["polite", "stubborn"])
def test_stopping_a_process_stops_what_it_started(tmp_path, manner):
    async def story():
        process = await start([sys.executable, "-c", PARENT, manner], {}, tmp_path / "log")
        pids = await _until(lambda: _said(tmp_path / "log"))
        await stop(process, patience_seconds=0.2)
        await _until(lambda: all(_gone(pid) for pid in pids))

    asyncio.run(story())


def test_a_child_that_dies_is_reported_and_started_again(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(processes, "FIRST_PAUSE_SECONDS", 0.01)

    async def story():
        kept = Kept("web", "Antwerp", [sys.executable, "-c", PARENT], {}, tmp_path / "log")
        kept.start()
        first = await _until(lambda: _said(tmp_path / "log"))
        os.kill(first[0], signal.SIGKILL)
        second = await _until(lambda: (said := _said(tmp_path / "log")) and said != first and said)
        await _until(lambda: _gone(first[1]))
        await kept.stop()
        await _until(lambda: all(_gone(pid) for pid in second))
        return first, kept.pid

    first, pid = asyncio.run(story())
    said = capsys.readouterr().out
    assert "Antwerp: its web process was ended by SIGKILL; it is started again in 0 s." in said
    assert f"| {first[0]} {first[1]}" in said
    assert pid is None


def test_stopping_does_not_wait_for_the_next_start(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(processes, "FIRST_PAUSE_SECONDS", 3600.0)

    async def story():
        kept = Kept("web", "Antwerp", [sys.executable, "-c", "raise SystemExit(3)"], {}, tmp_path / "log")
        kept.start()
        said = []
        await _until(lambda: said.append(capsys.readouterr().out) or "exit code 3" in "".join(said))
        async with asyncio.timeout(5):
            await kept.stop()

    asyncio.run(story())


def test_nothing_is_left_when_the_runner_is_killed(tmp_path):
    runner = """
import asyncio, pathlib, sys
from deploy.demo.processes import start
async def main():
    log = pathlib.Path(sys.argv[1])
    process = await start([sys.executable, "-c", "import signal; signal.pause()"], {}, log)
    print(process.pid, flush=True)
    await process.wait()
asyncio.run(main())
"""
    command = [sys.executable, "-c", runner, str(tmp_path / "log")]
    with subprocess.Popen(command, cwd=BASE_DIR, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.kill()
    asyncio.run(_until(lambda: _gone(child)))


def test_the_last_lines_of_a_long_log(tmp_path):
    log = tmp_path / "log"
    log.write_text("".join(f"line {number}\n" for number in range(10_000)))
    assert last_lines(log, 2) == ["line 9998", "line 9999"]
    assert last_lines(tmp_path / "none") == []
