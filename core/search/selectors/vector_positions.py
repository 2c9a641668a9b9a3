"""How far each log has been given vectors in an index, kept as the positions of an index of another name."""

from core.search.models import IndexPosition
from core.search.vectors.embedder import embedder


def vectors_name(index_name: str) -> str | None:
    """None without a model. Another model begins anew."""
    model = embedder()
    return f"{index_name} {model.model}" if model else None


def vectors_lacking(index_name: str) -> list[tuple[int, int, int]]:
    """(log id, vectors up to, indexed up to) of each log that has records without vectors."""
    name = vectors_name(index_name)
    if name is None:
        return []
    done = dict(IndexPosition.objects.filter(index_name=name).values_list("log_id", "size"))
    indexed = IndexPosition.objects.filter(index_name=index_name).values_list("log_id", "size")
    # A log that was restored from an older copy begins anew.
    begun = [(log_id, done.get(log_id, 0) if done.get(log_id, 0) <= size else 0, size) for log_id, size in indexed]
    return [(log_id, start, size) for log_id, start, size in begun if start < size]
