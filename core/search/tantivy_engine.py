"""The embedded engine: a Tantivy index in a directory, which every process opens. The only importer of tantivy.

A change of schema or analysis is another VERSION: an index of its own, filled by the next catch-up. Readers look at two
files' times before each search, so that they see what another process committed, or swapped in, at once.
Terms come ready made (`analysis.py`) and weighed (`plan.py`); this file decides how they are stored and counted.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import numpy as np
import orjson
import tantivy
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from core.errors import Unavailable
from core.search.entries import TERMS_VERSION, index_entry
from core.search.index_folder import FileState, IndexFolder, file_state
from core.search.labels import label_suggestions
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
    plan,
    similar_plan,
    title_plan,
)
from core.search.seam import FACETS, Health, Held, Hit, IndexDocument, Query, Results, Suggestion, Understood
from core.search.shown import Shown, as_json, reasons, suggestions, title_suggestion
from core.search.spelling import corrected, did_you_mean, neighbours
from core.search.understanding import understand
from core.search.vectors.embedder import Vector
from core.search.vectors.neighbours import Neighbours
from core.search.vectors.neighbours import add as add_rows
from core.search.weighing import weighed

VERSION = f"s4-{TERMS_VERSION}"

# Memory for documents on their way to a segment: 64 MB is about 15,000 records; a rebuild makes larger segments.
HEAP = 64_000_000
REBUILD_HEAP = 256_000_000

# Counting costs 10 ns for each code of each record found. From this many records on it is worth a second thread:
# Tantivy lets go of the interpreter while it counts.
MANY = 2_000
# Facets of which a record has several codes: half of the work.
SEVERAL = {"stage", "audience", "theme"}
_counters = ThreadPoolExecutor(max_workers=2, thread_name_prefix="facets")

# Records that filters let pass, up to which all their vectors are compared: 50,000 take 10 ms.
FEW = 50_000
# Otherwise the nearest of all are taken, more of them the fewer pass, but no more than this.
MAX_NEAREST = 400

# About 50 KB each.
REMEMBERED_COUNTS = 100

Q = tantivy.Query
Occur = tantivy.Occur

# A record's segment and its number there; holds for one searcher.
_Place = tuple[int, int]


def open_engine(url: str) -> "TantivyEngine":
    """tantivy:///path/of/a/directory"""
    parts = urlsplit(url)
    path = unquote(parts.path).lstrip("/")
    if parts.netloc or not path:
        raise ImproperlyConfigured(f"SEARCH_URL must look like tantivy:///path/of/a/directory, not {url!r}")
    return TantivyEngine(Path("/" + path))


