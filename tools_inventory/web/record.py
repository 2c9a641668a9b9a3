"""A record's page, its document as it was published, and its citation as files for reference managers."""

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.errors import NotFound, VerificationFailed, Withdrawn
from core.records.models import Record
from core.records.selectors.proofs import entry_verify
from core.records.selectors.records import counts_by_origin, record_get, record_or_withdrawal, record_uuid
from tools_inventory.selectors.citation import Citation, citation
from tools_inventory.selectors.nodes import node_names
from tools_inventory.selectors.presentation import Place, source_title, view_of
from tools_inventory.selectors.roles import organisation_roles
from tools_inventory.selectors.similar import similar_records
from tools_inventory.web.record_page import RecordPage, record_page
from tools_inventory.web.scopes import record_address

# Reference managers' formats: the part of the citation, media type.
CITATION_FILES = {
    "bib": ("bibtex", "application/x-bibtex; charset=utf-8"),
    "ris": ("ris", "application/x-research-info-systems; charset=utf-8"),
    "json": ("csl", "application/vnd.citationstyles.csl+json"),
}
# What reading a document of another form than it was verified in can raise.
UNREADABLE = (orjson.JSONDecodeError, AttributeError, KeyError, TypeError, ValueError)


@require_safe
def record(request: HttpRequest, uuid: str) -> HttpResponse:
    """Raises InvalidInput `bad_id`, NotFound `unknown_record`, VerificationFailed `damaged`."""
    wanted = record_uuid(uuid)
    if str(wanted) != uuid:
        return HttpResponsePermanentRedirect(record_address(wanted))
    found = record_or_withdrawal(wanted)
    if found.deleted:
        return _withdrawn(request, found)
    page = _page(found)
    context = {
        "page": page,
        "record": found,
        "points": [_point(page.view.place)] if page.view.place else [],
        "roles": organisation_roles(found, _language()) if found.kind == "organisation" else (),
        "similar": similar_records(found, _language()),
        "holds": sorted(counts_by_origin()[found.log.origin].items()) if found.kind == "node" else (),
    }
    response = render(request, "tools_inventory/record.html", context)
    patch_vary_headers(response, ("Cookie",))
    patch_cache_control(response, private=True, no_cache=True)
    return response


@require_safe
def document(request: HttpRequest, uuid: str) -> HttpResponse:
    """The very bytes whose hash stands in the log, as a file."""
    found = record_get(record_uuid(uuid))
    if found.entry.document is None:
        raise NotFound(field="id", code="no_document")
    response = HttpResponse(found.entry.document.encode(), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{_file_name(found)}.json"'
    return response


@require_safe
def cited(request: HttpRequest, uuid: str, form: str) -> HttpResponse:
    found = record_get(record_uuid(uuid))
    if form not in CITATION_FILES:
        raise NotFound(remedy=_("Use one of: %(names)s.") % {"names": ", ".join(CITATION_FILES)}, field="form")
    part, media_type = CITATION_FILES[form]
    made: Citation = citation(view_of(found, _language()), _language())
    response = HttpResponse(getattr(made, part), content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{_file_name(found)}.{form}"'
    return response


def _page(found: Record) -> RecordPage:
    try:
        return record_page(found, _language())
    except UNREADABLE as error:
        found.entry.log = found.log
        if entry_verify(found.entry).verified:
            raise
        raise VerificationFailed(
            _("What this node has stored of this record is damaged."),
            remedy=_("Read it on the node that published it; tell this node's operator, who can pull it anew."),
            code="damaged",
        ) from error


def _withdrawn(request: HttpRequest, found: Record) -> HttpResponse:
    """410 that says who and when; what it was called is gone with its content."""
    context = {
        "error": Withdrawn(field="id"),
        "record": found,
        "node_name": node_names().get(found.log.origin, found.log.origin),
        "number": found.entry.index + 1,
    }
    response = render(request, "tools_inventory/withdrawn.html", context, status=410)
    response["Cache-Control"] = "no-store"
    return response


def _point(place: Place) -> dict[str, str | float]:
    return {"label": place.label, "lat": place.lat, "lon": place.lon}


def _file_name(found: Record) -> str:
    """ "havenlink-port-xpert-8da32881": a title in Greek letters leaves the id alone."""
    title = slugify(source_title(found.document))[:60].strip("-")
    return "-".join(part for part in ("havenlink", title, str(found.uuid)[-8:]) if part)


def _language() -> str:
    return get_language() or "en"
