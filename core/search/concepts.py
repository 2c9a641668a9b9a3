"""Which concepts a text or a query names: codes of the vocabularies and entries of the glossary, by any of their words.

A concept is indexed as one term, the same in every language ("company_visit|activity"), so that a query in one
language finds records in all others by it, weighed by rarity as words are. Texts are read in their own language, a
query in all of them. Words count in any inflection, stop words aside; of several phrases the longest is meant;
compounds are read by their parts ("havenstage": haven, stage).
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from types import MappingProxyType
from typing import NamedTuple

from core.search.analysis import (
    LANGUAGES,
    compound_parts,
    fold_word,
    is_ready,
    is_stop_word,
    known_lemma,
    read_as,
    split_hyphens,
    words,
)
from core.search.compounds import Part
from i18n.vocabularies.concept import Concept
from i18n.vocabularies.vocabulary import vocabulary

# Facets whose codes are recognised, with their vocabulary. The glossary is no facet: no record is coded by it.
GLOSSARY = "glossary"
VOCABULARIES = {
    "activity": "activities",
    "stage": "school_stages",
    "audience": "audiences",
    "sector": "sectors",
    "theme": "themes",
    "region": "regions",
    "country": "countries",
    GLOSSARY: "glossary",
}
_FACETS = {name: facet for facet, name in VOCABULARIES.items()}

_PLACES = ("region", "country")
# Codes that say that nothing is known.
_NOTHING_SAID = {("activity", "other"), ("sector", "multi_sector")}
# Words remembered with what they begin.
_MEMO = 100_000


class Named(NamedTuple):
    """A concept as pages and filters know it."""

    facet: str
    code: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in sequence, as lemmas, and what they name, as concepts and as index terms; `above`: of what these are

    parts of. `certain` is false for what is only a part of a compound.
    """

    keys: tuple[str, ...]
    named: tuple[Named, ...]
    terms: tuple[str, ...]
    above: tuple[str, ...]
    certain: bool = True


class Found(NamedTuple):
    """A phrase in a sequence of words: those from `start` to before `end`."""

    start: int
    end: int
    phrase: Phrase


def concept_term(facet: str, code: str) -> str:
    """The index term of a concept. Codes that the glossary says are the same have one term."""
    return _terms().get((facet, code)) or f"{code}|{facet}"


@cache
def broader_terms(facet: str, code: str) -> tuple[str, ...]:
    """Those of all that a concept is a part of, nearest first."""
    own = concept_term(facet, code)
    terms = (concept_term(*each) for each in _broader(Named(facet, code)))
    return tuple(dict.fromkeys(term for term in terms if term != own))


@cache
def concept_words() -> Mapping[str, str]:
    """The words that concepts are said in, in any language: folded, and as they are written."""
    said = (phrase for _, stated in _concepts() for own in read_languages() for phrase in stated.words(own))
    return {fold_word(word): word for phrase in said for word in words(phrase) if word.isalpha()}


def query_concepts(written: Sequence[str], language: str) -> Iterator[Found]:
    """What a query's words name in one language: shorter phrases inside longer ones too, and words wrongly parted."""
    reader = concept_reader(language)
    if reader is None:
        return
    for place, word in enumerate(written):
        yield from reader.longer(written, place)
        yield from (Found(place, place + 1, phrase) for phrase in reader.alone_and_inside(word))
        if place + 1 < len(written):
            joined = reader.known(word + written[place + 1].lower())
            yield from (Found(place, place + 2, phrase) for phrase in joined.alone)


@lru_cache(maxsize=16_384)
def coded(facet: str, codes: tuple[str, ...]) -> Phrase:
    """A record's codes of a facet, as if it had named them."""
    return _phrase((), tuple(Named(facet, code) for code in codes))


def _phrase(keys: tuple[str, ...], named: tuple[Named, ...]) -> Phrase:
    return Phrase(keys, *_meant(named))


