"""Which words of a text a query found, in the text's own inflection."""

from functools import lru_cache

from core.search.analysis import base, fold_word, normalise, tokens, whole_terms, word_terms
from core.search.seam import Understood

# So many letters a part shares with its lemma: scheeps- and schip have three, the fewest.
BEGINNING = 3


def highlight(text: str, language: str, understood: Understood) -> list[tuple[str, bool]]:
    """The text in pieces, in order, each with whether it was found: [("De ", False), ("havens", True)].

    For what a page shows, in whichever language it shows it; a title and summary take 0.05 to 0.2 ms.
    """
    text, own, wanted = normalise(text), base(language), understood.terms
    spans = [(token.start, token.end) for token in tokens(text) if _is_found(token.word, own, wanted)] if wanted else []
    pieces: list[tuple[str, bool]] = []
    place = 0
    for start, end in sorted(spans):
        if end <= place:
            continue
        start = max(start, place)
        if start > place:
            pieces.append((text[place:start], False))
        pieces.append((text[start:end], True))
        place = end
    if place < len(text):
        pieces.append((text[place:], False))
    return pieces


@lru_cache(maxsize=4_096)
def _is_found(word: str, language: str, wanted: frozenset[str]) -> bool:
    """The texts of a page share most of their words.

    A word is taken apart only if something wanted might be in it: parts begin as their lemmas do.
    """
    if not wanted.isdisjoint(whole_terms(word, language)):
        return True
    folded = fold_word(word)
    if not any(start in folded for start in _beginnings(wanted)):
        return False
    return not wanted.isdisjoint(word_terms(word, language).split())


@lru_cache(maxsize=64)
def _beginnings(terms: frozenset[str]) -> frozenset[str]:
    return frozenset(term.partition("|")[0][:BEGINNING] for term in terms)
