"""The bridge between school systems: what a filter set in one system should find of the others.

A stage of another country is the same for orientation if it shares at least one whole usual year of age, stands at the
same ISCED level or the next, and, where both systems sort pupils into tracks by then, in the same track. The next level
counts because systems change levels at other ages: at 14 a pupil of a Flemish second grade is at ISCED 3, one of a
vmbo's third year at ISCED 2. Without ages on both sides only the same level will do. Records that are coded only
generally (the level itself, or the stage of which this one is a part) cover it too.
"""

from collections.abc import Iterator, Mapping

from i18n.vocabularies.concept import Concept

# The general levels from young to old; neighbours here may be bridged.
LEVELS = ("isced-0", "isced-1", "isced-2", "isced-3", "isced-4", "isced-5-8")


def bridged(stage: Concept, stages: Mapping[str, Concept]) -> Iterator[str]:
    """Codes to add to a filter on a national stage; a general level needs no bridge."""
    if stage.country is None:
        return
    yield from _ancestors(stage, stages)
    level = _level(stage, stages)
    for other in stages.values():
        if other.country not in (None, stage.country):
            distance = _distance(level, _level(other, stages))
            if distance is not None and _same_pupils(stage, other, by_age=distance > 0):
                yield other.code


def _distance(one: str, other: str) -> int | None:
    """0 for the same level, 1 for neighbours, None for levels too far apart."""
    if one == other:
        return 0
    if one in LEVELS and other in LEVELS and abs(LEVELS.index(one) - LEVELS.index(other)) == 1:
        return 1
    return None


def _same_pupils(one: Concept, other: Concept, *, by_age: bool) -> bool:
    same_age = one.ages.overlaps(other.ages) if one.ages is not None and other.ages is not None else not by_age
    same_track = one.track is None or other.track is None or one.track == other.track
    return same_age and same_track


def _ancestors(stage: Concept, stages: Mapping[str, Concept]) -> Iterator[str]:
    while stage.broader is not None:
        stage = stages[stage.broader]
        yield stage.code


def _level(stage: Concept, stages: Mapping[str, Concept]) -> str:
    """The general stage on top, such as isced-2 or adult."""
    return [stage.code, *_ancestors(stage, stages)][-1]
