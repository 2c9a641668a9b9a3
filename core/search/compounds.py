"""Words written as one, taken apart: "havenbedrijfsbezoek" -> haven, bedrijf, bezoek.

A dictionary of lemmas alone takes too much apart: it knows "eid", "kunft" and "stat". Here a part must be a word in
common use (`data/frequent/`) or a long one that the dictionary knows, of a form that may stand at its place (a noun, a
verb's stem, linking letters), and the parts together no rarer than the whole: "arbeidsmarkt" is taken apart, "beleid"
and "Wirtschaft" stay whole. What no rule can know stands in `data/compounds.yaml`.

The parts of a language are a trie in a file, made once per machine beside the lemmas; knows nothing of Django.
"""

import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from marisa_trie import BytesTrie

DATA = Path(__file__).parent / "data"

LANGUAGES = ("nl", "de", "da", "sv", "nb", "fi", "hu")

# Raise it when the same data would give other parts.
FORMAT = 3

# Letters. Shorter parts are too often chance; those that are not are listed in the data.
MIN_WORD = 6
MIN_PART = 4
MAX_WORD = 40

# Parts are few: what they are made of is remembered. A word is asked for several times in a row: for its lemma, its
# terms and its concepts.
PARTS_MEMO = 4_096

# Frequencies are tenths of a Zipf value: 30 is once in a million words. Words of the dictionary that are rarer are
# parts too where they are long enough to be no chance.
RARE = 20
RARE_MIN_LETTERS = 7
RARE_MAX_LETTERS = 12
# The frequency, as it were, of a word that is never taken apart.
NEVER = 255
# Parts that the data add count as common at least so much.
OWN = 40
# What linking letters and shortness cost, and each part beside its rarity, so that few long parts win.
LINKED = 3
SHORT = {2: 20, 3: 8, 4: 4}
PART = 102

_FIRST, _LAST = 1, 2
_NOTHING = (0, "")
_PLURALS_LIKE_VERBS = {"nl": ("en",), "sv": ("ar", "er"), "da": ("er",), "nb": ("er",)}


class Part(NamedTuple):
    """A piece of a word, linking letters included, and its lemma as the dictionary writes it."""

    text: str
    lemma: str


class _Cut(NamedTuple):
    """A piece and what the trie says of it: three frequencies (as first part, as last, as a whole word), two lemmas."""

    text: str
    value: bytes


# Cost and cuts from a place in a word on; None where nothing fits.
_Way = tuple[int, tuple[_Cut, ...]] | None

_AS_FIRST, _AS_LAST, _AS_WHOLE, _LEMMAS = range(4)


class Splitter:
    """Takes the words of one language apart. Costs about 20 µs for a word: remember what it says."""

    def __init__(self, trie: BytesTrie) -> None:
        self._trie = trie
        self._lemmas_of_part = lru_cache(maxsize=PARTS_MEMO)(self.lemmas)
        self.split = lru_cache(maxsize=PARTS_MEMO)(self._split)

    def may_split(self, word: str) -> bool:
        """By its length alone."""
        return MIN_WORD <= len(word) <= MAX_WORD

    def _split(self, word: str) -> tuple[Part, ...]:
        """The fewest, longest and commonest parts, in their order; () for a word that is none of several."""
        key = word.lower()
        if not self.may_split(key) or not key.isalpha():
            return ()
        way = self._cheapest(0, key, {len(key): (0, ())})
        if way is None:
            return ()
        *first, last = way[1]
        common = (sum(cut.value[_AS_FIRST] for cut in first) + last.value[_AS_LAST]) / len(way[1])
        whole = self._trie.get(key)
        if whole and whole[0][_AS_WHOLE] > common:
            return ()
        return (*(Part(cut.text, _lemmas(cut.value)[0]) for cut in first), Part(last.text, _lemmas(last.value)[1]))

    def lemmas(self, word: str) -> tuple[str, ...]:
        """Of the parts and, where these are compounds themselves, of theirs: Berufsberatung, Beruf, Beratung."""
        found: dict[str, None] = {}
        for part in self.split(word):
            found[part.lemma] = None
            found.update(dict.fromkeys(self._lemmas_of_part(part.lemma)))
        return tuple(found)

    def hanging(self, word: str) -> tuple[str, ...]:
        """The lemma of a first part with its linking letters: "Schiffs- und Hafenführungen"."""
        found = self._trie.get(word.lower())
        return _lemmas(found[0])[:1] if found and found[0][_AS_FIRST] and not found[0][_AS_LAST] else ()

    def _cheapest(self, start: int, key: str, known: dict[int, _Way]) -> _Way:
        """Of all ways to cut the rest of a word; `known` are the places that were looked at."""
        best: _Way = None
        end = len(key)
        for text in self._trie.prefixes(key[start:]):
            stop = start + len(text)
            if len(text) == end or len(text) < 2:
                continue
            value = self._trie[text][0]
            frequency = value[_AS_LAST if stop == end else _AS_FIRST]
            if not frequency:
                continue
            rest = known[stop] if stop in known else self._cheapest(stop, key, known)
            if rest is None:
                continue
            cost = PART - frequency + SHORT.get(len(text), 0) + rest[0]
            if best is None or cost < best[0]:
                best = cost, (_Cut(text, value), *rest[1])
        known[start] = best
        return best


