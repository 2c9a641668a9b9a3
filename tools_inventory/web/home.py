"""The home page: one question, three doors into the search, what there is and where, what is new, who is alive."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from i18n.formats import format_date, format_number, relative_time
from tools_inventory.selectors import home as selectors
from tools_inventory.selectors.home import Home, Port, Pulse
from tools_inventory.web.scopes import filters_address, record_address, search_address

Filters = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Door:
    """A way in for somebody; its filters are a search."""

    icon: str
    title: str | Promise
    words: str | Promise
    filters: Filters


DOORS = (
    Door(
        "city",
        gettext_lazy("I work for a city or region"),
        gettext_lazy("What others do about shortages, early orientation and working together."),
        {"theme": ("labour_shortage", "early_orientation", "policy_cooperation", "early_school_leaving", "neet")},
    ),
    Door(
        "people",
        gettext_lazy("I work for an NGO or a school"),
        gettext_lazy("What fits the young people you know, in any language."),
        {
            "audience": (
                "girls",
                "school_leavers",
                "disadvantaged_youth",
                "additional_needs",
                "newcomers",
                "neet",
                "jobseekers",
            )
        },
    ),
    Door(
        "company_visit",
        gettext_lazy("I am an employer"),
        gettext_lazy("What companies do with schools: visits, tasters, lessons, places."),
        {
            "activity": (
                "company_visit",
                "job_tasting",
                "guest_lesson",
                "internship",
                "dual_learning",
                "assignment",
                "infrastructure_sharing",
            )
        },
    ),
)

# Searches to try, each with hits in the real inventory.
EXAMPLES = (
    gettext_lazy("girls in technology"),
    gettext_lazy("job tasting in the port"),
    gettext_lazy("mentor for newcomers"),
)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    language = get_language() or "en"
    found = selectors.home(language)
    context = {
        "home": found,
        "total_words": _total_words(found),
        "doors": [_door(*each) for each in zip(DOORS, _door_counts(), strict=True)],
        "examples": [(example, search_address(q=str(example))) for example in EXAMPLES],
        "points": [_point(port) for port in found.ports],
        "activities": [(each.code, each.count, search_address(activity=each.code)) for each in found.activities],
        "newest": [
            (brief, record_address(brief.uuid), format_date(brief.published_at, language)) for brief in found.newest
        ],
        "pulse": [_beat(beat, language) for beat in found.pulse],
    }
    return render(request, "tools_inventory/home.html", context)


def _total_words(found: Home) -> str:
    message = ngettext(
        "%(count)s way that works, from %(ports)s ports and cities",
        "%(count)s tools, programmes and opportunities, from %(ports)s ports and cities",
        found.total,
    )
    return message % {"count": format_number(found.total), "ports": format_number(len(found.ports))}


def _door_counts() -> list[int]:
    return selectors.matching_counts([door.filters for door in DOORS])


def _door(door: Door, count: int) -> dict[str, object]:
    return {
        "icon": door.icon,
        "title": door.title,
        "words": door.words,
        "count": ngettext("%(count)s record", "%(count)s records", count) % {"count": format_number(count)},
        "address": filters_address(door.filters),
    }


def _point(port: Port) -> dict[str, str | int | float]:
    return {
        "lat": port.lat,
        "lon": port.lon,
        "label": port.label,
        "count": port.count,
        "note": ngettext("%(count)s record", "%(count)s records", port.count) % {"count": format_number(port.count)},
        "url": search_address(region=port.code),
    }


def _beat(beat: Pulse, language: str) -> dict[str, object]:
    changed = relative_time(beat.checkpoint_at, language, timezone.now()) if beat.checkpoint_at else ""
    return {
        "origin": beat.origin,
        "name": beat.name,
        "own": beat.own,
        "frozen": beat.frozen,
        "records": ngettext("%(count)s record", "%(count)s records", beat.records)
        % {"count": format_number(beat.records)},
        "entries": ngettext("%(count)s entry in its log", "%(count)s entries in its log", beat.size)
        % {"count": format_number(beat.size)},
        "changed": _("last change %(when)s") % {"when": changed} if changed else _("nothing published yet"),
        "address": search_address(node=beat.origin),
    }
