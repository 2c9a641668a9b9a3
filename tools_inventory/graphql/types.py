"""GraphQL types of records: one per kind, derived from the kind's definition. A field is never written here.

A resolver's source is a RecordNode (or an ItemNode, for an object within it), whose document was read once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import graphene
from django.utils.translation import override

from core.graphql.scalars import Instant, Json
from core.records import definition as d
from core.records.models import Record as RecordRow
from tools_inventory.graphql.texts import (
    AgeRange,
    CodeValue,
    Concept,
    Contact,
    LocalisedText,
    Location,
    Reference,
    Source,
    language_argument,
    localised,
)


@dataclass(frozen=True, slots=True)
class RecordNode:
    """A record as its GraphQL type reads it; `row` has entry and log selected."""

    row: RecordRow
    document: dict[str, Any]

    @property
    def source_language(self) -> str:
        return self.row.language


@dataclass(frozen=True, slots=True)
class ItemNode:
    """One object of a list within a document: a phase, an edition."""

    document: dict[str, Any]
    source_language: str


def record_node(row: RecordRow) -> RecordNode:
    return RecordNode(row, row.document)


class Record(graphene.Interface):
    """One published description, in its current revision, whoever of the network published it."""

    id = graphene.String(required=True, description="Its address under the node that published it; never changes.")
    uuid = graphene.String(required=True, description="The last part of the id, which is enough to ask for it.")
    kind = graphene.String(required=True, description="tool, programme, opportunity, organisation or node.")
    origin = graphene.String(required=True, description="The id of the node that published it.")
    language = graphene.String(required=True, description="The language of its source texts, as a BCP 47 tag.")
    revision = graphene.Int(required=True, description="1 when first published, then 2, 3 …")
    published = graphene.Field(Instant, required=True, description="When this revision was published.")
    licence = graphene.String(description="Under which terms it may be used; an SPDX identifier.")
    sources = graphene.List(graphene.NonNull(Source), required=True, description="Where its statements come from.")
    title = graphene.String(required=True, description="What it is called.", language=language_argument())
    title_text = graphene.Field(
        LocalisedText, description="What it is called, and in which language.", language=language_argument()
    )
    entry = graphene.Int(required=True, description="Its place in the origin's log, counted from 0.")
    verified = graphene.Boolean(
        required=True, description="Whether a checkpoint that the origin signed and this node verified covers it."
    )
    document = graphene.Field(Json, required=True, description="The whole document, every field in every language.")

    @classmethod
    def resolve_type(cls, node: RecordNode, _info: graphene.ResolveInfo) -> type[graphene.ObjectType]:
        return kind_types().get(node.row.kind, OtherRecord)

    @staticmethod
    def resolve_id(node: RecordNode, _info: graphene.ResolveInfo) -> str:
        return node.row.entry.record_id

    @staticmethod
    def resolve_uuid(node: RecordNode, _info: graphene.ResolveInfo) -> str:
        return str(node.row.uuid)

    @staticmethod
    def resolve_kind(node: RecordNode, _info: graphene.ResolveInfo) -> str:
        return node.row.kind

    @staticmethod
    def resolve_origin(node: RecordNode, _info: graphene.ResolveInfo) -> str:
        return node.row.log.origin

    @staticmethod
    def resolve_language(node: RecordNode, _info: graphene.ResolveInfo) -> str:
        return node.row.language

    @staticmethod
    def resolve_revision(node: RecordNode, _info: graphene.ResolveInfo) -> int:
        return node.row.revision

    @staticmethod
    def resolve_published(node: RecordNode, _info: graphene.ResolveInfo) -> str:
        return node.row.entry.published

    @staticmethod
    def resolve_licence(node: RecordNode, _info: graphene.ResolveInfo) -> str | None:
        return node.document.get("licence")

    @staticmethod
    def resolve_sources(node: RecordNode, _info: graphene.ResolveInfo) -> list[dict[str, Any]]:
        return node.document.get("sources", [])

    @staticmethod
    def resolve_title(node: RecordNode, _info: graphene.ResolveInfo, language: str | None = None) -> str:
        chosen = localised(node.document.get("title"), language, node.source_language)
        return chosen.text if chosen else str(node.row.uuid)

    @staticmethod
    def resolve_title_text(node: RecordNode, _info: graphene.ResolveInfo, language: str | None = None) -> Any:
        return localised(node.document.get("title"), language, node.source_language)

    @staticmethod
    def resolve_entry(node: RecordNode, _info: graphene.ResolveInfo) -> int:
        return node.row.entry.index

    @staticmethod
    def resolve_verified(node: RecordNode, _info: graphene.ResolveInfo) -> bool:
        return node.row.entry.index < node.row.log.checkpoint_size

    @staticmethod
    def resolve_document(node: RecordNode, _info: graphene.ResolveInfo) -> Any:
        return node.row.entry.document.encode() if node.row.entry.document else node.document


class OtherRecord(graphene.ObjectType):
    """A record of a kind that this node's version does not know yet; its document is kept as it came."""

    class Meta:
        interfaces = (Record,)