def _lemmas(value: bytes) -> tuple[str, str]:
    """As a first part and as a last one."""
    first, _, last = value[_LEMMAS:].decode().partition(" ")
    return first, last or first


# Making the parts

# (form, lemma, the dictionary) -> where the form may stand
_Places = Callable[[str, str, Mapping[str, str]], int]


@cache
def file_name(language: str) -> str:
    """Changes with the data, so that files made of older data are not used."""
    state = zlib.crc32((DATA / "compounds.yaml").read_bytes(), FORMAT)
    return f"{language}-{zlib.crc32(_frequent_file(language).read_bytes(), state):08x}.parts"


def build(language: str, dictionary: Mapping[str, str], whole_words: Iterable[str], path: Path) -> None:
    """Written beside and moved into place: a reader never maps half a file. `whole_words` are never taken apart."""
    beside = path.with_name(f"building-{path.name}-{os.getpid()}")
    BytesTrie(_Parts(language, dictionary, whole_words).entries()).save(str(beside))
    beside.replace(path)


class _Parts:
    """Gathers the keys of a language's trie."""

    def __init__(self, language: str, dictionary: Mapping[str, str], whole_words: Iterable[str]) -> None:
        whole_words = frozenset(whole_words)
        own = _curated()[language]
        self._language = language
        self._dictionary = dictionary
        self._frequent = _frequent(language)
        self._own: Mapping[str, str] = own["parts"]
        self._short = frozenset(own["short"])
        self._not_first = frozenset(
            [*own["not_first"], *(f"{particle}s" for particle in own["not_first"]), *whole_words]
        )
        self._not_last = frozenset([*own["not_last"], *whole_words])
        self._never = frozenset((*own["never"], *_curated()["names"], *whole_words))
        self._places = _PLACES[language]
        # Lower-case form -> frequency and lemma.
        self._first: dict[str, tuple[int, str]] = {}
        self._last: dict[str, tuple[int, str]] = {}
        self._whole: dict[str, int] = {}

    def entries(self) -> Iterator[tuple[str, bytes]]:
        for lemma, frequency in self._frequent.items():
            self._add(lemma, lemma, frequency)
            self._add_linked(lemma, frequency)
        # Of other words than nouns, too much is chance: German tells them by a capital.
        nouns_alone = self._language == "de"
        for form, lemma in self._dictionary.items():
            if lemma.lower() in self._never:
                self._whole[form.lower()] = NEVER
            if frequency := self._frequent.get(lemma, 0):
                self._add(form, lemma, frequency)
            elif len(lemma) >= RARE_MIN_LETTERS <= len(form) <= RARE_MAX_LETTERS and not (
                nouns_alone and form[0].islower()
            ):
                self._add_rare(form, lemma)
        for key, lemma in self._own.items():
            self._first[key] = max(OWN, self._frequent.get(lemma, 0)), lemma
        for word in self._never:
            self._whole[word] = NEVER
        for key in {**self._first, **self._last, **self._whole}:
            yield key, self._value(key)

    def _value(self, key: str) -> bytes:
        first, first_lemma = self._first.get(key, (0, ""))
        last, last_lemma = self._last.get(key, (0, ""))
        lemmas = first_lemma if first_lemma == last_lemma else f"{first_lemma} {last_lemma}"
        return bytes((first, last, self._whole.get(key, 0))) + lemmas.encode()

    def _add(self, form: str, lemma: str, frequency: int) -> None:
        key = form.lower()
        if not key.isalpha():
            return
        if self._whole.get(key, 0) < frequency:
            self._whole[key] = frequency
        self._place(key, self._places(form, lemma, self._dictionary), frequency, lemma)

    def _add_rare(self, form: str, lemma: str) -> None:
        if not form.isalpha():
            return
        self._place(form.lower(), self._places(form, lemma, self._dictionary), RARE, lemma)
        if form == lemma:
            self._add_linked(lemma, RARE)

    def _add_linked(self, lemma: str, frequency: int) -> None:
        for linked in _linked(self._language, lemma, self._dictionary):
            self._place(linked.lower(), _FIRST, frequency - LINKED, lemma)

    def _place(self, key: str, places: int, frequency: int, lemma: str) -> None:
        if not places or (len(key) < MIN_PART and key not in self._short):
            return
        if places & _FIRST and key not in self._not_first and self._first.get(key, _NOTHING)[0] < frequency:
            self._first[key] = frequency, self._unlinked(key, lemma)
        if places & _LAST and key not in self._not_last and self._last.get(key, _NOTHING)[0] < frequency:
            self._last[key] = frequency, self._noun(key, lemma)

    def _unlinked(self, key: str, lemma: str) -> str:
        """ "besøgs" is a visit with its linking letter, though it could be a form of "to visit"."""
        return key[:-1] if key[-1] == "s" and key[:-1] in self._frequent and lemma.lower() != key else lemma

    def _noun(self, form: str, lemma: str) -> str:
        """At a compound's end "bezoeken" are several visits, and "delar" parts, though alone they are verbs."""
        if self._language == "de":
            # Jobs, Scouts: words from abroad that the dictionary takes for singulars.
            singular = lemma[:-1] if form[-1] == "s" else lemma
            return singular if self._frequent.get(singular, 0) > self._frequent.get(lemma, 0) else lemma
        verb = form if self._language == "nl" else form[:-1]
        if lemma == verb and len(form) > 4 and form.endswith(_PLURALS_LIKE_VERBS.get(self._language, ())):
            return form[:-2] if form[:-2] in self._frequent else lemma
        return lemma


