"""A plan, taken apart into what Tantivy understands: what matches, in which order, with which counts.

Terms come weighed (`plan.py`); this file decides how they are looked for and counted.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import tantivy

from core.search.plan import (
    MAX_CODES,
    MAX_COMPLETIONS,
    MIN_COSINE,
    NEAREST,
    OWN_LANGUAGE,
    Clause,
    Plan,
    near_weight,
    ordered_counts,
    title_plan,
)
from core.search.seam import Hit, Suggestion, Understood
from core.search.shown import Shown, reasons, title_suggestion
from core.search.spelling import neighbours
from core.search.tantivy_index import SCHEMA, shown_of, term_query
from core.search.vectors.neighbours import Neighbours, NeighboursOf

Q = tantivy.Query
Occur = tantivy.Occur

# Counting costs 10 ns for each code of each record found. From this many records on it is worth a second thread:
# Tantivy lets go of the interpreter while it counts.
MANY = 2_000
# Facets of which a record has several codes: half of the work.
SEVERAL = {"stage", "audience", "theme"}
_counters = ThreadPoolExecutor(max_workers=2, thread_name_prefix="facets")

# Records that filters let pass, up to which the nearest among them are looked for.
FEW = 50_000
# Otherwise the nearest of all are taken, more of them the fewer pass, but no more than this.
MAX_NEAREST = 400

# A record's segment and its number there; holds for one searcher.
_Place = tuple[int, int]


class Asked:
    """One plan on one state of the index, taken apart into what Tantivy understands."""

    def __init__(self, asked: Plan, understood: Understood, searcher: tantivy.Searcher, neighbours: Neighbours) -> None:
        self.plan = asked
        self.understood = understood
        self.searcher = searcher
        self.neighbours = neighbours.of(asked.vector) if asked.vector is not None else None
        self.text = _held(asked.clauses, searcher)
        self.matching = self._matching()
        self._result: tantivy.SearchResult | None = None

    def counts(self) -> dict[str, list[tuple[str, int]]]:
        """The facets asked for, each counted without its own choice."""
        if not self.plan.facets:
            return {}
        free = self.plan.free_facets
        parts = [(free, self.matching)] if free else []
        if self.matches() > MANY:
            parts = [
                ([facet for facet in free if (facet in SEVERAL) is several], self.matching) for several in (True, False)
            ]
        parts += [([facet], self._matching(without=facet)) for facet in self.plan.narrowed_facets]
        *others, own = [part for part in parts if part[0]]
        aside = [_counters.submit(self._facets, *part) for part in others]
        counted = self._facets(*own)
        for each in aside:
            counted |= each.result()
        return {facet: counted[facet] for facet in self.plan.facets}

    def matches(self) -> int:
        count: int = self._found().count  # type: ignore[attr-defined]  # missing in the stub
        return count

    def hits(self) -> tuple[Hit, ...]:
        if not self.plan.limit:
            return ()
        result = self._found()
        shown = [((address.segment_ord, address.doc), shown_of(self.searcher, address)) for _, address in result.hits]
        in_text = self._words_in_text(shown)
        ranked = self.plan.order == "score"
        near = self.plan.vector is not None
        return tuple(
            Hit(record.uuid, float(score) if ranked else 0.0, reasons(record, self.understood, in_text[place], near))
            for (score, _), (place, record) in zip(result.hits, shown, strict=True)
        )

    def _found(self) -> tantivy.SearchResult:
        if self._result is None:
            limit = max(1, self.plan.limit)
            ranked = _boosted(self.matching, self.plan.boosts) if self.plan.order == "score" else self.matching
            self._result = self.searcher.search(ranked, limit, offset=self.plan.offset, **_ORDERS[self.plan.order])
        return self._result

    def _matching(self, without: str | None = None) -> tantivy.Query:
        clauses = []
        if self.text is not None:
            near = _nearest(self.plan, self.searcher, self.neighbours, without)
            if self.plan.least > 1:
                clauses.append((Occur.Must, _needed(self.plan, self.searcher, near)))
            clauses.append((Occur.Must, _any_of([*self.text, *near])))
        clauses += _passing(self.plan, self.searcher, without)
        if all(occur is Occur.MustNot for occur, _ in clauses):
            clauses.insert(0, (Occur.Must, Q.all_query()))
        return clauses[0][1] if len(clauses) == 1 else Q.boolean_query(clauses)

    def _facets(self, facets: Sequence[str], matching: tantivy.Query) -> dict[str, list[tuple[str, int]]]:
        wanted = {facet: {"terms": {"field": f"counted.{facet}", "size": MAX_CODES}} for facet in facets}
        found = self.searcher.aggregate(matching, wanted)
        return {
            facet: ordered_counts(
                [(bucket["key"], int(bucket["doc_count"])) for bucket in found[facet]["buckets"]],
                self.plan.chosen.get(facet, ()),
            )
            for facet in facets
        }

    def _words_in_text(self, found: Sequence[tuple[_Place, Shown]]) -> dict[_Place, set[str]]:
        """Which words of the query stand in which of the records found."""
        words: dict[_Place, set[str]] = {place: set() for place, _ in found}
        if not found:
            return words
        these = _any([term_query("uuid", record.uuid.hex) for _, record in found])
        for word in self.understood.words:
            if terms := [term_query("text", term) for term, _ in word.terms if self.searcher.doc_freq("text", term)]:
                both = Q.boolean_query([(Occur.Must, these), (Occur.Must, _any(terms))])
                for _score, address in self.searcher.search(both, len(found), count=False).hits:
                    words[address.segment_ord, address.doc].add(word.text)
        return words


_ORDERS: dict[str, dict[str, Any]] = {
    "score": {},
    "newest": {"order_by_field": "published"},
    "title": {"order_by_field": "title_order", "order": tantivy.Order.Asc},
}


class HeldTerms:
    """For `spelling.py`."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self._searcher = searcher

    @property
    def records(self) -> int:
        number: int = self._searcher.num_docs
        return number

    def count(self, term: str) -> int:
        return self._searcher.doc_freq("text", term) or self._searcher.doc_freq("title_words", term)

    def look_up(self, terms: Iterable[str]) -> None:
        """Each is counted at once."""

    def near(self, word: str) -> dict[str, int]:
        """About 0.4 ms for eight letters."""
        return {near: number for near in neighbours(word) if (number := self.count(near))}


