"""Searching documents at hand, for a page that must answer while the index does not: filters and words, no spelling.

A thousand records take a quarter of a second: for the newest ones, not for all.
"""

from collections.abc import Iterable

from core.search.entries import IndexEntry, index_entry
from core.search.plan import plan
from core.search.seam import Hit, IndexDocument, Query, Reason, Understood
from core.search.shown import Shown, as_json, reasons
from core.search.understanding import understand


def scan(query: Query, documents: Iterable[IndexDocument]) -> tuple[list[Hit], Understood]:
    """Those that match, with most of the query's words first, else in their own order; offset and limit are left."""
    understood = understand(query.text, query.language, query.concepts)
    asked = plan(query, understood)
    filters = [frozenset(terms) for terms in asked.filters.values()]
    hits = []
    for document in documents:
        entry = index_entry(document)
        if any(terms.isdisjoint(entry.codes) for terms in filters) or not set(asked.hidden).isdisjoint(entry.codes):
            continue
        why = reasons(Shown.from_json(as_json(document, entry)), understood, _words_in_text(entry, understood))
        if asked.clauses is None or len(_answered(why)) >= asked.least:
            hits.append(Hit(document.uuid, float(len(why)), why))
    return sorted(hits, key=lambda hit: -hit.score), understood


def _answered(why: Iterable[Reason]) -> set[str]:
    """The words of the query that a record answers to."""
    return {word for reason in why for word in reason.words.split()}


def _words_in_text(entry: IndexEntry, understood: Understood) -> set[str]:
    held = {term for terms in entry.text_terms for term in terms.split()}
    return {word.text for word in understood.words if any(term in held for term, _ in word.terms)}
