"""Reads the vocabularies' data files and says exactly what is wrong in them: file, code, and what is expected.

The files in `data/` are meant to be extended by people who do not program; `data/README.md` tells them how.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

from i18n.languages import INTERFACE_LANGUAGES
from i18n.vocabularies.concept import VOCABULARIES_URI, Ages, Concept

Number = TypeVar("Number", int, float)

DATA = Path(__file__).parent / "data"
TRACKS = ("general", "vocational", "special")
CODE = re.compile(r"[a-z0-9]+([_-][a-z0-9]+)*")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
COUNTRY = re.compile(r"[A-Z]{2}")
KEYS = {
    "label",
    "also",
    "broader",
    "note",
    "same_as",
    "isced",
    "ages",
    "track",
    "until",
    "country",
    "lat",
    "lon",
    "nuts",
    "nuts_version",
}


class VocabularyError(ValueError):
    """A data file that cannot be used, or a vocabulary that does not exist. The message names file and code."""


def read_yaml(path: Path) -> Any:
    """Parses one data file."""
    try:
        return yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise VocabularyError(f"{path.name}: not readable as YAML: {error}") from error


def load_concepts(name: str, path: Path) -> tuple[dict[str, str], dict[str, Concept]]:
    """Titles per language and concepts by code, in the file's order. Raises VocabularyError."""
    content = read_yaml(path)
    if not isinstance(content, Mapping) or set(content) != {"title", "concepts"}:
        raise VocabularyError(f"{path.name}: expected exactly `title` and `concepts` at the top")
    titles = texts_by_language(content["title"], f"{path.name}: title", complete=True)
    if not isinstance(content["concepts"], Mapping) or not content["concepts"]:
        raise VocabularyError(f"{path.name}: `concepts` must map codes to concepts")
    concepts: dict[str, Concept] = {}
    for code, stated in content["concepts"].items():
        where = f"{path.name}: {code}"
        concepts[code] = _concept(name, code, stated, concepts, where)
    return titles, concepts


def _concept(name: str, code: object, stated: object, before: Mapping[str, Concept], where: str) -> Concept:
    if not isinstance(code, str) or not CODE.fullmatch(code):
        raise VocabularyError(
            f"{where}: a code is small letters and digits, joined by _ or - (quote it if it is a number)"
        )
    if not isinstance(stated, Mapping):
        raise VocabularyError(f"{where}: expected at least a `label`")
    if unknown := set(stated) - KEYS:
        raise VocabularyError(
            f"{where}: unknown {', '.join(sorted(map(str, unknown)))}; known are {', '.join(sorted(KEYS))}"
        )
    parent = _parent(stated.get("broader"), before, where)
    country = stated.get("country", parent.country if parent else None)
    track = stated.get("track", parent.track if parent else None)
    if country is not None and not (isinstance(country, str) and COUNTRY.fullmatch(country)):
        raise VocabularyError(f"{where}: country must be two capital letters, not {country!r}")
    if track is not None and track not in TRACKS:
        raise VocabularyError(f"{where}: track must be one of {', '.join(TRACKS)}, not {track!r}")
    return Concept(
        code=code,
        uri=f"{VOCABULARIES_URI}/{name}/{code}",
        labels=texts_by_language(stated.get("label"), f"{where}: label", complete=True),
        synonyms=_synonyms(stated.get("also", {}), f"{where}: also"),
        broader=parent.code if parent else None,
        notes=texts_by_language(stated.get("note", {}), f"{where}: note"),
        exact_match=string_list(stated.get("same_as", []), f"{where}: same_as"),
        isced=_levels(stated["isced"], where) if "isced" in stated else parent.isced if parent else (),
        ages=parse_ages(stated["ages"], where) if "ages" in stated else None,
        track=track,
        until=_number(stated.get("until"), int, f"{where}: until"),
        country=country,
        lat=_number(stated.get("lat"), float, f"{where}: lat"),
        lon=_number(stated.get("lon"), float, f"{where}: lon"),
        nuts=_text(stated.get("nuts"), f"{where}: nuts"),
        nuts_version=_text(stated.get("nuts_version"), f"{where}: nuts_version"),
    )


def _parent(broader: object, before: Mapping[str, Concept], where: str) -> Concept | None:
    if broader is None:
        return None
    if not isinstance(broader, str) or broader not in before:
        raise VocabularyError(f"{where}: broader must be a code that stands above it in the file, not {broader!r}")
    return before[broader]


def texts_by_language(value: object, where: str, *, complete: bool = False) -> dict[str, str]:
    """One text for each language; `complete` asks for every language of the interface."""
    if not isinstance(value, Mapping):
        raise VocabularyError(
            f"{where}: expected one text per language, such as {{nl: ..., fr: ..., de: ..., en: ...}}"
        )
    for language, text in value.items():
        check_language(language, where)
        if not isinstance(text, str) or not text.strip():
            raise VocabularyError(f"{where}: the text in {language} is empty or not a text (quote it)")
    missing = [language for language in INTERFACE_LANGUAGES if language not in value]
    if complete and missing:
        raise VocabularyError(f"{where}: missing in {', '.join(missing)}")
    return dict(value)


def _synonyms(value: object, where: str) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, Mapping):
        raise VocabularyError(f"{where}: expected a list of words per language, such as {{nl: [stage, snuffelstage]}}")
    for language in value:
        check_language(language, where)
    return {language: string_list(words, f"{where} in {language}") for language, words in value.items()}


def check_language(language: object, where: str) -> None:
    """Raises VocabularyError for what is no language tag."""
    # YAML reads an unquoted `no:` as false: a Norwegian text would otherwise be lost in silence.
    if not isinstance(language, str) or not LANGUAGE.fullmatch(language):
        raise VocabularyError(f'{where}: {language!r} is not a language tag (quote it, as in "no": ...)')


def string_list(value: object, where: str) -> tuple[str, ...]:
    """A list of texts, none of them empty."""
    if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
        raise VocabularyError(f"{where}: expected a list of texts, such as [one, two]")
    return tuple(value)


def _text(value: object, where: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise VocabularyError(f"{where}: expected a text, not {value!r} (quote it)")
    return value


def _levels(value: object, where: str) -> tuple[int, ...]:
    if not isinstance(value, list) or not all(isinstance(level, int) and 0 <= level <= 8 for level in value):
        raise VocabularyError(f"{where}: isced must be a list of levels from 0 to 8, such as [2]")
    return tuple(value)


def parse_ages(value: object, where: str) -> Ages:
    """`[13, 14]`; an open end is written `~`: `[18, ~]`."""
    if not isinstance(value, list) or len(value) != 2 or not all(age is None or isinstance(age, int) for age in value):
        raise VocabularyError(f"{where}: ages must be two numbers, such as [13, 14] or, open, [18, ~]")
    ages = Ages(*value)
    if ages.min is not None and ages.max is not None and ages.min > ages.max:
        raise VocabularyError(f"{where}: ages begin at {ages.min}, after they end at {ages.max}")
    return ages


def _number(value: object, kind: type[Number], where: str) -> Number | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | kind):
        raise VocabularyError(f"{where}: expected a number, not {value!r}")
    return kind(value)
