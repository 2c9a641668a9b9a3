"""How the index stands beside the logs."""

from dataclasses import dataclass

from core.records.selectors.logs import logs
from core.search.models import IndexPosition
from core.search.seam import Health, engine
from core.search.selectors.vector_positions import vectors_lacking


@dataclass(frozen=True, slots=True)
class LogStatus:
    origin: str
    size: int
    indexed: int


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """`without_vectors` are entries that the index has, whose records are still to be given their sentence vectors."""

    health: Health
    logs: tuple[LogStatus, ...]
    without_vectors: int

    @property
    def behind(self) -> int:
        """Entries that the index has yet to read."""
        return sum(max(0, log.size - log.indexed) for log in self.logs)


def index_status() -> IndexStatus:
    health = engine().health()
    positions = dict(IndexPosition.objects.filter(index_name=health.name or "").values_list("log_id", "size"))
    return IndexStatus(
        health,
        tuple(LogStatus(log.origin, log.size, positions.get(log.id, 0)) for log in logs()),
        sum(size - done for _log, done, size in vectors_lacking(health.name or "")),
    )
