"""Texts that are indexed, read: each word is looked at once, and what was found of it is remembered.

Most words of a text were met before, so a text costs a look into a table for each of its words. A table per language
has a word's terms, and says with which words a concept may begin. What words are is in `analysis.py`, what concepts are
in `concepts.py`.
"""

from functools import lru_cache
from typing import NamedTuple

from core.search import analysis
from core.search.concepts import Phrase, concept_reader

# Words remembered with their terms, 200 bytes each. When a generation is full a new one begins, to which the words that
# are met again go over; the one before is kept beside it and then forgotten: what is met is kept, without any order.
GENERATION = 100_000


class Reading(NamedTuple):
    """`terms` are all terms of a text, parted by spaces, stop words left out; `phrases` name concepts, in order."""

    terms: str
    phrases: list[Phrase]


def read(text: str, language: str) -> Reading:
    """A text in a language that has no dictionary or no lexicon gives its words as they are written, no phrases."""
    table = _tables(analysis.edition()).of(analysis.read_as(language))
    words = analysis.words(text)
    terms = " ".join(filter(None, map(table.__getitem__, words)))
    if table.beginning.isdisjoint(words) or table.reader is None:
        return Reading(terms, [])
    return Reading(terms, table.reader.longest(words, table.beginning))


class _Words(dict[str, str]):
    """word -> its terms, of one language. `beginning` are those with which a concept may begin."""

    def __init__(self, language: str, older: "_Words | None" = None) -> None:
        super().__init__()
        self.language = language
        self.reader = concept_reader(language)
        self.beginning: set[str] = set()
        self._older = older

    def __missing__(self, word: str) -> str:
        older = self._older
        if older is not None and word in older:
            terms, begins = older[word], word in older.beginning
        else:
            terms = analysis.indexed_terms(word, self.language)
            begins = self.reader is not None and self.reader.begins(word)
        if begins:
            self.beginning.add(word)
        self[word] = terms
        return terms

    def next_generation(self) -> "_Words":
        self._older = None
        return _Words(self.language, self)


class _Tables:
    """Threads may read at the same time: what one of them adds to a table that was left meanwhile is lost."""

    def __init__(self) -> None:
        self._by_language: dict[str, _Words] = {}

    def of(self, language: str) -> _Words:
        if sum(map(len, self._by_language.values())) >= GENERATION:
            self._by_language = {name: table.next_generation() for name, table in self._by_language.items()}
        table = self._by_language.get(language)
        if table is None:
            table = self._by_language[language] = _Words(language)
        return table


@lru_cache(maxsize=1)
def _tables(edition: object) -> _Tables:
    """New ones when there are more dictionaries."""
    return _Tables()
