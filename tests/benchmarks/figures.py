"""What is measured, as rows of one table; what a process used, read from /proc."""

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.nodes import ROOT

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` in `unit`: records/s by the clock; a median in ms; MB. `cpu`: the same by the process's CPU time.

    `yardstick` is what the same run measured for a simpler way to the same end. `target` is one for the p95, where
    there is one, and otherwise for the value.
    """

    part: str
    what: str
    value: float
    unit: str
    p95: float | None = None
    cpu: float | None = None
    yardstick: str = ""
    yardstick_value: float | None = None
    target: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.yardstick_value if self.yardstick_value else None

    @property
    def met(self) -> bool | None:
        """A rate must reach its target, anything else must stay below it."""
        if self.target is None:
            return None
        judged = self.value if self.p95 is None else self.p95
        return judged >= self.target if self.unit.endswith("/s") else judged <= self.target


def rate(part: str, what: str, count: int, cost: dict[str, Any], **more: Any) -> Figure:
    """Records a second; `cost` has `seconds` and may have `cpu_seconds`."""
    cpu = cost.get("cpu_seconds")
    return Figure(part, what, count / cost["seconds"], "records/s", cpu=count / cpu if cpu else None, **more)


def latency(part: str, what: str, milliseconds: Sequence[float], **more: Any) -> Figure:
    return Figure(part, what, statistics.median(milliseconds), "ms", p95=percentile(milliseconds, 95), **more)


def percentile(values: Sequence[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def peak_mb(pid: int) -> float:
    """The largest resident size of a process group's processes so far; pages of mapped files count."""
    return max((_memory(each, "VmHWM") for each in group(pid)), default=0.0)


def own_mb(pid: int) -> float:
    """What a process group's processes hold themselves at present, in all: what the kernel cannot take back.

    Not among it are pages of mapped files (index, dictionaries, database, programs), which it drops when it needs room.
    """
    return sum(_memory(each, "RssAnon") for each in group(pid))


def cpu_seconds(pid: int) -> float:
    """CPU time that a process group's processes have used."""
    used = 0.0
    for each in group(pid):
        numbers = Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
        used += (int(numbers[11]) + int(numbers[12])) / _TICKS
    return used


def group(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "-g", str(pid)], capture_output=True, text=True, check=False)
    return [int(each) for each in listed.stdout.split()]


def _memory(pid: int, name: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split(f"{name}:")[1].split()[0]) / 1024


def table(figures: Iterable[Figure]) -> str:
    """Also valid Markdown."""
    head = ("what", "value", "p95", "unit", "by CPU time", "yardstick", "ratio", "target", "met")
    lines: list[tuple[str, ...]] = []
    part = ""
    for figure in figures:
        if figure.part != part:
            part = figure.part
            lines.append((f"**{part}**", *[""] * (len(head) - 1)))
        lines.append(_cells(figure))
    widths = [max(len(line[column]) for line in [head, *lines]) for column in range(len(head))]
    rule = tuple("-" * width for width in widths)
    return "\n".join("| " + " | ".join(_padded(line, widths)) + " |" for line in [head, rule, *lines])


def _cells(figure: Figure) -> tuple[str, ...]:
    met = {True: "yes", False: "NO", None: ""}[figure.met]
    yardstick = f"{figure.yardstick}: {_number(figure.yardstick_value)}" if figure.yardstick else ""
    target = ""
    if figure.target is not None:
        target = f"{'≥' if figure.unit.endswith('/s') else '≤'} {_number(figure.target)}"
        target = f"p95 {target}" if figure.p95 is not None else target
    ratio = f"{figure.ratio:.2f}" if figure.ratio is not None else ""
    numbers = (_number(figure.value), _number(figure.p95), figure.unit, _number(figure.cpu))
    return (figure.what, *numbers, yardstick, ratio, target, met)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _padded(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]


def machine() -> dict[str, Any]:
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "load": [round(each, 1) for each in os.getloadavg()],
    }


def save(name: str, report: dict[str, Any], figures: Iterable[Figure]) -> Path:
    target = ROOT / "var" / "bench" / f"{name}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    rows = [asdict(figure) | {"ratio": figure.ratio, "met": figure.met} for figure in figures]
    target.write_text(json.dumps(report | {"figures": rows}, indent=1))
    return target
