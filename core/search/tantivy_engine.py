"""The embedded engine: a Tantivy index in a directory, which every process opens.

A change of schema or analysis is another VERSION: an index of its own, filled by the next catch-up. Readers look at two
files' times before each search, so that they see what another process committed, or swapped in, at once.
How records lie there is `tantivy_index.py`, how they are looked for `tantivy_searches.py`; nobody else knows Tantivy.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import tantivy
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from core.errors import Unavailable
from core.search.entries import TERMS_VERSION
from core.search.index_folder import FileState, IndexFolder, file_state
from core.search.labels import label_suggestions
from core.search.plan import plan, similar_plan
from core.search.seam import Health, Held, Hit, IndexDocument, Query, Results, Suggestion, Understood
from core.search.shown import suggestions
from core.search.spelling import corrected, did_you_mean
from core.search.tantivy_index import SCHEMA, open_index, shown_of, stored_document, term_query
from core.search.tantivy_searches import Asked, HeldTerms, found_titles
from core.search.understanding import understand
from core.search.vectors.embedder import Vector
from core.search.vectors.neighbours import Neighbours
from core.search.vectors.neighbours import add as add_rows
from core.search.weighing import weighed

VERSION = f"s6-{TERMS_VERSION}"

# Memory for documents on their way to a segment: 64 MB is about 15,000 records; a rebuild makes larger segments.
HEAP = 64_000_000
REBUILD_HEAP = 256_000_000

# About 50 KB each.
REMEMBERED_COUNTS = 100


def open_engine(url: str) -> "TantivyEngine":
    """tantivy:///path/of/a/directory"""
    parts = urlsplit(url)
    path = unquote(parts.path).lstrip("/")
    if parts.netloc or not path:
        raise ImproperlyConfigured(f"SEARCH_URL must look like tantivy:///path/of/a/directory, not {url!r}")
    return TantivyEngine(Path("/" + path))


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
            held = HeldTerms(searcher)
            understood = weighed(corrected(understood, query, held), held)
            asked = Asked(plan(query, understood), understood, searcher, opened.neighbours)
            hits = asked.hits()
            counts = self._count(query, asked, opened)
        return Results(asked.matches(), hits, counts, understood, did_you_mean(query.text, understood))

    def suggest(self, text: str, language: str, limit: int = 8) -> list[Suggestion]:
        labels = label_suggestions(text, language, limit)
        with _unavailable_if_broken():
            titles = found_titles(text, language, limit, self._open().index.searcher())
        return suggestions(labels, titles, limit)

    def similar(self, uuid: UUID, limit: int = 6, vector: Vector | None = None) -> tuple[Hit, ...]:
        with _unavailable_if_broken():
            opened = self._open()
            searcher = opened.index.searcher()
            found = searcher.search(term_query("uuid", uuid.hex), 1, count=False).hits
            if not found:
                return ()
            asked = similar_plan(shown_of(searcher, found[0][1]), limit, vector)
            return Asked(asked, Understood(), searcher, opened.neighbours).hits()

    def held(self) -> Iterator[Held]:
        with _unavailable_if_broken():
            searcher = self._open().index.searcher()
            everything = searcher.search(tantivy.Query.all_query(), max(1, searcher.num_docs), count=False).hits
        for _score, address in everything:
            shown = shown_of(searcher, address)
            yield Held(shown.uuid, shown.revision)

    def health(self) -> Health:
        try:
            with _unavailable_if_broken():
                opened = self._open()
                return Health(True, opened.name, opened.index.searcher().num_docs)
        except Unavailable as error:
            return Health(False, None, 0, str(error.message))

    def _count(self, query: Query, asked: "Asked", opened: _Open) -> dict[str, list[tuple[str, int]]]:
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
            index = open_index(self._folder.path(name))
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
                writer.add_document(stored_document(document, rows.get(document.uuid)))

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
            index = open_index(self._folder.path(self.name()))
            self._writer = index.writer(REBUILD_HEAP if self._rebuilding else HEAP, 1)
        return self._writer

    def _create(self) -> str:
        name = self._folder.create()
        tantivy.Index(SCHEMA, str(self._folder.path(name)))
        return name


@contextmanager
def _unavailable_if_broken() -> Iterator[None]:
    """Tantivy raises ValueError and OSError for a busy lock, a full disk and a damaged file alike."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise Unavailable(
            _("The search index of this node cannot be used at the moment."), code="index_broken"
        ) from error
