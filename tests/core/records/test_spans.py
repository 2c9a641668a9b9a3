"""Places in a log, kept as spans."""

from hypothesis import given
from hypothesis import strategies as st

from core.records.spans import Spans


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 8))))
def test_spans_are_the_set_of_what_was_added(added):
    spans = Spans()
    for first, count in added:
        spans.add(first, first + count)
    indexes = {index for first, count in added for index in range(first, first + count)}

    assert [index for first, last in spans for index in range(first, last)] == sorted(indexes)
    assert len(spans) == len(indexes)
    assert {index for index in range(70) if index in spans} == indexes
    assert bool(spans) == bool(indexes)


def test_a_million_in_a_row_are_one_span():
    spans = Spans()
    for index in range(1_000_000):
        spans.add(index)

    assert list(spans) == [(0, 1_000_000)]
