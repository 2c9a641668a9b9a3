"""Looking ahead: whether a query asks for a field, so that a resolver need not compute what nobody reads."""

from graphene import ResolveInfo
from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode


def asks_for(info: ResolveInfo, name: str) -> bool:
    """Whether `name` stands directly in the selection of the field being resolved, fragments followed."""
    return any(_has(info, node.selection_set, name) for node in info.field_nodes)


def _has(info: ResolveInfo, selections: SelectionSetNode | None, name: str) -> bool:
    for node in selections.selections if selections else ():
        if isinstance(node, FieldNode):
            found = node.name.value == name
        elif isinstance(node, InlineFragmentNode):
            found = _has(info, node.selection_set, name)
        else:
            assert isinstance(node, FragmentSpreadNode)
            found = _has(info, info.fragments[node.name.value].selection_set, name)
        if found:
            return True
    return False
