"""Reads the glossary: the field's words in many languages, a file for each topic, and a file of a city's own.

A word there is a concept that records are found by in every language, though no record is coded with it. The words of
the other vocabularies are not repeated: an entry names the codes that it is the same as, or is a part of.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from i18n.languages import INTERFACE_LANGUAGES
from i18n.vocabularies.concept import VOCABULARIES_URI, Concept
from i18n.vocabularies.loading import (
    CODE,
    VocabularyError,
    check_language,
    read_yaml,
    string_list,
    texts_by_language,
)

NAME = "glossary"
TITLES = {"nl": "Woordenlijst", "fr": "Glossaire", "de": "Glossar", "en": "Glossary"}
TOP = {"topic", "source", "reviewed", "concepts"}
# Everything else in an entry is a language: tags have two or three letters, these have more.
KEYS = {"broader", "same", "under", "source", "reviewed", "shared", "note"}
# The vocabularies whose codes an entry may name.
LINKED = ("activities", "school_stages", "audiences", "sectors", "themes", "organisation_kinds", "regions")


def load_glossary(paths: Iterable[Path], known: Mapping[str, Mapping[str, Concept]]) -> dict[str, Concept]:
    """Concepts by code, in the order of the files. `known` are the concepts of LINKED, by vocabulary.

    Raises VocabularyError for what is missing or unknown, and for a word that two entries of a language share without
    both saying so.
    """
    concepts: dict[str, Concept] = {}
    shared: dict[str, frozenset[str]] = {}
    for path in paths:
        content = _content(path)
        for code, stated in content["concepts"].items():
            where = f"{path.name}: {code}"
            if code in concepts:
                raise VocabularyError(f"{where}: the code stands in the glossary already")
            concepts[code] = _concept(code, stated, content, concepts, known, where)
            shared[code] = frozenset(string_list(stated.get("shared", []), f"{where}: shared"))
    _refuse_doubles(concepts, shared)
    return concepts


def _content(path: Path) -> Mapping[str, Any]:
    content = read_yaml(path)
    if not isinstance(content, Mapping) or set(content) != TOP or not isinstance(content["concepts"], Mapping):
        raise VocabularyError(f"{path.name}: expected exactly {', '.join(sorted(TOP))} at the top")
    texts_by_language(content["topic"], f"{path.name}: topic", complete=True)
    _origin(content, path.name)
    return content


def _concept(
    code: object,
    stated: object,
    file: Mapping[str, Any],
    before: Mapping[str, Concept],
    known: Mapping[str, Mapping[str, Concept]],
    where: str,
) -> Concept:
    if not isinstance(code, str) or not CODE.fullmatch(code):
        raise VocabularyError(f"{where}: a code is small letters and digits, joined by _ or -")
    if not isinstance(stated, Mapping):
        raise VocabularyError(f"{where}: expected words per language, such as nl: [snuffelstage, kijkstage]")
    words = {tag: _words(tag, value, where) for tag, value in stated.items() if tag not in KEYS}
    if missing := [language for language in INTERFACE_LANGUAGES if language not in words]:
        raise VocabularyError(f"{where}: missing in {', '.join(missing)}")
    broader = stated.get("broader")
    if broader is not None and broader not in before:
        raise VocabularyError(f"{where}: broader must be a code that stands above it in the glossary, not {broader!r}")
    same, under = (_links(stated.get(key, []), known, f"{where}: {key}") for key in ("same", "under"))
    source, reviewed = _origin({**file, **stated}, where)
    return Concept(
        code=code,
        uri=f"{VOCABULARIES_URI}/{NAME}/{code}",
        labels={language: own[0] for language, own in words.items()},
        synonyms={language: own[1:] for language, own in words.items() if own[1:]},
        broader=broader,
        notes=texts_by_language(stated.get("note", {}), f"{where}: note"),
        exact_match=tuple(f"{VOCABULARIES_URI}/{name}/{linked}" for name, linked in same),
        same=same,
        under=under,
        source=source,
        reviewed=reviewed,
    )


def _words(tag: object, value: object, where: str) -> tuple[str, ...]:
    """The first is the label."""
    check_language(tag, where)
    words = string_list(value, f"{where} in {tag}")
    if not words or len(set(words)) != len(words):
        raise VocabularyError(f"{where} in {tag}: expected at least one word, and each once")
    return words


def _links(value: object, known: Mapping[str, Mapping[str, Concept]], where: str) -> tuple[tuple[str, str], ...]:
    links = []
    for link in string_list(value, where):
        name, _, code = link.partition("/")
        if code not in known.get(name, {}):
            raise VocabularyError(
                f"{where}: {link!r} is no code; write vocabulary/code, a vocabulary being one of {', '.join(LINKED)}"
            )
        links.append((name, code))
    return tuple(links)


def _origin(stated: Mapping[str, Any], where: str) -> tuple[str, date]:
    """Where the words are from, and when somebody last read them one by one."""
    source, reviewed = stated["source"], stated["reviewed"]
    if not isinstance(source, str) or not source.strip():
        raise VocabularyError(f"{where}: source must say where the words are from")
    if not isinstance(reviewed, date):
        raise VocabularyError(f"{where}: reviewed must be a date, such as 2026-11-25, not {reviewed!r}")
    return source, reviewed


def _refuse_doubles(concepts: Mapping[str, Concept], shared: Mapping[str, frozenset[str]]) -> None:
    """A word with two meanings leads to both: that must be meant, and said under `shared` in both entries."""
    owners: dict[tuple[str, str], str] = {}
    for code, concept in concepts.items():
        for language in concept.labels:
            for word in concept.words(language):
                other = owners.setdefault((language, word.casefold()), code)
                if other != code and not (word in shared[code] and word in shared[other]):
                    raise VocabularyError(
                        f"glossary: {word!r} ({language}) stands under {other} and {code}; take it out of one, "
                        "or list it under `shared` in both"
                    )
