"""How `languages.npz` was measured: `manage.py search calibrate` makes it anew, for another model or more languages.

Texts that say the same in each language: labels of the vocabularies put together as queries and as records are, in the
languages that every label has; names of countries from CLDR, put together alike, in those and all others. An other
language's part is how far its country names lie from the mean of the first.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from core.search.vectors.embedder import Embedder, Vector
from i18n.languages import country_name
from i18n.vocabularies.vocabulary import vocabulary

LABELLED = ("nl", "en", "de", "fr", "sv", "pl", "pt", "it", "es", "el", "da", "ca")
# The other languages of the European Union, its neighbours' and newcomers'.
OTHERS = (
    "bg", "cs", "et", "fi", "ga", "hr", "hu", "lt", "lv", "mt", "ro", "sk", "sl",
    "nb", "uk", "tr", "ar",
)  # fmt: skip

QUERIES = 40
PASSAGES = 25
COUNTRIES = [
    "BE",
    "NL",
    "DE",
    "FR",
    "GB",
    "IE",
    "SE",
    "DK",
    "NO",
    "PL",
    "IT",
    "ES",
    "PT",
    "GR",
    "MT",
    "HR",
    "FI",
    "EE",
    "LV",
    "LT",
    "US",
    "CN",
    "JP",
    "MA",
    "TR",
    "EG",
    "IN",
    "BR",
    "AU",
    "CA",
    "ZA",
    "RU",
    "UA",
    "AT",
    "CH",
    "HU",
    "RO",
    "BG",
    "CZ",
    "SK",
]

# The facets that say what a record is about; a query names two of them, a record all.
_QUERIES = (
    ("activities", "sectors"),
    ("activities", "audiences"),
    ("themes", "sectors"),
    ("activities", "themes"),
)
_RECORD = ("activities", "sectors", "sectors", "themes", "themes", "audiences")

Codes = Sequence[tuple[str, str]]


def measure(embedder: Embedder, path: Path) -> None:
    """Write the parts of all languages to `path`. Takes two minutes."""
    draw = random.Random(7)
    queries = [_drawn(draw, _QUERIES[number % len(_QUERIES)]) for number in range(QUERIES)]
    records = [_drawn(draw, _RECORD) for _ in range(PASSAGES)]
    labelled = {
        "query": _means(embedder.query, lambda language: (_labels(each, language, " ").lower() for each in queries)),
        "passage": _means(embedder.passage, lambda language: (_labels(each, language, ". ") for each in records)),
    }
    named = {
        "query": {language: _mean(embedder.query, _countries(language, 2)) for language in LABELLED + OTHERS},
        "passage": {language: _mean(embedder.passage, _countries(language, 8)) for language in LABELLED + OTHERS},
    }
    arrays = {"languages": np.array(LABELLED + OTHERS)}
    for use in ("query", "passage"):
        common = np.mean(list(labelled[use].values()), axis=0)
        named_common = np.mean([named[use][language] for language in LABELLED], axis=0)
        own = [labelled[use][language] - common for language in LABELLED]
        own += [named[use][language] - named_common for language in OTHERS]
        arrays |= {f"{use}_common": common.astype(np.float16), f"{use}_own": np.stack(own).astype(np.float16)}
    np.savez_compressed(path, allow_pickle=False, **arrays)


def _drawn(draw: random.Random, names: Iterable[str]) -> Codes:
    return [(name, draw.choice(list(vocabulary(name).concepts))) for name in names]


def _labels(codes: Codes, language: str, between: str) -> str:
    return between.join(vocabulary(name).concepts[code].labels[language] for name, code in codes)


def _countries(language: str, together: int) -> list[str]:
    names = [country_name(code, language) for code in COUNTRIES]
    return [", ".join(names[start : start + together]) for start in range(0, len(names), together)]


def _means(embed: Callable[[str], Vector], texts: Callable[[str], Iterable[str]]) -> Mapping[str, Vector]:
    return {language: _mean(embed, texts(language)) for language in LABELLED}


def _mean(embed: Callable[[str], Vector], texts: Iterable[str]) -> Vector:
    mean: Vector = np.mean([embed(text) for text in texts], axis=0)
    return mean
