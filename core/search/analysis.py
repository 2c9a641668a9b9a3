"""From a text in a language to the terms that an index holds, the same for every engine and for what is asked.

A word gives its folded form ("hafen") and, where the language's dictionary knows it, its lemma, marked with the
language ("hafen|de"). The folded form finds names, numbers and words of other languages as they are written; the lemma
finds every inflection, in its own language only. A compound also gives the lemmas of its parts ("hafenbesuch",
"hafen|de", "besuch|de"): they stand beside the whole, so that either finds the other. `_terms` is the one place
where a word becomes terms; whole texts are read by `reading.py`.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from simplemma.strategies import DefaultStrategy

from core.search import lemmas
from core.search.compounds import Part, Splitter
from core.search.stop_words import STOP_WORDS
from i18n.vocabularies.vocabulary import fold

# Part of an index's name: raise it when the same text would give other terms, by code or by the files in `data/`.
VERSION = 3

# Languages whose dictionaries are built at set-up: those of the network's records.
SET_UP_LANGUAGES = ("nl", "en", "de", "fr", "sv", "pl", "pt", "it", "es", "el", "da", "ca")

# All that can be read, those of the European Union first; dictionaries of the others are built when the first text in
# them is indexed. There is none for Maltese: its words keep their form.
LANGUAGES = (
    *SET_UP_LANGUAGES,
    *("bg", "cs", "et", "fi", "ga", "hr", "hu", "lt", "lv", "ro", "sk", "sl", "ar", "nb", "tr", "uk"),
)

# Codes of languages that are read as another one, and dictionaries that go by another name.
_READ_AS = {"no": "nb", "nn": "nb"}
_DICTIONARIES = {"hr": "hbs"}

# Words remembered with their terms, 250 bytes each: those of queries and of the texts that a page shows.
MEMO = 20_000
# Enough for what is asked again while one word is looked at.
WORD_MEMO = 256

# Longer ones are no words; the longest in the inventory has 34 letters.
MAX_LETTERS = 60

# Marks that stand on letters where no composed letter exists; above all Arabic's vowels.
_MARKS = "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"
_WORD = rf"[^\W_][^\W_{_MARKS}]*(?:[{_MARKS}]+[^\W_{_MARKS}]*)*"
# Letters and digits. Catalan's middle dot joins, and the apostrophe before Ukrainian's soft vowels; hyphens join parts.
# Other apostrophes part: l'orientation, pupil's.
_INNER = rf"{_WORD}(?:(?:·|['’](?=[яюєїЯЮЄЇ])){_WORD})*"
_TOKEN = re.compile(rf"{_INNER}(?:[-‐‑]{_INNER})*")
_HYPHEN = re.compile("[-‐‑]")

# Letters that one language writes in several ways, and its dictionary in one.
_SPELLINGS = {
    "ro": str.maketrans("şţŞŢ", "șțȘȚ"),
    "uk": str.maketrans("’ʼ", "''"),
    "tr": str.maketrans("Iİ", "ıi"),
}
# The first letter of each script, and the last.
_SCRIPTS = {"Grek": ("\u0370", "\u1fff"), "Cyrl": ("\u0400", "\u052f"), "Arab": ("\u0600", "\u06ff")}
_WRITTEN_IN = {"el": "Grek", "bg": "Cyrl", "uk": "Cyrl", "ar": "Arab"}
_ARABIC_MARKS = re.compile(f"[{_MARKS}\u0640]")
_ARABIC_ARTICLE = re.compile("^[وبكف]?ال(?=...)|^لل(?=...)")

# Where simplemma's dictionary is wrong about a word that matters here; lower case.
_OWN_LEMMAS = {
    "nl": {
        "scholieren": "scholier", "leerlinge": "leerling", "ouder": "ouder", "ouders": "ouder", "loods": "loods",
        "loodsen": "loods", "game": "game", "games": "game", "port": "port",
        **dict.fromkeys(("bezoeken", "bezoekt", "bezocht", "bezochten", "bezoekend", "bezoekende"), "bezoek"),
    },
    "de": {"jobs": "job"},
    "it": {"porto": "porto", "porti": "porto", "lavoro": "lavoro", "lavori": "lavoro"},
    "pl": {"porcie": "port"},
    "hr": dict.fromkeys(("luka", "luke", "luci", "luku", "lukom", "lukama"), "luka"),
    "lv": dict.fromkeys(("osta", "ostas", "ostai", "ostu", "ostā", "ostām", "ostās"), "osta"),
    "nb": {"havne": "havn"},
    "uk": dict.fromkeys(("порт", "порту", "порти", "портів", "портом", "портах", "портами"), "порт"),
    "sv": dict.fromkeys(("hamn", "hamns", "hamnen", "hamnens", "hamnar", "hamnars", "hamnarna", "hamnarnas"), "hamn"),
}  # fmt: skip


# Dictionaries that this process has seen to, by directory.
_prepared: defaultdict[str, set[str]] = defaultdict(set)


class Token(NamedTuple):
    """A word and where it stands. The joined form of a hyphenated word follows its parts, at the whole's place."""

    word: str
    start: int
    end: int
    joined: bool = False


