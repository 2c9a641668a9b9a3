"""How far each log stands in each index, and who is bringing an index up to date."""

from django.db import models

from core.records.models import Log


class IndexPosition(models.Model):
    """The first `size` entries of the log are in the index of this name. A new index begins at 0."""

    index_name = models.CharField(max_length=120)
    log = models.ForeignKey(Log, on_delete=models.CASCADE, related_name="+")
    size = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["index_name", "log"], name="index_position_unique")]

    def __str__(self) -> str:
        return f"{self.index_name}: log {self.log_id} to {self.size}"


class IndexLease(models.Model):
    """Whoever holds the lease may write to the index, until then. One row, number 1."""

    id = models.SmallAutoField(primary_key=True)
    holder = models.CharField(max_length=120, blank=True)
    held_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.holder or 'nobody'} until {self.held_until:%H:%M:%S}"