@cache
def _meant(named: tuple[Named, ...]) -> tuple[tuple[Named, ...], tuple[str, ...], tuple[str, ...]]:
    """What is named, its terms, and those above: shared by all phrases that name it, in twelve languages."""
    terms = dict.fromkeys(concept_term(*each) for each in named)
    above = dict.fromkeys(term for each in named for term in broader_terms(*each) if term not in terms)
    return named, tuple(terms), tuple(above)


class _Start(NamedTuple):
    """Phrases that begin with a word: those of this word alone, and longer ones by their second key, longest first."""

    alone: tuple[Phrase, ...] = ()
    longer: Mapping[str, tuple[Phrase, ...]] = MappingProxyType({})


_NOTHING = _Start()


class _Starts(dict[str, _Start]):
    """word -> what may begin with it; _NOTHING for most words."""

    def __init__(self, reader: "Reader") -> None:
        super().__init__()
        self._reader = reader

    def __missing__(self, word: str) -> _Start:
        if len(self) >= _MEMO:
            self.clear()
        found = self[word] = self._reader.beginning_with(word)
        return found


class _Keys(dict[str, str]):
    """word -> its lemma, or as it is written; "" for a stop word. `bare`: of what is typed without its accents."""

    def __init__(self, language: str, bare: Mapping[str, str]) -> None:
        super().__init__()
        self._language = language
        self._bare = bare

    def __missing__(self, word: str) -> str:
        if len(self) >= _MEMO:
            self.clear()
        found = self[word] = self.of(word)
        return found

    def of(self, word: str) -> str:
        """Not remembered."""
        return _key(word, self._language, self._bare)


