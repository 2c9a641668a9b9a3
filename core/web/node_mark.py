"""A node's mark: a two-colour signal flag, drawn from the node's id alone, the same on every node and every page.

The colours are those of real signal flags and do not follow light or dark; any two that meet differ by 3:1 or more,
and the page draws a ring around the flag so that it stands out from any paper.
"""

import hashlib
from functools import lru_cache

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

# Prefixed to the id before hashing; chosen so that the nodes of the demo network fly seven different figures.
SERIES = "flag 690"

# (ground, figure). Measured in tests/core/web/test_node_mark.py.
COLOURS = {
    "white": "#ffffff",
    "yellow": "#f4b81f",
    "red": "#b3261e",
    "blue": "#14508c",
    "ink": "#0c2430",
    "green": "#0d5c4a",
}
PAIRS = (
    ("white", "blue"),
    ("yellow", "blue"),
    ("white", "red"),
    ("yellow", "ink"),
    ("blue", "white"),
    ("red", "white"),
    ("ink", "yellow"),
    ("yellow", "red"),
    ("white", "ink"),
    ("blue", "yellow"),
    ("white", "green"),
    ("green", "yellow"),
    ("red", "yellow"),
    ("green", "white"),
    ("ink", "white"),
    ("yellow", "green"),
)
# The figure of each flag on a square of 16: a path, or several in one.
PATTERNS = (
    "M8 0h8v16H8z",  # halves, upright
    "M0 8h16v8H0z",  # halves, lying
    "M16 0v16H0z",  # per bend
    "M6 0h4v6h6v4h-6v6H6v-6H0V6h6z",  # cross
    "M0 0h4l4 4 4-4h4v4l-4 4 4 4v4h-4l-4-4-4 4H0v-4l4-4-4-4z",  # saltire
    "M5 5h6v6H5z",  # square in the middle
    "M0 0h8v8H0zM8 8h8v8H8z",  # quarters
    "M0 0h4v4H0zM8 0h4v4H8zM4 4h4v4H4zM12 4h4v4h-4zM0 8h4v4H0zM8 8h4v4H8zM4 12h4v4H4zM12 12h4v4h-4z",  # chequers
    "M5.33 0h5.34v16H5.33z",  # pale
    "M0 5.33h16v5.34H0z",  # fess
    "M8 3.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9z",  # disc
    "M8 0l8 8-8 8-8-8z",  # lozenge
    "M0 0l10 8-10 8z",  # pile from the hoist
    "M0 4V0h4zM0 12V8l8-8h4zM4 16H0l16-16v4zM12 16H8l8-8v4z",  # bends
    "M0 0h16v16H0zM3 3v10h10V3z",  # border
    "M0 3.2h16v3.2H0zM0 9.6h16v3.2H0z",  # bars
)


def flag_of(node_id: str) -> tuple[str, str, str]:
    """The path of the figure, the colour of the ground and that of the figure, for a node's id."""
    digest = hashlib.sha256(f"{SERIES} {node_id.strip().lower()}".encode()).digest()
    ground, figure = PAIRS[digest[1] % len(PAIRS)]
    return PATTERNS[digest[0] % len(PATTERNS)], COLOURS[ground], COLOURS[figure]


@lru_cache(maxsize=1024)
def flag_svg(node_id: str) -> SafeString:
    """The flag as inline SVG, hidden from assistive technology: the node's name always stands beside it."""
    path, ground, figure = flag_of(node_id)
    return format_html(
        '<svg class="flag" viewBox="0 0 16 16" aria-hidden="true" focusable="false">'
        '<rect width="16" height="16" fill="{}"/><path fill="{}" fill-rule="evenodd" d="{}"/></svg>',
        ground,
        figure,
        path,
    )


@lru_cache(maxsize=1024)
def node_mark(node_id: str, name: str) -> SafeString:
    """The flag and the name in one line. Escaped here whatever it claims: a cached answer must suit every caller."""
    return format_html('<span class="node-mark">{}<span>{}</span></span>', flag_svg(node_id), escape(name))


@lru_cache(maxsize=8)
def favicon_svg(node_id: str) -> SafeString:
    """The flag as a document of its own, with a hairline so that it shows on a white tab."""
    path, ground, figure = flag_of(node_id)
    return mark_safe(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 18 18">'
        f'<rect width="16" height="16" fill="{ground}"/><path fill="{figure}" fill-rule="evenodd" d="{path}"/>'
        '<rect x="-.5" y="-.5" width="17" height="17" rx="1.5" fill="none" stroke="#7f9299"/></svg>'
    )
