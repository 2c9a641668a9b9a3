"""Which words of a text a query found, in the text's own inflection; so much of a long text as there is room for."""

from collections.abc import Iterable, Iterator
from itertools import chain, takewhile
from operator import attrgetter

from core.search.analysis import base, fold_word, normalise, tokens, whole_terms, word_terms
from core.search.seam import Understood

# A text in order, each piece with whether the query found it: [("De ", False), ("havens", True)].
Pieces = list[tuple[str, bool]]

# So many letters a part shares with its lemma: scheeps- and schip have three, the fewest.
BEGINNING = 3

# What is cut off a text's beginning must be worth it: a word that stands so near the end of the room needs no cut.
NEAR_END = 40

_PLACE = attrgetter("start", "end")


class Highlighter:
    """Marks the words of one query in text after text: those of a page share most of their words.

    For what a page shows, in whichever language it shows it; a title and summary take 0.05 to 0.2 ms.
    """

    def __init__(self, understood: Understood) -> None:
        self._wanted = understood.terms
        self._beginnings = frozenset(term.partition("|")[0][:BEGINNING] for term in self._wanted)
        # By language, each word that was looked at with whether it was found.
        self._known: dict[str, dict[str, bool]] = {}

    def pieces(self, text: str, language: str) -> Pieces:
        """The whole text."""
        text = normalise(text)
        return list(_pieces(text, self._spans(text, base(language)), 0, len(text)))

    def excerpt(self, text: str, language: str, *, letters: int, lead: int) -> Pieces:
        """About `letters` letters of a text, with the first word found in it and `lead` letters before that.

        What is not shown is not looked at: the endings of words are what takes long.
        """
        text = normalise(text)
        if len(text) <= letters:
            return self.pieces(text, language)
        spans = self._spans(text, base(language))
        first = next(spans, (0, 0))
        start = 0 if first[0] < letters - NEAR_END else text.rfind(" ", 0, max(1, first[0] - lead)) + 1
        end = start + letters
        if end < len(text):
            end = max(text.rfind(" ", start, end), start + letters // 2)
        shown = takewhile(lambda span: span[0] < end, chain([first], spans))
        before = [("… ", False)] if start else []
        after = [(" …", False)] if end < len(text) else []
        return [*before, *_pieces(text, shown, start, end), *after]

    def _spans(self, text: str, language: str) -> Iterator[tuple[int, int]]:
        """Where the words found stand, in order; found out one after the other, as they are asked for."""
        if not self._wanted:
            return
        known = self._known.setdefault(language, {})
        for word, start, end, _joined in sorted(tokens(text), key=_PLACE):
            found = known.get(word)
            if found is None:
                found = known[word] = self._is_found(word, language)
            if found:
                yield start, end

    def _is_found(self, word: str, language: str) -> bool:
        """A word is taken apart only if something wanted might be in it: parts begin as their lemmas do."""
        if not self._wanted.isdisjoint(whole_terms(word, language)):
            return True
        folded = fold_word(word)
        if not any(beginning in folded for beginning in self._beginnings):
            return False
        return not self._wanted.isdisjoint(word_terms(word, language).split())


def _pieces(text: str, spans: Iterable[tuple[int, int]], start: int, end: int) -> Iterator[tuple[str, bool]]:
    """The text from `start` to `end`. Spans are in order and may overlap."""
    place = start
    for first, last in spans:
        first, last = max(first, place), min(last, end)
        if last <= place:
            continue
        if first > place:
            yield text[place:first], False
        yield text[first:last], True
        place = last
    if place < end:
        yield text[place:end], False
