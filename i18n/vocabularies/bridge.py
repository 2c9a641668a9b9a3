"""The bridge between school systems: what a filter set in one system should find of the others.

A stage of another country is the same for orientation if it stands at the same ISCED level, shares at least one whole
usual year of age, and, where both systems sort pupils into tracks by then, the same track. Records that are coded only
generally (the level itself, or the stage of which this one is a part) cover it too.
"""

from collections.abc import Iterator, Mapping

from i18n.vocabularies.concept import Concept


def bridged(stage: Concept, stages: Mapping[str, Concept]) -> Iterator[str]:
    """Codes to add to a filter on a national stage; a general level needs no bridge."""
    if stage.country is None:
        return
    yield from _ancestors(stage, stages)
    level = _level(stage, stages)
    for other in stages.values():
        if other.country not in (None, stage.country) and _level(other, stages) == level and _same_pupils(stage, other):
            yield other.code


def _same_pupils(one: Concept, other: Concept) -> bool:
    same_age = one.ages is None or other.ages is None or one.ages.overlaps(other.ages)
    same_track = one.track is None or other.track is None or one.track == other.track
    return same_age and same_track


def _ancestors(stage: Concept, stages: Mapping[str, Concept]) -> Iterator[str]:
    while stage.broader is not None:
        stage = stages[stage.broader]
        yield stage.code


def _level(stage: Concept, stages: Mapping[str, Concept]) -> str:
    """The general stage on top, such as isced-2 or adult."""
    return [stage.code, *_ancestors(stage, stages)][-1]
