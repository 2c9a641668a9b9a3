"""Coded concepts with their words in every language: their labels, what a filter should match, the code of a word.

An unknown code never fails: it is shown as it is and matches itself, since records of other nodes may carry newer
codes.
The words are in `data/*.yaml`; countries and languages come from CLDR.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from django.conf import settings

from i18n.languages import INTERFACE_LANGUAGES, country_names, fallback_chain, language_names
from i18n.vocabularies import glossary
from i18n.vocabularies.bridge import bridged
from i18n.vocabularies.concept import VOCABULARIES_URI, Ages, Concept
from i18n.vocabularies.loading import DATA, VocabularyError, load_concepts
from i18n.vocabularies.stage_coding import load_codings

NAMES = (
    "activities",
    "school_stages",
    "audiences",
    "sectors",
    "themes",
    "policy_stages",
    "organisation_kinds",
    "partner_roles",
    "offer_directions",
    "regions",
    "countries",
    "languages",
    "glossary",
)

# Letters that Unicode does not take apart into a base letter and an accent, and letters that are written in two ways:
# Arabic's last ya and ta marbuta, its joined alef and mere lengthening, Ukrainian's apostrophe as a letter.
LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ł": "l", "þ": "th", "ı": "i", "ς": "σ", "ґ": "г"}
    | {"ى": "ي", "ة": "ه", "ٱ": "ا", "ـ": "", "ʼ": ""}
)
NOT_A_LETTER = re.compile(r"[^\w]+|_+")


def fold(text: str) -> str:
    """How words are compared: no case, accents, ligatures or punctuation; one space between words."""
    letters = unicodedata.normalize("NFKD", text.casefold().translate(LETTERS))
    if not letters.isascii():
        letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return NOT_A_LETTER.sub(" ", letters).strip()


class Vocabulary:
    """A named list of concepts, in the order in which people should see them."""

    def __init__(
        self,
        name: str,
        titles: Mapping[str, str],
        concepts: Mapping[str, Concept],
        bridge: Callable[[Concept, Mapping[str, Concept]], Iterable[str]] | None = None,
    ) -> None:
        self.name = name
        self.uri = f"{VOCABULARIES_URI}/{name}"
        self.titles = titles
        self.concepts = concepts
        self._bridge = bridge
        self._expanded: dict[str, frozenset[str]] = {}
        self._labels: dict[str, Mapping[str, str]] = {}

    def __contains__(self, code: object) -> bool:
        return code in self.concepts

    def get(self, code: str) -> Concept | None:
        return self.concepts.get(code)

    def label(self, code: str, language: str) -> str:
        """In the language, else in the nearest one that has it, else the code itself."""
        if language in INTERFACE_LANGUAGES:
            return self.labels(language).get(code, code)
        concept = self.concepts.get(code)
        return _label(concept, language) if concept else code

    def labels(self, language: str) -> Mapping[str, str]:
        """`label` of every code, for whoever shows many. Kept for the interface's languages."""
        known = self._labels.get(language)
        if known is None:
            known = {code: _label(concept, language) for code, concept in self.concepts.items()}
            if language in INTERFACE_LANGUAGES:
                self._labels[language] = known
        return known

    def broader(self, code: str) -> str | None:
        concept = self.concepts.get(code)
        return concept.broader if concept else None

    def narrower(self, code: str) -> tuple[str, ...]:
        """One step down."""
        return self._narrower.get(code, ())

    def ancestors(self, code: str) -> tuple[str, ...]:
        """All steps up, nearest first."""
        steps: list[str] = []
        while (above := self.broader(steps[-1] if steps else code)) is not None:
            steps.append(above)
        return tuple(steps)

    def descendants(self, code: str) -> tuple[str, ...]:
        """All steps down, the code itself not among them."""
        found: list[str] = []
        for below in self.narrower(code):
            found.append(below)
            found.extend(self.descendants(below))
        return tuple(found)

    def expand(self, code: str) -> frozenset[str]:
        """The codes that a filter on `code` should match: itself, narrower ones and, of school stages, the bridge."""
        if code not in self._expanded:
            concept = self.concepts.get(code)
            bridge = self._bridge(concept, self.concepts) if self._bridge and concept else ()
            expanded = frozenset((code, *self.descendants(code), *bridge))
            if concept is None:
                return expanded  # not remembered: the codes that strangers may send are without number
            self._expanded[code] = expanded
        return self._expanded[code]

    def recognise(self, text: str) -> list[str]:
        """The codes of which the text is a label or synonym in any language, case and accents aside; [] if none."""
        return list(self._by_word.get(fold(text), ()))

    @cached_property
    def _narrower(self) -> dict[str, tuple[str, ...]]:
        narrower: dict[str, tuple[str, ...]] = {}
        for concept in self.concepts.values():
            if concept.broader is not None:
                narrower[concept.broader] = (*narrower.get(concept.broader, ()), concept.code)
        return narrower

    @cached_property
    def _by_word(self) -> dict[str, tuple[str, ...]]:
        by_word: dict[str, dict[str, None]] = {}
        for concept in self.concepts.values():
            for language in {**concept.labels, **concept.synonyms}:
                for word in concept.words(language):
                    by_word.setdefault(fold(word), {})[concept.code] = None
        return {word: tuple(codes) for word, codes in by_word.items()}


