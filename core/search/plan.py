"""What a query asks of an index, as plain data. Both engines translate the same plan, so that both rank alike.

A plan names fields and terms and says how much each counts; nothing of an engine is in it. The fields are those of
`entries.py`; scores are BM25 (k1 = 1.2, b = 0.75) over ready-made terms, whose weight in a text is their repetition.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple
from uuid import UUID

from core.search import analysis
from core.search.documents import matching_codes, unsearched_kinds
from core.search.entries import whole_title
from core.search.seam import Query, Understood
from core.search.shown import Shown
from core.search.spelling import FAR, did_you_mean
from core.search.vectors.embedder import Vector
from core.search.vectors.queries import near_codes, query_vector

Order = Literal["score", "newest", "title"]

# Weights beside 1.0, the weight of a word anywhere in the text.
TITLE = 1.5
WHOLE_TITLE = 20.0
FAR_CORRECTED = 1.0
FAR_SLIPS = 2
# A concept that the words name, in whichever language a record says it; beside meaning, which knows the language's own
# words too, it may weigh more without putting records in other languages before all others.
CONCEPT = 5.0
CONCEPT_BESIDE_MEANING = 10.0

# A record must answer to more than this share of the query's words, and to two at least if there are two: a query of
# many does not find all that has one of them. It need not if it is near in meaning, or holds a term that is telling by
# itself (`weighing.py`).
SHARE = 0.34
LEAST = 2

# The records nearest to the query in meaning are found for it alone, if their cosine is no lower.
NEAREST = 100
MIN_COSINE = 0.13
# What a record gains for its cosine to the query. BM25 of a query's words is between 5 and 75.
NEAR = 150.0
# What a record gains for a code that the query is near to, by how far that stands out among all codes.
NEAR_CODE = 20.0

# What records have in common weighs, in `similar`: a code as much as several telling terms.
LIKE = {"activity": 3.0, "sector": 2.0, "theme": 2.0, "stage": 1.0, "audience": 1.0, "direction": 1.0}

# Elasticsearch accepts 1,024; what weighs least is left out of a longer query.
MAX_CLAUSES = 900

# More codes than any facet has.
MAX_CODES = 2000

# In suggestions.
MIN_PREFIX = 2
MAX_COMPLETIONS = 50
OWN_LANGUAGE = 5.0


class Clause(NamedTuple):
    """A term, in a field, that adds to the score of the records that hold it; `word` is the query's that it stands for.

    It adds BM25 times `weight`, or if it is `constant` the weight itself. So many letters of it may differ as `slips`.
    A record that holds it answers to the words that it `counts_for`; if these are none, it is enough by itself.
    """

    field: str
    term: str
    weight: float = 1.0
    constant: bool = False
    slips: int = 0
    word: str = ""
    counts_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A record matches that holds any of the clauses, one term of each filter, and none of the hidden.

    If `least` is more than 1, the clauses that it holds must count for so many words, unless one is enough by itself.
    `clauses` None: it may hold anything; (): it cannot. `filters`, by facet, and `hidden` are terms of `code`; `chosen`
    are the codes as the reader named them, `excluded` a record that never matches. With a `vector`, the NEAREST to it
    that filters and hidden let pass match as well. Scores add up; `boosts` add to those of records that match, and find
    none.
    """

    clauses: tuple[Clause, ...] | None
    filters: Mapping[str, tuple[str, ...]]
    hidden: tuple[str, ...]
    order: Order
    offset: int
    limit: int
    facets: tuple[str, ...]
    chosen: Mapping[str, tuple[str, ...]]
    vector: Vector | None = None
    boosts: tuple[Clause, ...] = ()
    excluded: UUID | None = None
    least: int = 1

    @property
    def by_word(self) -> Mapping[str, list[Clause]]:
        """Of each word the clauses of which a record must hold one to answer to it."""
        return _by_word(self.clauses or ())

    @property
    def enough(self) -> list[Clause]:
        """Those of which a record needs no other."""
        return [clause for clause in self.clauses or () if not clause.counts_for]

    @property
    def free_facets(self) -> list[str]:
        """Facets without a choice: these count what the search finds."""
        return [facet for facet in self.facets if facet not in self.filters]

    @property
    def narrowed_facets(self) -> list[str]:
        """Facets with a choice: each counts what the search would find without its own."""
        return [facet for facet in self.facets if facet in self.filters]

    def filters_without(self, facet: str | None = None) -> list[tuple[str, ...]]:
        return [terms for name, terms in self.filters.items() if name != facet]


def plan(query: Query, understood: Understood) -> Plan:
    chosen = {facet: codes for facet, codes in query.filters.items() if codes}
    filters = {facet: _filter(facet, codes) for facet, codes in chosen.items()}
    if query.age is not None:
        filters["age"] = (code_term("age", str(query.age)),)
    vector = _vector(query, understood) if understood.words else None
    clauses = _clauses(query.text, understood, CONCEPT if vector is None else CONCEPT_BESIDE_MEANING)
    return Plan(
        clauses=clauses,
        filters=filters,
        hidden=() if "kind" in chosen else hidden_kinds(),
        order=_order(query, clauses),
        offset=query.offset,
        limit=max(0, query.limit),
        facets=query.facets,
        chosen=chosen,
        vector=vector,
        boosts=tuple(
            Clause("code", code_term(near.facet, near.code), NEAR_CODE * near.by, constant=True)
            for near in (near_codes(vector) if vector is not None else ())
        ),
        least=_least(understood),
    )


