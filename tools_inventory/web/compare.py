"""Comparing two to five records: the table, as a spreadsheet, and calm words where there is nothing to compare."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.errors import InvalidInput, NotFound, RequestTooLarge, Withdrawn
from core.records.selectors.records import record_uuid, records_get, withdrawn_among
from core.search.parameters import text
from i18n.formats import format_date
from tools_inventory.selectors.candidates import candidates
from tools_inventory.selectors.comparison import MAX_RECORDS, MIN_RECORDS, Comparison
from tools_inventory.selectors.comparison import compare as compare_records
from tools_inventory.selectors.nodes import node_names
from tools_inventory.selectors.presentation import Brief, briefs
from tools_inventory.services.spreadsheet import CSV_TYPE, XLSX_TYPE, comparison_csv, comparison_xlsx

FILES = {"xlsx": (comparison_xlsx, XLSX_TYPE), "csv": (comparison_csv, CSV_TYPE)}
# More than anybody can have ticked: whoever sends these is no reader.
MAX_IDS = 50


@dataclass(frozen=True, slots=True)
class Column:
    """A record chosen, and the same comparison without it."""

    brief: Brief
    without: str


@dataclass(frozen=True, slots=True)
class Addable:
    """A record that is not chosen, and the same comparison with it."""

    brief: Brief
    address: str


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """`id` two to five times; `q` searches for one more to add; `equal=hide` folds rows in which all say the same."""
    asked = _asked(request)
    wanted = list(dict.fromkeys(asked))
    if not MIN_RECORDS <= len(wanted) <= MAX_RECORDS:
        return _nothing_to_compare(request, wanted, _why_not(wanted, asked))
    comparison = compare_records(wanted, _language())
    if len(comparison.columns) < MIN_RECORDS:
        return _nothing_to_compare(request, wanted, _gone(comparison.unavailable))
    shown = [column.uuid for column in comparison.columns]
    notices = _unavailable(comparison.unavailable)
    if len(wanted) < len(asked):
        notices.append(_("A record was named twice; it stands here once."))
    context = {
        "comparison": comparison,
        "columns": _columns(comparison.columns),
        "hides_equal": request.GET.get("equal") == "hide",
        "notices": notices,
        "files": [(form, _address(shown, "inventory:compare_file", form=form)) for form in FILES],
        "width": len(comparison.columns) + 1,
        **_adding(request, comparison.columns),
    }
    return _answer(request, "tools_inventory/compare.html", context)


@require_safe
def spreadsheet(request: HttpRequest, form: str) -> HttpResponse:
    """Raises InvalidInput as the selector does, NotFound for another form than .csv and .xlsx."""
    if form not in FILES:
        raise NotFound(remedy=_("Use one of: %(names)s.") % {"names": ", ".join(FILES)}, field="form")
    comparison: Comparison = compare_records(_asked(request), _language())
    if len(comparison.columns) < MIN_RECORDS:
        raise _gone(comparison.unavailable)
    write, media_type = FILES[form]
    response = HttpResponse(write(comparison), content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="havenlink-comparison.{form}"'
    return response


def _asked(request: HttpRequest) -> list[UUID]:
    values = request.GET.getlist("id")
    if len(values) > MAX_IDS:
        raise RequestTooLarge(field="id")
    return [record_uuid(value) for value in values if value]


def _why_not(wanted: Sequence[UUID], asked: Sequence[UUID]) -> InvalidInput:
    if len(wanted) > MAX_RECORDS:
        return InvalidInput(
            _("That is more than fits side by side"),
            remedy=_("At most %(number)s records can be compared at a time. Leave some out.") % {"number": MAX_RECORDS},
            field="id",
            code="too_many_records",
        )
    if not wanted:
        message, remedy = _("Nothing chosen yet"), _("Search for two to five records and tick “Compare” beside them.")
    elif len(asked) > 1:
        message, remedy = _("That is one record, named twice"), _("Add another one to compare it with.")
    else:
        message, remedy = _("One record chosen"), _("Add another one to compare it with.")
    return InvalidInput(message, remedy=remedy, field="id", code="too_few_records")


def _gone(unavailable: Sequence[UUID]) -> NotFound | Withdrawn:
    """For a comparison of which fewer than two records are left."""
    remedy = _("Add another one, or search anew.")
    words = " ".join(_unavailable(unavailable))
    if withdrawn_among(unavailable):
        return Withdrawn(words, remedy=remedy, field="id")
    return NotFound(words, remedy=remedy, field="id", code="unknown_record")


def _unavailable(uuids: Sequence[UUID]) -> list[str]:
    """What happened to each record that cannot be shown."""
    if not uuids:
        return []
    names = node_names()
    withdrawn = withdrawn_among(uuids)
    words = [
        _("%(node)s withdrew one of the records on %(date)s.")
        % {
            "node": names.get(record.log.origin, record.log.origin),
            "date": format_date(record.published_at, _language()),
        }
        for record in withdrawn
    ]
    gone = {record.uuid for record in withdrawn}
    words += [
        _("No node known here has published a record %(id)s.") % {"id": uuid} for uuid in uuids if uuid not in gone
    ]
    return words


def _nothing_to_compare(
    request: HttpRequest, wanted: Sequence[UUID], error: InvalidInput | NotFound | Withdrawn
) -> HttpResponse:
    """What is chosen, why that is not enough (or too much), and the next step."""
    chosen = briefs(records_get(wanted), _language())
    context = {"error": error, "columns": _columns(chosen), **_adding(request, chosen)}
    response = _answer(request, "tools_inventory/compare_start.html", context)
    response.status_code = error.http_status
    return response


def _adding(request: HttpRequest, chosen: Sequence[Brief]) -> dict[str, object]:
    """The search for one more, and what it found; nothing where there is no room."""
    if len(chosen) >= MAX_RECORDS:
        return {"may_add": False}
    typed = text(request.GET.get("q", ""))
    ids = [brief.uuid for brief in chosen]
    found = candidates(typed, chosen, _language())
    return {
        "may_add": True,
        "typed": typed,
        "ids": ids,
        "addable": [Addable(brief, _address([*ids, brief.uuid])) for brief in found],
    }


def _columns(chosen: Sequence[Brief]) -> list[Column]:
    ids = [brief.uuid for brief in chosen]
    return [Column(brief, _address(uuid for uuid in ids if uuid != brief.uuid)) for brief in chosen]


def _address(ids: Iterable[UUID], name: str = "inventory:compare", **kwargs: str) -> str:
    query = urlencode([("id", str(uuid)) for uuid in ids])
    return f"{reverse(name, kwargs=kwargs)}?{query}" if query else reverse(name, kwargs=kwargs)


def _answer(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    if request.htmx and request.htmx.target == "candidates":  # type: ignore[attr-defined]  # django-htmx's middleware
        template = "tools_inventory/_candidates.html"
    response = render(request, template, context)
    patch_vary_headers(response, ("HX-Request", "Cookie"))
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _language() -> str:
    return get_language() or "en"
