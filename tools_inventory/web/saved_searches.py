"""Saving a search, confirming it, unsubscribing, managing one's saved searches: pages for readers without an account.

No page here sets a cookie, so none has a CSRF token: what a form does is authorised by the signed token in its address,
or needs no authority (`core/web/strangers.py`). A link in a mail only shows a page, since mail programs follow links;
what it is for is done by that page's button. Mail programs that unsubscribe in one click (RFC 8058) send the same POST.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import InvalidInput, NotFound
from core.search.parameters import parse
from core.search.seam import Query
from core.web.strangers import form_of_a_stranger
from tools_inventory.models import SavedSearch, Subscriber
from tools_inventory.selectors.saved_searches import search_line, search_page_address
from tools_inventory.services.email_addresses import address_shown
from tools_inventory.services.mail_links import Purpose, token_read, unknown_link
from tools_inventory.services.saved_searches import (
    MAILS_A_DAY,
    saved_search_change,
    saved_search_confirm,
    saved_search_create,
    saved_search_delete,
    saved_search_pause,
    saved_search_resume,
    search_parameters,
    subscriber_delete,
    subscriber_link_ask,
)
from tools_inventory.web.saved_search_forms import AddressForm, ChangeForm, SaveForm
from tools_inventory.web.search_feed import PAGES

DONE = {
    "changed": _("Changed."),
    "paused": _("Paused: you get no mails of this search until you resume it."),
    "resumed": _("Resumed: you get mails of what is new from now on."),
    "deleted": _("Deleted. Nothing is kept of it."),
}


@dataclass(frozen=True, slots=True)
class SavedRow:
    """A saved search on the page that manages them."""

    id: UUID
    line: str
    language: str
    address: str
    state: str
    state_label: str
    reason: str
    may_pause: bool
    may_resume: bool
    sent_at: datetime | None
    next_at: datetime | None
    form: ChangeForm


@csrf_exempt
@never_cache
@sensitive_post_parameters("email")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form; the search it saves stands in its address, as on a search page, with `scope`."""
    scope_name, query = _asked(request)
    scope = PAGES[scope_name]
    form = SaveForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        form_of_a_stranger(request, "save")
        if form.is_valid():
            try:
                saved_search_create(
                    email=form.cleaned_data["email"],
                    scope=scope_name,
                    query=query,
                    frequency=form.cleaned_data["frequency"],
                    language=query.language,
                )
                return redirect("inventory:saved_search_sent")
            except InvalidInput as error:
                form.refuse(error)
        status = 400
    parameters = search_parameters(scope_name, query)
    context = {
        "form": form,
        "line": search_line(scope_name, parameters, query.language),
        "search": scope.address(query),
    }
    return _page(request, "new", context, status)


@never_cache
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    return _page(request, "sent", {"mails_a_day": MAILS_A_DAY})


