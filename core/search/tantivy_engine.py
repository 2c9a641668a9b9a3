"""The embedded engine: a Tantivy index in a directory, which every process opens. The only importer of tantivy.

    DIRECTORY/current-VERSION     the name of the index that answers
    DIRECTORY/VERSION-xxxxxxxx/   that index; while one is rebuilt, another beside it

A change of schema or analysis is another VERSION: an index of its own, filled by the next catch-up. Readers look at two
files' times before each search, so that they see what another process committed, or swapped in, at once.
Terms come ready made (`analysis.py`); this file decides how they are stored, weighed and counted.
"""

import os
import shutil
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid4

import orjson
import tantivy
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from core.errors import Unavailable
from core.search import analysis
from core.search.documents import matching_codes, unsearched_kinds
from core.search.entries import index_entry, whole_title
from core.search.labels import label_suggestions
from core.search.lemmas import SIMPLEMMA_VERSION
from core.search.seam import (
    FACETS,
    Health,
    Hit,
    IndexDocument,
    Query,
    Reason,
    Results,
    Suggestion,
    Understood,
)
from core.search.spelling import FAR, corrected, did_you_mean
from core.search.understanding import understand
from i18n.languages import fallback_chain

SCHEMA_VERSION = 2
VERSION = f"s{SCHEMA_VERSION}-a{analysis.VERSION}-l{SIMPLEMMA_VERSION}"

# Memory for documents on their way to a segment: 64 MB is about 15,000 records; a rebuild makes larger segments.
HEAP = 64_000_000
REBUILD_HEAP = 256_000_000

# Weights beside 1.0, the weight of a word anywhere in the text.
TITLE = 1.5
WHOLE_TITLE = 20.0
FAR_CORRECTED = 1.0
CONCEPT = 5.0

# More codes than any facet has.
MAX_CODES = 2000

# Counting costs 10 ns for each code of each record found. From this many records on it is worth a second thread:
# Tantivy lets go of the interpreter while it counts.
MANY = 2_000
# Facets of which a record has several codes: half of the work.
SEVERAL = {"stage", "audience", "theme"}
_counters = ThreadPoolExecutor(max_workers=2, thread_name_prefix="facets")

