"""Places in a log, many of which lie side by side: kept as spans, so that a million of them take little room."""

from collections.abc import Iterator


class Spans:
    """A set of indexes, iterated as (first, last), last excluded, in order and without overlap."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int]] = []

    def add(self, first: int, last: int | None = None) -> None:
        """Add one index, or all from `first` up to, not including, `last`."""
        last = first + 1 if last is None else last
        if self._spans and self._spans[-1][0] <= first <= self._spans[-1][1]:
            self._spans[-1] = (self._spans[-1][0], max(last, self._spans[-1][1]))
        elif first < last:
            self._spans.append((first, last))

    def __iter__(self) -> Iterator[tuple[int, int]]:
        merged: list[tuple[int, int]] = []
        for first, last in sorted(self._spans):
            if merged and first <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        return iter(merged)

    def __bool__(self) -> bool:
        return bool(self._spans)

    def __contains__(self, index: int) -> bool:
        return any(first <= index < last for first, last in self._spans)

    def __len__(self) -> int:
        return sum(last - first for first, last in self)
