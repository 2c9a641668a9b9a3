"""GraphQL types of a comparison: the aligned rows that the page shows, too."""

from collections.abc import Sequence
from typing import Any

import graphene

from core.reading_language import labels_in, reading_language
from core.records.selectors.records import record_uuid, records_get
from tools_inventory.graphql.types import Record, RecordNode, record_node
from tools_inventory.selectors import comparison as selector


class ComparedValue(graphene.ObjectType):
    """One value that a record states for a field."""

    text = graphene.String(required=True, description="As people read it: labels for codes.")
    code = graphene.String(description="The code, for a coded value.")
    language = graphene.String(description="The language of a text; null for what is in none.")
    method = graphene.String(description="Of a text: source, human or machine.")
    outdated = graphene.Boolean(required=True, description="Whether it is a translation of an older source text.")

    @staticmethod
    def resolve_code(part: Any, _info: graphene.ResolveInfo) -> str | None:
        return part.code or None

    @staticmethod
    def resolve_language(part: Any, _info: graphene.ResolveInfo) -> str | None:
        return part.language or None

    @staticmethod
    def resolve_method(part: Any, _info: graphene.ResolveInfo) -> str | None:
        return part.method or None


class ComparedCell(graphene.ObjectType):
    """What one record states for one field."""

    state = graphene.String(required=True, description="same, differs or missing (not stated).")
    values = graphene.List(graphene.NonNull(ComparedValue), required=True, description="What it states.")

    @staticmethod
    def resolve_values(cell: selector.Cell, _info: graphene.ResolveInfo) -> Sequence[Any]:
        return cell.parts


class ComparedRow(graphene.ObjectType):
    """One field over all the records."""

    field = graphene.String(required=True, description="The field's name in the documents.")
    label = graphene.String(required=True, description="What people call it.")
    equal = graphene.Boolean(required=True, description="Whether all records state it, and the same.")
    cells = graphene.List(
        graphene.NonNull(ComparedCell), required=True, description="One for each of `records`, in their order."
    )


class ComparedGroup(graphene.ObjectType):
    """Fields that belong together."""

    name = graphene.String(required=True, description="what, for_whom, when_where, with_whom, effort, evidence, terms.")
    label = graphene.String(required=True, description="What people call it.")
    rows = graphene.List(graphene.NonNull(ComparedRow), required=True, description="The fields that any record states.")


class Comparison(graphene.ObjectType):
    """Two to five records side by side."""

    records = graphene.List(
        graphene.NonNull(Record), required=True, description="The records that exist, in the order asked for."
    )
    groups = graphene.List(graphene.NonNull(ComparedGroup), required=True, description="The rows, grouped.")
    unavailable = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="Those of `ids` that do not exist, as uuids."
    )
    unstated = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="Labels of fields that none of them states."
    )

    @staticmethod
    def resolve_records(compared: selector.Comparison, _info: graphene.ResolveInfo) -> list[RecordNode]:
        return [record_node(row) for row in records_get([column.uuid for column in compared.columns])]


class Query(graphene.ObjectType):
    """The comparison's part of the root query."""

    compare = graphene.Field(
        Comparison,
        description="Two to five records, field by field: what is equal, what differs, what is not stated.",
        ids=graphene.List(
            graphene.NonNull(graphene.String), required=True, description="Ids (addresses) or uuids of 2 to 5 records."
        ),
        language=graphene.String(description="A BCP 47 tag; without it, the reader's language (Accept-Language)."),
    )

    @staticmethod
    def resolve_compare(
        _root: Any, _info: graphene.ResolveInfo, ids: list[str], language: str | None = None
    ) -> selector.Comparison:
        wanted = reading_language(language)
        with labels_in(wanted):
            return selector.compare([record_uuid(value) for value in ids], wanted)
