"""Drafts: what becomes records. The editing side of one record each, of any kind.

One table for all kinds, its content a JSON object of the kind's fields, and not a table a kind: the kind's definition
is then the only place where fields stand. What the database must answer itself has columns of its own: the title (for
lists), the state, the import key. The draft's id is the uuid of its record, so an organisation can be referred to by
its record's id before it is published. No personal data but the owner; owners may leave.
"""

from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7


def new_uuid() -> UUID:
    """A UUIDv7 of the standard library's own class, which every database driver knows."""
    return UUID(bytes=uuid7().bytes)


class Draft(models.Model):
    """`version` counts changes, so that two editors do not overwrite each other; `published_revision` 0: never yet."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        CHANGED = "changed", _("Changed since published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    # Which step leads where. A step that is not here is refused with Conflict.
    TRANSITIONS: dict[str, dict[str, str]] = {
        "edit": {
            State.DRAFT: State.DRAFT,
            State.PUBLISHED: State.CHANGED,
            State.CHANGED: State.CHANGED,
            State.WITHDRAWN: State.WITHDRAWN,
        },
        "publish": {
            State.DRAFT: State.PUBLISHED,
            State.CHANGED: State.PUBLISHED,
            State.WITHDRAWN: State.PUBLISHED,
        },
        "withdraw": {
            State.PUBLISHED: State.WITHDRAWN,
            State.CHANGED: State.WITHDRAWN,
        },
        # To nowhere: the row is deleted.
        "discard": {
            State.DRAFT: "",
        },
    }

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    kind = models.CharField(_("kind"), max_length=40)
    language = models.CharField(_("language"), max_length=35)
    title = models.CharField(_("title"), max_length=300, blank=True)
    content = models.JSONField(_("content"), default=dict, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    published_revision = models.PositiveIntegerField(_("published revision"), default=0)
    # Where the draft was imported from, unique per source row: "records:antwerp-001". Null for what was typed here.
    import_key = models.CharField(_("import key"), max_length=500, unique=True, null=True, blank=True)
    # SHA-256 of what the source row became at its last import: a row that did not change leaves edits alone.
    import_hash = models.CharField(max_length=64, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="drafts"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        indexes = [
            models.Index(fields=["-updated_at"], name="draft_newest"),
            models.Index(fields=["kind", "state", "-updated_at"], name="draft_by_kind"),
        ]

    def __str__(self) -> str:
        return self.title or str(self.id)

    def may(self, step: str) -> bool:
        """Whether the state allows the step; whether a person may take it is asked by the services."""
        return self.state in self.TRANSITIONS[step]


class Publication(models.Model):
    """One revision of the draft's record in this node's log: where it stands. The history page's rows.

    Kept beside the log, whose entries have no index by record: at a hundred thousand entries a history would be a scan.
    """

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="publications")
    revision = models.PositiveIntegerField()
    log_index = models.BigIntegerField()
    withdrawal = models.BooleanField(default=False)
    published_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "revision"], name="publication_once")]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.revision}"