def _schema() -> tantivy.Schema:
    """The fields of `entries.py`: `code` has a record's own codes, to filter; `facet_…` what each counts."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("uuid", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("text", tokenizer_name="terms", index_option="freq")
    builder.add_text_field("title", tokenizer_name="terms", index_option="freq")
    builder.add_text_field("title_words", tokenizer_name="terms", index_option="basic")
    builder.add_text_field("title_only", tokenizer_name="terms", index_option="basic")
    builder.add_text_field("whole_title", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("code", tokenizer_name="raw", index_option="basic")
    for facet in FACETS:
        builder.add_text_field(f"facet_{facet}", tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field("title_order", tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_integer_field("published", fast=True)
    # Of `neighbours.py`; without one the record has no vector yet.
    builder.add_integer_field("row", indexed=True, fast=True)
    builder.add_bytes_field("shown", stored=True)
    return builder.build()


SCHEMA = _schema()


@dataclass(slots=True)
class _Open:
    """An index opened for reading, and the state of the files that told which."""

    name: str
    index: tantivy.Index
    neighbours: Neighbours
    meta_path: str
    pointer: FileState
    meta: FileState

    @property
    def generation(self) -> tuple[str, FileState]:
        return self.name, self.meta


class TantivyEngine:
    """`rebuilding` names the index of a rebuild in progress; otherwise the current one is read and written."""

    shared = False

    def __init__(self, directory: Path, rebuilding: str | None = None) -> None:
        self._directory = directory
        self._folder = IndexFolder(directory, VERSION)
        self._rebuilding = rebuilding
        # The file whose change tells that another index is current.
        self._named_by = str(self._folder.meta(rebuilding) if rebuilding else self._folder.pointer)
        self._lock = threading.Lock()
        self._opened: _Open | None = None
        self._writer: tantivy.IndexWriter | None = None
        self._counts: OrderedDict[Any, dict[str, list[tuple[str, int]]]] = OrderedDict()

    # Reading

    def search(self, query: Query) -> Results:
        understood = understand(query.text, query.language, query.concepts)
        with _unavailable_if_broken():
            opened = self._open()
            searcher = opened.index.searcher()
            held = _HeldTerms(searcher)
            understood = weighed(corrected(understood, query, held), held)
            asked = _Asked(plan(query, understood), understood, searcher, opened.neighbours)
            hits = asked.hits()
            counts = self._count(query, asked, opened)
        return Results(asked.matches(), hits, counts, understood, did_you_mean(query.text, understood))

    def suggest(self, text: str, language: str, limit: int = 8) -> list[Suggestion]:
        labels = label_suggestions(text, language, limit)
        with _unavailable_if_broken():
            titles = _title_suggestions(text, language, limit, self._open().index.searcher())
        return suggestions(labels, titles, limit)

    def similar(self, uuid: UUID, limit: int = 6, vector: Vector | None = None) -> tuple[Hit, ...]:
        with _unavailable_if_broken():
            opened = self._open()
            searcher = opened.index.searcher()
            found = searcher.search(_term("uuid", uuid.hex), 1, count=False).hits
            if not found:
                return ()
            asked = similar_plan(_shown(searcher, found[0][1]), limit, vector)
            return _Asked(asked, Understood(), searcher, opened.neighbours).hits()

    def held(self) -> Iterator[Held]:
        with _unavailable_if_broken():
            searcher = self._open().index.searcher()
            everything = searcher.search(Q.all_query(), max(1, searcher.num_docs), count=False).hits
        for _score, address in everything:
            shown = _shown(searcher, address)
            yield Held(shown.uuid, shown.revision)

    def health(self) -> Health:
        try:
            with _unavailable_if_broken():
                opened = self._open()
                return Health(True, opened.name, opened.index.searcher().num_docs)
        except Unavailable as error:
            return Health(False, None, 0, str(error.message))

    def _count(self, query: Query, asked: "_Asked", opened: _Open) -> dict[str, list[tuple[str, int]]]:
        """Kept per state of the index: the next page, another order and the empty search ask for the same counts."""
        filters = tuple(sorted((facet, tuple(sorted(codes))) for facet, codes in query.filters.items()))
        read_as = query.text, query.language, query.concepts, query.meaning
        key = (opened.generation, read_as, filters, query.age, query.facets)
        if key in self._counts:
            return self._counts[key]
        found = self._counts[key] = asked.counts()
        while len(self._counts) > REMEMBERED_COUNTS:
            self._counts.popitem(last=False)
        return found

    def _open(self) -> _Open:
        opened = self._opened
        if opened and opened.pointer == file_state(self._named_by) and opened.meta == file_state(opened.meta_path):
            return opened
        with self._lock:
            return self._reopen()

    def _reopen(self) -> _Open:
        pointer = file_state(self._named_by)
        name = self._current_name()
        if name is None or not self._folder.meta(name).exists():
            raise Unavailable(_("The search index of this node is not there yet; it is being built."), code="no_index")
        meta = file_state(self._folder.meta(name))
        neighbours = Neighbours(self._folder.path(name))
        if self._opened is not None and self._opened.name == name:
            self._opened.index.reload()
            self._opened = replace(self._opened, neighbours=neighbours, pointer=pointer, meta=meta)
        else:
            index = _open_index(self._folder.path(name))
            index.config_reader(reload_policy="manual")
            index.reload()
            self._opened = _Open(name, index, neighbours, str(self._folder.meta(name)), pointer, meta)
        return self._opened

    def _current_name(self) -> str | None:
        return self._rebuilding or self._folder.current()

    # Writing

    def name(self) -> str:
        with _unavailable_if_broken():
            name = self._current_name()
            if name is None or not self._folder.meta(name).exists():
                name = self._create()
                self._folder.point_to(name)
            return name

    def index(self, documents: Iterable[IndexDocument]) -> None:
        documents = list(documents)
        with _unavailable_if_broken():
            writer = self._write()
            rows = self._add_vectors(documents)
            for document in documents:
                writer.delete_documents_by_term("uuid", document.uuid.hex)
                writer.add_document(_stored(document, rows.get(document.uuid)))

    def _add_vectors(self, documents: Sequence[IndexDocument]) -> dict[UUID, int]:
        vectors = {document.uuid: document.vector for document in documents if document.vector is not None}
        if not vectors:
            return {}
        first = add_rows(self._folder.path(self.name()), list(vectors.values()))
        return {uuid: first + place for place, uuid in enumerate(vectors)}

    def remove(self, removed: Iterable[tuple[UUID, int]]) -> None:
        with _unavailable_if_broken():
            writer = self._write()
            for uuid, _revision in removed:
                writer.delete_documents_by_term("uuid", uuid.hex)

    def commit(self) -> None:
        """Also ends the turn of this process: the lock on the index is free until the next write."""
        with _unavailable_if_broken():
            writer, self._writer = self._write(), None
            writer.commit()
            writer.wait_merging_threads()

    def rebuild_start(self) -> "TantivyEngine":
        with _unavailable_if_broken():
            return TantivyEngine(self._directory, rebuilding=self._create())

    def rebuild_finish(self, rebuilt: "TantivyEngine") -> None:
        with _unavailable_if_broken():
            if rebuilt._rebuilding is None:
                raise ValueError("not an index that was begun by rebuild_start")
            self._folder.point_to(rebuilt._rebuilding)
            self._folder.remove_others(rebuilt._rebuilding)

    def _write(self) -> tantivy.IndexWriter:
        """Opened anew for each turn: another process may have written since."""
        if self._writer is None:
            index = _open_index(self._folder.path(self.name()))
            self._writer = index.writer(REBUILD_HEAP if self._rebuilding else HEAP, 1)
        return self._writer

    def _create(self) -> str:
        name = self._folder.create()
        tantivy.Index(SCHEMA, str(self._folder.path(name)))
        return name


class _Asked:
    """One plan on one state of the index, taken apart into what Tantivy understands."""

    def __init__(self, asked: Plan, understood: Understood, searcher: tantivy.Searcher, neighbours: Neighbours) -> None:
        self.plan = asked
        self.understood = understood
        self.searcher = searcher
        self.neighbours = neighbours
        self.text = _held(asked.clauses, searcher)
        self.matching = self._matching()
        self._result: tantivy.SearchResult | None = None

    def counts(self) -> dict[str, list[tuple[str, int]]]:
        """The facets asked for, each counted without its own choice."""
        free = self.plan.free_facets
        parts = [(free, self.matching)] if free else []
        if self.matches() > MANY:
            parts = [
                ([facet for facet in free if (facet in SEVERAL) is several], self.matching) for several in (True, False)
            ]
        parts += [([facet], self._matching(without=facet)) for facet in self.plan.narrowed_facets]
        *others, own = [part for part in parts if part[0]] or [([], self.matching)]
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
        shown = [((address.segment_ord, address.doc), _shown(self.searcher, address)) for _, address in result.hits]
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
        wanted = {facet: {"terms": {"field": f"facet_{facet}", "size": MAX_CODES}} for facet in facets}
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
        these = _any([_term("uuid", record.uuid.hex) for _, record in found])
        for word in self.understood.words:
            if terms := [_term("text", term) for term, _ in word.terms if self.searcher.doc_freq("text", term)]:
                both = Q.boolean_query([(Occur.Must, these), (Occur.Must, _any(terms))])
                for _score, address in self.searcher.search(both, len(found), count=False).hits:
                    words[address.segment_ord, address.doc].add(word.text)
        return words


_ORDERS: dict[str, dict[str, Any]] = {
    "score": {},
    "newest": {"order_by_field": "published"},
    "title": {"order_by_field": "title_order", "order": tantivy.Order.Asc},
}


class _HeldTerms:
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
    filters = [_any([_term("code", term) for term in terms]) for terms in asked.filters_without(without)]
    hidden = [term for term in asked.hidden if searcher.doc_freq("code", term)]
    excluded = [_term("uuid", asked.excluded.hex)] if asked.excluded else []
    return [(Occur.Must, Q.const_score_query(each, 0.0)) for each in filters] + [
        (Occur.MustNot, each) for each in [*(_term("code", term) for term in hidden), *excluded]
    ]


def _nearest(
    asked: Plan, searcher: tantivy.Searcher, neighbours: Neighbours, without: str | None
) -> list[tantivy.Query]:
    """The records nearest to the plan's vector that its filters let pass, each with what its nearness adds."""
    if asked.vector is None:
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
    rows, cosines = neighbours.nearest(asked.vector, limit, among)
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
        return Q.const_score_query(_term(clause.field, clause.term), clause.weight)
    return _term(clause.field, clause.term, clause.weight)


