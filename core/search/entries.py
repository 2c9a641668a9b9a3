"""What goes into an index for a record, in terms: the same for every engine, which only decides how to store it."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from core.search import analysis
from core.search.concepts import VOCABULARIES, coded
from core.search.lemmas import SIMPLEMMA_VERSION
from core.search.reading import read
from core.search.seam import FACETS, FieldTexts, IndexDocument
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
    texts = [_ReadTexts(language, fields) for language, fields in document.texts.items()]
    titles = {each.language: each.title for each in texts if each.title}
    own_title = titles.get(document.language) or next(iter(titles.values()), "")
    own_codes = {facet: own for facet, own in document.codes.items() if facet in FACETS}
    lowest, highest = document.ages or (0, -1)
    concepts = _concepts(texts, own_codes)
    text_terms = [terms for each in texts for terms in each.terms()] + [" ".join(concepts)]
    title_words = [analysis.title_words(title) for title in titles.values()]
    whole_titles = {title: whole_title(title) for title in titles.values()}
    counts = Counter(" ".join(text_terms).split())
    return IndexEntry(
        titles=titles,
        text_terms=text_terms,
        title_terms=[each.title_read.terms for each in texts if each.title],
        title_words=title_words,
        title_only=_without(title_words, counts),
        telling=_most_said(counts),
        concepts=list(dict.fromkeys(concepts)),
        whole_titles=[whole for title in titles.values() if (whole := whole_titles[title])],
        title_order=whole_titles.get(own_title, ""),
        codes=[f"{facet}:{code}" for facet, own in own_codes.items() for code in own]
        + [f"age:{age}" for age in range(lowest, highest + 1)],
        counted={facet: [*own, *document.broader.get(facet, ())] for facet, own in own_codes.items()},
    )


class _ReadTexts:
    """A record's texts in one language, read, with how often each counts.

    A title's words count three times, a summary's twice: BM25 over one field weighs without double counting.
    """

    def __init__(self, language: str, fields: FieldTexts) -> None:
        self.language = language
        self.title = fields.title
        self.title_read = read(fields.title, language)
        self.weighed = [
            (3, self.title_read),
            (2, read(fields.summary, language)),
            *((1, read(text, language)) for _weight, text in fields.body),
        ]

    def terms(self) -> Iterator[str]:
        for times, reading in self.weighed:
            yield from (reading.terms,) * times


def _most_said(counts: Mapping[str, int]) -> list[str]:
    """Of those that are said equally often, the first. Most terms are said once, and need not be put in order."""
    repeated = sorted((term for term, times in counts.items() if times > 1), key=counts.__getitem__, reverse=True)
    if len(repeated) < TELLING_TERMS:
        repeated += islice((term for term, times in counts.items() if times == 1), TELLING_TERMS - len(repeated))
    return repeated[:TELLING_TERMS]


def _without(title_words: list[str], in_text: Container[str]) -> list[str]:
    words = " ".join(title_words).split()
    left = " ".join(word for word in dict.fromkeys(words) if word not in in_text)
    return [left] if left else []


def whole_title(title: str) -> str:
    """A title as one term: what is asked in full is found first."""
    return fold(analysis.normalise(title))[:400]


def _concepts(texts: Iterable[_ReadTexts], codes: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Weighed as words are; what all are parts of, once."""
    weighed = [(CODED, coded(facet, codes[facet])) for facet in VOCABULARIES if facet in codes]
    weighed += [(times, phrase) for each in texts for times, reading in each.weighed for phrase in reading.phrases]
    terms: list[str] = []
    above: set[str] = set()
    for times, phrase in weighed:
        terms += phrase.terms * times
        above.update(phrase.above)
    return terms + sorted(above.difference(terms))
