"""Verifying everything anew, as work: asked for, under way, done; and what came of it."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class VerifyRun(models.Model):
    """`origin` is empty when all logs and the index are verified. `report` is what `services/verify.py` describes."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked for")
        RUNNING = "running", _("under way")
        DONE = "done", _("done")
        FAILED = "failed", _("broken off")

    class Verdict(models.TextChoices):
        GOOD = "good", _("all is as it was signed")
        REPAIRED = "repaired", _("there were faults; all are repaired")
        BAD = "bad", _("something is wrong")
        UNKNOWN = "unknown", _("not everything could be looked at")

    # A run whose process died is running for ever to look at; when its lease is over, it is anybody's again.
    TRANSITIONS = {
        State.ASKED: (State.RUNNING,),
        State.RUNNING: (State.RUNNING, State.DONE, State.FAILED),
        State.DONE: (),
        State.FAILED: (),
    }

    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.CharField(max_length=200)
    origin = models.CharField(max_length=253, blank=True)
    repair = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    lease_until = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # Entries read, of those that there are.
    done_count = models.BigIntegerField(default=0)
    total_count = models.BigIntegerField(default=0)
    verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True)
    report = models.JSONField(default=dict, blank=True)
    error_text = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M} {self.state} {self.verdict}"

    @property
    def under_way(self) -> bool:
        return self.state in (self.State.ASKED, self.State.RUNNING)