def words(text: str) -> list[str]:
    """As written, hyphenated ones whole."""
    found: list[str] = []
    for piece in normalise(text).split():
        # Letters and digits alone are a word: the pattern is for what has anything else beside them.
        if piece.isalnum():
            found.append(piece)
        else:
            found += _TOKEN.findall(piece)
    return found


def split_hyphens(word: str) -> list[str]:
    return _HYPHEN.split(word)


def normalise(text: str) -> str:
    """Composed letters; nothing that cannot be encoded. What `tokens` counts its places in."""
    if text.isascii():
        return text
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


def indexed_terms(word: str, language: str) -> str:
    """All terms of one of the `words` of a text, parted by spaces; "" for a stop word. Not memoised."""
    if word.isalnum():
        return _terms(word, language)
    return " ".join(filter(None, (_terms(token.word, language, token.joined) for token in tokens(word))))


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


@lru_cache(maxsize=MEMO)
def whole_terms(word: str, language: str) -> tuple[str, ...]:
    """`word_terms` without the parts: the word as it is written and its lemma."""
    return _whole_terms(word, _READ_AS.get(language, language))


def _terms(word: str, language: str, joined: bool = False) -> str:
    """`joined`: the parts are terms already."""
    language = _READ_AS.get(language, language)
    found = _whole_terms(word, language)
    if found and not joined:
        return " ".join(dict.fromkeys((*found, *part_terms(word, language))))
    return " ".join(found)


def _whole_terms(word: str, language: str) -> tuple[str, ...]:
    folded = fold_word(word)
    if not folded or is_stop_word(word, folded, language):
        return ()
    stem = lemma(word, language)
    return (folded, marked(stem, language)) if stem else (folded,)


def part_terms(word: str, language: str) -> list[str]:
    """What a word is made of, as terms: ["haven|nl", "bezoek|nl"]; of an Arabic word what its article hides."""
    if language == "ar":
        return _without_article(word)
    splitter = _splitter_for(word, language)
    if splitter is None:
        return []
    parts = splitter.lemmas(word)
    if not parts and (hanging := splitter.hanging(word)) and not known_lemma(word, language):
        parts = hanging
    whole = fold_word(word)
    found = dict.fromkeys(_part_term(part, language) for part in parts)
    return [term for term in found if term not in (whole, marked(whole, language))]


def compound_parts(word: str, language: str) -> tuple[Part, ...]:
    """What a compound is made of, in order; () for a word that is none of several."""
    splitter = _splitter_for(word, language)
    return splitter.split(word) if splitter else ()


def _splitter_for(word: str, language: str) -> Splitter | None:
    """None for a word that cannot be a compound."""
    splitter = _splitter(settings.LEMMA_DIR, language)
    if splitter is None or not splitter.may_split(word) or _is_no_german_noun(word, language):
        return None
    return splitter


def _without_article(word: str) -> list[str]:
    """ "والمدرسة" -> the terms of "مدرسة"."""
    plain = _ARABIC_MARKS.sub("", word)
    bare = _ARABIC_ARTICLE.sub("", plain)
    if bare == plain:
        return []
    known = known_lemma(bare, "ar")
    return [fold_word(bare), marked(known, "ar")] if known else [fold_word(bare)]


@lru_cache(maxsize=MEMO)
def _part_term(part: str, language: str) -> str:
    """As the part would be read alone, so that both are one."""
    known = known_lemma(part, language)
    return marked(known, language) if known else fold_word(part)


def _is_no_german_noun(word: str, language: str) -> bool:
    """German verbs and adjectives that the dictionary knows fall apart by chance only: mari-time, teil-nehmen."""
    return language == "de" and _found(word, "de")[:1].islower()


def is_stop_word(word: str, folded: str, language: str) -> bool:
    """An acronym is none: IT, VO."""
    return folded in STOP_WORDS.get(language, ()) and not (len(word) > 1 and word.isupper())


def fold_word(word: str) -> str:
    if word.isascii():
        return word.lower()[:MAX_LETTERS]
    return _fold_letters(word)


@lru_cache(maxsize=WORD_MEMO)
def _fold_letters(word: str) -> str:
    return fold(word.replace("·", "")).replace(" ", "")[:MAX_LETTERS]


def lemma(word: str, language: str) -> str | None:
    """The folded lemma, or None where the language does not know the word. Mind the capitals: German nouns."""
    name = _dictionary_name(language)
    if language not in LANGUAGES or len(word) > MAX_LETTERS or word.isnumeric() or not is_ready(language):
        return None
    return known_lemma(word, language) or _compound_lemma(word, language) or _guessed_lemma(word, name)


def _compound_lemma(word: str, language: str) -> str | None:
    """ "havenbezoeken" -> "havenbezoek": only the last part is inflected."""
    splitter = _splitter(settings.LEMMA_DIR, language)
    parts = splitter.split(word) if splitter else ()
    return fold_word(word[: -len(parts[-1].text)] + parts[-1].lemma) if parts else None


