"""The seam between those who search and the engines that find: all that pages and doors need to know of search.

    engine().search(Query(text="havenbezoek", language="nl", filters={"country": ("BE", "DE")}))

One engine is chosen by SEARCH_URL. What every engine must do is held by `tests/contracts/test_search_engine.py`.
An engine that cannot answer raises `core.errors.Unavailable` and nothing else.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, NamedTuple, Protocol, Self
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from core.search.vectors.embedder import Vector

Sort = Literal["relevance", "newest", "title"]
SORTS: tuple[Sort, ...] = ("relevance", "newest", "title")

# In the order in which pages show them. Which field of a record fills which is said where the field is defined.
FACETS = (
    "kind",
    "direction",
    "activity",
    "stage",
    "audience",
    "sector",
    "theme",
    "country",
    "region",
    "node",
    "language",
    "policy_stage",
)

# The language of texts that are in none in particular: names, labels as stated.
NO_LANGUAGE = "und"


@dataclass(frozen=True, slots=True)
class Query:
    """What a reader asks for.

    `language` is the reader's; the text may be in any. `filters` holds the codes chosen of each facet: any of a
    facet's codes will do, every facet must agree. Without a `kind` only the kinds that are `searched` are found.
    `concepts` lets codes answer whose label, in any language, stands in the text; `meaning` lets records answer whose
    text means alike, whatever its words.
    """

    text: str = ""
    language: str = "en"
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    age: int | None = None
    sort: Sort = "relevance"
    offset: int = 0
    limit: int = 20
    facets: tuple[str, ...] = FACETS
    concepts: bool = True
    meaning: bool = True


class FieldTexts(NamedTuple):
    """A record's words in one language. `body` holds (weight, text)."""

    title: str
    summary: str
    body: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class IndexDocument:
    """A record as an engine takes it in; made by `core/search/documents.py`.

    `codes` are the record's own codes by facet, what filters match; `broader` are those above them, which facets count
    too. `address` is the record's id. `revision` lets an engine that several nodes write to keep the newest. `ages` are
    years, both ends included. `vector` stands for the meaning of its texts: 384 numbers of length 1 together.
    """

    uuid: UUID
    address: str
    revision: int
    kind: str
    origin: str
    language: str
    texts: Mapping[str, FieldTexts]
    codes: Mapping[str, tuple[str, ...]]
    broader: Mapping[str, tuple[str, ...]]
    ages: tuple[int, int] | None
    published_at: float
    vector: Vector | None = None


class Word(NamedTuple):
    """A word of the query. `terms` are (index term, weight), any may match; `corrected` are words taken instead.

    `held` unless it is known that no record answers to it.
    """

    text: str
    terms: tuple[tuple[str, float], ...]
    corrected: tuple[str, ...] = ()
    held: bool = True


class Mention(NamedTuple):
    """A code that the query names: `words` are the query's own, `language` that of the label that they make.

    `facet` is "glossary" for an entry of the glossary. `terms` are (index term, weight): the concept's own first, then
    what it is a part of.
    """

    facet: str
    code: str
    words: str
    language: str
    terms: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Understood:
    """How a query's text was read: which words count, what was corrected, which codes were searched too.

    `language` is the one that it seems to be in. `telling` are terms that say so much of it that a record which holds
    one needs no other.
    """

    words: tuple[Word, ...] = ()
    mentions: tuple[Mention, ...] = ()
    language: str = NO_LANGUAGE
    telling: frozenset[str] = frozenset()

    @property
    def terms(self) -> frozenset[str]:
        return frozenset(term for word in self.words for term, _ in word.terms)

    @property
    def concept_terms(self) -> dict[str, float]:
        """Of all mentions; a term that several have counts once, by its greatest weight."""
        weights: dict[str, float] = {}
        for mention in self.mentions:
            for term, weight in mention.terms:
                weights[term] = max(weight, weights.get(term, 0.0))
        return weights


class Reason(NamedTuple):
    """Why a record was found: by a word, by a code that the words name, or only because it means alike.

    ("title", "", "haven"), ("text", "", "haven"), ("activity", "company_visit", "Betriebsbesichtigung"),
    ("meaning", "", "")
    """

    field: str
    code: str
    words: str


class Signpost(NamedTuple):
    """What an index knows of a record by itself: enough to lead to it where it was published.

    `title` is in `language`, the reader's if it has one.
    """

    address: str
    title: str
    language: str
    kind: str
    origin: str
    activity: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One record found. Scores compare within one answer only.

    `signpost` is there if other nodes write to the index too: it may be of a record that this node does not hold.
    """

    uuid: UUID
    score: float
    why: tuple[Reason, ...] = ()
    signpost: Signpost | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """`facets` counts what choosing a code would leave or add: a facet's own choice does not narrow its counts.

    `did_you_mean` is the text with the corrections that were made to words which nothing contains.
    """

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, list[tuple[str, int]]]
    understood: Understood = Understood()
    did_you_mean: str | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the reader may be about to type: a record's title (with `uuid`) or a code's label (with `facet`, `code`)."""

    text: str
    language: str
    uuid: UUID | None = None
    facet: str = ""
    code: str = ""


class Held(NamedTuple):
    """A record in an index; `removed` if all that is left of it is that it was withdrawn with this revision."""

    uuid: UUID
    revision: int
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """`name` identifies the index that answers; None while there is none."""

    ok: bool
    name: str | None
    documents: int
    detail: str = ""


class Engine(Protocol):
    """Readers call the first group in any process; writers the second, one process of a node at a time."""

    @property
    def shared(self) -> bool:
        """Whether other nodes may write to the same index: it then holds records that this node does not know."""

    def search(self, query: Query) -> Results: ...

    def suggest(self, text: str, language: str, limit: int = 8) -> list[Suggestion]: ...

    def similar(self, uuid: UUID, limit: int = 6, vector: Vector | None = None) -> tuple[Hit, ...]:
        """Records that share the most words and codes with one, or lie near to its `vector`; none if it is not held."""

    def held(self) -> Iterator[Held]:
        """Every record, in no order; those removed as well, if the engine remembers them."""

    def health(self) -> Health: ...

    def name(self) -> str:
        """The index that writes go to, made if there is none. Another name means: index everything anew."""

    def index(self, documents: Iterable[IndexDocument]) -> None:
        """Add, or replace those with the same uuid. Seen by readers after `commit`."""

    def remove(self, removed: Iterable[tuple[UUID, int]]) -> None:
        """Records, each with the revision that withdrew it."""

    def commit(self) -> None: ...

    def rebuild_start(self) -> Self:
        """An empty index beside this one, to write to; readers go on with the old one."""

    def rebuild_finish(self, rebuilt: Self) -> None:
        """Readers of all processes go over to the rebuilt index; the old one is dropped."""


# By the scheme of SEARCH_URL: a function that makes the engine of an address. Loaded when chosen, clients and all.
ENGINES = {
    "tantivy": "core.search.tantivy_engine.open_engine",
    "elasticsearch": "core.search.elasticsearch_engine.open_engine",
    "elasticsearch+https": "core.search.elasticsearch_engine.open_engine",
}


def engine() -> Engine:
    """This node's engine, one per process. Raises ImproperlyConfigured for an address that no engine answers to."""
    return _engine(settings.SEARCH_URL)


@cache
def _engine(url: str) -> Engine:
    scheme = urlsplit(url).scheme
    if scheme not in ENGINES:
        raise ImproperlyConfigured(
            f"SEARCH_URL must begin with {' or '.join(f'{name}://' for name in ENGINES)}, not {url!r}"
        )
    opened: Engine = import_string(ENGINES[scheme])(url)
    return opened