def _label(concept: Concept, language: str) -> str:
    return next(filter(None, map(concept.labels.get, fallback_chain(language))), concept.code)


@cache
def vocabulary(name: str) -> Vocabulary:
    """One of NAMES, read once a process. Raises VocabularyError for any other name or for unusable data."""
    if name not in NAMES:
        raise VocabularyError(f"there is no vocabulary {name!r}; there are {', '.join(NAMES)}")
    if name == "countries":
        return _from_cldr(name, {"nl": "Landen", "fr": "Pays", "de": "Länder", "en": "Countries"}, country_names)
    if name == "languages":
        return _from_cldr(name, {"nl": "Talen", "fr": "Langues", "de": "Sprachen", "en": "Languages"}, language_names)
    if name == glossary.NAME:
        return Vocabulary(name, glossary.TITLES, glossary.load_glossary(_glossary_files(), _linked_concepts()))
    titles, concepts = load_concepts(name, DATA / f"{name}.yaml")
    return Vocabulary(name, titles, concepts, bridge=bridged if name == "school_stages" else None)


def _glossary_files() -> list[Path]:
    """The project's own, and the one that this node adds."""
    own: str = settings.GLOSSARY_FILE
    return [*sorted((DATA / glossary.NAME).glob("*.yaml")), *([Path(own)] if own else [])]


def _linked_concepts() -> dict[str, Mapping[str, Concept]]:
    return {name: vocabulary(name).concepts for name in glossary.LINKED}


def _from_cldr(name: str, titles: Mapping[str, str], names: Callable[[str], Mapping[str, str]]) -> Vocabulary:
    per_language = {language: names(language) for language in INTERFACE_LANGUAGES}
    concepts = {
        code: Concept(
            code=code,
            uri=f"{VOCABULARIES_URI}/{name}/{code}",
            labels={language: labels[code] for language, labels in per_language.items()},
        )
        for code in per_language["en"]
        if all(code in labels for labels in per_language.values())
    }
    return Vocabulary(name, titles, concepts)


@dataclass(frozen=True, slots=True)
class StageCoding:
    """What a target group's label means, in codes. `ages` only where the label itself states them."""

    stages: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    ages: Ages | None = None

    @property
    def known(self) -> bool:
        return bool(self.stages or self.audiences or self.ages)


def stage_codes(label: str) -> StageCoding:
    """Codes a target group as stated ("vmbo year 2 (NL)").

    As `data/stage_codings.yaml` says, else by recognising the words among the labels and synonyms of both vocabularies.
    An unknown label gives an empty coding with `known` False; the label itself stays in the record as stated.
    """
    coding = _codings().get(fold(label))
    if coding is not None:
        return coding
    return StageCoding(
        stages=tuple(vocabulary("school_stages").recognise(label)),
        audiences=tuple(vocabulary("audiences").recognise(label)),
    )


@cache
def _codings() -> dict[str, StageCoding]:
    codings = load_codings(
        DATA / "stage_codings.yaml",
        stages=vocabulary("school_stages").concepts,
        audiences=vocabulary("audiences").concepts,
    )
    return {
        fold(label): StageCoding(stages=stages, audiences=audiences, ages=ages)
        for label, (stages, audiences, ages) in codings.items()
    }