@csrf_exempt
@never_cache
@sensitive_post_parameters("email")
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """Ask for the link to one's saved searches. What follows does not tell whether there are any."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        form_of_a_stranger(request, "link")
        if form.is_valid():
            try:
                subscriber_link_ask(email=form.cleaned_data["email"], language=_language())
                return redirect(f"{reverse('inventory:saved_search_sent')}?link=1")
            except InvalidInput as error:
                form.refuse(error)
    status = 400 if form.errors else 200
    return _page(request, "home", {"form": form, "done": DONE.get(request.GET.get("done", ""))}, status)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    saved = _saved(token_read(Purpose.CONFIRM, token))
    if request.method == "POST":
        saved = saved_search_confirm(saved_id=saved.id)
    context = {
        "line": search_line(saved.scope, saved.parameters, _language()),
        "search": search_page_address(saved.scope, saved.parameters, _language()),
        "email": address_shown(saved.subscriber.email),
        "frequency": saved.get_frequency_display(),
        "confirmed": saved.state != SavedSearch.State.UNCONFIRMED,
    }
    return _page(request, "confirm", context)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """One that is deleted already is answered as the others: who unsubscribes twice is unsubscribed."""
    saved_id = token_read(Purpose.UNSUBSCRIBE, token)
    saved = SavedSearch.objects.filter(pk=saved_id).first()
    if request.method == "POST":
        saved_search_delete(saved_id=saved_id)
        saved = None
    line = search_line(saved.scope, saved.parameters, _language()) if saved else ""
    return _page(request, "unsubscribe", {"line": line, "done": saved is None})


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def manage(request: HttpRequest, token: str) -> HttpResponse:
    subscriber = Subscriber.objects.filter(pk=token_read(Purpose.MANAGE, token)).first()
    if subscriber is None:
        raise unknown_link()
    if request.method == "POST":
        done = _manage(subscriber, request.POST)
        if not Subscriber.objects.filter(pk=subscriber.pk).exists():
            return redirect(f"{reverse('inventory:saved_searches')}?done=deleted")
        return redirect(f"{request.path}?done={done}")
    rows = [
        _row(saved)
        for saved in subscriber.saved_searches.exclude(state=SavedSearch.State.UNCONFIRMED).order_by("created_at")
    ]
    context = {
        "rows": rows,
        "email": address_shown(subscriber.email),
        "unconfirmed": subscriber.saved_searches.filter(state=SavedSearch.State.UNCONFIRMED).count(),
        "done": DONE.get(request.GET.get("done", "")),
    }
    return _page(request, "manage", context)


def _manage(subscriber: Subscriber, posted: QueryDict) -> str:
    """Do what the button says; the key of DONE. Raises InvalidInput `unknown_step`, and what the services raise."""
    step = posted.get("step", "")
    if step == "delete_all":
        subscriber_delete(subscriber_id=subscriber.pk)
        return "deleted"
    try:
        saved_id = UUID(posted.get("id", ""))
    except ValueError as error:
        raise unknown_link() from error
    match step:
        case "change":
            saved_search_change(
                subscriber_id=subscriber.pk,
                saved_id=saved_id,
                frequency=posted.get("frequency", ""),
                language=posted.get("language", ""),
            )
            return "changed"
        case "pause":
            saved_search_pause(subscriber_id=subscriber.pk, saved_id=saved_id)
            return "paused"
        case "resume":
            saved_search_resume(subscriber_id=subscriber.pk, saved_id=saved_id)
            return "resumed"
        case "delete":
            saved_search_delete(subscriber_id=subscriber.pk, saved_id=saved_id)
            return "deleted"
        case _:
            raise InvalidInput(
                _("There is no such step."), remedy=_("Use the buttons of the page."), code="unknown_step"
            )


def _row(saved: SavedSearch) -> SavedRow:
    language = _language()
    initial = {"frequency": saved.frequency, "language": saved.language}
    return SavedRow(
        id=saved.id,
        line=search_line(saved.scope, saved.parameters, language),
        language=saved.language,
        address=search_page_address(saved.scope, saved.parameters, language),
        state=saved.state,
        state_label=saved.get_state_display(),
        reason=saved.get_stopped_because_display() if saved.stopped_because else "",
        may_pause=saved.may("pause"),
        may_resume=saved.may("resume"),
        sent_at=saved.sent_at,
        next_at=saved.due_at if saved.state == SavedSearch.State.ACTIVE else None,
        form=ChangeForm(initial=initial, auto_id=f"{saved.id}-%s"),
    )


def _asked(request: HttpRequest) -> tuple[str, Query]:
    scope_name = request.GET.get("scope", "search")
    if scope_name not in PAGES:
        raise NotFound(field="scope")
    return scope_name, PAGES[scope_name].narrow(parse(request.GET, _language()))


def _saved(saved_id: UUID) -> SavedSearch:
    saved = SavedSearch.objects.select_related("subscriber").filter(pk=saved_id).first()
    if saved is None:
        raise unknown_link()
    return saved


def _page(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, f"tools_inventory/saved_searches/{name}.html", context, status=status)


def _language() -> str:
    return get_language() or "en"
