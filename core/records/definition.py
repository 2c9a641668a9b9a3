"""What a record kind is: its fields, their types, and everything that is derived from them.

A kind is defined once, in one module, and registered when its app starts. JSON Schema (`schema.py`), forms, GraphQL
types, the index mapping, comparison rows and exports read the definition; none repeats it.
Field types say how a value looks in a document; a field says what it means and where it is shown.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Label = str | Promise
JsonSchema = dict[str, Any]

CODE_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$"
LANGUAGE_PATTERN = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
PARTIAL_DATE_PATTERN = "^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"

# The groups that pages show fields in, in order.
GROUPS: dict[str, Label] = {
    "what": _("What it is"),
    "for_whom": _("For whom"),
    "when_where": _("When and where"),
    "with_whom": _("With whom"),
    "effort": _("Effort"),
    "evidence": _("Evidence"),
    "terms": _("Source and terms"),
}


@dataclass(frozen=True, slots=True)
class FieldType(ABC):
    """How a field's value looks in a document."""

    @abstractmethod
    def schema(self) -> JsonSchema:
        """JSON Schema of the value."""


@dataclass(frozen=True, slots=True)
class Texts(FieldType):
    """A text in languages: `{"nl": {"text", "method", "of"?}}`. `lines` is the form's height: 1 is a single line."""

    lines: int = 1
    max_length: int = 20_000

    def schema(self) -> JsonSchema:
        text = {
            "type": "object",
            "required": ["text", "method"],
            "properties": {
                "text": {"type": "string", "minLength": 1, "maxLength": self.max_length},
                "method": {"enum": ["source", "human", "machine"]},
                "of": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            },
        }
        return {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": LANGUAGE_PATTERN},
            "additionalProperties": text,
        }


@dataclass(frozen=True, slots=True)
class Strings(FieldType):
    """A list of short texts in no particular language, as their source states them."""

    def schema(self) -> JsonSchema:
        return {"type": "array", "minItems": 1, "maxItems": 200, "items": _short_text()}


@dataclass(frozen=True, slots=True)
class ShortText(FieldType):
    """One short text in no particular language."""

    def schema(self) -> JsonSchema:
        return _short_text()


@dataclass(frozen=True, slots=True)
class Code(FieldType):
    """One code of a vocabulary."""

    vocabulary: str

    def schema(self) -> JsonSchema:
        return {"type": "string", "pattern": CODE_PATTERN}


@dataclass(frozen=True, slots=True)
class Codes(FieldType):
    """Several codes of a vocabulary."""

    vocabulary: str

    def schema(self) -> JsonSchema:
        code = {"type": "string", "pattern": CODE_PATTERN}
        return {"type": "array", "minItems": 1, "maxItems": 100, "uniqueItems": True, "items": code}


@dataclass(frozen=True, slots=True)
class Reference(FieldType):
    """Another record or a plain name: `{"name", "id"?, "role"?}`."""

    kinds: tuple[str, ...] = ("organisation",)

    def schema(self) -> JsonSchema:
        return {
            "type": "object",
            "required": ["name"],
            "properties": {"name": _short_text(), "id": _address(), "role": Code("partner_roles").schema()},
        }


@dataclass(frozen=True, slots=True)
class References(FieldType):
    """Several references, in the order stated."""

    kinds: tuple[str, ...] = ("organisation",)

    def schema(self) -> JsonSchema:
        return {"type": "array", "minItems": 1, "maxItems": 300, "items": Reference(self.kinds).schema()}


@dataclass(frozen=True, slots=True)
class Items(FieldType):
    """An ordered list of small objects with fields of their own: phases, editions."""

    fields: tuple["Field", ...]

    def schema(self) -> JsonSchema:
        return {"type": "array", "minItems": 1, "maxItems": 100, "items": object_schema(self.fields)}


@dataclass(frozen=True, slots=True)
class Link(FieldType):
    """A web address."""

    def schema(self) -> JsonSchema:
        return _address()


@dataclass(frozen=True, slots=True)
class Links(FieldType):
    """Several web addresses."""

    def schema(self) -> JsonSchema:
        return {"type": "array", "minItems": 1, "maxItems": 50, "items": _address()}


@dataclass(frozen=True, slots=True)
class PartialDate(FieldType):
    """A date as exactly as it is known: 2018, 2018-09 or 2018-09-03."""

    def schema(self) -> JsonSchema:
        return {"type": "string", "pattern": PARTIAL_DATE_PATTERN}


@dataclass(frozen=True, slots=True)
class Count(FieldType):
    """A whole number of things or people, 0 or more."""

    def schema(self) -> JsonSchema:
        return {"type": "integer", "minimum": 0, "maximum": 1_000_000_000}


@dataclass(frozen=True, slots=True)
class AgeRange(FieldType):
    """Ages in years, both ends included, either end open: `{"min"?, "max"?}`."""

    def schema(self) -> JsonSchema:
        age = {"type": "integer", "minimum": 0, "maximum": 120}
        return {"type": "object", "minProperties": 1, "properties": {"min": age, "max": age}}


