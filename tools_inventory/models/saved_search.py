"""Searches that readers saved with an e-mail address, to be told what is new. Each row is also the work: what is due.

An address is personal data of class "person": it stands in `Subscriber` alone, is never copied to a record, a log line,
a metric or a machine door, and goes when the last of its saved searches does.
"""

from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict

UUID_BYTES = 16


class MailWork(models.Model):
    """A mail to send at `due_at`; nothing to do while that is null.

    `error_code` is of the last failed attempt, and never a server's own words: they repeat the address.
    """

    due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    # Until then one worker has it; after that it is anybody's again.
    lease_until = models.DateTimeField(null=True, blank=True)
    # Failures in a row; 0 after a success.
    attempt_count = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=60, blank=True)

    class Meta:
        abstract = True


class Subscriber(MailWork):
    """An e-mail address. Its own work is the mail with a link to the page that manages its saved searches.

    `email` is as typed, its domain in ASCII; `email_key` is what makes two spellings one address. The id is random and
    known to nobody but the address: links hold it, signed.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    email = models.CharField(max_length=254)
    email_key = models.CharField(max_length=254, unique=True)
    # Of the mail with the link, as asked for last.
    language = models.CharField(max_length=35)
    # When, in the last day, mails were asked for that its holder need not have asked for: confirmations and links.
    asked_at = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        """Without the address: what is printed ends in logs."""
        return f"subscriber {self.id}"


class SavedSearch(MailWork):
    """A search, how often its reader wants to hear of it, and what they were told.

    `parameters` are those of the search's address; `scope` is the page they belong to (search, programmes,
    opportunities). `told` holds the uuids of all matches met so far, 16 bytes each. `looked_to` says how far into each
    origin's log the last look saw, `looked_to_before` the look before: {origin: entries}.
    """

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", _("not confirmed")
        ACTIVE = "active", _("active")
        PAUSED = "paused", _("paused")
        STOPPED = "stopped", _("stopped")

    class Frequency(models.TextChoices):
        DAILY = "daily", _("Every day")
        WEEKLY = "weekly", _("Every week")

    class Reason(models.TextChoices):
        """Why the node stopped it."""

        NONE = "", ""
        INVALID = "invalid", _("a filter of this search no longer exists")
        TOO_WIDE = "too_wide", _("this search finds too much to follow")
        REFUSED = "refused", _("the mail server of this address refuses our mails")

    # Which step leads where. Deleting is possible from everywhere, and leaves nothing.
    TRANSITIONS: dict[str, dict[str, str]] = {
        "confirm": {State.UNCONFIRMED: State.ACTIVE},
        "pause": {State.ACTIVE: State.PAUSED},
        "resume": {State.PAUSED: State.ACTIVE, State.STOPPED: State.ACTIVE},
        "stop": {State.ACTIVE: State.STOPPED},
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="saved_searches")
    scope = models.CharField(max_length=20)
    parameters = models.TextField(blank=True)
    language = models.CharField(max_length=35)
    frequency = models.CharField(max_length=10, choices=Frequency.choices, default=Frequency.DAILY)
    state = models.CharField(max_length=12, choices=State.choices, default=State.UNCONFIRMED)
    stopped_because = models.CharField(max_length=10, choices=Reason.choices, blank=True, default="")
    looked_to = models.JSONField(default=dict, blank=True)
    looked_to_before = models.JSONField(default=dict, blank=True)
    told = models.BinaryField(default=b"", blank=True)
    sent_count = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["state", "created_at"], name="saved_search_by_state")]

    def __str__(self) -> str:
        return f"saved search {self.id}"

    def clean(self) -> None:
        if len(self.told) % UUID_BYTES:
            raise ValidationError({"told": "not a whole number of uuids"})

    def may(self, step: str) -> bool:
        return self.state in self.TRANSITIONS[step]

    def take(self, step: str) -> None:
        """Take a declared step, in memory. Raises Conflict `wrong_state`."""
        if not self.may(step):
            raise Conflict(
                _("This saved search is %(state)s; it cannot be changed like this.")
                % {"state": self.get_state_display()},
                code="wrong_state",
            )
        self.state = self.TRANSITIONS[step][self.state]

    def told_uuids(self) -> frozenset[bytes]:
        told = bytes(self.told)
        return frozenset(told[at : at + UUID_BYTES] for at in range(0, len(told), UUID_BYTES))
