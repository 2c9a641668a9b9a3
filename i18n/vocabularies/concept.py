"""What a coded concept is. `loading.py` reads concepts from the data files, `vocabulary.py` answers about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

# The vocabularies belong to the project, not to a node: their addresses are the same on every node.
VOCABULARIES_URI = "https://havenlink.example/vocabularies"


class Ages(NamedTuple):
    """From the age at which most begin to the age at which most end: a school year is 13 to 14. None is open."""

    min: int | None
    max: int | None

    def overlaps(self, other: "Ages") -> bool:
        """Whether at least one whole year of age lies in both; 13 to 14 and 14 to 15 only touch."""
        lowest = max(self.min or 0, other.min or 0)
        highest = min(self.max or 200, other.max or 200)
        return highest - lowest >= 1


@dataclass(frozen=True, slots=True)
class Concept:
    """One code with its words. What only some vocabularies state is None or empty in the others."""

    code: str
    uri: str
    labels: Mapping[str, str]
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    broader: str | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    exact_match: tuple[str, ...] = ()

    # school stages
    isced: tuple[int, ...] = ()  # ISCED 2011 levels
    ages: Ages | None = None
    track: str | None = None  # general, vocational or special; None where pupils of all tracks sit together
    until: int | None = None  # the year in which the system gave the stage up

    # school stages and regions
    country: str | None = None  # ISO 3166-1 alpha-2

    # regions
    lat: float | None = None
    lon: float | None = None
    nuts: str | None = None
    nuts_version: str | None = None

    # glossary: codes of other vocabularies, as (vocabulary, code), that are the same thing, or that this is a part of
    same: tuple[tuple[str, str], ...] = ()
    under: tuple[tuple[str, str], ...] = ()
    source: str | None = None
    reviewed: date | None = None

    def words(self, language: str) -> tuple[str, ...]:
        """Label first, then synonyms, in one language."""
        label = self.labels.get(language)
        return ((label,) if label else ()) + self.synonyms.get(language, ())