# About 50 KB each.
REMEMBERED_COUNTS = 100
MIN_PREFIX = 2
MAX_COMPLETIONS = 50

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
    """`text` has a record's words, repeated by weight; `code` its own codes, to filter; `facet_…` what each counts."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("uuid", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("text", tokenizer_name="terms", index_option="freq")
    builder.add_text_field("title", tokenizer_name="terms", index_option="freq")
    builder.add_text_field("title_words", tokenizer_name="terms", index_option="basic")
    builder.add_text_field("whole_title", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("code", tokenizer_name="raw", index_option="basic")
    for facet in FACETS:
        builder.add_text_field(f"facet_{facet}", tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field("title_order", tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_integer_field("published", fast=True)
    builder.add_bytes_field("shown", stored=True)
    return builder.build()


SCHEMA = _schema()


@dataclass(slots=True)
class _Open:
    """An index opened for reading, and the state of the files that told which."""

    name: str
    index: tantivy.Index
    meta_path: str
    pointer: tuple[int, ...]
    meta: tuple[int, ...]

    @property
    def generation(self) -> tuple[str, tuple[int, ...]]:
        return self.name, self.meta


class TantivyEngine:
    """`rebuilding` names the index of a rebuild in progress; otherwise the current one is read and written."""

    def __init__(self, directory: Path, rebuilding: str | None = None) -> None:
        self._directory = directory
        self._rebuilding = rebuilding
        self._pointer = directory / f"current-{VERSION}"
        # The file whose change tells that another index is current.
        self._named_by = str(self._meta(rebuilding) if rebuilding else self._pointer)
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
            understood = corrected(understood, query.language, lambda term: _record_count(searcher, term))
            asked = _Asked(query, understood, searcher)
            hits = asked.hits()
            counts = self._count(asked, opened)
        return Results(asked.matches(), hits, counts, understood, did_you_mean(query.text, understood))

    def suggest(self, text: str, language: str, limit: int = 8) -> list[Suggestion]:
        labels = label_suggestions(text, language, limit)
        with _unavailable_if_broken():
            titles = _title_suggestions(text, language, limit, self._open().index.searcher())
        # Half of the room each; what one leaves the other takes.
        kept = labels[: max(limit // 2, limit - len(titles))]
        return [*kept, *titles[: limit - len(kept)]]

    def health(self) -> Health:
        try:
            with _unavailable_if_broken():
                opened = self._open()
                return Health(True, opened.name, opened.index.searcher().num_docs)
        except Unavailable as error:
            return Health(False, None, 0, str(error.message))

    def _count(self, asked: "_Asked", opened: _Open) -> dict[str, list[tuple[str, int]]]:
        """Kept per state of the index: the next page, another order and the empty search ask for the same counts."""
        query = asked.query
        filters = tuple(sorted((facet, tuple(sorted(codes))) for facet, codes in query.filters.items()))
        key = (opened.generation, query.text, query.language, query.concepts, filters, query.age, query.facets)
        if key in self._counts:
            return self._counts[key]
        found = self._counts[key] = asked.counts()
        while len(self._counts) > REMEMBERED_COUNTS:
            self._counts.popitem(last=False)
        return found

    def _open(self) -> _Open:
        opened = self._opened
        if opened and opened.pointer == _state(self._named_by) and opened.meta == _state(opened.meta_path):
            return opened
        with self._lock:
            return self._reopen()

    def _reopen(self) -> _Open:
        pointer = _state(self._named_by)
        name = self._current_name()
        if name is None or not self._meta(name).exists():
            raise Unavailable(_("The search index of this node is not there yet; it is being built."), code="no_index")
        meta = _state(str(self._meta(name)))
        if self._opened is not None and self._opened.name == name:
            self._opened.index.reload()
            self._opened = replace(self._opened, pointer=pointer, meta=meta)
        else:
            index = _open_index(self._directory / name)
            index.config_reader(reload_policy="manual")
            index.reload()
            self._opened = _Open(name, index, str(self._meta(name)), pointer, meta)
        return self._opened

    def _current_name(self) -> str | None:
        if self._rebuilding:
            return self._rebuilding
        try:
            return self._pointer.read_text().strip() or None
        except FileNotFoundError:
            return None

    def _meta(self, name: str) -> Path:
        return self._directory / name / "meta.json"

    # Writing

    def name(self) -> str:
        with _unavailable_if_broken():
            name = self._current_name()
            if name is None or not self._meta(name).exists():
                name = self._create()
                self._point_to(name)
            return name

    def index(self, documents: Iterable[IndexDocument]) -> None:
        with _unavailable_if_broken():
            writer = self._write()
            for document in documents:
                writer.delete_documents_by_term("uuid", document.uuid.hex)
                writer.add_document(_stored(document))

    def remove(self, uuids: Iterable[UUID]) -> None:
        with _unavailable_if_broken():
            writer = self._write()
            for uuid in uuids:
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
            self._point_to(rebuilt._rebuilding)
            for path in self._directory.iterdir():
                if path.is_dir() and path.name != rebuilt._rebuilding:
                    shutil.rmtree(path, ignore_errors=True)

    def _write(self) -> tantivy.IndexWriter:
        """Opened anew for each turn: another process may have written since."""
        if self._writer is None:
            index = _open_index(self._directory / self.name())
            self._writer = index.writer(REBUILD_HEAP if self._rebuilding else HEAP, 1)
        return self._writer

    def _create(self) -> str:
        name = f"{VERSION}-{uuid4().hex[:8]}"
        (self._directory / name).mkdir(parents=True)
        tantivy.Index(SCHEMA, str(self._directory / name))
        return name

    def _point_to(self, name: str) -> None:
        beside = self._pointer.with_suffix(f".{uuid4().hex[:8]}")
        beside.write_text(name)
        beside.replace(self._pointer)


class _Asked:
    """One query on one state of the index, taken apart into what Tantivy understands."""

    def __init__(self, query: Query, understood: Understood, searcher: tantivy.Searcher) -> None:
        self.query = query
        self.understood = understood
        self.searcher = searcher
        self.text = _text_query(query.text, understood, searcher)
        self.filters = {facet: _filter(facet, codes) for facet, codes in query.filters.items() if codes}
        if query.age is not None:
            self.filters["age"] = _term("code", f"age:{query.age}")
        self.matching = self._matching()
        self._result: tantivy.SearchResult | None = None

    def counts(self) -> dict[str, list[tuple[str, int]]]:
        """The facets asked for, each counted without its own choice."""
        free = [facet for facet in self.query.facets if facet not in self.filters]
        parts = [(free, self.matching)] if free else []
        if self.matches() > MANY:
            parts = [
                ([facet for facet in free if (facet in SEVERAL) is several], self.matching) for several in (True, False)
            ]
        parts += [([facet], self._matching(without=facet)) for facet in self.query.facets if facet in self.filters]
        *others, own = [part for part in parts if part[0]] or [([], self.matching)]
        aside = [_counters.submit(self._facets, *part) for part in others]
        counted = self._facets(*own)
        for each in aside:
            counted |= each.result()
        return {facet: counted[facet] for facet in self.query.facets}

    def matches(self) -> int:
        count: int = self._found().count  # type: ignore[attr-defined]  # missing in the stub
        return count

    def hits(self) -> tuple[Hit, ...]:
        if self.query.limit <= 0:
            return ()
        result = self._found()
        shown = [((address.segment_ord, address.doc), _shown(self.searcher, address)) for _, address in result.hits]
        in_text = self._words_in_text(shown)
        return tuple(
            Hit(UUID(hex=record["uuid"]), 0.0 if self._order() else float(score), self._why(record, in_text[place]))
            for (score, _), (place, record) in zip(result.hits, shown, strict=True)
        )

    def _order(self) -> dict[str, Any]:
        if self.query.sort == "title":
            return {"order_by_field": "title_order", "order": tantivy.Order.Asc}
        if self.query.sort == "newest" or self.text is None:
            return {"order_by_field": "published"}
        return {}

    def _found(self) -> tantivy.SearchResult:
        if self._result is None:
            limit = max(1, self.query.limit)
            self._result = self.searcher.search(self.matching, limit, offset=self.query.offset, **self._order())
        return self._result

    def _matching(self, without: str | None = None) -> tantivy.Query:
        clauses = [(Occur.Must, self.text)] if self.text is not None else []
        kept = [each for facet, each in self.filters.items() if facet != without]
        clauses += [(Occur.Must, Q.const_score_query(each, 0.0)) for each in kept]
        if not clauses:
            clauses = [(Occur.Must, Q.all_query())]
        if "kind" not in self.query.filters or not self.query.filters["kind"]:
            hidden = [name for name in unsearched_kinds() if self.searcher.doc_freq("code", f"kind:{name}")]
            clauses += [(Occur.MustNot, _term("code", f"kind:{name}")) for name in hidden]
        return clauses[0][1] if len(clauses) == 1 else Q.boolean_query(clauses)

    def _facets(self, facets: Sequence[str], matching: tantivy.Query) -> dict[str, list[tuple[str, int]]]:
        wanted = {facet: {"terms": {"field": f"facet_{facet}", "size": MAX_CODES}} for facet in facets}
        found = self.searcher.aggregate(matching, wanted)
        counted = {}
        for facet in facets:
            pairs = [(bucket["key"], int(bucket["doc_count"])) for bucket in found[facet]["buckets"]]
            # A choice that matches nothing any more stays in sight, so that it can be taken back.
            chosen = [(code, 0) for code in self.query.filters.get(facet, ()) if code not in dict(pairs)]
            counted[facet] = sorted(pairs, key=lambda pair: (-pair[1], pair[0])) + chosen
        return counted

    def _words_in_text(self, found: Sequence[tuple[_Place, dict[str, Any]]]) -> dict[_Place, set[str]]:
        """Which words of the query stand in which of the records found."""
        words: dict[_Place, set[str]] = {place: set() for place, _ in found}
        if not found:
            return words
        these = _any([_term("uuid", record["uuid"]) for _, record in found])
        for word in self.understood.words:
            if terms := [_term("text", term) for term, _ in word.terms if self.searcher.doc_freq("text", term)]:
                both = Q.boolean_query([(Occur.Must, these), (Occur.Must, _any(terms))])
                for _score, address in self.searcher.search(both, len(found), count=False).hits:
                    words[address.segment_ord, address.doc].add(word.text)
        return words

    def _why(self, record: dict[str, Any], in_text: set[str]) -> tuple[Reason, ...]:
        in_title = set(record["title_terms"].split())
        reasons = []
        for word in self.understood.words:
            if not in_title.isdisjoint(term for term, _ in word.terms):
                reasons.append(Reason("title", "", word.text))
            elif word.text in in_text:
                reasons.append(Reason("text", "", word.text))
        reasons += self._mentioned(record, {reason.words for reason in reasons})
        return tuple(reasons)

    def _mentioned(self, record: dict[str, Any], said: set[str]) -> Iterator[Reason]:
        """Codes that the record carries, then concepts that its text names in other words than the query's own."""
        explained: set[str] = set()
        for mention in self.understood.mentions:
            if mention.code in record["codes"].get(mention.facet, ()):
                explained.add(mention.terms[0][0])
                yield Reason(mention.facet, mention.code, mention.words)
        concepts = set(record["concepts"]) - explained
        for mention in self.understood.mentions:
            if mention.terms[0][0] in concepts and not said.issuperset(mention.words.split()):
                concepts.discard(mention.terms[0][0])
                yield Reason(mention.facet, mention.code, mention.words)


