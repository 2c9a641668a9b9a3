"""What a query would cost, reckoned before it runs: each field once for every row it would be answered for.

Lists are reckoned at what `first` (or a list of ids) asks for, fragments are followed, and each field of the root that
takes arguments has a price of its own, so that neither nesting nor aliases make a small request a large one.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLSchema,
    GraphQLType,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from core.errors import RequestTooLarge

# 100 search results with every field of a record are about 15,000; graphql-core resolves 250,000 fields a second.
MAX_COST = 50_000
MAX_DEPTH = 12
# A list whose size the query does not state: phases, partners, facets.
LIST_SIZE = 10
# A field that asks the database or the index.
QUESTION_COST = 200
# A list of introspection, whatever is asked of it. The standard introspection query has ten.
INTROSPECTION_LIST_COST = 3_000
INTROSPECTION_LISTS = frozenset(
    ("types", "directives", "fields", "args", "interfaces", "possibleTypes", "inputFields", "enumValues")
)


def cost_check(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> int:
    """The query's cost. Raises RequestTooLarge `too_costly` or `too_deep`. The document must be valid."""
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    reckoning = _Reckoning(schema, fragments, variables)
    root = schema.get_root_type(operation.operation)
    cost, depth = reckoning.selections(operation.selection_set, root, None)
    if depth > MAX_DEPTH:
        raise RequestTooLarge(
            _("The query nests %(depth)s levels deep; %(most)s are allowed.") % {"depth": depth, "most": MAX_DEPTH},
            remedy=_("Ask for the inner records in a query of their own."),
            code="too_deep",
        )
    if cost > MAX_COST:
        raise RequestTooLarge(
            _("The query would cost %(cost)s; %(most)s is allowed.") % {"cost": cost, "most": MAX_COST},
            remedy=_("Ask for fewer rows at a time (`first`), for fewer fields, or in several queries."),
            code="too_costly",
        )
    return cost


class _Reckoning:
    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], variables: Mapping[str, Any]
    ) -> None:
        self.schema = schema
        self.fragments = fragments
        self.variables = variables
        self.root = schema.query_type
        self.known: dict[tuple[str, int | None], tuple[int, int]] = {}

    def selections(
        self, selection_set: SelectionSetNode | None, parent: GraphQLType | None, size: int | None
    ) -> tuple[int, int]:
        """Cost and depth of a selection for one row of `parent`; lists directly in it have `size`, if stated."""
        cost = depth = 0
        for node in selection_set.selections if selection_set else ():
            if isinstance(node, FieldNode):
                found, below = self.field(node, parent, size)
                below += 1
            elif isinstance(node, InlineFragmentNode):
                condition = self.schema.type_map.get(node.type_condition.name.value) if node.type_condition else parent
                found, below = self.selections(node.selection_set, condition, size)
            else:
                assert isinstance(node, FragmentSpreadNode)
                found, below = self.fragment(node.name.value, size)
            cost, depth = cost + found, max(depth, below)
        return cost, depth

    def fragment(self, name: str, size: int | None) -> tuple[int, int]:
        """Reckoned once for each size: fragments that spread each other twice would double at every step."""
        if (name, size) not in self.known:
            fragment = self.fragments[name]
            condition = self.schema.type_map.get(fragment.type_condition.name.value)
            self.known[name, size] = self.selections(fragment.selection_set, condition, size)
        return self.known[name, size]

    def field(self, node: FieldNode, parent: GraphQLType | None, size: int | None) -> tuple[int, int]:
        name = node.name.value
        if name in ("__schema", "__type"):
            return QUESTION_COST + self.introspection(node.selection_set), 0
        definition: GraphQLField | None = getattr(parent, "fields", {}).get(name)
        if definition is None or is_leaf_type(get_named_type(definition.type)):
            return 1 + (QUESTION_COST if definition and definition.args and parent is self.root else 0), 0
        stated = self.stated_size(node, definition)
        repeats, handed_down = 1, stated
        if _is_list(definition):
            repeats, handed_down = stated or size or LIST_SIZE, None
        inner, depth = self.selections(node.selection_set, get_named_type(definition.type), handed_down)
        price = QUESTION_COST if definition.args and parent is self.root else 1
        return price + repeats * inner, depth

    def introspection(self, selection_set: SelectionSetNode | None) -> int:
        cost = 0
        for node in selection_set.selections if selection_set else ():
            if isinstance(node, FieldNode):
                cost += INTROSPECTION_LIST_COST if node.name.value in INTROSPECTION_LISTS else 1
                cost += self.introspection(node.selection_set)
            elif isinstance(node, InlineFragmentNode):
                cost += self.introspection(node.selection_set)
            else:
                assert isinstance(node, FragmentSpreadNode)
                cost += self.introspected_fragment(node.name.value)
        return cost

    def introspected_fragment(self, name: str) -> int:
        key = ("__introspection " + name, None)
        if key not in self.known:
            self.known[key] = (self.introspection(self.fragments[name].selection_set), 0)
        return self.known[key][0]

    def stated_size(self, node: FieldNode, definition: GraphQLField) -> int | None:
        """How many rows the field's arguments ask for: `first`, or as many as a list of ids has."""
        values = {argument.name.value: argument.value for argument in node.arguments}
        for name, argument in definition.args.items():
            if name == "first":
                stated = self.value(values[name]) if name in values else argument.default_value
                return max(stated, 1) if isinstance(stated, int) else LIST_SIZE
            if name == "ids":
                stated = self.value(values[name]) if name in values else None
                return max(len(stated), 1) if isinstance(stated, list) else 1
        return None

    def value(self, node: ValueNode) -> Any:
        if isinstance(node, VariableNode):
            return self.variables.get(node.name.value)
        if isinstance(node, IntValueNode):
            return int(node.value)
        return list(node.values) if isinstance(node, ListValueNode) else None


def _is_list(definition: GraphQLField) -> bool:
    outer: Any = definition.type
    return is_list_type(outer.of_type if is_non_null_type(outer) else outer)