class Reader:
    """Finds the phrases of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.lexicon, bare = _lexicon(language)
        self.keys = _Keys(language, bare)
        self.starts = _Starts(self)

    def begins(self, word: str) -> bool:
        """Whether a phrase may begin with the word. Not memoised."""
        return self.beginning_with(word) is not _NOTHING

    def longest(self, text: Sequence[str], beginning: Container[str]) -> list[Phrase]:
        """Phrases that do not overlap, from left to right; `beginning`: the words of which `begins` is true."""
        found: list[Phrase] = []
        free, starts, keys = 0, self.starts, self.keys
        for place in [place for place, word in enumerate(text) if word in beginning]:
            if place < free:
                continue
            alone, longer = starts[text[place]]
            # Most phrases fail at the second word; a stop word there tells nothing.
            second = keys[text[place + 1]] if longer and place + 1 < len(text) else None
            if (second in longer or second == "") and (first := next(self.longer(text, place), None)):
                free = first.end
                found.append(first.phrase)
            else:
                found += alone
        return found

    def longer(self, text: Sequence[str], place: int) -> Iterator[Found]:
        """Phrases of several words that begin here, the longest first."""
        second = self._next(text, place + 1)
        if second < len(text):
            for phrase in self.starts[text[place]].longer.get(self.keys[text[second]], ()):
                if end := self._end(text, second, phrase):
                    yield Found(place, end, phrase)

    def _end(self, text: Sequence[str], second: int, phrase: Phrase) -> int:
        """Where the phrase whose second key stands there ends; 0 if the words after it are others."""
        place = second + 1
        for key in phrase.keys[2:]:
            place = self._next(text, place)
            if place == len(text) or self.keys[text[place]] != key:
                return 0
            place += 1
        return place

    def _next(self, text: Sequence[str], place: int) -> int:
        """The next word that is no stop word."""
        while place < len(text) and not self.keys[text[place]]:
            place += 1
        return place

    def known(self, word: str) -> _Start:
        """What begins with the word as a whole, whatever its parts name; nothing with a stop word."""
        return self._whole(word, self.keys.of(word))

    def beginning_with(self, word: str) -> _Start:
        key = self.keys.of(word)
        found = self._whole(word, key)
        if found is not _NOTHING or not key:
            return found
        parts = tuple(self._inside(word))
        return _Start(parts) if parts else _NOTHING

    def _whole(self, word: str, key: str) -> _Start:
        if not key:
            return _NOTHING
        return self.lexicon.get(key) or self.lexicon.get(fold_word(word)) or _NOTHING

    def alone_and_inside(self, word: str) -> Iterator[Phrase]:
        """What the word names, and what of its parts this is a part of: port and visit, in havenbezoek."""
        alone = self.starts[word].alone
        yield from alone
        if alone and alone[0].certain:
            above = {term for phrase in alone for term in phrase.above}
            for phrase in self._inside(word):
                if named := tuple(each for each in phrase.named if concept_term(*each) in above):
                    yield replace(_phrase(phrase.keys, named), certain=False)

    def _inside(self, word: str) -> Iterator[Phrase]:
        """What the parts of a hyphenated word or of a compound name."""
        if not word.isalnum():
            pieces = split_hyphens(word)
            found = self.longest(pieces, {piece for piece in pieces if self.starts[piece] is not _NOTHING})
        elif parts := compound_parts(word, self.language):
            found = self._of_parts(self._smallest(parts))
        else:
            return
        yield from (replace(phrase, certain=False) for phrase in found)

    def _smallest(self, parts: Sequence[Part]) -> list[Part]:
        """ "havenbedrijfs-bezoek" -> haven-bedrijfs-bezoek: a part may be a compound itself."""
        found: list[Part] = []
        for part in parts:
            *first, last = compound_parts(part.lemma, self.language) or (part,)
            before = "".join(each.text for each in first)
            found += [*first, Part(part.text[len(before) :], last.lemma)]
        return found

    def _of_parts(self, parts: Sequence[Part]) -> list[Phrase]:
        """Several parts together may name something, as "bedrijfsbezoek" in "havenbedrijfsbezoek": then these do."""
        found: list[Found] = []
        for length in range(len(parts) - 1, 0, -1):
            for start in range(len(parts) - length + 1):
                end = start + length
                if not any(each.start <= start and end <= each.end for each in found):
                    found += [Found(start, end, phrase) for phrase in self._alone(parts[start:end])]
        return [each.phrase for each in sorted(found, key=lambda each: each.start)]

    def _alone(self, parts: Sequence[Part]) -> tuple[Phrase, ...]:
        """Linking letters stay between parts and fall off at the end."""
        *first, last = parts
        word = "".join(part.text for part in first) + last.lemma
        return self.known(word).alone if first else self.starts[word].alone


def _key(word: str, language: str, bare: Mapping[str, str] = MappingProxyType({})) -> str:
    if not word.isalnum():
        word = "".join(split_hyphens(word))
    folded = fold_word(word)
    if len(word) == 1 and word.isalpha():
        return folded if word.isupper() else ""  # Sekundarstufe I, but l'orientation
    if not folded or is_stop_word(word, folded, language):
        return ""
    return known_lemma(word, language) or bare.get(folded) or folded


@cache
def read_languages() -> tuple[str, ...]:
    """Languages in which concepts are read: those that the glossary has words in, a city's own glossary too."""
    said = {language for entry in vocabulary(GLOSSARY).concepts.values() for language in entry.labels}
    return tuple(language for language in LANGUAGES if language in said)


def concept_words_read() -> None:
    """Read the words of all languages now, instead of with the first query."""
    for language in read_languages():
        concept_reader(language)


def concept_reader(language: str) -> "Reader | None":
    """None for a language that has no lexicon."""
    own = read_as(language)
    return _reader_of(own, is_ready(own)) if own in read_languages() else None


@cache
def _reader_of(language: str, ready: bool) -> "Reader":
    """Takes 0.1 s, once a process and language; anew when the language's dictionary is there (`ready`)."""
    return Reader(language)