def _text_query(text: str, understood: Understood, searcher: tantivy.Searcher) -> tantivy.Query | None:
    """None for a text without words: everything matches. Flat, so that Tantivy can skip what cannot reach the page."""
    if not understood.words:
        return None
    clauses = []
    for word in understood.words:
        for term, weight in word.terms:
            if searcher.doc_freq("text", term):
                clauses += [
                    (Occur.Should, _term("text", term, weight)),
                    (Occur.Should, _term("title", term, weight * TITLE)),
                ]
            elif searcher.doc_freq("title_words", term):
                clauses.append((Occur.Should, _term("title_words", term, weight * TITLE)))
        if word.corrected == (FAR,):
            near = Q.fuzzy_term_query(SCHEMA, "text", analysis.fold_word(word.text), distance=2)
            clauses.append((Occur.Should, Q.boost_query(near, FAR_CORRECTED)))
    for term, weight in understood.concept_terms.items():
        if searcher.doc_freq("text", term):
            clauses.append((Occur.Should, _term("text", term, weight * CONCEPT)))
    if searcher.doc_freq("whole_title", whole := whole_title(text)):
        clauses.append((Occur.Should, _term("whole_title", whole, WHOLE_TITLE)))
    return Q.boolean_query(clauses) if clauses else Q.empty_query()