def _passing(
    asked: Plan, searcher: tantivy.Searcher, without: str | None = None
) -> list[tuple[tantivy.Occur, tantivy.Query]]:
    """What filters and hidden kinds ask, in clauses that add nothing to the score."""
    filters = [_any([term_query("code", term) for term in terms]) for terms in asked.filters_without(without)]
    hidden = [term for term in asked.hidden if searcher.doc_freq("code", term)]
    excluded = [term_query("uuid", asked.excluded.hex)] if asked.excluded else []
    return [(Occur.Must, Q.const_score_query(each, 0.0)) for each in filters] + [
        (Occur.MustNot, each) for each in [*(term_query("code", term) for term in hidden), *excluded]
    ]


def _nearest(
    asked: Plan, searcher: tantivy.Searcher, neighbours: NeighboursOf | None, without: str | None
) -> list[tantivy.Query]:
    """The records nearest to the plan's vector that its filters let pass, each with what its nearness adds."""
    if neighbours is None:
        return []
    among, limit = None, NEAREST
    if asked.filters_without(without):
        passing = searcher.search(Q.boolean_query(_passing(asked, searcher, without)), FEW)
        count: int = passing.count  # type: ignore[attr-defined]  # missing in the stub
        if count <= FEW:
            held = searcher.fast_field_values("row", [address for _, address in passing.hits])
            among = np.array([row for row in held if row is not None], np.int64)
        else:
            limit = min(MAX_NEAREST, NEAREST * searcher.num_docs // count)
    rows, cosines = neighbours.nearest(limit, among)
    return [
        Q.const_score_query(Q.term_query(SCHEMA, "row", row), near_weight(cosine))
        for row, cosine in zip(rows.tolist(), cosines.tolist(), strict=True)
        if cosine >= MIN_COSINE
    ]


def _boosted(matching: tantivy.Query, boosts: Sequence[Clause]) -> tantivy.Query:
    clauses = [(Occur.Must, matching), *((Occur.Should, _clause(each)) for each in boosts)]
    return Q.boolean_query(clauses) if boosts else matching


def _held(clauses: tuple[Clause, ...] | None, searcher: tantivy.Searcher) -> list[tantivy.Query] | None:
    """None: everything matches. Terms that nothing holds cost time in every segment: they are left out."""
    if clauses is None:
        return None
    return [_clause(each) for each in clauses if _is_held(each, searcher)]


def _is_held(clause: Clause, searcher: tantivy.Searcher) -> bool:
    return bool(clause.slips or searcher.doc_freq(clause.field, clause.term))


def _needed(asked: Plan, searcher: tantivy.Searcher, near: Sequence[tantivy.Query]) -> tantivy.Query:
    """Enough of the words, or what is enough by itself; adds nothing to the score."""
    by_word = [[_clause(each) for each in some if _is_held(each, searcher)] for some in asked.by_word.values()]
    words = Q.boolean_query(
        [(Occur.Should, _any_of(some)) for some in by_word], minimum_number_should_match=asked.least
    )
    enough = [_clause(each) for each in asked.enough if _is_held(each, searcher)]
    return Q.const_score_query(_any_of([words, *enough, *near]), 0.0)


def _any_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return Q.boolean_query([(Occur.Should, query) for query in queries]) if queries else Q.empty_query()


def _clause(clause: Clause) -> tantivy.Query:
    if clause.slips:
        # Constant by itself.
        near = Q.fuzzy_term_query(SCHEMA, clause.field, clause.term, distance=clause.slips)
        return Q.boost_query(near, clause.weight)
    if clause.constant:
        return Q.const_score_query(term_query(clause.field, clause.term), clause.weight)
    return term_query(clause.field, clause.term, clause.weight)


def found_titles(text: str, language: str, limit: int, searcher: tantivy.Searcher) -> list[Suggestion]:
    """Titles that hold every word typed, the last one perhaps unfinished; the reader's language first."""
    asked = title_plan(text, language)
    if asked is None:
        return []
    completions = [term for term, _ in searcher.terms_with_prefix("title_words", asked.prefix, limit=MAX_COMPLETIONS)]
    if not completions:
        return []
    clauses = [(Occur.Must, term_query("title_words", word)) for word in asked.words]
    clauses.append(
        (Occur.Must, Q.boolean_query([(Occur.Should, term_query("title_words", term)) for term in completions]))
    )
    clauses.append((Occur.Should, term_query("code", asked.language, OWN_LANGUAGE)))
    clauses += [(Occur.MustNot, term_query("code", term)) for term in asked.hidden]
    result = searcher.search(Q.boolean_query(clauses), limit, count=False)
    return [title_suggestion(shown_of(searcher, address), language) for _score, address in result.hits]


def _any(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    """A term set query would do the same at four times the price."""
    return queries[0] if len(queries) == 1 else Q.boolean_query([(Occur.Should, query) for query in queries])