def _lexicon(language: str) -> tuple[dict[str, _Start], dict[str, str]]:
    """By first key; and the keys of words that have accents by the words without them, which no dictionary knows.

    English phrases of several words are used everywhere, open day, unless they are said otherwise.
    """
    named: dict[tuple[str, ...], dict[Named, None]] = defaultdict(dict)
    # Phrases share most of their words.
    key_of = cache(partial(_key, language=language))
    bare: dict[str, str] = {}
    for concept, stated in _concepts():
        for phrase in map(_read_phrase, stated.words(language)):
            bare |= {fold_word(word): key_of(word) for word in phrase.written if not word.isascii() and key_of(word)}
            for keys in _phrase_keys(phrase, key_of, concept.facet in _PLACES):
                named[keys][concept] = None
    own = set(named)
    for concept, phrase in _english_phrases():
        for keys in _phrase_keys(phrase, key_of, False):
            if len(keys) > 1 and keys not in own:
                named[keys][concept] = None
    by_first: dict[str, list[Phrase]] = defaultdict(list)
    for keys in sorted(named, key=len, reverse=True):
        by_first[keys[0]].append(_phrase(keys, tuple(named[keys])))
    return {key: _start(phrases) for key, phrases in by_first.items()}, bare


def _start(phrases: list[Phrase]) -> _Start:
    longer: dict[str, list[Phrase]] = defaultdict(list)
    for phrase in phrases:
        if len(phrase.keys) > 1:
            longer[phrase.keys[1]].append(phrase)
    alone = tuple(phrase for phrase in phrases if len(phrase.keys) == 1)
    return _Start(alone, {key: tuple(each) for key, each in longer.items()}) if longer else _Start(alone)


class _Phrase(NamedTuple):
    """A label's words as they are written, and with hyphens taken for spaces."""

    written: tuple[str, ...]
    parted: tuple[str, ...]


def _read_phrase(phrase: str) -> _Phrase:
    written = list(words(phrase))
    if written[-1] == "s":
        del written[-1]  # kmo's
    return _Phrase(tuple(written), tuple(part for word in written for part in split_hyphens(word)))


@cache
def _english_phrases() -> tuple[tuple[Named, _Phrase], ...]:
    """Those of several words, which every language's lexicon takes in."""
    return tuple(
        (concept, phrase)
        for concept, stated in _concepts()
        for phrase in map(_read_phrase, stated.words("en"))
        if len(phrase.parted) > 1
    )


def _phrase_keys(phrase: _Phrase, key_of: Callable[[str], str], is_place: bool) -> Iterator[tuple[str, ...]]:
    """The phrase, and a hyphenated or a two-word one written as one word and as several.

    A phrase that has but one telling word is not that word: "what works" is not work. Names of places are.
    """
    for each in dict.fromkeys(phrase):
        keys = tuple(filter(None, map(key_of, each)))
        if len(keys) > 1 or (keys and (len(each) == 1 or is_place)):
            yield keys
    if len(keys) == 2 and all(len(key) > 2 for key in keys):
        yield ("".join(fold_word(word) for word in phrase.parted if key_of(word)),)


@cache
def _concepts() -> tuple[tuple[Named, Concept], ...]:
    """All with their words. An entry of the glossary that is the same as a code gives its words to the code."""
    return tuple(
        (named, concept)
        for facet, name in VOCABULARIES.items()
        for code, concept in vocabulary(name).concepts.items()
        for named in _same(concept) or (Named(facet, code),)
        if named not in _NOTHING_SAID
    )


def _same(concept: Concept) -> tuple[Named, ...]:
    return tuple(Named(_FACETS[name], code) for name, code in concept.same if name in _FACETS)


@cache
def _terms() -> dict[tuple[str, str], str]:
    """The terms of codes that a glossary entry says it is the same as: that entry's."""
    return {
        (_FACETS[name], code): f"{entry.code}|{GLOSSARY}"
        for entry in vocabulary("glossary").concepts.values()
        for name, code in entry.same
        if name in _FACETS
    }


def _broader(named: Named) -> Iterator[Named]:
    known = vocabulary(VOCABULARIES[named.facet])
    own = known.get(named.code)
    for entry in filter(None, map(known.get, (named.code, *known.ancestors(named.code)))):
        if entry is not own:
            yield Named(named.facet, entry.code)
        for name, code in entry.under:
            if name in _FACETS:
                yield Named(_FACETS[name], code)
                yield from _broader(Named(_FACETS[name], code))
