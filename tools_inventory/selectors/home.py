"""What the home page tells: how much there is, where, what is new, and whether the network lives."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.node import this_node
from core.records import definition as d
from core.records.models import Log, Record
from core.records.selectors.logs import logs
from core.records.selectors.records import newest_by_log, records_get
from i18n.vocabularies.vocabulary import fold, vocabulary
from tools_inventory.selectors.facet_sets import FacetSets, facet_sets
from tools_inventory.selectors.nodes import node_names
from tools_inventory.selectors.presentation import Brief, briefs

NEWEST = 6
# A node that publishes its whole inventory at once must not hide what the others did.
NEWEST_PER_NODE = 2
NEWEST_READ = 60


@dataclass(frozen=True, slots=True)
class Count:
    """How many current records carry a code."""

    code: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Port:
    """A region on the map, with the tools, programmes and opportunities it has."""

    code: str
    label: str
    country: str
    lat: float
    lon: float
    count: int


@dataclass(frozen=True, slots=True)
class Pulse:
    """One origin as this node holds it. `checkpoint_at`: when it last published, as far as known here."""

    origin: str
    name: str
    own: bool
    size: int
    records: int
    checkpoint_at: datetime | None
    frozen: bool


@dataclass(frozen=True, slots=True)
class Home:
    total: int
    kinds: tuple[Count, ...]
    activities: tuple[Count, ...]
    languages: tuple[Count, ...]
    ports: tuple[Port, ...]
    newest: tuple[Brief, ...]
    pulse: tuple[Pulse, ...]


def home(language: str) -> Home:
    """Everything on the home page, in a fixed number of queries."""
    sets = facet_sets()
    names = node_names()
    found = sets.mask("kind", _searched())
    return Home(
        total=found.bit_count(),
        kinds=_kind_counts(sets),
        activities=_most_first(_counts(sets, "activity", "activities", found, language)),
        languages=_most_first(_counts(sets, "language", "languages", found, language)),
        ports=_ports(sets, found, language),
        newest=tuple(briefs(_newest(), language, names)),
        pulse=_pulse(sets, names),
    )


def matching_counts(searches: Iterable[Mapping[str, Iterable[str]]]) -> list[int]:
    """How many records each search with these filters, and no words, finds."""
    sets = facet_sets()
    found = sets.mask("kind", _searched())
    return [_matching(sets, found, filters).bit_count() for filters in searches]


def _matching(sets: FacetSets, found: int, filters: Mapping[str, Iterable[str]]) -> int:
    for facet, values in filters.items():
        either = 0
        for value in values:
            either |= sets.filtered(facet, value)
        found &= either
    return found


def _newest() -> list[Record]:
    """The newest records, at most NEWEST_PER_NODE of a node while others have something new as well. Two queries."""
    seen: Counter[int] = Counter()
    first: list[UUID] = []
    rest: list[UUID] = []
    for uuid, log_id in newest_by_log(NEWEST_READ, _searched()):
        seen[log_id] += 1
        (first if seen[log_id] <= NEWEST_PER_NODE else rest).append(uuid)
    chosen = records_get((first + rest)[:NEWEST])
    return sorted(chosen, key=lambda record: record.published_at, reverse=True)


def _kind_counts(sets: FacetSets) -> tuple[Count, ...]:
    """All kinds of the inventory, those without records too."""
    return tuple(
        Count(kind.name, str(kind.label_plural), sets.mask("kind", [kind.name]).bit_count())
        for kind in d.kinds()
        if kind.edited
    )


def _ports(sets: FacetSets, found: int, language: str) -> tuple[Port, ...]:
    """Regions that have records and a place, by label."""
    placed = []
    for concept in vocabulary("regions").concepts.values():
        count = (sets.filtered("region", concept.code) & found).bit_count()
        if count and concept.lat is not None and concept.lon is not None:
            label = vocabulary("regions").label(concept.code, language)
            placed.append(Port(concept.code, label, concept.country or "", concept.lat, concept.lon, count))
    return tuple(sorted(placed, key=lambda port: fold(port.label)))


def _pulse(sets: FacetSets, names: Mapping[str, str]) -> tuple[Pulse, ...]:
    """This node first, then by name."""
    beats = [
        Pulse(
            origin=log.origin,
            name=names.get(log.origin, log.origin),
            own=log.origin == this_node().id,
            size=log.size,
            records=sets.mask("node", [log.origin]).bit_count(),
            checkpoint_at=log.checkpoint_at,
            frozen=log.state == Log.State.FROZEN,
        )
        for log in logs()
    ]
    return tuple(sorted(beats, key=lambda beat: (not beat.own, beat.name.casefold())))


def _searched() -> list[str]:
    return [kind.name for kind in d.kinds() if kind.searched]


def _counts(sets: FacetSets, facet: str, vocabulary_name: str, within: int, language: str) -> tuple[Count, ...]:
    known = vocabulary(vocabulary_name)
    counts = [
        Count(code, known.label(code, language), (sets.filtered(facet, code) & within).bit_count())
        for code in sets.values(facet)
    ]
    return tuple(count for count in counts if count.count)


def _most_first(counts: tuple[Count, ...]) -> tuple[Count, ...]:
    return tuple(sorted(counts, key=lambda count: (-count.count, count.label)))