# How each type of field looks in the schema.

Builder = Callable[[d.Field], graphene.Field]


def _value(name: str) -> Callable[..., Any]:
    return lambda node, _info: node.document.get(name)


def _values(name: str) -> Callable[..., Any]:
    return lambda node, _info: node.document.get(name) or []


def _scalar(scalar: Any) -> Builder:
    return lambda field: graphene.Field(scalar, description=_description(field), resolver=_value(field.name))


def _object(object_type: Any) -> Builder:
    return _scalar(object_type)


def _list(of_type: Any) -> Builder:
    def build(field: d.Field) -> graphene.Field:
        listed = graphene.List(graphene.NonNull(of_type))
        return graphene.Field(listed, required=True, description=_description(field), resolver=_values(field.name))

    return build


def _texts(field: d.Field) -> graphene.Field:
    def resolve(node: RecordNode | ItemNode, _info: graphene.ResolveInfo, language: str | None = None) -> Any:
        return localised(node.document.get(field.name), language, node.source_language)

    return graphene.Field(
        LocalisedText, description=_description(field), resolver=resolve, language=language_argument()
    )


def _code(field: d.Field) -> graphene.Field:
    assert isinstance(field.type, d.Code)
    name = field.type.vocabulary

    def resolve(node: RecordNode | ItemNode, _info: graphene.ResolveInfo) -> CodeValue | None:
        code = node.document.get(field.name)
        return CodeValue(name, code) if code else None

    return graphene.Field(Concept, description=_description(field), resolver=resolve)


def _codes(field: d.Field) -> graphene.Field:
    assert isinstance(field.type, d.Codes)
    name = field.type.vocabulary

    def resolve(node: RecordNode | ItemNode, _info: graphene.ResolveInfo) -> list[CodeValue]:
        return [CodeValue(name, code) for code in node.document.get(field.name, ())]

    listed = graphene.List(graphene.NonNull(Concept))
    return graphene.Field(listed, required=True, description=_description(field), resolver=resolve)


def _items(field: d.Field) -> graphene.Field:
    assert isinstance(field.type, d.Items)

    def resolve(node: RecordNode | ItemNode, _info: graphene.ResolveInfo) -> list[ItemNode]:
        return [ItemNode(item, node.source_language) for item in node.document.get(field.name, ())]

    listed = graphene.List(graphene.NonNull(_item_type(field)))
    return graphene.Field(listed, required=True, description=_description(field), resolver=resolve)


@cache
def _item_type(field: d.Field) -> type[graphene.ObjectType]:
    """`phases` is a list of `PhasesItem`; kinds that share the field share the type."""
    assert isinstance(field.type, d.Items)
    members = {inner.name: _field(inner) for inner in field.type.fields}
    name = f"{_camel(field.name)}Item"
    return type(name, (graphene.ObjectType,), {"__doc__": f"One of {_description(field)}", **members})


_BUILDERS: dict[type[d.FieldType], Builder] = {
    d.Texts: _texts,
    d.Strings: _list(graphene.String),
    d.ShortText: _scalar(graphene.String),
    d.Code: _code,
    d.Codes: _codes,
    d.Reference: _object(Reference),
    d.References: _list(Reference),
    d.Items: _items,
    d.Link: _scalar(graphene.String),
    d.Links: _list(graphene.String),
    d.PartialDate: _scalar(graphene.String),
    d.Count: _scalar(graphene.Int),
    d.AgeRange: _object(AgeRange),
    d.Location: _object(Location),
    d.Contact: _object(Contact),
    d.Sources: _list(Source),
}


def _field(field: d.Field) -> graphene.Field:
    return _BUILDERS[type(field.type)](field)


def _description(field: d.Field) -> str:
    return f"{field.label}. {field.help}".strip()


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


@cache
def kind_types() -> dict[str, type[graphene.ObjectType]]:
    """GraphQL types by kind, in the order in which the kinds were registered. Descriptions are in English."""
    with override(None):
        return {kind.name: _kind_type(kind) for kind in d.kinds()}


def _kind_type(kind: d.Kind) -> type[graphene.ObjectType]:
    inherited = set(Record._meta.fields)
    members: dict[str, Any] = {field.name: _field(field) for field in kind.fields if field.name not in inherited}
    members["Meta"] = type("Meta", (), {"interfaces": (Record,), "name": type_name(kind)})
    members["__doc__"] = f"A record of the kind “{kind.label}”."
    return type(type_name(kind), (graphene.ObjectType,), members)


def type_name(kind: d.Kind) -> str:
    """`Tool`; the node that answers has taken the name `Node` already."""
    return "NodeRecord" if kind.name == "node" else _camel(kind.name)
