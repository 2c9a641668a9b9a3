"""The colours of tokens.css, measured as WCAG 2.2 does, for every pair in which they meet."""

import re
from pathlib import Path

import pytest

TOKENS = Path("core/web/static/web/css/tokens.css").read_text()
TOKEN = re.compile(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6});")


def block(start: str) -> dict[str, str]:
    """The colours declared in the block that begins with these words."""
    body = TOKENS[TOKENS.index(start) :]
    return dict(TOKEN.findall(body[: body.index("}")]))


LIGHT = block(":root {")
DARK = block(':root:not([data-theme="light"]) {')
CHOSEN_DARK = block(':root[data-theme="dark"] {')

PAPERS = ("paper", "quay", "raised")
TEXT_PAIRS = [
    *[(ink, paper) for ink in ("ink", "soft", "water", "water-strong", "good", "bad") for paper in PAPERS],
    *[(ink, "tint") for ink in ("ink", "soft", "water", "water-strong")],
    ("on-water", "water"),
    ("on-water", "water-strong"),
    ("on-deep", "deep"),
    ("on-deep-soft", "deep"),
    ("flag", "deep"),
    ("on-buoy", "buoy"),
    ("on-flag", "flag"),
    ("paper", "bad"),
    ("good", "good-tint"),
    ("bad", "bad-tint"),
    ("ink", "flag-tint"),
    *[("on-heat-low", f"heat-{level}") for level in (1, 2, 3, 4)],
    *[("on-heat-high", f"heat-{level}") for level in (5, 6)],
]
# Borders of controls, focus outlines, and edges that carry meaning.
SHAPE_PAIRS = [
    *[("control", paper) for paper in PAPERS],
    *[("water", paper) for paper in PAPERS],
    *[("buoy", paper) for paper in PAPERS],
    ("water", "sea"),
    ("water", "land"),
]


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "paper"), TEXT_PAIRS)
def test_text_reads_on_its_paper(theme: dict[str, str], ink: str, paper: str) -> None:
    assert contrast(theme.get(ink, LIGHT[ink]), theme.get(paper, LIGHT[paper])) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("shape", "paper"), SHAPE_PAIRS)
def test_shapes_that_carry_meaning_show(theme: dict[str, str], shape: str, paper: str) -> None:
    assert contrast(theme.get(shape, LIGHT[shape]), theme.get(paper, LIGHT[paper])) >= 3


@pytest.mark.parametrize(
    ("theme", "ink", "paper", "measured"),
    [
        (LIGHT, "ink", "paper", 16.0),
        (LIGHT, "soft", "paper", 6.7),
        (LIGHT, "water", "paper", 7.6),
        (LIGHT, "deep", "paper", 11.8),
        (LIGHT, "buoy", "paper", 5.0),
        (LIGHT, "on-flag", "flag", 8.9),
        (LIGHT, "good", "paper", 6.5),
        (LIGHT, "bad", "paper", 7.5),
        (DARK, "ink", "paper", 14.9),
        (DARK, "soft", "paper", 8.3),
        (DARK, "water", "paper", 8.9),
        (DARK, "buoy", "paper", 7.6),
    ],
)
def test_the_contrasts_that_the_look_promises(theme: dict[str, str], ink: str, paper: str, measured: float) -> None:
    assert round(contrast(theme[ink], theme[paper]), 1) == measured


def test_dark_by_device_and_dark_by_choice_are_the_same() -> None:
    assert DARK == CHOSEN_DARK
    assert set(DARK) <= set(LIGHT)
