"""Lines on logarithmic axes as an SVG file, readable on light and on dark pages: enough for the plots of the documents.

The colours are those of core/web/static/web/css/tokens.css; dashes and marks tell the lines apart without them.
"""

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 84, 132, 52, 60
DASHES = ("", "7 4", "2 4", "10 3 2 3", "1 3")
STYLE = """
:root{--paper:#fff;--ink:#0c2430;--soft:#47606b;--line:#cfd8d6;--c0:#0a5c70;--c1:#c8401a;--c2:#1f6b45;--c3:#8a6100;--c4:#5b4a8a}
@media (prefers-color-scheme:dark){:root{--paper:#0d1b22;--ink:#e6eeec;--soft:#a3b6b8;--line:#2b414a;
--c0:#6cc5d6;--c1:#ff8a5c;--c2:#6fc598;--c3:#f4c64d;--c4:#b9a7ea}}
text{font:13px system-ui,sans-serif;fill:var(--soft)}.title{font-size:16px;font-weight:600;fill:var(--ink)}
.grid{stroke:var(--line)}.paper{fill:var(--paper)}
""".strip()

Points = Sequence[tuple[float, float]]


def line_chart(title: str, x_label: str, y_label: str, lines: Mapping[str, Points], least: float = 0.0) -> str:
    """The SVG text; points are (x, y), all above 0; `least` is where the vertical axis begins at the latest."""
    xs = [x for points in lines.values() for x, _ in points]
    ys = [y for points in lines.values() for _, y in points] + ([least] if least else [])
    x_axis = _Axis(min(xs), max(xs), LEFT, WIDTH - RIGHT, whole=False)
    y_axis = _Axis(min(ys), max(ys), HEIGHT - BOTTOM, TOP, whole=True)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(title)}">',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text class="title" x="20" y="28">{escape(title)}</text>',
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 14}" text-anchor="middle">{escape(x_label)}</text>',
        f'<text transform="translate(18 {(TOP + HEIGHT - BOTTOM) / 2:.0f}) rotate(-90)" text-anchor="middle">'
        f"{escape(y_label)}</text>",
        *_grid(x_axis, y_axis, xs),
    ]
    labels = _apart([(y_axis.at(points[-1][1]), name) for name, points in lines.items()])
    for number, (name, points) in enumerate(lines.items()):
        places = [(x_axis.at(x), y_axis.at(y)) for x, y in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        colour = f"var(--c{number % 5})"
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5" '
            f'stroke-dasharray="{DASHES[number % 5]}"/>'
        )
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in places]
        parts.append(
            f'<text x="{WIDTH - RIGHT + 12}" y="{labels[name] + 4:.1f}" style="fill:{colour}">{escape(name)}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


class _Axis:
    """A logarithmic axis from pixel `start` to `end`; `whole`: from one power of ten to another."""

    def __init__(self, low: float, high: float, start: float, end: float, *, whole: bool) -> None:
        self.low, self.high = math.log10(low), math.log10(high)
        if whole:
            self.low, self.high = math.floor(self.low), math.ceil(self.high + 1e-9)
        if self.high <= self.low:
            self.high = self.low + 1
        self.start, self.end = start, end

    def at(self, value: float) -> float:
        return self.start + (math.log10(value) - self.low) / (self.high - self.low) * (self.end - self.start)

    def powers(self) -> list[float]:
        return [10.0**power for power in range(math.ceil(self.low), math.floor(self.high) + 1)]


def _grid(x_axis: _Axis, y_axis: _Axis, xs: Sequence[float]) -> list[str]:
    parts = []
    for value in y_axis.powers():
        y = y_axis.at(value)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{_said(value)}</text>')
    for value in sorted(set(xs)):
        x = x_axis.at(value)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{_said(value)}</text>')
    return parts


def _said(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def _apart(places: Sequence[tuple[float, str]]) -> dict[str, float]:
    """Labels at the ends of their lines, at least a line of text from one another."""
    found: dict[str, float] = {}
    last = -1e9
    for y, name in sorted(places):
        last = max(y, last + 16)
        found[name] = last
    return found
