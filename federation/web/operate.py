"""The operator's pages: what is held and how it goes, every step with an origin, admission, the audit trail, what was
verified. All need the permission to administer the node; the services behind them ask again.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.accounts.roles import Permission
from core.accounts.web.access import needs
from core.errors import Conflict, HavenlinkError, InvalidInput, NotFound, VerificationFailed
from core.node import this_node
from core.records.checkpoint import VerifierKey
from federation.selectors.network import network_status
from federation.selectors.operators_view import (
    OriginView,
    actions_before,
    origin_view,
    positions_of_ours,
    verify_run_last,
)
from federation.services.steps import (
    ASKED_FIRST,
    REASONED,
    everything_verify,
    node_admit,
    node_look_up,
    step_take,
    steps_open,
)
from federation.web.network_rows import network_rows
from federation.web.operate_forms import AddressForm, AdmitForm, StepForm, VerifyForm
from federation.web.operate_rows import action_rows, position_rows, run_view
from federation.web.step_words import STEP_WORDS


@require_safe
@needs(Permission.ADMINISTER)
def overview(request: HttpRequest) -> HttpResponse:
    """Every node, how it goes with it, and how the others see this one."""
    now = timezone.now()
    size, positions = positions_of_ours()
    run = verify_run_last()
    context = {
        "rows": network_rows(network_status(), now),
        "positions": position_rows(positions, size, ours=True, now=now),
        "run": run_view(run) if run else None,
        "here": "overview",
    }
    return render(request, "federation/operate/overview.html", context)


@require_safe
@needs(Permission.ADMINISTER)
def origin(request: HttpRequest, origin: str) -> HttpResponse:
    """One node with all that is known of it, and the steps that can be taken."""
    return _origin_page(request, origin_view(origin))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.ADMINISTER)
def step(request: HttpRequest, origin: str, step: str) -> HttpResponse:
    """Asks first, and takes the step when the form comes back. Harmless steps are sent without being asked."""
    words = STEP_WORDS.get(step)
    if words is None:
        raise NotFound()
    view = origin_view(origin)
    made = VerifyForm if step == "verify" else StepForm
    form = made(request.POST if request.method == "POST" else None, reason_needed=step in REASONED)
    error: HavenlinkError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            step_take(
                person=request.user,
                by=request.user.get_username(),
                step=step,
                origin=origin,
                reason=form.cleaned_data["reason"],
                repair=form.cleaned_data.get("repair", False),
            )
        except (Conflict, NotFound) as refused:
            error = refused
        else:
            messages.success(request, str(words.done) % {"name": view.status.name})
            return _after(step, origin)
    context = {
        "view": view,
        "step": step,
        "words": words,
        "question": str(words.question) % {"name": view.status.name},
        "dangerous": step in ASKED_FIRST,
        "open": step in steps_open(view.log, view.peer),
        "form": form,
        "error": error,
    }
    return render(request, "federation/operate/step.html", context, status=error.http_status if error else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.ADMINISTER)
def admit(request: HttpRequest) -> HttpResponse:
    """First the address; the node says who it is; then its fingerprint, to be compared; then it is admitted."""
    if request.method == "POST" and "verifier_key" in request.POST:
        return _admit(request)
    form = AddressForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        url = form.cleaned_data["url"]
        try:
            found = node_look_up(person=request.user, url=url)
        except (Conflict, HavenlinkError) as error:
            if error.http_status == 403:
                raise
            form.refuse(error)
        else:
            shown = {"url": url, "verifier_key": str(found.key), "name": found.name}
            return _compare_page(request, AdmitForm(initial=shown), shown)
    return render(request, "federation/operate/admit.html", {"form": form, "here": "admit"})


@require_safe
@needs(Permission.ADMINISTER)
def actions(request: HttpRequest) -> HttpResponse:
    """The audit trail, a page at a time."""
    last = request.GET.get("before", "")
    rows, following = actions_before(int(last[:18]) if last.isdecimal() else None)
    context = {"rows": action_rows(rows), "following": following, "later": bool(last), "here": "actions"}
    return render(request, "federation/operate/actions.html", context)


@require_safe
@needs(Permission.ADMINISTER)
def verification(request: HttpRequest) -> HttpResponse:
    """What was verified last, and the form to have it done anew; while it is under way htmx asks for the outcome."""
    run = verify_run_last()
    context = {"view": run_view(run) if run else None, "form": VerifyForm(), "here": "verification"}
    template = "federation/operate/_run.html" if request.htmx else "federation/operate/verification.html"  # type: ignore[attr-defined]  # django-htmx's middleware sets it
    return render(request, template, context)


@require_POST
@needs(Permission.ADMINISTER)
def verify_everything(request: HttpRequest) -> HttpResponse:
    """Have all logs and the index verified by a worker."""
    try:
        everything_verify(person=request.user, by=request.user.get_username(), repair="repair" in request.POST)
    except Conflict as error:
        messages.warning(request, f"{error.message} {error.remedy}")
    else:
        messages.success(request, _("Everything is being verified. The outcome is shown here."))
    return redirect("federation:verification")


def _origin_page(request: HttpRequest, view: OriginView) -> HttpResponse:
    now = timezone.now()
    size = view.log.size if view.log else 0
    ours = view.status.origin == this_node().id
    context = {
        "view": view,
        "row": network_rows([view.status], now)[0],
        "positions": position_rows(view.positions, size, ours=ours, now=now),
        "steps": [
            {"name": name, "words": STEP_WORDS[name], "asked": name in ASKED_FIRST or name == "verify"}
            for name in steps_open(view.log, view.peer)
        ],
        "actions": action_rows(view.actions),
    }
    return render(request, "federation/operate/origin.html", context)


def _after(step: str, origin: str) -> HttpResponse:
    if step == "verify":
        return redirect("federation:verification")
    return redirect("federation:operate") if step == "forget" else redirect("federation:origin", origin=origin)


def _admit(request: HttpRequest) -> HttpResponse:
    form = AdmitForm(request.POST)
    if form.is_valid():
        shown = {name: form.cleaned_data[name] for name in ("url", "verifier_key", "name")}
        try:
            peer = node_admit(
                person=request.user,
                by=request.user.get_username(),
                reason=form.cleaned_data["reason"],
                **shown,
            )
        except (Conflict, InvalidInput, VerificationFailed) as error:
            form.add_error(None, f"{error.message} {error.remedy}")
        else:
            messages.success(request, _("%(name)s is admitted and is pulled from now.") % {"name": peer.name})
            return redirect("federation:origin", origin=peer.origin)
    return _compare_page(request, form, {name: request.POST.get(name, "") for name in ("url", "verifier_key", "name")})


def _compare_page(request: HttpRequest, form: AdmitForm, shown: dict[str, str]) -> HttpResponse:
    try:
        key = VerifierKey.parse(shown["verifier_key"])
    except VerificationFailed as error:
        raise InvalidInput(field="verifier_key", code="bad_key") from error
    context: dict[str, Any] = {"form": form, "url": shown["url"], "name": shown["name"], "key": key, "here": "admit"}
    return render(request, "federation/operate/compare.html", context)
