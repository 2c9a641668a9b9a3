"""How a query is read: its words as index terms, in every language at once, and the codes that it names.

Nobody says in which language they type: a Dutch officer may type English. So each word is looked up in every language;
the reader's own, and the one that the query's little words betray, weigh more. Codes are recognised by label or
synonym in any language: "Betriebsbesichtigung" finds a company visit described in Dutch.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache, lru_cache

from core.search.analysis import (
    LANGUAGES,
    SET_UP_LANGUAGES,
    fold_word,
    is_stop_word,
    known_lemma,
    languages_of,
    lemma,
    marked,
    normalise,
    pairs,
    part_terms,
    read_as,
    tokens,
)
from core.search.seam import Mention, Understood, Word
from core.search.stop_words import STOP_WORDS
from i18n.vocabularies.vocabulary import vocabulary

# Bounds the work that one query can cause; the longest judged query has 10 words.
MAX_CHARACTERS = 500
MAX_WORDS = 24

AS_WRITTEN = 1.0
OWN_LANGUAGE = 1.2
OTHER_LANGUAGE = 0.8
# Of the word's own weight in the language, for each of a compound's parts.
PART = 0.6

# Facets whose codes are recognised in a query, with their vocabulary.
MENTIONED = {
    "activity": "activities",
    "stage": "school_stages",
    "audience": "audiences",
    "sector": "sectors",
    "theme": "themes",
    "region": "regions",
    "country": "countries",
}

# German typed without its letters: "Schueler", "Haefen".
_DIGRAPHS = (("ae", "ä"), ("oe", "ö"), ("ue", "ü"))
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@lru_cache(maxsize=2048)
def understand(text: str, language: str, concepts: bool = True) -> Understood:
    """Never fails: a text without a word in it is understood as nothing."""
    own = read_as(language)
    written = _words(text)
    languages = frozenset((own, _betrayed_language(written, own)))
    telling = [word for word in written if not any(_is_stop_word(word, each) for each in languages)] or written
    forms = [_forms(word, languages) for word in telling]
    together = _written_together(written)
    words = [
        Word(word, tuple(dict([*together.get(word, ()), *_terms(word, lemmas, languages)]).items()))
        for word, lemmas in zip(telling, forms, strict=True)
    ]
    return Understood(tuple(words), tuple(_mentions(telling, forms)) if concepts else ())


def _words(text: str) -> list[str]:
    cleaned = normalise(_CONTROL.sub(" ", text[:MAX_CHARACTERS]))
    found = dict.fromkeys(token.word for token in tokens(cleaned) if not token.joined and fold_word(token.word))
    return list(found)[:MAX_WORDS]


def _terms(word: str, lemmas: dict[str, str], languages: frozenset[str]) -> Iterator[tuple[str, float]]:
    yield from _part_terms(word, frozenset(lemmas), languages)
    yield fold_word(word), AS_WRITTEN
    for language, found in lemmas.items():
        yield marked(found, language), OWN_LANGUAGE if language in languages else OTHER_LANGUAGE


@lru_cache(maxsize=8192)
def _part_terms(word: str, known_in: frozenset[str], languages: frozenset[str]) -> tuple[tuple[str, float], ...]:
    """What the word is made of, in the reader's languages and in those that know it.

    A word that no dictionary knows is taken apart in every language: a Dutch reader may paste a German one.
    """
    known_in = frozenset(each for each in known_in if each not in languages or known_lemma(word, each))
    taken = [each for each in languages_of(word) if not known_in or each in languages or each in known_in]
    weights = {each: PART * (OWN_LANGUAGE if each in languages else OTHER_LANGUAGE) for each in taken}
    return tuple((term, weights[each]) for each in taken for term in part_terms(word, each))


def _written_together(words: list[str]) -> dict[str, list[tuple[str, float]]]:
    """What each word makes with the next: girls day -> girlsday, speed-dating -> speeddating."""
    joined = pairs([fold_word(word) for word in words])
    return {word: [(pair, AS_WRITTEN)] for word, pair in zip(words, joined, strict=False)}


def _is_stop_word(word: str, language: str) -> bool:
    return is_stop_word(word, fold_word(word), language)


def _betrayed_language(words: list[str], own: str) -> str:
    """The language that most of the stop words are of; the reader's where it is as likely.

    One little word tells a language of the network; of others it takes two: Romanian's "care" is English too.
    """
    folded = [(word, fold_word(word)) for word in words]
    counts = {language: sum(is_stop_word(*word, language) for word in folded) for language in STOP_WORDS}
    likely = [language for language in counts if counts[language] > 1 or language in SET_UP_LANGUAGES]
    best = max(likely, key=lambda language: (counts[language], language == own))
    return best if counts[best] > counts.get(own, 0) else own


@lru_cache(maxsize=8192)
def _forms(word: str, languages: frozenset[str]) -> dict[str, str]:
    """Its lemma in each language that knows it; only in these languages by guessing from its ending too."""
    forms = {}
    for language in languages_of(word):
        if found := (lemma if language in languages else known_lemma)(word, language):
            forms[language] = found
    if (
        "de" not in forms
        and word.isascii()
        and (umlauts := _with_umlauts(word)) != word
        and (found := known_lemma(umlauts, "de"))
    ):
        forms["de"] = found
    return forms


def _with_umlauts(word: str) -> str:
    for digraph, letter in _DIGRAPHS:
        word = word.replace(digraph, letter)
    return word


def _mentions(words: list[str], forms: list[dict[str, str]]) -> Iterator[Mention]:
    """Codes whose label or synonym stands in the query, stop words aside; each code once, by its longest words."""
    found: dict[tuple[str, str], tuple[int, Mention]] = {}
    for start, word in enumerate(words):
        for language in LANGUAGES:
            for phrase in _lexicon().get((language, forms[start].get(language) or fold_word(word)), ()):
                keys, facet, code = phrase
                end = start + len(keys)
                said = [
                    forms[place].get(language) or fold_word(words[place])
                    for place in range(start, min(end, len(words)))
                ]
                if tuple(said) == keys and found.get((facet, code), (0,))[0] < len(keys):
                    found[facet, code] = len(keys), Mention(facet, code, " ".join(words[start:end]), language)
    yield from (mention for _, mention in found.values())


@cache
def _lexicon() -> dict[tuple[str, str], list[tuple[tuple[str, ...], str, str]]]:
    """(language, first word) -> [(all words, facet, code)], words as lemmas. Takes 0.1 s, once a process."""
    lexicon: dict[tuple[str, str], list[tuple[tuple[str, ...], str, str]]] = defaultdict(list)
    for facet, name in MENTIONED.items():
        for code, concept in vocabulary(name).concepts.items():
            for language in {**concept.labels, **concept.synonyms}:
                for phrase in concept.words(language):
                    if keys := _phrase_keys(phrase, language):
                        lexicon[language, keys[0]].append((keys, facet, code))
    return dict(lexicon)


def _phrase_keys(phrase: str, language: str) -> tuple[str, ...]:
    words = [word for word in _words(phrase) if not _is_stop_word(word, language)]
    return tuple(lemma(word, language) or fold_word(word) for word in words)