def _title_suggestions(text: str, language: str, limit: int, searcher: tantivy.Searcher) -> list[Suggestion]:
    """Titles that hold every word typed, the last one perhaps unfinished; the reader's language first."""
    asked = title_plan(text, language)
    if asked is None:
        return []
    completions = [term for term, _ in searcher.terms_with_prefix("title_words", asked.prefix, limit=MAX_COMPLETIONS)]
    if not completions:
        return []
    clauses = [(Occur.Must, _term("title_words", word)) for word in asked.words]
    clauses.append((Occur.Must, Q.boolean_query([(Occur.Should, _term("title_words", term)) for term in completions])))
    clauses.append((Occur.Should, _term("code", asked.language, OWN_LANGUAGE)))
    clauses += [(Occur.MustNot, _term("code", term)) for term in asked.hidden]
    result = searcher.search(Q.boolean_query(clauses), limit, count=False)
    return [title_suggestion(_shown(searcher, address), language) for _score, address in result.hits]


def _any(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    """A term set query would do the same at four times the price."""
    return queries[0] if len(queries) == 1 else Q.boolean_query([(Occur.Should, query) for query in queries])


def _term(field: str, value: str, weight: float = 1.0) -> tantivy.Query:
    term = Q.term_query(SCHEMA, field, value, "freq" if field in ("text", "title") else "basic")
    return term if weight == 1.0 else Q.boost_query(term, weight)


def _shown(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> Shown:
    return Shown.from_json(orjson.loads(bytes(searcher.doc(address)["shown"][0])))


def _stored(document: IndexDocument, row: int | None) -> tantivy.Document:
    entry = index_entry(document)
    return tantivy.Document(
        uuid=document.uuid.hex,
        text=entry.text_terms,
        title=entry.title_terms,
        title_words=entry.title_words,
        title_only=entry.title_only,
        whole_title=entry.whole_titles,
        code=entry.codes,
        title_order=entry.title_order,
        published=int(document.published_at * 1e6),
        shown=orjson.dumps(as_json(document, entry)),
        **{f"facet_{facet}": codes for facet, codes in entry.counted.items()},
        **({} if row is None else {"row": row}),
    )


def _open_index(path: Path) -> tantivy.Index:
    index = tantivy.Index.open(str(path))
    index.register_tokenizer("terms", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return index


@contextmanager
def _unavailable_if_broken() -> Iterator[None]:
    """Tantivy raises ValueError and OSError for a busy lock, a full disk and a damaged file alike."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise Unavailable(
            _("The search index of this node cannot be used at the moment."), code="index_broken"
        ) from error