def _guessed_lemma(word: str, dictionary_name: str) -> str | None:
    guessed = _strategy(settings.LEMMA_DIR).get_lemma(word, dictionary_name)
    return fold_word(guessed) or None if guessed else None


def known_lemma(word: str, language: str) -> str | None:
    """Only what stands in the dictionary, no guesses from the word's ending: for a word of a doubtful language."""
    own = _OWN_LEMMAS[language].get(word.lower()) if language in _OWN_LEMMAS else None
    if own or len(word) > MAX_LETTERS or word.isnumeric():
        return own
    return fold_word(_found(word, language)) or None


@lru_cache(maxsize=WORD_MEMO)
def _found(word: str, language: str) -> str:
    """The lemma as the dictionary writes it, or "".

    Dictionaries take "les" for a form of "lessen" (to quench) and "lessen" for several "les" (a lesson), "visites" for
    several "visite" and that for the verb: a second look makes them one.
    """
    dictionary = _dictionaries(settings.LEMMA_DIR).get_dictionary(_dictionary_name(language))
    if language == "ar":
        word = _ARABIC_MARKS.sub("", word)
    elif language == "tr":
        word = dictionary.get(word) or word.translate(_SPELLINGS["tr"]).lower()
    elif language in _SPELLINGS and not word.isascii():
        word = word.translate(_SPELLINGS[language])
    first = dictionary.get(word)
    if not first and word[0].isupper():
        first = dictionary.get(word.lower())
    elif not first and language == "de":
        first = dictionary.get(word.capitalize())
    if not first or first == word or (second := dictionary.get(first, first)) == first:
        return first or ""
    returns = dictionary.get(second, second) == first
    return min(first, second, key=lambda each: (len(each), each)) if returns else second


def is_ready(language: str) -> bool:
    """Whether the language's dictionary is built."""
    return _dictionary_name(language) in _dictionaries(settings.LEMMA_DIR).built()


def ready_languages() -> tuple[str, ...]:
    """Those whose dictionaries are built."""
    return tuple(language for language in LANGUAGES if is_ready(language))


def languages_of(word: str) -> tuple[str, ...]:
    """Those of the ready languages in whose letters the word is written."""
    script = next((script for script, (first, last) in _SCRIPTS.items() if first <= word[0] <= last), "Latn")
    return _ready(_dictionaries(settings.LEMMA_DIR).built(), script)


@lru_cache(maxsize=32)
def _ready(built: frozenset[str], script: str) -> tuple[str, ...]:
    written = [language for language in LANGUAGES if _WRITTEN_IN.get(language, "Latn") == script]
    return tuple(language for language in written if _dictionary_name(language) in built)


def _dictionary_name(language: str) -> str:
    return _DICTIONARIES.get(language, language)


def marked(folded_lemma: str, language: str) -> str:
    return f"{folded_lemma}|{language}"


@lru_cache(maxsize=1024)
def base(language: str) -> str:
    """ "nl-BE" -> "nl"."""
    return language.replace("_", "-").partition("-")[0].lower()


def read_as(language: str) -> str:
    """The language whose dictionary and stop words a text in this one is read with: "nn-NO" -> "nb"."""
    return _READ_AS.get(base(language), base(language))


def prepare(languages: Iterable[str] = SET_UP_LANGUAGES) -> Iterator[str]:
    """Build the dictionaries that are missing; yields each language when it is there. Never in a request.

    Raises `lemmas.BuildFailed` when one cannot be built; it is not tried again by this process.
    """
    readable = {read_as(language) for language in languages}.intersection(LANGUAGES)
    prepared = _prepared[str(settings.LEMMA_DIR)]
    names = {_dictionary_name(language) for language in readable} - prepared
    prepared.update(names)
    for name in lemmas.prepare(Path(settings.LEMMA_DIR), sorted(names)):
        _dictionaries(settings.LEMMA_DIR).look_again()
        forget()
        yield name


def forget() -> None:
    """Drop what was remembered of words: there are more dictionaries now."""
    _part_term.cache_clear()
    _splitter.cache_clear()
    word_terms.cache_clear()
    whole_terms.cache_clear()
    _found.cache_clear()
    _edition.cache_clear()


def edition() -> object:
    """Another one whenever words may have other terms: for whoever remembers them."""
    _dictionaries(settings.LEMMA_DIR).built()
    return _edition()


@cache
def _edition() -> object:
    return object()


@cache
def _strategy(directory: Path | str) -> DefaultStrategy:
    return DefaultStrategy(dictionary_factory=_dictionaries(directory))


@cache
def _dictionaries(directory: Path | str) -> lemmas.MappedDictionaries:
    return lemmas.MappedDictionaries(Path(directory), on_change=forget)


@cache
def _splitter(directory: Path | str, language: str) -> Splitter | None:
    return lemmas.splitter(Path(directory), language)