def _record_count(searcher: tantivy.Searcher, term: str) -> int:
    return searcher.doc_freq("text", term) or searcher.doc_freq("title_words", term)


def _title_suggestions(text: str, language: str, limit: int, searcher: tantivy.Searcher) -> list[Suggestion]:
    """Titles that hold every word typed, the last one perhaps unfinished; the reader's language first."""
    typed = [
        folded
        for token in analysis.tokens(analysis.normalise(text[:200]))
        if (folded := analysis.fold_word(token.word))
    ]
    if not typed or len(typed[-1]) < MIN_PREFIX:
        return []
    completions = [term for term, _ in searcher.terms_with_prefix("title_words", typed[-1], limit=MAX_COMPLETIONS)]
    if not completions:
        return []
    clauses = [(Occur.Must, _term("title_words", word)) for word in typed[:-1]]
    clauses.append((Occur.Must, Q.boolean_query([(Occur.Should, _term("title_words", term)) for term in completions])))
    clauses.append((Occur.Should, _term("code", f"language:{analysis.base(language)}", 5.0)))
    clauses += [(Occur.MustNot, _term("code", f"kind:{name}")) for name in unsearched_kinds()]
    result = searcher.search(Q.boolean_query(clauses), limit, count=False)
    suggestions = []
    for _score, address in result.hits:
        record = _shown(searcher, address)
        titles: dict[str, str] = record["titles"]
        chain = [*fallback_chain(language), *titles]
        chosen = next(each for each in chain if each in titles)
        suggestions.append(Suggestion(titles[chosen], chosen, uuid=UUID(hex=record["uuid"])))
    return suggestions


def _filter(facet: str, codes: Iterable[str]) -> tantivy.Query:
    matching = {matching for code in codes for matching in matching_codes(facet, code)}
    return _any([_term("code", f"{facet}:{code}") for code in sorted(matching)])


def _any(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    """A term set query would do the same at four times the price."""
    return queries[0] if len(queries) == 1 else Q.boolean_query([(Occur.Should, query) for query in queries])


def _term(field: str, value: str, weight: float = 1.0) -> tantivy.Query:
    term = Q.term_query(SCHEMA, field, value, "freq" if field in ("text", "title") else "basic")
    return term if weight == 1.0 else Q.boost_query(term, weight)


def _shown(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> dict[str, Any]:
    record: dict[str, Any] = orjson.loads(bytes(searcher.doc(address)["shown"][0]))
    return record


def _stored(document: IndexDocument) -> tantivy.Document:
    entry = index_entry(document)
    shown = {
        "uuid": document.uuid.hex,
        "titles": entry.titles,
        "title_terms": " ".join(dict.fromkeys(" ".join([*entry.title_terms, *entry.title_words]).split())),
        "codes": document.codes,
        "concepts": entry.concepts,
    }
    return tantivy.Document(
        uuid=document.uuid.hex,
        text=entry.text_terms,
        title=entry.title_terms,
        title_words=entry.title_words,
        whole_title=entry.whole_titles,
        code=entry.codes,
        title_order=entry.title_order,
        published=int(document.published_at * 1e6),
        shown=orjson.dumps(shown),
        **{f"facet_{facet}": codes for facet, codes in entry.counted.items()},
    )


def _open_index(path: Path) -> tantivy.Index:
    index = tantivy.Index.open(str(path))
    index.register_tokenizer("terms", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return index


def _state(path: str) -> tuple[int, ...]:
    """Changes whenever the file is replaced; () while there is none."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return ()
    return found.st_ino, found.st_mtime_ns, found.st_size


@contextmanager
def _unavailable_if_broken() -> Iterator[None]:
    """Tantivy raises ValueError and OSError for a busy lock, a full disk and a damaged file alike."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise Unavailable(
            _("The search index of this node cannot be used at the moment."), code="index_broken"
        ) from error
