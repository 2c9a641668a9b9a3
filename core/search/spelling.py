"""Words that nothing contains are taken for slips of the finger: a letter missing, too many, wrong or swapped.

Engine-independent: an engine only says which terms its index holds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Protocol

from core.search.analysis import base, compound_parts, fold_word, known_lemma, normalise, part_terms
from core.search.concepts import concept_words
from core.search.seam import Mention, Query, Understood, Word
from core.search.understanding import understand

# Of a word's own weight.
CORRECTED = 0.6

# In `Word.corrected`: nothing is one slip away. An engine may look two slips away, without a name for what it finds.
FAR = ""
FAR_MIN_LETTERS = 8
# Shorter ones are seldom compounds.
MIN_COMPOUND = 9

# Shorter words have too many neighbours that mean something else.
MIN_LETTERS = 5
MAX_LETTERS = 24

# Of folded words: letters with marks are not among them.
_ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz",
    "αβγδεζηθικλμνξοπρστυφχψω",
    "абвгдежзиклмнопрстуфхцчшщъыьэюяєі",
    "ءابتثجحخدذرزسشصضطظعغفقكلمنهوي",
)


class HeldTerms(Protocol):
    """What an index holds, as an engine answers it."""

    @property
    def records(self) -> int:
        """How many there are."""

    def count(self, term: str) -> int:
        """How many records hold the term, in their text or in a title."""

    def look_up(self, terms: Iterable[str]) -> None:
        """These will be counted: an engine may ask for all at once."""

    def near(self, word: str) -> Mapping[str, int]:
        """The words one slip away (`neighbours`) that records hold, with how many do."""


def corrected(understood: Understood, query: Query, held: HeldTerms) -> Understood:
    """With other words in the place of those that no record contains and that name no code, and what these name."""
    named = {word for mention in understood.mentions for word in mention.words.split()}
    words = [
        word
        if word.text in named or any(held.count(term) for term, _ in word.terms)
        else _correct(word, query.language, held)
        for word in understood.words
    ]
    read = replace(understood, words=tuple(words))
    mended = did_you_mean(query.text, read)
    return replace(read, mentions=_mentions(read, mended, query)) if mended else read


def _mentions(read: Understood, mended: str, query: Query) -> tuple[Mention, ...]:
    """What the text names once its slips are mended, by the words as they were typed."""
    typed = {word.corrected[0]: word.text for word in read.words if word.corrected}
    return tuple(
        mention._replace(words=" ".join(typed.get(word, word) for word in mention.words.split()))
        for mention in understand(mended, query.language, query.concepts).mentions
    )


def did_you_mean(text: str, understood: Understood) -> str | None:
    """The text with its slips mended, or None if there were none."""
    mended = text = normalise(text)
    for word in understood.words:
        if word.corrected and word.corrected[0] != FAR:
            mended = mended.replace(word.text, word.corrected[0], 1)
    return mended if mended != text else None


def _correct(word: Word, language: str, held: HeldTerms) -> Word:
    folded = fold_word(word.text)
    near = corrections(folded, held)
    # A word that the reader's dictionary knows is rare, not wrong: its neighbours are searched, and not proposed.
    known = known_lemma(word.text, base(language)) or compound_parts(word.text, base(language))
    if not near and not known and (meant := _concept_word(folded) or _compound(folded, base(language), held)):
        near = [meant]
    if not near:
        return word._replace(corrected=(FAR,)) if len(folded) >= FAR_MIN_LETTERS and folded.isalpha() else word
    terms = {
        term: weight * CORRECTED
        for each in near
        for taken in understand(each, language, False).words
        for term, weight in taken.terms
    }
    return word._replace(terms=tuple(terms.items()), corrected=() if known else tuple(near))


def _concept_word(word: str) -> str:
    """The word of a concept that is one slip away; "" if there is none, or several."""
    if not MIN_LETTERS <= len(word) <= MAX_LETTERS or not word.isalpha():
        return ""
    found = neighbours(word) & concept_words().keys()
    return concept_words()[found.pop()] if len(found) == 1 else ""


def _compound(word: str, language: str, held: HeldTerms) -> str:
    """The compound one slip away, of the fewest parts, all of which records have: havenbezeok. About 20 ms."""
    if not MIN_COMPOUND <= len(word) <= MAX_LETTERS or not word.isalpha():
        return ""
    parts = {near: part_terms(near, language) for near in neighbours(word) if compound_parts(near, language)}
    held.look_up({term for some in parts.values() for term in some})
    whole = [near for near, some in parts.items() if all(map(held.count, some))]
    return min(whole, key=lambda near: (len(compound_parts(near, language)), near), default="")


def corrections(word: str, held: HeldTerms, limit: int = 3) -> list[str]:
    """The neighbours that the index holds, likeliest first.

    The first letter is seldom wrong: a neighbour that shares it counts four times.
    """
    if not MIN_LETTERS <= len(word) <= MAX_LETTERS or not word.isalpha():
        return []
    found = [(number * (4 if near[0] == word[0] else 1), near) for near, number in held.near(word).items()]
    found.sort(key=lambda pair: (-pair[0], pair[1]))
    return [near for number, near in found[:limit] if number * 10 >= found[0][0]]


def neighbours(word: str) -> set[str]:
    """All words that one slip makes of this one, in its own alphabet."""
    letters = next((alphabet for alphabet in _ALPHABETS if word[0] in alphabet), "")
    near = set()
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        if after:
            near.add(before + after[1:])
            near.update(before + letter + after[1:] for letter in letters)
        if len(after) > 1:
            near.add(before + after[1] + after[0] + after[2:])
        near.update(before + letter + after for letter in letters)
    return near - {word}
