"""The network's drawing: this node in the middle, the others around it, a line to each says if they are in touch."""

import math
from dataclasses import dataclass

from core.web.node_mark import flag_of
from federation.web.network_rows import NetworkRow

WIDTH, HEIGHT = 560, 360
_FLAG = 30


@dataclass(frozen=True, slots=True)
class Spot:
    """A node's place in the drawing, in SVG units; the flag's corner, the text's middle."""

    name: str
    here: bool
    well: bool
    x: int
    y: int
    flag_x: int
    flag_y: int
    text_y: int
    figure: str
    ground: str
    colour: str


@dataclass(frozen=True, slots=True)
class Diagram:
    width: int
    height: int
    flag: int
    centre: Spot
    others: list[Spot]


def diagram(rows: list[NetworkRow]) -> Diagram | None:
    """None if this node stands alone."""
    if len(rows) < 2 or not rows[0].status.here:
        return None
    around = rows[1:]
    spots = []
    for number, row in enumerate(around):
        angle = 2 * math.pi * (number + 0.5) / len(around) - math.pi / 2
        x, y = WIDTH / 2 + 205 * math.cos(angle), HEIGHT / 2 - 8 + 132 * math.sin(angle)
        spots.append(_spot(row, round(x), round(y)))
    return Diagram(WIDTH, HEIGHT, _FLAG, _spot(rows[0], WIDTH // 2, HEIGHT // 2 - 8), spots)


def _spot(row: NetworkRow, x: int, y: int) -> Spot:
    figure, ground, colour = flag_of(row.status.origin)
    return Spot(
        name=row.status.name,
        here=row.status.here,
        well=row.well,
        x=x,
        y=y,
        flag_x=x - _FLAG // 2,
        flag_y=y - _FLAG // 2,
        text_y=y + _FLAG // 2 + 18,
        figure=figure,
        ground=ground,
        colour=colour,
    )
