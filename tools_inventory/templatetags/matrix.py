"""The coverage table's cells, written by one tag: a matrix has hundreds to thousands of them."""

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tools_inventory.selectors.coverage import Coverage, CoverageCell, CoverageRow
from tools_inventory.web.coverage import Asked
from tools_inventory.web.scopes import search_address

register = template.Library()


@register.simple_tag
def heat_cells(coverage: Coverage, row: CoverageRow, asked: Asked) -> SafeString:
    """A row's cells. A count leads to its search, a hole to those who could fill it."""
    return mark_safe(
        "".join(
            _cell(cell, coverage, asked, f"{row.header.code}:{column.code}")
            for column, cell in zip(coverage.columns, row.cells, strict=True)
        )
    )


def _cell(cell: CoverageCell, coverage: Coverage, asked: Asked, place: str) -> str:
    count = cell.home_count if coverage.home else cell.count
    if count:
        address = search_address(**dict(cell.home_search))
        return f'<td><a class="heat-{cell.level}" href="{escape(address)}">{count}</a></td>'
    if not cell.hole:
        return '<td><span class="heat-none">0</span></td>'
    current = ' aria-current="true"' if asked.cell and ":".join(asked.cell) == place else ""
    words = escape(_hole_words(cell.filler_count, coverage))
    return (
        f'<td><a class="heat-0" hx-boost="true" href="{escape(asked.address(cell=place))}#fillers"'
        f' aria-label="{words}"{current}><b>+{cell.filler_count}</b></a></td>'
    )


def _hole_words(count: int, coverage: Coverage) -> str:
    """The cell as it is read out, and as it stands in the key."""
    return _("none here; had by %(others)s") % {"others": others(count, coverage)}


@register.simple_tag
def others(count: int, coverage: Coverage) -> str:
    """ "12 other regions", or nodes, or countries, as home is one."""
    facet = coverage.home[0] if coverage.home else "region"
    if facet == "node":
        words = ngettext("%(count)s other node", "%(count)s other nodes", count)
    elif facet == "country":
        words = ngettext("%(count)s other country", "%(count)s other countries", count)
    else:
        words = ngettext("%(count)s other region", "%(count)s other regions", count)
    return words % {"count": count}


@register.simple_tag
def heat_key(coverage: Coverage) -> str:
    """What “+5” means, in words."""
    return _("“+5”: %(words)s") % {"words": _hole_words(5, coverage)}


@register.simple_tag
def heat_below(asked: Asked, code: str) -> str:
    """The same matrix with the rows that are narrower than a code."""
    return asked.address(rows_under=code)