@dataclass(frozen=True, slots=True)
class Location(FieldType):
    """A place: `{"city"?, "country"?, "nuts"?, "nuts_version"?}`; country ISO 3166-1 alpha-2, nuts a Eurostat code."""

    def schema(self) -> JsonSchema:
        return {
            "type": "object",
            "minProperties": 1,
            "properties": {
                "city": _short_text(),
                "country": {"type": "string", "pattern": "^[A-Z]{2}$"},
                "nuts": {"type": "string", "pattern": "^[A-Z]{2}[A-Z0-9]{0,3}$"},
                "nuts_version": {"type": "string", "pattern": "^[0-9]{4}$"},
            },
        }


@dataclass(frozen=True, slots=True)
class Contact(FieldType):
    """A role and a web address; never a person's name, e-mail address or telephone number."""

    def schema(self) -> JsonSchema:
        return {
            "type": "object",
            "required": ["role"],
            "properties": {"role": _short_text(), "url": _address()},
        }


@dataclass(frozen=True, slots=True)
class Sources(FieldType):
    """Where the statements come from: `[{"url"?, "text"?, "date"?}]`."""

    def schema(self) -> JsonSchema:
        source = {
            "type": "object",
            "minProperties": 1,
            "properties": {"url": _address(), "text": _short_text(1000), "date": PartialDate().schema()},
        }
        return {"type": "array", "maxItems": 50, "items": source}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind.

    `facet` is the search parameter that filters on it; `search_weight` 0 keeps its words out of the index;
    `listed` shows it in result rows; `compared` gives it a row in comparisons.
    """

    name: str
    type: FieldType
    label: Label
    help: Label = ""
    group: str = "what"
    required: bool = False
    facet: str | None = None
    search_weight: float = 0.0
    compared: bool = True


@dataclass(frozen=True, slots=True)
class Kind:
    """A record kind. `searched` kinds are found by a search that names no kind; `edited` ones have forms."""

    name: str
    label: Label
    label_plural: Label
    fields: tuple[Field, ...]
    searched: bool = True
    edited: bool = True

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)

    def grouped(self) -> list[tuple[Label, list[Field]]]:
        """The fields in the groups that have any, in the order of GROUPS."""
        groups = [(GROUPS[name], [field for field in self.fields if field.group == name]) for name in GROUPS]
        return [(label, fields) for label, fields in groups if fields]

    def schema(self) -> JsonSchema:
        """JSON Schema of a document of this kind that is not a deletion."""
        schema = object_schema(ENVELOPE + self.fields)
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        schema["title"] = self.name
        schema["properties"]["kind"] = {"const": self.name}
        return schema


def object_schema(fields: Iterable[Field]) -> JsonSchema:
    """Fields unknown to this version are allowed: a newer peer's record is kept and relayed unchanged."""
    fields = tuple(fields)
    return {
        "type": "object",
        "required": [field.name for field in fields if field.required],
        "properties": {field.name: field.type.schema() for field in fields},
    }


def _short_text(max_length: int = 400) -> JsonSchema:
    return {"type": "string", "minLength": 1, "maxLength": max_length}


def _address() -> JsonSchema:
    return {"type": "string", "pattern": "^https?://[^\\s]+$", "maxLength": 2000}


@dataclass(frozen=True, slots=True)
class _Raw(FieldType):
    """A type used only by the envelope."""

    json_schema: tuple[tuple[str, Any], ...]

    def schema(self) -> JsonSchema:
        return dict(self.json_schema)


# The fields that every document has, whatever its kind.
ENVELOPE: tuple[Field, ...] = (
    Field("id", Link(), _("Identifier"), required=True, group="terms", compared=False),
    Field("origin", ShortText(), _("Node"), required=True, group="terms", facet="node"),
    Field("kind", ShortText(), _("Kind"), required=True, facet="kind", compared=False),
    Field("revision", _Raw((("type", "integer"), ("minimum", 1))), _("Revision"), required=True, group="terms"),
    Field("published", ShortText(), _("Published"), required=True, group="terms"),
    Field(
        "language",
        _Raw((("type", "string"), ("pattern", LANGUAGE_PATTERN), ("maxLength", 35))),
        _("Language"),
        required=True,
        group="terms",
        facet="language",
    ),
    Field("licence", ShortText(), _("Licence"), required=True, group="terms"),
    Field("sources", Sources(), _("Sources"), group="terms", required=True),
)
ENVELOPE_NAMES = frozenset(field.name for field in ENVELOPE) | {"deleted"}

_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Called once per kind when its app starts."""
    names = [field.name for field in kind.fields]
    if len(names) != len(set(names)) or ENVELOPE_NAMES & set(names):
        raise ValueError(f"kind {kind.name} defines a field twice")
    _kinds[kind.name] = kind


def kind(name: str) -> Kind | None:
    """The kind of that name, or None if this version does not know it."""
    return _kinds.get(name)


def kinds() -> tuple[Kind, ...]:
    return tuple(_kinds.values())
