"""The workbench: this node's drafts, to make, edit, preview, publish, withdraw.

Rooms kept for what comes later: the full workbench (assignments, notes beside a field, machine translation proposals)
adds pages under `/workbench/<uuid>/…` and columns to the list; the matching of employers and schools has a desk of its
own under `/desk/` and begins with the opportunities made here (`offer.py`). Neither needs another way to write a draft.
"""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.accounts.roles import Permission, may
from core.accounts.web.access import needs
from core.errors import Conflict, HavenlinkError, InvalidRecord, NotFound
from core.node import this_node
from core.records import definition as d
from i18n.languages import is_known, language_name
from tools_inventory.models import Draft
from tools_inventory.selectors.drafts import (
    draft_counts,
    draft_document,
    draft_get,
    draft_history,
    draft_line,
    draft_page,
    known_organisations,
)
from tools_inventory.selectors.presentation import Group, Part, document_groups, held_records, row
from tools_inventory.services.content import Content, content_problems, content_title
from tools_inventory.services.drafts import draft_create, draft_discard, draft_update
from tools_inventory.services.publishing import draft_publish, draft_withdraw
from tools_inventory.web.controls import FormContext
from tools_inventory.web.forms import DraftForm, country_of, main_field, rows_changed

TRANSLATION_LANGUAGES = ("nl", "fr", "de", "en")


@dataclass(frozen=True, slots=True)
class Missing:
    """What keeps a draft from being published; `control` is the id of the form's control."""

    message: str
    control: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that somebody else changed meanwhile, as they left it."""

    label: str
    parts: tuple[Part, ...]


@require_safe
@needs(Permission.SEE_WORKBENCH)
def home(request: HttpRequest) -> HttpResponse:
    """The list, narrowed by kind, state and words of the title."""
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    number = request.GET.get("page", "1")
    found = draft_page(
        kind=kind if d.kind(kind) else "",
        state=state if state in Draft.State.values else "",
        text=request.GET.get("q", "").replace("\0", ""),
        page=int(number[:6]) if number.isdecimal() else 1,
    )
    counts = draft_counts()
    context = {
        "found": found,
        "kinds": [(one.name, one.label_plural) for one in _kinds()],
        "new_kinds": [(one.name, one.label) for one in _kinds()],
        "states": [(value, label, counts.get(value, 0)) for value, label in Draft.State.choices],
        "kind": kind,
        "state": state,
        "q": request.GET.get("q", ""),
        "filtered": bool(kind or state or request.GET.get("q")),
        "may_edit": may(request.user, Permission.EDIT_DRAFTS),
        "may_publish": may(request.user, Permission.PUBLISH),
    }
    return render(request, "tools_inventory/workbench/home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.EDIT_DRAFTS)
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """An empty form in one of the node's languages; the draft is made when it is first saved."""
    definition = _kind(kind)
    language = (request.POST if request.method == "POST" else request.GET).get("language", this_node().language)
    if language not in this_node().languages:
        language = this_node().language
    content: Content = {"region": this_node().region} if this_node().region else {}
    form, saving = _form(request, definition, language, content)
    if saving and form.is_valid():
        try:
            draft = draft_create(by=request.user, kind=kind, language=language, content=form.content_typed())
        except InvalidRecord as problem:
            form.add_problem(problem)
        else:
            return _saved(request, draft)
    return _form_page(request, definition, form, language=language)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.EDIT_DRAFTS)
def edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """When somebody else was quicker, the form comes back with what was typed, beside what they changed."""
    draft = draft_get(uuid)
    definition = _kind(draft.kind)
    form, saving = _form(request, definition, draft.language, draft.content)
    version = request.POST.get("version", "")
    if not saving or not form.is_valid():
        # A form that is only drawn anew keeps the version that it began from.
        return _form_page(request, definition, form, draft=draft, version=version or str(draft.version))
    typed = form.content_typed()
    try:
        began = int(version[:9]) if version.isdecimal() else 0
        return _saved(request, draft_update(by=request.user, draft_id=uuid, version=began, content=typed))
    except InvalidRecord as problem:
        form.add_problem(problem)
    except Conflict as conflict:
        form.add_error(None, f"{conflict.message} {conflict.remedy}")
        return _form_page(request, definition, form, draft=draft, differences=_differences(draft, typed), status=409)
    return _form_page(request, definition, form, draft=draft, version=version)


