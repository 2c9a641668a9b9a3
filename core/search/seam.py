"""The seam between those who search and the engines that find: all that pages and doors need to know of search.

    engine().search(Query(text="havenbezoek", language="nl", filters={"country": ("BE", "DE")}))

One engine is chosen by SEARCH_URL. What every engine must do is held by `tests/contracts/test_search_engine.py`.
An engine that cannot answer raises `core.errors.Unavailable` and nothing else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, NamedTuple, Protocol, Self
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

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
    `concepts` lets codes answer whose label, in any language, stands in the text.
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


class FieldTexts(NamedTuple):
    """A record's words in one language. `body` holds (weight, text)."""

    title: str
    summary: str
    body: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class IndexDocument:
    """A record as an engine takes it in; made by `core/search/documents.py`.

    `codes` are the record's own codes by facet, what filters match; `broader` are those above them, which facets count
    too. `revision` lets an engine that several nodes write to keep the newest. `ages` are years, both ends included.
    """

    uuid: UUID
    revision: int
    kind: str
    origin: str
    language: str
    texts: Mapping[str, FieldTexts]
    codes: Mapping[str, tuple[str, ...]]
    broader: Mapping[str, tuple[str, ...]]
    ages: tuple[int, int] | None
    published_at: float


class Word(NamedTuple):
    """A word of the query. `terms` are (index term, weight), any may match; `corrected` are words taken instead."""

    text: str
    terms: tuple[tuple[str, float], ...]
    corrected: tuple[str, ...] = ()


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
    """How a query's text was read: which words count, what was corrected, which codes were searched too."""

    words: tuple[Word, ...] = ()
    mentions: tuple[Mention, ...] = ()

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
    """Why a record was found, by a word or by a code that the words name.

    ("title", "", "haven"), ("text", "", "haven"), ("activity", "company_visit", "Betriebsbesichtigung")
    """

    field: str
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One record found. Scores compare within one answer only."""

    uuid: UUID
    score: float
    why: tuple[Reason, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Health:
    """`name` identifies the index that answers; None while there is none."""

    ok: bool
    name: str | None
    documents: int
    detail: str = ""


class Engine(Protocol):
    """Readers call the first group in any process; writers the second, one process at a time."""

    def search(self, query: Query) -> Results: ...

    def suggest(self, text: str, language: str, limit: int = 8) -> list[Suggestion]: ...

    def health(self) -> Health: ...

    def name(self) -> str:
        """The index that writes go to, made if there is none. Another name means: index everything anew."""

    def index(self, documents: Iterable[IndexDocument]) -> None:
        """Add, or replace those with the same uuid. Seen by readers after `commit`."""

    def remove(self, uuids: Iterable[UUID]) -> None: ...

    def commit(self) -> None: ...

    def rebuild_start(self) -> Self:
        """An empty index beside this one, to write to; readers go on with the old one."""

    def rebuild_finish(self, rebuilt: Self) -> None:
        """Readers of all processes go over to the rebuilt index; the old one is dropped."""


# By the scheme of SEARCH_URL: a function that makes the engine of an address. Loaded when chosen, clients and all.
ENGINES = {"tantivy": "core.search.tantivy_engine.open_engine"}


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
