"""What operators did to the network, for the day on which somebody asks."""

from django.db import models
from django.utils import timezone


class Action(models.Model):
    """One step: who (a sign-in name, or an account of the machine), what (a verb), to whom (an origin), and why."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    by = models.CharField(max_length=200)
    verb = models.CharField(max_length=40)
    origin = models.CharField(max_length=253)
    detail = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.by}: {self.verb} {self.origin}"
