"""The data of all benchmarks: records of about 2 KB in 12 languages, made the same each time and written down once.

Real words in Zipf's proportions, stop words among them; codes as many and as unevenly used as in the real inventory.
A line of the file is a document.
"""

import itertools
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import tests.conftest  # noqa: F401  sets the environment of a node and starts Django

# isort: split
import orjson
from django.conf import settings

from core.search import lemmas
from core.search.seam import Query
from core.search.stop_words import STOP_WORDS
from i18n.vocabularies.vocabulary import vocabulary

VOCABULARY = 20_000
SHARES = {
    "nl": 30,
    "en": 16,
    "de": 14,
    "fr": 12,
    "sv": 5,
    "pl": 4,
    "pt": 4,
    "it": 4,
    "es": 4,
    "el": 3,
    "da": 3,
    "ca": 1,
}
KINDS = {"tool": 75, "programme": 10, "opportunity": 10, "organisation": 5}
# Field: its vocabulary, and how many codes are drawn for it.
CODED = {
    "activity": ("activities", 1),
    "stages": ("school_stages", 1),
    "audiences": ("audiences", 2),
    "sectors": ("sectors", 2),
    "themes": ("themes", 3),
    "region": ("regions", 1),
    "policy_stage": ("policy_stages", 1),
}
# What a kind does not have of these, and what it has instead.
LEFT_OUT = {
    "opportunity": {"themes", "policy_stage"},
    "organisation": {"summary", "description", "activity", "stages", "audiences", "themes", "policy_stage"}
    | {"organiser"},
}
ADDED = {"opportunity": {"direction": "offer"}, "organisation": {"organisation_kind": "employer"}}
ENVELOPE = ("id", "origin", "kind", "revision", "published", "language")
# Words of a record's texts: they bring its document to 2 KB.
WORDS = 165


class Zipf:
    """Draws from a list, the n-th item in proportion to 1/(n+2)."""

    def __init__(self, items: list[str], rng: random.Random) -> None:
        self.items = items
        self.weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(items))))
        self.rng = rng

    def draw(self, number: int) -> list[str]:
        return self.rng.choices(self.items, cum_weights=self.weights, k=number)


