"""Making and changing drafts. Publishing them is `services/publishing.py`."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.accounts.roles import Permission, Person, require
from core.errors import Conflict, InvalidInput, NotFound
from i18n.languages import is_known
from tools_inventory.models import Draft
from tools_inventory.services.content import Content, content_checked, content_title


@transaction.atomic
def draft_create(*, by: Person, kind: str, language: str, content: Content, import_key: str | None = None) -> Draft:
    """A new draft, owned by who made it; required fields may still be missing.

    Raises NotPermitted, InvalidRecord (a value does not fit its field), InvalidInput `unknown_language`, Conflict (the
    import key is taken).
    """
    require(by, Permission.EDIT_DRAFTS)
    if not is_known(language):
        raise InvalidInput(
            _("There is no language “%(language)s”.") % {"language": language[:40]},
            remedy=_("Use a language tag such as nl, fr or de."),
            field="language",
            code="unknown_language",
        )
    tidy = content_checked(kind=kind, language=language, content=content)
    draft = Draft(
        kind=kind,
        language=language,
        content=tidy,
        title=content_title(tidy, language),
        import_key=import_key,
        owner=by if isinstance(by, User) else None,
    )
    if import_key and Draft.objects.filter(import_key=import_key).exists():
        raise Conflict(_("“%(key)s” is imported already.") % {"key": import_key}, code="already_imported")
    try:
        draft.full_clean()
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), code="bad_draft") from error
    draft.save(force_insert=True)
    return draft


@transaction.atomic
def draft_update(*, by: Person, draft_id: UUID, version: int, content: Content) -> Draft:
    """Replace the content, if the draft is still at the version that the editor began from.

    Raises NotPermitted, NotFound, InvalidRecord, Conflict `changed_meanwhile` (what was sent is the caller's to keep).
    """
    require(by, Permission.EDIT_DRAFTS)
    draft = draft_locked(draft_id)
    draft_step(draft, "edit")
    if draft.version != version:
        raise Conflict(
            _("Somebody else changed this draft while you were editing it."),
            remedy=_("Compare your text with theirs below, then save again to keep yours."),
            field="version",
            code="changed_meanwhile",
        )
    tidy = content_checked(kind=draft.kind, language=draft.language, content=content)
    if tidy == draft.content:
        return draft
    draft.content, draft.title = tidy, content_title(tidy, draft.language)
    draft.state = Draft.TRANSITIONS["edit"][draft.state]
    draft.version += 1
    draft.full_clean(validate_unique=False)
    draft.save(update_fields=["content", "title", "state", "version", "updated_at"])
    return draft


@transaction.atomic
def draft_discard(*, by: Person, draft_id: UUID) -> None:
    """Throw away what was never published. Raises NotPermitted, NotFound, Conflict `wrong_state`."""
    require(by, Permission.EDIT_DRAFTS)
    draft = draft_locked(draft_id)
    draft_step(draft, "discard")
    draft.delete()


def draft_locked(draft_id: UUID) -> Draft:
    """Raises NotFound. To be called in a transaction."""
    draft = Draft.objects.select_for_update().filter(pk=draft_id).first()
    if draft is None:
        raise NotFound(_("There is no such draft."), field="id", code="unknown_draft")
    return draft


def draft_step(draft: Draft, step: str) -> str:
    """The state that the step leads to. Raises Conflict `wrong_state`."""
    if not draft.may(step):
        messages = {
            "publish": _("“%(title)s” is published as it is; there is nothing new to publish."),
            "withdraw": _("“%(title)s” is not published, so it cannot be withdrawn."),
            "discard": _("“%(title)s” was published once and cannot be thrown away; withdraw it instead."),
        }
        raise Conflict(messages[step] % {"title": draft}, remedy=_("Load the page again."), code="wrong_state")
    return Draft.TRANSITIONS[step][draft.state]
