"""How a query is read: its words as index terms, in every language at once, and the codes that it names.

Nobody says in which language they type: a Dutch officer may type English. So each word is looked up in every language;
the reader's own, and the one that the query's little words betray, weigh more. Codes are recognised by label or
synonym in any language: "Betriebsbesichtigung" finds a company visit described in Dutch.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from core.search.analysis import (
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
from core.search.concepts import GLOSSARY, Found, Named, broader_terms, concept_term, query_concepts, read_languages
from core.search.seam import Mention, Understood, Word
from core.search.stop_words import STOP_WORDS

# Bounds the work that one query can cause; the longest judged query has 10 words.
MAX_CHARACTERS = 500
MAX_WORDS = 24

AS_WRITTEN = 1.0
OWN_LANGUAGE = 1.2
OTHER_LANGUAGE = 0.8
# Of the word's own weight in the language, for each of a compound's parts.
PART = 0.6

# Of a mention. A phrase of another language than the reader's and the query's; one whose words mean something in
# these; a part of a compound; a phrase inside a longer one; the glossary entry that the concept is a part of.
OTHER_MENTION = 0.8
FALSE_FRIEND = 0.3
COMPOUND_PART = 0.8
NESTED = 0.5
BROADER = 0.2

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
    return Understood(
        words=tuple(words),
        mentions=tuple(_mentions(written, telling, languages)) if concepts else (),
        language=_language(telling, own, languages),
    )


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


def _language(words: list[str], own: str, likely: frozenset[str]) -> str:
    """What its little words betray; else the language that knows twice as many of the words as the reader's does."""
    other = next((language for language in likely if language != own), None)
    if other:
        return other
    known = Counter(each for word in words for each in languages_of(word) if known_lemma(word, each) is not None)
    best = max(known, key=lambda language: (known[language], language == own), default=own)
    return best if known[best] > 2 * known[own] else own


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


def _mentions(written: list[str], telling: list[str], languages: frozenset[str]) -> Iterator[Mention]:
    """What the query names, each concept once, by the words that say it best."""
    best: dict[Named, tuple[float, Mention]] = {}
    covered: set[int] = set()
    for language in sorted(read_languages(), key=lambda language: (language not in languages, language)):
        found = list(query_concepts(written, language))
        likely = language in languages
        if likely:
            covered.update(place for each in found if each.phrase.certain for place in range(each.start, each.end))
        for each in found:
            weight = _weight(each, found, likely or covered.isdisjoint(range(each.start, each.end)), likely)
            said = " ".join(word for word in written[each.start : each.end] if word in telling)
            for named in each.phrase.named:
                if weight > best.get(named, (0.0,))[0]:
                    best[named] = weight, Mention(*named, said, language, _mention_terms(named, weight))
    yield from (mention for _, mention in best.values())


def _weight(found: Found, others: list[Found], free: bool, likely: bool) -> float:
    weight = 1.0 if likely else OTHER_MENTION if free else FALSE_FRIEND
    if not found.phrase.certain:
        weight *= COMPOUND_PART
    if any(_is_inside(found, other) for other in others):
        weight *= NESTED
    return weight


def _is_inside(found: Found, other: Found) -> bool:
    """In a longer phrase, or a part of a word that names something as a whole."""
    if not other.start <= found.start < found.end <= other.end:
        return False
    is_longer = other.end - other.start > found.end - found.start
    return is_longer or (other.phrase.certain and not found.phrase.certain)


def _mention_terms(named: Named, weight: float) -> tuple[tuple[str, float], ...]:
    """A code above it would find far too much: everything of the port for a crane operator."""
    above = ((term, weight * BROADER) for term in broader_terms(*named) if term.endswith(f"|{GLOSSARY}"))
    return ((concept_term(*named), weight), *above)
