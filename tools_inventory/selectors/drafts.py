"""Reading the editing side: lists of drafts, a draft with its history, the organisations that a form proposes."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

import orjson
from django.core.paginator import Paginator
from django.db.models import Count
from django.utils.translation import gettext as _

from core.errors import NotFound
from core.node import this_node
from core.records import definition as d
from core.records.models import Entry, Log
from core.records.services.append import record_url
from i18n.languages import country_name
from tools_inventory.models import Draft

PAGE_SIZE = 25
# A list of proposals longer than this helps nobody, and every form carries it.
MAX_PROPOSALS = 3000


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft in a list."""

    id: UUID
    kind: str
    kind_label: str
    title: str
    language: str
    state: str
    state_label: str
    revision: int
    owner: str
    updated_at: datetime
    may_publish: bool
    may_withdraw: bool
    may_discard: bool

    @property
    def is_public(self) -> bool:
        return self.state in (Draft.State.PUBLISHED, Draft.State.CHANGED)


@dataclass(frozen=True, slots=True)
class DraftPage:
    """A page of a list; `numbers` are the pages to link to, None for a gap."""

    lines: tuple[DraftLine, ...]
    total: int
    page: int
    pages: int
    numbers: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A revision in this node's log; `changed` are the labels of the fields that differ from the one before."""

    revision: int
    number: int
    withdrawal: bool
    published_at: datetime
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownOrganisation:
    """`label` tells organisations of one name apart; it is what a form proposes."""

    id: str
    name: str
    label: str


def draft_page(*, kind: str = "", state: str = "", text: str = "", page: int = 1) -> DraftPage:
    """Newest change first. A page beyond the last is the last."""
    drafts = Draft.objects.select_related("owner").defer("content").order_by("-updated_at", "-id")
    if kind:
        drafts = drafts.filter(kind=kind)
    if state:
        drafts = drafts.filter(state=state)
    if text:
        drafts = drafts.filter(title__icontains=text[:200])
    paginator = Paginator(drafts, PAGE_SIZE)
    found = paginator.get_page(page)
    numbers = paginator.get_elided_page_range(found.number, on_each_side=2, on_ends=1)
    return DraftPage(
        lines=tuple(draft_line(draft) for draft in found),
        total=paginator.count,
        page=found.number,
        pages=paginator.num_pages,
        numbers=tuple(number if isinstance(number, int) else None for number in numbers),
    )


def draft_line(draft: Draft) -> DraftLine:
    kind = d.kind(draft.kind)
    return DraftLine(
        id=draft.id,
        kind=draft.kind,
        kind_label=str(kind.label) if kind else draft.kind,
        title=draft.title,
        language=draft.language,
        state=draft.state,
        state_label=str(Draft.State(draft.state).label),
        revision=draft.published_revision,
        owner=draft.owner.get_username() if draft.owner else "",
        updated_at=draft.updated_at,
        may_publish=draft.may("publish"),
        may_withdraw=draft.may("withdraw"),
        may_discard=draft.may("discard"),
    )


def draft_counts() -> dict[str, int]:
    """How many drafts are in each state."""
    return dict(Draft.objects.values_list("state").annotate(number=Count("pk")).order_by())


def draft_get(draft_id: UUID) -> Draft:
    """With its owner. Raises NotFound `unknown_draft`."""
    draft = Draft.objects.select_related("owner").filter(pk=draft_id).first()
    if draft is None:
        raise NotFound(_("There is no such draft."), field="id", code="unknown_draft")
    return draft


def draft_document(draft: Draft) -> dict[str, Any]:
    """The draft as far as a record's page needs a document."""
    return {**draft.content, "id": record_url(draft.id), "kind": draft.kind, "language": draft.language}


def draft_history(draft: Draft) -> list[HistoryEntry]:
    """Newest first. Revisions whose documents were erased are listed all the same."""
    log = Log.objects.filter(origin=this_node().id).first()
    publications = list(draft.publications.order_by("revision"))
    if log is None or not publications:
        return []
    ids = [log.entry_id(publication.log_index) for publication in publications]
    texts = dict(Entry.objects.filter(pk__in=ids).values_list("id", "document"))
    history, before = [], None
    for publication in publications:
        text = texts.get(log.entry_id(publication.log_index))
        document: dict[str, Any] | None = orjson.loads(text) if text else None
        history.append(
            HistoryEntry(
                revision=publication.revision,
                number=publication.log_index + 1,
                withdrawal=publication.withdrawal,
                published_at=publication.published_at,
                changed=changed_labels(draft.kind, before, document),
            )
        )
        before = document
    return history[::-1]


def changed_labels(kind_name: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> tuple[str, ...]:
    """The labels of the fields that differ; none when there is nothing to compare with."""
    kind = d.kind(kind_name)
    if kind is None or not before or not after or before.get("deleted") or after.get("deleted"):
        return ()
    fields = [*kind.fields, *(field for field in d.ENVELOPE if field.name in ("licence", "sources"))]
    return tuple(str(field.label) for field in fields if before.get(field.name) != after.get(field.name))


def known_organisations(language: str) -> list[KnownOrganisation]:
    """This node's organisations that are not withdrawn, by name."""
    rows = list(
        Draft.objects.filter(kind="organisation")
        .exclude(state=Draft.State.WITHDRAWN)
        .order_by("title")
        .values_list("id", "title", "content__location")[:MAX_PROPOSALS]
    )
    names = [title for _id, title, _location in rows]
    doubled = {name for name, following in pairwise(names) if name == following}
    return [
        KnownOrganisation(record_url(pk), title, _label(title, location, language) if title in doubled else title)
        for pk, title, location in rows
        if title
    ]


def _label(title: str, location: dict[str, str] | None, language: str) -> str:
    place = location or {}
    words = [place.get("city", ""), country_name(place["country"], language) if place.get("country") else ""]
    return f"{title} ({', '.join(word for word in words if word)})"