def _by_word(clauses: Iterable[Clause]) -> dict[str, list[Clause]]:
    """What is in a title is in the text as well, as the terms that it has there."""
    found: dict[str, list[Clause]] = defaultdict(list)
    for clause in clauses:
        for word in clause.counts_for if clause.field != "title" else ():
            found[word].append(clause)
    return found


def _least(understood: Understood) -> int:
    """Of how many words; those that no record answers to are not asked of any."""
    held = sum(word.held for word in understood.words)
    return max(1, min(held, max(LEAST, math.ceil(SHARE * held))))


def near_weight(cosine: float) -> float:
    return NEAR * cosine


def _vector(query: Query, understood: Understood) -> Vector | None:
    if not query.meaning:
        return None
    return query_vector(did_you_mean(query.text, understood) or query.text, understood.language)


def similar_plan(shown: Shown, limit: int, vector: Vector | None = None) -> Plan:
    """Records that share the most telling terms and codes with one, itself left out; `vector` is its own."""
    clauses = [Clause("text", term) for term in shown.telling]
    clauses += [
        Clause("code", code_term(facet, code), weight)
        for facet, weight in LIKE.items()
        for code in shown.codes.get(facet, ())
    ]
    kinds = [code_term("kind", kind) for kind in shown.codes.get("kind", ())]
    hidden = hidden_kinds()
    return Plan(
        clauses=tuple(clauses),
        # Of a kind that searches hide, the like are of that kind.
        filters={"kind": tuple(kinds)} if set(kinds) & set(hidden) else {},
        hidden=tuple(term for term in hidden if term not in kinds),
        order="score",
        offset=0,
        limit=max(0, limit),
        facets=(),
        chosen={},
        vector=vector,
        excluded=shown.uuid,
    )


def hidden_kinds() -> tuple[str, ...]:
    return tuple(code_term("kind", name) for name in unsearched_kinds())


def code_term(facet: str, code: str) -> str:
    return f"{facet}:{code}"


def ordered_counts(counts: Iterable[tuple[str, int]], chosen: Sequence[str] = ()) -> list[tuple[str, int]]:
    """The most frequent first. A choice that matches nothing any more stays in sight, so that it can be taken back."""
    found = sorted(counts, key=lambda pair: (-pair[1], pair[0]))
    return found + [(code, 0) for code in chosen if code not in dict(found)]


def _order(query: Query, clauses: tuple[Clause, ...] | None) -> Order:
    if query.sort != "relevance":
        return query.sort
    return "newest" if clauses is None else "score"


def _filter(facet: str, codes: Iterable[str]) -> tuple[str, ...]:
    matching = {matching for code in codes for matching in matching_codes(facet, code)}
    return tuple(code_term(facet, code) for code in sorted(matching))


def _clauses(text: str, understood: Understood, concept: float) -> tuple[Clause, ...] | None:
    """None for a text without words. Flat, so that an engine can skip what cannot reach the page."""
    if not understood.words:
        return None
    clauses = []
    together, named = _together(understood), _named(understood)
    for word in understood.words:
        for term, weight in word.terms:
            counts_for = () if term in understood.telling else together.get(term, (word.text,))
            clauses += [
                Clause("text", term, weight, word=word.text, counts_for=counts_for),
                Clause("title", term, weight * TITLE, word=word.text, counts_for=counts_for),
                Clause("title_only", term, weight * TITLE, word=word.text, counts_for=counts_for),
            ]
        if word.corrected == (FAR,):
            near = analysis.fold_word(word.text)
            clauses.append(Clause("text", near, FAR_CORRECTED, constant=True, slips=FAR_SLIPS))
    for term, weight in understood.concept_terms.items():
        counts_for = () if term in understood.telling else named[term]
        clauses.append(Clause("text", term, weight * concept, counts_for=counts_for))
    if whole := whole_title(text):
        clauses.append(Clause("whole_title", whole, WHOLE_TITLE))
    if len(clauses) > MAX_CLAUSES:
        clauses = sorted(clauses, key=lambda clause: -clause.weight)[:MAX_CLAUSES]
    return tuple(clauses)


def _together(understood: Understood) -> dict[str, tuple[str, ...]]:
    """Words that stand beside each other, by what they are written as one: girlsday -> girls, day."""
    texts = [word.text for word in understood.words]
    return dict(zip(analysis.pairs([analysis.fold_word(text) for text in texts]), pairwise(texts), strict=True))


def _named(understood: Understood) -> dict[str, tuple[str, ...]]:
    """The words that name each concept, all mentions of it together."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for mention in understood.mentions:
        for term, _weight in mention.terms:
            found[term].update(dict.fromkeys(mention.words.split()))
    return {term: tuple(words) for term, words in found.items()}


@dataclass(frozen=True, slots=True)
class TitlePlan:
    """Which titles complete what was typed: those with each of the `words` and one that begins with `prefix`.

    Words and prefix are terms of `title_words`. Records in the reader's own language, `language` as a term of `code`,
    come first.
    """

    words: tuple[str, ...]
    prefix: str
    language: str
    hidden: tuple[str, ...]


def title_plan(text: str, language: str) -> TitlePlan | None:
    """None if too little was typed."""
    tokens = analysis.tokens(analysis.normalise(text[:200]))
    typed = [folded for token in tokens if (folded := analysis.fold_word(token.word))]
    if not typed or len(typed[-1]) < MIN_PREFIX:
        return None
    return TitlePlan(tuple(typed[:-1]), typed[-1], code_term("language", analysis.base(language)), hidden_kinds())
