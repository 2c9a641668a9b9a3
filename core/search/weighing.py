"""Which of a query's terms say so much that a record which holds one needs no other: rare ones, names above all.

Engine-independent, as `spelling.py` is: an engine only says which terms its index holds.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from core.search.seam import Understood, Word
from core.search.spelling import FAR, HeldTerms
from core.search.understanding import AS_WRITTEN

# With one word there is nothing to weigh.
MIN_WORDS = 2
# Of all that the words say together: of so many of them 0.15, of three 0.2, of two 0.3. Over the judged queries, with
# the share of words that `plan.py` asks for, this finds two fifths less than any one word would, and 6 % of the useful
# answers are not among it.
TELLING = 0.15
TELLING_OF_ONE = 0.6


def weighed(understood: Understood, held: HeldTerms) -> Understood:
    """With its telling terms, and without words that no record answers to among those that are asked for."""
    if len(understood.words) < MIN_WORDS:
        return understood
    terms = {word.text: [*_whole(word), *named] for word, named in _with_concepts(understood)}
    everything = {*understood.terms, *understood.concept_terms}
    held.look_up(everything)
    together = sum(_said(map(held.count, some), held.records) for some in terms.values())
    enough = max(TELLING, TELLING_OF_ONE / len(understood.words)) * together
    telling = {term for term in everything if _said([held.count(term)], held.records) > enough}
    words = (
        word._replace(held=word.corrected == (FAR,) or any(map(held.count, [*word_terms(word), *named])))
        for word, named in _with_concepts(understood)
    )
    return replace(understood, words=tuple(words), telling=frozenset(telling))


def word_terms(word: Word) -> list[str]:
    return [term for term, _ in word.terms]


def _whole(word: Word) -> list[str]:
    """As written and in the languages that it is likely to be in; not its parts."""
    heaviest = max(weight for _, weight in word.terms)
    return [term for term, weight in word.terms if weight >= min(AS_WRITTEN, heaviest)]


def _with_concepts(understood: Understood) -> list[tuple[Word, list[str]]]:
    """Each word with the concepts that it names, alone or with others."""
    named: dict[str, list[str]] = defaultdict(list)
    for mention in understood.mentions:
        for text in mention.words.split():
            named[text].append(mention.terms[0][0])
    return [(word, named[word.text]) for word in understood.words]


def _said(counts: Iterable[int], records: int) -> float:
    """In bits, as it were: to halve the records that answer says one more."""
    count = max(counts, default=0)
    return math.log2(1 + records / count) if count else 0.0
