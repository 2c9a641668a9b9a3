"""From a text in a language to the terms that an index holds, the same for every engine and for what is asked.

A word gives its folded form ("hafen") and, where the language's dictionary knows it, its lemma, marked with the
language ("hafen|de"). The folded form finds names, numbers and words of other languages as they are written; the lemma
finds every inflection, in its own language only. Compounds will be split here: `word_terms` is the one place where a
word becomes terms.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from simplemma.strategies import DefaultStrategy

from core.search import lemmas
from core.search.stop_words import STOP_WORDS
from i18n.vocabularies.vocabulary import fold

# Part of an index's name: raise it when the same text would give other terms.
VERSION = 1

LANGUAGES = ("nl", "en", "de", "fr", "sv", "pl", "pt", "it", "es", "el", "da", "ca")

# Words remembered with their terms, 250 bytes each: those of texts that are indexed, and those of queries and of the
# texts that a page shows, so that a process that only answers stays small.
INDEXED_MEMO = 200_000
MEMO = 20_000

# Longer ones are no words; the longest in the inventory has 34 letters.
MAX_LETTERS = 60

# Letters and digits; Catalan's middle dot joins, hyphens join parts. Apostrophes part: l'orientation, pupil's.
_TOKEN = re.compile(r"[^\W_]+(?:·[^\W_]+)*(?:[-‐‑][^\W_]+(?:·[^\W_]+)*)*")
_HYPHEN = re.compile("[-‐‑]")

# Where simplemma's dictionary parts a plural from its singular.
_OWN_LEMMAS = {("nl", "scholieren"): "scholier", ("nl", "leerlinge"): "leerling"}


class Token(NamedTuple):
    """A word and where it stands. The joined form of a hyphenated word follows its parts, at the whole's place."""

    word: str
    start: int
    end: int
    joined: bool = False


@lru_cache(maxsize=64)
def words(text: str) -> tuple[str, ...]:
    """As written, hyphenated ones whole. The texts of a record are read twice, for terms and for concepts."""
    return tuple(_TOKEN.findall(normalise(text)))


def split_hyphens(word: str) -> list[str]:
    return _HYPHEN.split(word)


def normalise(text: str) -> str:
    """Composed letters; nothing that cannot be encoded. What `tokens` counts its places in."""
    return unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())


def tokens(text: str) -> Iterator[Token]:
    """The words of a normalised text, as written."""
    for match in _TOKEN.finditer(text):
        word, start = match.group(), match.start()
        if word.isalnum():
            yield Token(word, start, match.end())
            continue
        parts = _HYPHEN.split(word)
        place = start
        for part in parts:
            yield Token(part, place, place + len(part))
            place += len(part) + 1
        if len(parts) > 1 and not word[0].isdigit():
            yield Token("".join(parts), start, match.end(), joined=True)


def index_terms(text: str, language: str) -> str:
    """All terms of a text, parted by spaces; stop words left out."""
    own, found = base(language), []
    for word in words(text):
        if word.isalnum():
            found.append(_indexed_terms(word, own))
        else:
            found += [_indexed_terms(token.word, own) for token in tokens(word)]
    return " ".join(filter(None, found))


def title_words(title: str) -> str:
    """Every word as written, and neighbours as one: "Port Xpert" is found as portxpert, and while "portx" is typed."""
    words = folded_words(title)
    return " ".join([*words, *pairs(words)])


def folded_words(text: str) -> list[str]:
    words = (fold_word(token.word) for token in tokens(normalise(text)) if not token.joined)
    return [word for word in words if word]


def pairs(words: list[str]) -> list[str]:
    """Neighbours written as one word."""
    return [(first + second)[:MAX_LETTERS] for first, second in pairwise(words)]


@lru_cache(maxsize=MEMO)
def word_terms(word: str, language: str) -> str:
    """ "Häfen", "de" -> "hafen hafen|de"; "" for a stop word. Memoised: most words of a text are few."""
    return _terms(word, language)


@lru_cache(maxsize=INDEXED_MEMO)
def _indexed_terms(word: str, language: str) -> str:
    return _terms(word, language)


def _terms(word: str, language: str) -> str:
    folded = fold_word(word)
    if not folded or is_stop_word(word, folded, language):
        return ""
    stem = lemma(word, language)
    return f"{folded} {marked(stem, language)}" if stem else folded


def is_stop_word(word: str, folded: str, language: str) -> bool:
    """An acronym is none: IT, VO."""
    return folded in STOP_WORDS.get(language, ()) and not (len(word) > 1 and word.isupper())


def fold_word(word: str) -> str:
    if word.isascii():
        return word.lower()[:MAX_LETTERS]
    return fold(word.replace("·", "")).replace(" ", "")[:MAX_LETTERS]


def lemma(word: str, language: str) -> str | None:
    """The folded lemma, or None where the language does not know the word. Mind the capitals: German nouns."""
    if language not in LANGUAGES or len(word) > MAX_LETTERS or word.isnumeric():
        return None
    known = known_lemma(word, language)
    if known:
        return known
    guessed = _strategy(settings.LEMMA_DIR).get_lemma(word, language)
    return fold_word(guessed) or None if guessed else None


def known_lemma(word: str, language: str) -> str | None:
    """Only what stands in the dictionary, no guesses from the word's ending: for a word of a doubtful language."""
    own = _OWN_LEMMAS.get((language, word.lower()))
    if own or len(word) > MAX_LETTERS or word.isnumeric():
        return own
    dictionary = _dictionaries(settings.LEMMA_DIR).get_dictionary(language)
    found = dictionary.get(word) or dictionary.get(word.lower() if word[0].isupper() else word.capitalize())
    return fold_word(found) or None if found else None


def marked(folded_lemma: str, language: str) -> str:
    return f"{folded_lemma}|{language}"


def base(language: str) -> str:
    """ "nl-BE" -> "nl"."""
    return language.replace("_", "-").partition("-")[0].lower()


def prepare() -> Iterator[str]:
    """Build the dictionaries that are missing; yields each language when it is there. Never in a request."""
    yield from lemmas.prepare(Path(settings.LEMMA_DIR), LANGUAGES)
    word_terms.cache_clear()
    _indexed_terms.cache_clear()


@cache
def _strategy(directory: Path | str) -> DefaultStrategy:
    return DefaultStrategy(dictionary_factory=_dictionaries(directory))


@cache
def _dictionaries(directory: Path | str) -> lemmas.MappedDictionaries:
    return lemmas.MappedDictionaries(Path(directory))
