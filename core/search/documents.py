"""From a record's document to what an index holds of it, derived from the definition of its kind.

Which field is a facet and how much its words weigh is said where the field is defined, not here.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from core.records.definition import (
    ENVELOPE,
    Code,
    Codes,
    FieldType,
    Items,
    Kind,
    Location,
    Reference,
    References,
    ShortText,
    Strings,
    Texts,
    kind,
    kinds,
)
from core.search.analysis import base
from core.search.seam import FACETS, NO_LANGUAGE, FieldTexts, IndexDocument
from i18n.vocabularies.vocabulary import vocabulary

OLDEST = 120


def index_document(document: dict[str, Any]) -> IndexDocument | None:
    """None for what is not searched: a deletion, a kind that this version does not know.

    Raises KeyError, TypeError or ValueError for a document that cannot be read; unknown fields and codes are no error.
    """
    defined = kind(document["kind"])
    if defined is None or document.get("deleted"):
        return None
    codes = _codes(defined, document)
    return IndexDocument(
        uuid=UUID(document["id"].rpartition("/")[2]),
        address=document["id"],
        revision=document["revision"],
        kind=defined.name,
        origin=document["origin"],
        language=base(document["language"]),
        texts=_texts(defined, document),
        codes=codes,
        broader=_broader(codes),
        ages=_ages(document.get("ages"), codes.get("stage", ())),
        published_at=datetime.fromisoformat(document["published"]).timestamp(),
    )


def indexed_kinds() -> list[str]:
    """Kinds that this version knows, and thus finds."""
    return [defined.name for defined in kinds()]


def unsearched_kinds() -> list[str]:
    """Kinds that are found only when a search names them."""
    return [defined.name for defined in kinds() if not defined.searched]


@lru_cache(maxsize=4096)
def matching_codes(facet: str, code: str) -> frozenset[str]:
    """Which codes of a record answer a filter on a code: narrower ones too, and what the bridge says."""
    name = facet_vocabularies().get(facet)
    return vocabulary(name).expand(code) if name else frozenset((code,))


@cache
def facet_vocabularies() -> dict[str, str]:
    """The vocabulary of each facet that has one, as the fields' types say."""
    fields = [field for defined in kinds() for field in defined.fields if field.facet]
    named = {field.facet: field.type.vocabulary for field in fields if isinstance(field.type, Code | Codes)}
    return {facet: name for facet, name in named.items() if facet}


def _codes(defined: Kind, document: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for name, facet, codes_of in _facet_fields(defined.name):
        if name in document:
            found.setdefault(facet, {}).update(dict.fromkeys(codes_of(document[name])))
    if "country" not in found:
        countries = (
            concept.country for code in found.get("region", ()) if (concept := vocabulary("regions").get(code))
        )
        found["country"] = dict.fromkeys(country for country in countries if country)
    found["language"] = {base(document["language"]): None}
    return {facet: tuple(codes) for facet, codes in found.items() if codes}


@cache
def _facet_fields(kind_name: str) -> list[tuple[str, str, Callable[[Any], Iterable[str]]]]:
    """Name, facet, and what reads the codes from the value, of the fields that are facets."""
    defined = kind(kind_name)
    fields = ENVELOPE + (defined.fields if defined else ())
    return [(field.name, field.facet, _codes_reader(field.type)) for field in fields if field.facet in FACETS]


def _codes_reader(field_type: FieldType) -> Callable[[Any], Iterable[str]]:
    match field_type:
        case Codes():
            return lambda value: map(str, value)
        case Location():
            return lambda value: (value["country"],) if value.get("country") else ()
        case _:
            return lambda value: (str(value),)


def _broader(codes: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """What is filed under a narrower code counts under the broader ones too, as a filter on these finds it."""
    above = ((facet, _above(name, codes[facet])) for facet, name in facet_vocabularies().items() if facet in codes)
    return {facet: further for facet, further in above if further}


@lru_cache(maxsize=4096)
def _above(name: str, own: tuple[str, ...]) -> tuple[str, ...]:
    steps = {step: None for code in own for step in vocabulary(name).ancestors(code)}
    return tuple(code for code in steps if code not in own)


def _ages(stated: dict[str, int] | None, stages: Iterable[str]) -> tuple[int, int] | None:
    """As stated, else the usual ages of the stages; an open end reaches to the oldest or the newborn."""
    if stated:
        return max(0, int(stated.get("min", 0))), min(OLDEST, int(stated.get("max", OLDEST)))
    concepts = [vocabulary("school_stages").get(code) for code in stages]
    usual = [concept.ages for concept in concepts if concept and concept.ages]
    if not usual:
        return None
    lowest = min(ages.min if ages.min is not None else 0 for ages in usual)
    return lowest, max(ages.max if ages.max is not None else OLDEST for ages in usual)


def _texts(defined: Kind, document: dict[str, Any]) -> dict[str, FieldTexts]:
    """By language. Title and summary are the fields of that name; all other words are the body."""
    parts: dict[str, dict[str, list[tuple[float, str]]]] = {}
    for name, part, weight, words_of in _worded_fields(defined.name):
        if name in document:
            for language, text in words_of(document[name]):
                parts.setdefault(base(language), {}).setdefault(part, []).append((weight, text))
    return {language: _field_texts(named) for language, named in parts.items()}


@cache
def _worded_fields(kind_name: str) -> list[tuple[str, str, float, "_Words"]]:
    """Name, part of the record's texts, weight, and what reads the words from the value, of the fields with words."""
    defined = kind(kind_name)
    return [
        (field.name, field.name if field.name in ("title", "summary") else "body", field.search_weight, words_of)
        for field in (defined.fields if defined else ())
        if field.search_weight and (words_of := _words_reader(field.type))
    ]


def _field_texts(named: dict[str, list[tuple[float, str]]]) -> FieldTexts:
    title, summary = (" ".join(text for _, text in named.get(name, ())) for name in ("title", "summary"))
    return FieldTexts(title, summary, tuple(named.get("body", ())))


# From a field's value to (language, text) of everything worded in it.
_Words = Callable[[Any], Iterable[tuple[str, str]]]


def _words_reader(field_type: FieldType) -> _Words | None:
    """None for a type without words; codes are found by their labels when the query is read."""
    match field_type:
        case Texts():
            return lambda value: [(language, text["text"]) for language, text in value.items()]
        case Strings():
            return lambda value: [(NO_LANGUAGE, text) for text in value]
        case ShortText():
            return lambda value: ((NO_LANGUAGE, value),)
        case Reference():
            return lambda value: ((NO_LANGUAGE, value["name"]),)
        case References():
            return lambda value: [(NO_LANGUAGE, reference["name"]) for reference in value]
        case Location():
            return lambda value: ((NO_LANGUAGE, value["city"]),) if value.get("city") else ()
        case Items(fields=fields):
            inner = [(field.name, words_of) for field in fields if (words_of := _words_reader(field.type))]
            return lambda value: [
                words for item in value for name, words_of in inner if name in item for words in words_of(item[name])
            ]
        case _:
            return None
