"""What was last counted of the published records, kept so that a process that starts need not read them all."""

from django.db import models


class FacetSnapshot(models.Model):
    """One row, number 1; derived from the logs and disposable. Written by `services/facet_snapshot.py`.

    It lies in the database and not in a file beside the index because it must never be of another history than the
    logs: a backup that is put back brings its own along.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    # Which codes were known when it was made: with others, every record must be read again.
    codes = models.CharField(max_length=64)
    # {log: [entries read, root of the log at that size]}
    positions = models.JSONField()
    # [[facet, value], …] in the order of `bits`.
    sets = models.JSONField()
    # 16 bytes a record; its place is the number of its bit.
    uuids = models.BinaryField()
    # The sets one after the other, each as many bytes as the records need; zstd.
    bits = models.BinaryField()

    def __str__(self) -> str:
        return f"{len(self.sets)} sets"