def real_words(language: str, rng: random.Random) -> list[str]:
    """The stop words, then a sample of the dictionary, in an order that is the same each time."""
    words = lemmas.MappedDictionaries(Path(settings.LEMMA_DIR)).get_dictionary(language)
    step = max(1, len(words) // (VOCABULARY * 2))
    sample = [word for word in itertools.islice(words, 0, None, step) if word.isalpha() and len(word) > 2]
    rng.shuffle(sample)
    return sorted(STOP_WORDS[language])[:60] + sample[:VOCABULARY]


class Records:
    """Makes records, one after the other, and queries of the same words and codes."""

    def __init__(self, seed: int = 4) -> None:
        self.rng = random.Random(seed)
        self.words = {language: Zipf(real_words(language, self.rng), self.rng) for language in SHARES}
        self.codes = {
            name: Zipf(sorted(vocabulary(coded).concepts, key=lambda _: self.rng.random()), self.rng)
            for name, (coded, _) in CODED.items()
        }

    def language(self) -> str:
        return self.rng.choices(list(SHARES), weights=list(SHARES.values()))[0]

    def make(self, number: int) -> Iterator[dict[str, Any]]:
        """Documents as they would stand in the logs of seven nodes."""
        for place in range(number):
            kind = self.rng.choices(list(KINDS), weights=list(KINDS.values()))[0]
            language = self.language()
            # A UUID of version 7 as records have, counted up instead of taken from the clock.
            uuid = UUID(int=(0x0190_0000_0000 + place) << 80 | 0x7000 << 64 | 0x8000 << 48 | place)
            yield {
                "id": f"{settings.NODE_URL}/records/{uuid}",
                "origin": f"node{place % 7}.example",
                "kind": kind,
                "revision": 1,
                "published": f"2026-{place % 12 + 1:02}-{place % 28 + 1:02}T05:50:00.000000Z",
                "language": language,
                **self._content(kind, language),
            }

    def _content(self, kind: str, language: str) -> dict[str, Any]:
        text = self.words[language].draw(WORDS)
        content: dict[str, Any] = {
            "title": {language: {"text": " ".join(text[:6]), "method": "source"}},
            "summary": {language: {"text": " ".join(text[6:46]), "method": "source"}},
            "description": {language: {"text": " ".join(text[46:]), "method": "source"}},
            "organiser": {"name": " ".join(text[:2]).title()},
        }
        for name, (_, number_of) in CODED.items():
            drawn = sorted(set(self.codes[name].draw(number_of)))
            content[name] = drawn if name.endswith("s") else drawn[0]
        content["location"] = {"country": vocabulary("regions").concepts[content["region"]].country}
        kept = {name: value for name, value in content.items() if name not in LEFT_OUT.get(kind, ())}
        return kept | ADDED.get(kind, {})

    def telling(self, language: str, number: int) -> list[str]:
        words = [word for word in self.words[language].draw(number * 8) if word not in STOP_WORDS[language]]
        return words[:number]

    def queries(self, number: int) -> list[tuple[str, Query]]:
        """(what kind of query, the query), mixed."""
        makers: list[tuple[str, int, Callable[[str], Query]]] = [
            ("1 word", 20, lambda language: Query(self._text(language, 1), language)),
            ("2-3 words", 35, lambda language: Query(self._text(language, self.rng.choice((2, 3))), language)),
            ("4-7 words", 10, lambda language: Query(self._text(language, self.rng.randint(4, 7)), language)),
            ("words + 1-2 filters", 15, lambda language: Query(self._text(language, 2), language, self._filters())),
            ("filters only", 10, lambda language: Query("", language, self._filters())),
            ("a code's label", 5, lambda language: Query(self._label(), language)),
            ("misspelt", 5, lambda language: Query(self._misspelt(language), language)),
        ]
        made = []
        for name, share, maker in makers:
            made += [(name, maker(self.language())) for _ in range(number * share // 100)]
        self.rng.shuffle(made)
        return made

    def _text(self, language: str, number: int) -> str:
        return " ".join(self.telling(language, number))

    def _filters(self) -> dict[str, tuple[str, ...]]:
        offered = {"activity": "activity", "sector": "sectors", "stage": "stages", "region": "region"}
        chosen = self.rng.sample(sorted(offered), self.rng.choice((1, 2)))
        return {
            facet: tuple(dict.fromkeys(self.codes[offered[facet]].draw(self.rng.choice((1, 2))))) for facet in chosen
        }

    def _label(self) -> str:
        name = self.rng.choice(["activities", "sectors", "themes"])
        code = self.rng.choice(sorted(vocabulary(name).concepts))
        return vocabulary(name).label(code, self.rng.choice(["nl", "en", "de", "fr"]))

    def _misspelt(self, language: str) -> str:
        word = next(word for word in self.words[language].draw(500) if len(word) > 7)
        place = self.rng.randrange(1, len(word) - 1)
        return word[:place] + word[place + 1 :] + " " + self._text(language, 1)


def write(path: Path, number: int) -> Path:
    with path.open("wb") as file:
        for document in Records().make(number):
            file.write(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE))
    return path


def read(path: Path, first: int = 0, until: int | None = None) -> Iterator[dict[str, Any]]:
    """The documents from line `first` to before line `until`."""
    with path.open("rb") as file:
        for line in itertools.islice(file, first, until):
            yield orjson.loads(line)


def uuid_of(document: dict[str, Any]) -> UUID:
    return UUID(document["id"].rpartition("/")[2])


def content_of(document: dict[str, Any]) -> dict[str, Any]:
    """What a draft or a revision takes: the kind's own fields."""
    return {name: value for name, value in document.items() if name not in ENVELOPE}
