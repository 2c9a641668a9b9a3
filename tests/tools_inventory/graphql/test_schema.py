"""The schema: kept beside the code, described throughout, and derived from the kinds."""

from typing import Any

import graphene
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
    is_list_type,
    is_non_null_type,
)

from core.records import definition as d
from deploy.schema import schema
from deploy.settings.environment import BASE_DIR
from tools_inventory.graphql.types import type_name
from tools_inventory.kinds.plurals import plural

TYPES = schema.graphql_schema.type_map


def test_the_file_is_what_the_code_says() -> None:
    kept = (BASE_DIR / "deploy" / "schema.graphql").read_text()
    assert kept.strip() == str(schema).strip(), "run `manage.py graphql_schema` and look at what changed"


def test_everything_is_described() -> None:
    bare: list[str] = []
    for name, found in TYPES.items():
        if name.startswith("__"):
            continue
        if not found.description:
            bare.append(name)
        if isinstance(found, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field_name, field in found.fields.items():
                if not field.description:
                    bare.append(f"{name}.{field_name}")
                arguments: dict[str, Any] = getattr(field, "args", {})
                bare += [f"{name}.{field_name}({arg})" for arg, value in arguments.items() if not value.description]
        if isinstance(found, GraphQLEnumType):
            bare += [f"{name}.{value}" for value, meaning in found.values.items() if not meaning.description]
    assert bare == []


def test_every_field_of_every_kind_is_in_its_type() -> None:
    for kind in d.kinds():
        fields = TYPES[type_name(kind)].fields
        expected = {graphene.utils.str_converters.to_camel_case(field.name) for field in kind.fields}
        assert expected <= fields.keys(), kind.name
        assert [interface.name for interface in TYPES[type_name(kind)].interfaces] == ["Record"]


def test_every_kind_has_a_capped_list() -> None:
    query = TYPES["Query"]
    for kind in d.kinds():
        field = query.fields[plural(kind)]
        assert get_named_type(field.type).name == f"{type_name(kind)}Connection"
        assert field.args["first"].default_value == 20


def test_the_contract_with_scripts_stands() -> None:
    """What ../docs promise to scripts: names, arguments, and that what was required stays so."""
    fields = TYPES["Query"].fields
    assert {
        "node",
        "heads",
        "log",
        "record",
        "search",
        "compare",
        "tools",
        "programmes",
        "opportunities",
    } <= fields.keys()
    assert {"id", "name", "languages"} <= TYPES["Node"].fields.keys()
    assert {"origin", "size", "root"} <= TYPES["Head"].fields.keys()
    assert list(fields["log"].args) == ["origin", "after", "first"]
    assert {"query", "language", "filters", "first", "after"} <= fields["search"].args.keys()
    assert {"total", "facets", "edges"} <= TYPES["SearchResults"].fields.keys()
    assert {"node", "score", "why"} <= TYPES["SearchEdge"].fields.keys()
    assert {"id", "kind", "origin", "title"} <= TYPES["Record"].fields.keys()
    assert "language" in TYPES["Record"].fields["title"].args
    assert {"ids", "language"} <= fields["compare"].args.keys()


def test_lists_hold_no_nulls() -> None:
    """A client need not ask of every row whether it is there."""
    for name, found in TYPES.items():
        if name.startswith("__") or not isinstance(found, GraphQLObjectType):
            continue
        for field_name, field in found.fields.items():
            outer = field.type.of_type if is_non_null_type(field.type) else field.type
            if is_list_type(outer):
                assert is_non_null_type(outer.of_type), f"{name}.{field_name}"
