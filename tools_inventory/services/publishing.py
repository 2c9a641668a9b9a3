"""Publishing: the only door from drafts to records. One transaction covers the log, the records and the drafts."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from core.accounts.roles import Permission, Person, require
from core.errors import Conflict, InvalidRecord, NotFound
from core.jobs import CATCH_UP_INDEX, POKE_SUBSCRIBERS, wake
from core.records import definition as d
from core.records.services.append import NewRevision, Published, entries_append
from tools_inventory.models import Draft, Publication
from tools_inventory.services.content import content_problems, source_text_problems
from tools_inventory.services.drafts import draft_locked, draft_step

# Rows a statement: below every database's limit of parameters (SQLite's smallest is 32,766).
CHUNK = 10_000


def draft_publish(*, by: Person, draft_id: UUID, version: int | None = None) -> Published:
    """Publish a draft, its changes, or once more what was withdrawn. `version`: only if nobody changed it since.

    Raises what drafts_publish raises.
    """
    return drafts_publish(by=by, draft_ids=[draft_id], versions=None if version is None else {draft_id: version})[0]


@transaction.atomic
def drafts_publish(
    *, by: Person, draft_ids: Sequence[UUID], versions: dict[UUID, int] | None = None
) -> list[Published]:
    """Publish drafts in this order, all or none.

    Raises NotPermitted, NotFound (a draft is gone), InvalidRecord (the first that is not complete, by its title),
    Conflict (`wrong_state`: nothing new to publish; `changed_meanwhile`; another revision was published).
    """
    require(by, Permission.PUBLISH)
    published: list[Published] = []
    for chunk in _chunks(list(dict.fromkeys(draft_ids))):
        drafts = _locked(chunk)
        for draft in drafts:
            draft_step(draft, "publish")
            _unchanged(draft, (versions or {}).get(draft.id, draft.version))
            _in_its_language(draft)
        try:
            stored = entries_append([_revision(draft) for draft in drafts])
        except InvalidRecord as error:
            raise _named(drafts, error) from error
        _remember(stored, Draft.State.PUBLISHED)
        published += stored
    if published:
        _tell()
    return published


@transaction.atomic
def draft_withdraw(*, by: Person, draft_id: UUID, version: int | None = None) -> Published:
    """Delete the record everywhere; the draft stays and can be published again.

    Raises NotPermitted, NotFound, Conflict (`wrong_state`, `changed_meanwhile`).
    """
    require(by, Permission.PUBLISH)
    draft = draft_locked(draft_id)
    draft_step(draft, "withdraw")
    _unchanged(draft, draft.version if version is None else version)
    withdrawal = NewRevision(
        uuid=draft.id,
        kind=draft.kind,
        language=draft.language,
        deleted=True,
        expected_revision=draft.published_revision,
    )
    stored = entries_append([withdrawal])
    _remember(stored, Draft.State.WITHDRAWN)
    _tell()
    return stored[0]


def _revision(draft: Draft) -> NewRevision:
    return NewRevision(
        uuid=draft.id,
        kind=draft.kind,
        language=draft.language,
        content=draft.content,
        expected_revision=draft.published_revision,
    )


def _locked(draft_ids: Sequence[UUID]) -> list[Draft]:
    """In the order asked for; locked in the order of ids, so that two publishers cannot wait for each other."""
    found = {draft.id: draft for draft in Draft.objects.select_for_update().filter(pk__in=draft_ids).order_by("pk")}
    missing = [draft_id for draft_id in draft_ids if draft_id not in found]
    if missing:
        raise NotFound(_("There is no draft %(id)s.") % {"id": missing[0]}, field="id", code="unknown_draft")
    return [found[draft_id] for draft_id in draft_ids]


def _unchanged(draft: Draft, version: int) -> None:
    if draft.version != version:
        raise Conflict(
            _("“%(title)s” was changed after you looked at it.") % {"title": draft},
            remedy=_("Look at it again, then publish or withdraw it."),
            field="version",
            code="changed_meanwhile",
        )


def _in_its_language(draft: Draft) -> None:
    kind = d.kind(draft.kind)
    for problem in source_text_problems(kind.fields if kind else (), draft.language, draft.content):
        raise problem


def _named(drafts: Sequence[Draft], error: InvalidRecord) -> InvalidRecord:
    """The error of the log's door, with the draft that it is about."""
    for draft in drafts:
        problems = content_problems(kind=draft.kind, language=draft.language, content=draft.content, complete=True)
        if problems:
            message = f"{draft}: {problems[0].message}" if len(drafts) > 1 else problems[0].message
            return InvalidRecord(message, field=problems[0].field, code=problems[0].reason)
    return error


def _remember(stored: Sequence[Published], state: str) -> None:
    now = timezone.now()
    Draft.objects.filter(pk__in=[published.uuid for published in stored]).update(
        state=state, published_revision=F("published_revision") + 1, version=F("version") + 1, updated_at=now
    )
    Publication.objects.bulk_create(
        [
            Publication(
                draft_id=published.uuid,
                revision=published.revision,
                log_index=published.index,
                withdrawal=state == Draft.State.WITHDRAWN,
                published_at=now,
            )
            for published in stored
        ],
        batch_size=1000,
    )


def _tell() -> None:
    wake(CATCH_UP_INDEX)
    wake(POKE_SUBSCRIBERS)


def _chunks(draft_ids: list[UUID]) -> Iterator[list[UUID]]:
    for start in range(0, len(draft_ids), CHUNK):
        yield draft_ids[start : start + CHUNK]