@require_safe
@needs(Permission.SEE_WORKBENCH)
def preview(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The draft as its record's page will show it, in any language of the interface."""
    draft = draft_get(uuid)
    return render(request, "tools_inventory/workbench/preview.html", _draft_context(request, draft))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.PUBLISH)
def publish(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Asks first: published is public, on every node."""
    draft = draft_get(uuid)
    if request.method == "POST":
        try:
            draft_publish(by=request.user, draft_id=uuid, version=_version(request))
        except (InvalidRecord, Conflict) as error:
            return _refused(request, "publish", draft_get(uuid), error)
        messages.success(
            request, _("“%(title)s” is published. Other nodes show it within a minute.") % {"title": draft}
        )
        return redirect("workbench:preview", uuid=uuid)
    return _confirm(request, "publish", draft)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.PUBLISH)
def withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    draft = draft_get(uuid)
    if request.method == "POST":
        try:
            draft_withdraw(by=request.user, draft_id=uuid, version=_version(request))
        except Conflict as error:
            return _refused(request, "withdraw", draft_get(uuid), error)
        messages.success(request, _("“%(title)s” is withdrawn. You can publish it again.") % {"title": draft})
        return redirect("workbench:preview", uuid=uuid)
    return _confirm(request, "withdraw", draft)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.EDIT_DRAFTS)
def discard(request: HttpRequest, uuid: UUID) -> HttpResponse:
    draft = draft_get(uuid)
    if request.method == "POST":
        try:
            draft_discard(by=request.user, draft_id=uuid)
        except Conflict as error:
            return _refused(request, "discard", draft, error)
        messages.success(request, _("“%(title)s” is thrown away.") % {"title": draft})
        return redirect("workbench:home")
    return _confirm(request, "discard", draft)


@require_safe
@needs(Permission.SEE_WORKBENCH)
def history(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Every revision that this draft's record has had in the node's log."""
    draft = draft_get(uuid)
    context = {**_draft_context(request, draft), "history": draft_history(draft)}
    return render(request, "tools_inventory/workbench/history.html", context)


def _kinds() -> list[d.Kind]:
    return [kind for kind in d.kinds() if kind.edited]


def _kind(name: str) -> d.Kind:
    kind = d.kind(name)
    if kind is None or not kind.edited:
        raise NotFound(_("There is no kind “%(kind)s”.") % {"kind": name[:60]}, code="unknown_kind")
    return kind


def _form(request: HttpRequest, kind: d.Kind, language: str, content: Content) -> tuple[DraftForm, bool]:
    """The form, and whether it is to be saved: the buttons that add or move a row only draw it anew."""
    data: QueryDict | None = request.POST if request.method == "POST" else None
    redraw = data is not None and any(name in data for name in ("add", "up", "translate"))
    if data is not None and redraw:
        data = rows_changed(data)
    context = FormContext(
        language=language,
        reader=get_language() or "en",
        translations=_translations(request, language, content),
        content=content,
        organisations=known_organisations(get_language() or "en"),
        country=content.get("location", {}).get("country") or country_of(content.get("region", "")),
    )
    form = DraftForm(data, kind=kind, context=context)
    if redraw:
        # Shown as typed, without complaints about what is not finished.
        form.errors.clear()
    return form, data is not None and not redraw


def _translations(request: HttpRequest, language: str, content: Content) -> tuple[str, ...]:
    """The languages that the content has, and those added while editing, but the draft's own."""
    asked = [*request.POST.getlist("translations"), request.POST.get("translation", "")]
    languages = [*content.get("title", {}), *(code for code in asked if code and is_known(code))]
    return tuple(code for code in dict.fromkeys(languages) if code != language)


def _form_page(
    request: HttpRequest,
    kind: d.Kind,
    form: DraftForm,
    *,
    draft: Draft | None = None,
    language: str = "",
    version: str = "",
    differences: tuple[Difference, ...] = (),
    status: int = 0,
) -> HttpResponse:
    reader = get_language() or "en"
    context = {
        "form": form,
        "kind": kind,
        "draft": draft_line(draft) if draft else None,
        "language": draft.language if draft else language,
        "languages_offered": [(code, language_name(code, reader)) for code in this_node().languages],
        "version": version or (draft.version if draft else ""),
        "translations": form.context.translations,
        "translatable": [
            (code, language_name(code, reader))
            for code in TRANSLATION_LANGUAGES
            if code != form.context.language and code not in form.context.translations
        ],
        "organisations": form.context.organisations,
        "differences": differences,
        "may_publish": may(request.user, Permission.PUBLISH),
    }
    code = status or (422 if form.errors else 200)
    return render(request, "tools_inventory/workbench/edit.html", context, status=code)


def _saved(request: HttpRequest, draft: Draft) -> HttpResponse:
    messages.success(request, _("Saved."))
    if "preview" in request.POST:
        return redirect("workbench:preview", uuid=draft.id)
    return redirect("workbench:edit", uuid=draft.id)


def _differences(draft: Draft, typed: Content) -> tuple[Difference, ...]:
    """What stands in the draft now where it is not what was typed."""
    language = get_language() or "en"
    theirs = _rows(draft_document(draft), language)
    changed = {name for name in {*draft.content, *typed} if draft.content.get(name) != typed.get(name)}
    return tuple(
        Difference(shown.label, shown.parts) for group in theirs for shown in group.rows if shown.field in changed
    )


def _rows(document: dict[str, Any], language: str) -> tuple[Group, ...]:
    """The kind's groups, with the sources last, which a record's page shows as its provenance."""
    groups = document_groups(document, language, held_records([document]))
    sources = row(next(field for field in d.ENVELOPE if field.name == "sources"), document, language)
    return (*groups[:-1], replace(groups[-1], rows=(*groups[-1].rows, sources))) if groups else ()


def _draft_context(request: HttpRequest, draft: Draft) -> dict[str, Any]:
    language = get_language() or "en"
    groups = _rows(draft_document(draft), language)
    return {
        "draft": draft_line(draft),
        "version": draft.version,
        "title": content_title(draft.content, draft.language),
        "groups": groups,
        "missing": _missing(draft),
        "may_edit": may(request.user, Permission.EDIT_DRAFTS),
        "may_publish": may(request.user, Permission.PUBLISH),
    }


def _missing(draft: Draft) -> tuple[Missing, ...]:
    problems = content_problems(kind=draft.kind, language=draft.language, content=draft.content, complete=True)
    context = FormContext(language=draft.language, reader=get_language() or "en")
    kind = _kind(draft.kind)
    return tuple(Missing(str(problem.message), main_field(kind, problem.field or "", context)) for problem in problems)


def _confirm(request: HttpRequest, step: str, draft: Draft, error: HavenlinkError | None = None) -> HttpResponse:
    context = {**_draft_context(request, draft), "step": step, "error": error, "allowed": draft.may(step)}
    status = error.http_status if error else 200
    return render(request, "tools_inventory/workbench/confirm.html", context, status=status)


def _refused(request: HttpRequest, step: str, draft: Draft, error: HavenlinkError) -> HttpResponse:
    return _confirm(request, step, draft, error)


def _version(request: HttpRequest) -> int | None:
    version = request.POST.get("version", "")
    return int(version[:9]) if version.isdecimal() else None
