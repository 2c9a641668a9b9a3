"""A floor under how well searches are answered, on every engine: the judged queries over the real inventory.

What is reached, part by part, stands in docs/search.md; the floors are 0.03 below.
"""

from tests.benchmarks.relevance import fill, judge, means

FLOORS = {"any": 0.73, "own": 0.715, "own best": 0.83, "others": 0.74, "only others": 0.685}


def test_judged_queries_are_answered_as_well_as_ever(settings, empty_engine):
    settings.VECTORS = True
    fill(empty_engine)
    found = means(judge(empty_engine))
    assert {view: score for view, score in found.items() if score < FLOORS[view]} == {}
