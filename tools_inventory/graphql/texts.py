"""GraphQL types of the values in a document: texts in languages, codes, references, places.

Values are what the document holds; an absent one is null or an empty list: it was not stated.
"""

from typing import Any, NamedTuple

import graphene

from core.reading_language import reading_language
from i18n.texts import choose
from i18n.vocabularies.vocabulary import vocabulary


class CodeValue(NamedTuple):
    """A code and the vocabulary that it stands in."""

    vocabulary: str
    code: str


def language_argument() -> graphene.Argument:
    return graphene.String(
        description="A BCP 47 tag: the nearest text there is to this language is given. Without it, the source text."
    )


class LocalisedText(graphene.ObjectType):
    """A text in one language, and where it comes from."""

    text = graphene.String(required=True, description="The text.")
    language = graphene.String(required=True, description="The language it is in, which may not be the one asked for.")
    method = graphene.String(required=True, description="source, human (translated by a person) or machine.")
    outdated = graphene.Boolean(
        required=True, description="Whether the source text was changed after this translation was made."
    )


class Concept(graphene.ObjectType):
    """A code of a vocabulary."""

    code = graphene.String(required=True, description="Stable; for programs and filters.")
    label = graphene.String(
        required=True,
        description="What people call it; a code that this node does not know is its own label.",
        language=graphene.String(description="A BCP 47 tag; without it, the reader's language (Accept-Language)."),
    )
    uri = graphene.String(description="Its address as a linked-data concept; null for a code unknown to this node.")

    @staticmethod
    def resolve_label(value: CodeValue, _info: graphene.ResolveInfo, language: str | None = None) -> str:
        return vocabulary(value.vocabulary).label(value.code, reading_language(language))

    @staticmethod
    def resolve_uri(value: CodeValue, _info: graphene.ResolveInfo) -> str | None:
        concept = vocabulary(value.vocabulary).get(value.code)
        return concept.uri if concept else None


class Reference(graphene.ObjectType):
    """Somebody or something that a record names."""

    name = graphene.String(required=True, description="As the record states it.")
    id = graphene.String(description="The id of its own record, where the network has one.")
    role = graphene.Field(Concept, description="The part it plays.")

    @staticmethod
    def resolve_role(value: dict[str, Any], _info: graphene.ResolveInfo) -> CodeValue | None:
        return CodeValue("partner_roles", value["role"]) if value.get("role") else None


class AgeRange(graphene.ObjectType):
    """Ages in years, both ends included; an open end is null."""

    min = graphene.Int(description="The youngest.")
    max = graphene.Int(description="The oldest.")


class Location(graphene.ObjectType):
    """A place."""

    city = graphene.String(description="A town's name.")
    country = graphene.String(description="ISO 3166-1 alpha-2.")
    nuts = graphene.String(description="Eurostat's code of the region.")
    nuts_version = graphene.String(description="The year of the NUTS classification that the code is of.")


class Contact(graphene.ObjectType):
    """Whom to turn to: a role, never a person."""

    role = graphene.String(required=True, description="An office or function.")
    url = graphene.String(description="A web address.")


class Source(graphene.ObjectType):
    """Where a record's statements come from."""

    url = graphene.String(description="A web address.")
    text = graphene.String(description="A source in words, such as a press article.")
    date = graphene.String(description="When it said so: 2018, 2018-09 or 2018-09-03.")


def localised(texts: Any, language: str | None, source_language: str) -> Any:
    """The text nearest to `language`, or the source text."""
    return choose(texts, reading_language(language) if language else source_language, source_language)
