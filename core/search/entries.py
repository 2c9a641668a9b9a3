"""What goes into an index for a record, in terms: the same for every engine, which only decides how to store it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from core.search import analysis
from core.search.concepts import VOCABULARIES, Phrase, coded, text_concepts
from core.search.lemmas import SIMPLEMMA_VERSION
from core.search.seam import FACETS, IndexDocument
from i18n.vocabularies.vocabulary import fold

# Part of every index's name: another version makes other terms of the same text.
TERMS_VERSION = f"a{analysis.VERSION}-l{SIMPLEMMA_VERSION}"

# Terms by which records are likened to each other.
TELLING_TERMS = 25

# What a code says counts as often as words that are said this often.
CODED = 3


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """`text_terms`, `title_terms`, `title_words`: terms parted by spaces, a string per text.

    `concepts` are the terms of what the texts name and the codes say: once each in `text_terms` for each mention.
    `title_words` has pairs of neighbours as well, which the text has not: they are many. `title_only` is what of it the
    text has not, pairs and stop words: so a word in a title is not counted twice. `telling` are the terms that the text
    repeats most.
    `codes` are the record's own, as "facet:code" and "age:14", for filters; `counted` adds the broader ones, by facet.
    """

    titles: dict[str, str]
    text_terms: list[str]
    title_terms: list[str]
    title_words: list[str]
    title_only: list[str]
    telling: list[str]
    concepts: list[str]
    whole_titles: list[str]
    title_order: str
    codes: list[str]
    counted: dict[str, list[str]]


def index_entry(document: IndexDocument) -> IndexEntry:
    titles = {language: texts.title for language, texts in document.texts.items() if texts.title}
    title_terms = {language: analysis.index_terms(title, language) for language, title in titles.items()}
    own_title = titles.get(document.language) or next(iter(titles.values()), "")
    own_codes = {facet: own for facet, own in document.codes.items() if facet in FACETS}
    lowest, highest = document.ages or (0, -1)
    concepts = _concepts(document, own_codes)
    text_terms = [*_text_terms(document, title_terms), " ".join(concepts)]
    title_words = [analysis.title_words(title) for title in titles.values()]
    return IndexEntry(
        titles=titles,
        text_terms=text_terms,
        title_terms=list(title_terms.values()),
        title_words=title_words,
        title_only=_without(title_words, text_terms),
        telling=[term for term, _ in Counter(" ".join(text_terms).split()).most_common(TELLING_TERMS)],
        concepts=list(dict.fromkeys(concepts)),
        whole_titles=[whole for title in titles.values() if (whole := whole_title(title))],
        title_order=whole_title(own_title),
        codes=[f"{facet}:{code}" for facet, own in own_codes.items() for code in own]
        + [f"age:{age}" for age in range(lowest, highest + 1)],
        counted={facet: [*own, *document.broader.get(facet, ())] for facet, own in own_codes.items()},
    )


def _without(title_words: list[str], text_terms: list[str]) -> list[str]:
    in_text = {term for terms in text_terms for term in terms.split()}
    words = " ".join(title_words).split()
    left = " ".join(word for word in dict.fromkeys(words) if word not in in_text)
    return [left] if left else []


def whole_title(title: str) -> str:
    """A title as one term: what is asked in full is found first."""
    return fold(analysis.normalise(title))[:400]


def _concepts(document: IndexDocument, codes: dict[str, tuple[str, ...]]) -> list[str]:
    """Weighed as words are: a title's three times, a summary's twice; what all are parts of, once."""
    terms: list[str] = []
    above: set[str] = set()
    for times, phrases in _phrases(document, codes):
        for phrase in phrases:
            terms += phrase.terms * times
            above.update(phrase.above)
    return terms + sorted(above.difference(terms))


def _phrases(document: IndexDocument, codes: dict[str, tuple[str, ...]]) -> Iterator[tuple[int, list[Phrase]]]:
    """What the codes say and each text names, with how often it counts."""
    yield CODED, [coded(facet, codes[facet]) for facet in VOCABULARIES if facet in codes]
    for language, texts in document.texts.items():
        yield 3, text_concepts(texts.title, language)
        yield 2, text_concepts(texts.summary, language)
        for _weight, text in texts.body:
            yield 1, text_concepts(text, language)


def _text_terms(document: IndexDocument, title_terms: dict[str, str]) -> Iterator[str]:
    """A title's words count three times, a summary's twice: BM25 over one field weighs without double counting."""
    for language, texts in document.texts.items():
        title = title_terms.get(language, "")
        yield from (title, title, title)
        summary = analysis.index_terms(texts.summary, language)
        yield from (summary, summary)
        for _weight, text in texts.body:
            yield analysis.index_terms(text, language)
