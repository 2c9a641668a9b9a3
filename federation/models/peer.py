"""A peer: a node that this node pulls from. Its row is also the work: when to pull next, who is at it, how it went."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, VerificationFailed
from core.records.checkpoint import VerifierKey


def _verifier_key(value: str) -> None:
    try:
        VerifierKey.parse(value)
    except VerificationFailed as error:
        raise ValidationError(str(error.message)) from error


class Peer(models.Model):
    """`reported` is what the peer last said it holds, at `reported_at`: {origin: {"size", "root"}}, of origins admitted
    here only; and, where it is more than is held here, "ahead_since" when it first was.
    """

    class State(models.TextChoices):
        ADMITTED = "admitted", _("admitted")
        PAUSED = "paused", _("paused")
        REMOVED = "removed", _("removed")

    # admitted: pulled from when due. paused: not asked; its records still come by way of others. removed: not asked,
    # and its origin not followed by any way; what is held stays readable.
    TRANSITIONS = {
        State.ADMITTED: (State.PAUSED, State.REMOVED),
        State.PAUSED: (State.ADMITTED, State.REMOVED),
        State.REMOVED: (State.ADMITTED,),
    }

    origin = models.CharField(max_length=253, unique=True)
    url = models.CharField(max_length=400, unique=True, validators=[URLValidator(schemes=["http", "https"])])
    name = models.CharField(max_length=200)
    verifier_key = models.CharField(max_length=400, validators=[_verifier_key])
    state = models.CharField(max_length=10, choices=State.choices, default=State.ADMITTED)
    admitted_at = models.DateTimeField(default=timezone.now)

    next_pull_at = models.DateTimeField(default=timezone.now, db_index=True)
    # Until then one worker has it; after that it is anybody's again.
    lease_until = models.DateTimeField(null=True, blank=True)
    poked_at = models.DateTimeField(null=True, blank=True)
    # Failures in a row; 0 after a success.
    attempt_count = models.PositiveIntegerField(default=0)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_error_code = models.CharField(max_length=60, blank=True)
    last_error_text = models.CharField(max_length=500, blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)
    # What the peer was told to look for, and has not reported to hold since: {origin: size}.
    told = models.JSONField(default=dict, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    # How often in a row it held already what it was told on of a log: {origin: times}. Forgotten when it lacks entries.
    declined = models.JSONField(default=dict, blank=True)
    reported = models.JSONField(default=dict, blank=True)
    reported_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.origin})"

    @property
    def key(self) -> VerifierKey:
        return VerifierKey.parse(self.verifier_key)

    @property
    def fingerprint(self) -> str:
        return self.key.fingerprint

    @property
    def failing(self) -> bool:
        """Whether the last attempt failed."""
        return self.attempt_count > 0

    def reported_size(self, origin: str) -> int | None:
        """How many entries of that origin the peer last said it holds; None if it said nothing of it."""
        head: dict[str, Any] | None = self.reported.get(origin)
        return None if head is None else int(head["size"])

    def ahead_since(self, origin: str) -> datetime | None:
        """Since when the peer has been known to hold more of that origin's log than this node; None if it does not."""
        since = self.reported.get(origin, {}).get("ahead_since")
        return datetime.fromisoformat(since) if since else None

    def move_to(self, state: "Peer.State") -> None:
        """Take a declared step, in memory. Raises Conflict for any other."""
        if state not in self.TRANSITIONS[Peer.State(self.state)]:
            raise Conflict(
                _("%(name)s is %(state)s; from there it cannot become %(wanted)s.")
                % {"name": self.name, "state": self.get_state_display(), "wanted": state.label},
                code="wrong_state",
            )
        self.state = state
