"""Suggestions from the vocabularies: codes whose label holds what was typed, at the beginning of a word."""

from bisect import bisect_left
from functools import lru_cache

from core.search.concepts import VOCABULARIES
from core.search.documents import facet_vocabularies
from core.search.seam import Suggestion
from i18n.vocabularies.vocabulary import fold, vocabulary


def label_suggestions(text: str, language: str, limit: int) -> list[Suggestion]:
    """The best begin with it; then those with a later word that does. Case and accents aside."""
    typed = fold(text[:200])
    if not typed:
        return []
    labels = _labels(language)
    place = bisect_left(labels, (typed,))
    found: dict[tuple[str, str], tuple[int, str, str]] = {}
    while place < len(labels) and labels[place][0].startswith(typed):
        _, position, label, facet, code = labels[place]
        best = found.get((facet, code))
        if best is None or position < best[0]:
            found[facet, code] = (position, label, code)
        place += 1
    ranked = sorted((position, len(label), label, facet, code) for (facet, code), (position, label, _) in found.items())
    return [Suggestion(label, language, facet=facet, code=code) for _, _, label, facet, code in ranked[:limit]]


@lru_cache(maxsize=16)
def _labels(language: str) -> list[tuple[str, int, str, str, str]]:
    """(folded label from some word on, which word, label, facet, code), sorted."""
    rows = []
    for facet, name in VOCABULARIES.items():
        if facet not in facet_vocabularies():
            continue  # nothing is filtered by the glossary
        for code in vocabulary(name).concepts:
            label = vocabulary(name).label(code, language)
            words = fold(label).split(" ")
            rows += [(" ".join(words[position:]), position, label, facet, code) for position in range(len(words))]
    return sorted(rows)