def _linked(language: str, lemma: str, dictionary: Mapping[str, str]) -> list[str]:
    """A first part with its linking letters: bedrijfs-, Schul-, arbejds-, arbets-."""
    if language == "nl":
        return [] if _is_dutch_verb(lemma, dictionary) or lemma.endswith("s") else [lemma + "s"]
    if language == "de":
        if not lemma[0].isupper():
            return []
        linked = [lemma + "s", lemma + "es"] if not lemma.endswith("s") else []
        return [*linked, lemma[:-1], lemma[:-1] + "s", lemma + "n"] if lemma.endswith("e") else linked
    if language in ("da", "nb"):
        linked = [lemma + "s"] if not lemma.endswith("s") else []
        linked += [lemma + "e"] if lemma[-1] not in "aeioøåæuy" else []
        return [*linked, lemma[:-1] + "s"] if lemma.endswith("e") else linked
    if language == "sv":
        linked = [] if lemma.endswith("s") else [lemma + "s"]
        return [*linked, lemma[:-1], lemma[:-1] + "s", lemma[:-1] + "e"] if lemma[-1] in "ae" else linked
    return []


def _dutch(form: str, lemma: str, dictionary: Mapping[str, str]) -> int:
    if _is_dutch_verb(lemma, dictionary):
        return _FIRST if _is_dutch_stem(form, lemma) else _LAST if form == lemma else 0
    if form == lemma or form.endswith(("en", "s")):
        return _FIRST | _LAST
    return _LAST if form == lemma + "e" else 0


def _is_dutch_verb(lemma: str, dictionary: Mapping[str, str]) -> bool:
    return lemma.endswith("en") and lemma + "s" not in dictionary


def _is_dutch_stem(form: str, lemma: str) -> bool:
    """werk-en, doe-n, le(e)r-en, sne(l)l-en, le(e)f - lev-en, rei(s) - rei(z)en."""
    voiced = form[:-1] + {"f": "v", "s": "z"}.get(form[-1], form[-1])
    stem = lemma[:-2]
    if voiced in (stem, lemma[:-1]) or voiced + voiced[-1] == stem:
        return True
    return len(voiced) > 3 and voiced[-2] == voiced[-3] and voiced[:-2] + voiced[-1] == stem


def _german(form: str, lemma: str, dictionary: Mapping[str, str]) -> int:
    if lemma[0].isupper():
        return _FIRST | _LAST if form[0].isupper() else 0
    return _FIRST if lemma.endswith("n") and form in (lemma[:-1], lemma[:-2]) else 0


def _scandinavian(form: str, lemma: str, dictionary: Mapping[str, str]) -> int:
    places = 0 if form == lemma[:-1] or (form.endswith("s") and form != lemma) else _LAST
    if form in (lemma, lemma + "e", lemma + "er", lemma + "r", lemma[:-1] + "er", lemma[:-1], lemma[:-1] + "s"):
        places |= _FIRST
    return places


def _swedish(form: str, lemma: str, dictionary: Mapping[str, str]) -> int:
    places = _scandinavian(form, lemma, dictionary)
    return places | _FIRST if form in (lemma[:-2] + "e", lemma[:-1] + "u", lemma[:-1] + "o") else places


def _finnish(form: str, lemma: str, dictionary: Mapping[str, str]) -> int:
    """The first part as it is or in the genitive."""
    return _FIRST | _LAST if form == lemma or (form.endswith("n") and len(form) <= len(lemma) + 2) else _LAST


def _hungarian(form: str, lemma: str, dictionary: Mapping[str, str]) -> int:
    return _FIRST | _LAST if form == lemma else _LAST


_PLACES: dict[str, _Places] = {
    "nl": _dutch,
    "de": _german,
    "da": _scandinavian,
    "nb": _scandinavian,
    "sv": _swedish,
    "fi": _finnish,
    "hu": _hungarian,
}


def _frequent_file(language: str) -> Path:
    return DATA / "frequent" / f"{language}.txt"


def _frequent(language: str) -> dict[str, int]:
    """Lines of "4.5 haven markt ...": the frequency as a Zipf value, then lemmas that have it."""
    found = {}
    for line in _frequent_file(language).read_text(encoding="utf-8").splitlines():
        value, *words = line.split()
        found.update(dict.fromkeys(words, round(float(value) * 10)))
    return found


@cache
def _curated() -> dict[str, dict[str, Any]]:
    curated: dict[str, dict[str, Any]] = yaml.safe_load((DATA / "compounds.yaml").read_text(encoding="utf-8"))
    return curated
