"""Templates kept once for each language, with what depends on nothing but the language written out beforehand.

A page's frame is a hundred translations, static addresses, links and icons that come out the same every time. They are
rendered when a template is first loaded in a language, and neighbours become one text. Templates are written as ever
and give the same pages; with `debug` nothing is folded, so that an error still names its place.
"""

from collections.abc import Iterable
from typing import Any

from django.template import Context, Node, NodeList, Origin, Template
from django.template.base import FilterExpression, TextNode, TokenType, Variable
from django.template.defaulttags import CommentNode, IfNode, LoadNode, URLNode
from django.template.library import SimpleNode
from django.template.loaders import base, cached
from django.templatetags.i18n import BlockTranslateNode, LanguageNode, TranslateNode
from django.templatetags.static import StaticNode
from django.utils.translation import get_language

from core.web.templatetags.havenlink import icon

# Simple tags whose answer depends on their arguments alone.
PURE_TAGS = frozenset({icon})


class _Folded(base.Loader):
    """Comes after the cache in the order of methods: what the cache keeps is folded already."""

    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        template = super().get_template(template_name, skip)
        if not self.engine.debug:
            context = Context()
            with context.bind_template(template):
                template.nodelist = folded(template.nodelist, context)
        return template


class Loader(cached.Loader, _Folded):
    """Django's cached loader, with a copy for each language."""

    def cache_key(self, template_name: str, skip: list[Origin] | None = None) -> str:
        return f"{get_language()} {super().cache_key(template_name, skip)}"


class _Assignment(Node):
    """`{% translate "…" as name %}`, translated."""

    child_nodelists = ()

    def __init__(self, name: str, value: str) -> None:
        self.name = name
        self.value = value

    def render(self, context: Context) -> str:
        context[self.name] = self.value
        return ""


def folded(nodes: NodeList, context: Context) -> NodeList:
    """The same nodes in the active language, shorter. Nodes that hold others are changed in place."""
    found = NodeList()
    found.contains_nontext = nodes.contains_nontext
    for node in nodes:
        one = _folded_node(node, context)
        if one is not node:
            one.token, one.origin = node.token, node.origin
        if isinstance(one, TextNode) and found and isinstance(found[-1], TextNode):
            joined = TextNode(found[-1].s + one.s)
            joined.token, joined.origin = found[-1].token, found[-1].origin
            found[-1] = joined
        elif not isinstance(one, TextNode) or one.s:
            found.append(one)
    return found


def _folded_node(node: Node, context: Context) -> Node:
    if isinstance(node, LanguageNode):
        # What stands in it is in another language than the template.
        return node
    if isinstance(node, IfNode):
        node.conditions_nodelists = [
            (condition, folded(inner, context)) for condition, inner in node.conditions_nodelists
        ]
        return node
    for name in node.child_nodelists:
        inner = getattr(node, name, None)
        if inner:
            setattr(node, name, folded(inner, context))
    if not _is_constant(node):
        return node
    text = str(node.render(context))
    name = _assigned(node)
    return _Assignment(name, context[name]) if name else TextNode(text)


def _is_constant(node: Node) -> bool:
    match node:
        case LoadNode() | CommentNode():
            return True
        case TranslateNode():
            return _are_literal(filter(None, (node.filter_expression, node.message_context)))
        case BlockTranslateNode():
            return not (node.plural or node.extra_context or node.message_context) and all(
                token.token_type == TokenType.TEXT for token in node.singular
            )
        case StaticNode():
            return _are_literal([node.path])
        case URLNode():
            return _are_literal([node.view_name, *node.args, *node.kwargs.values()])
        case SimpleNode():
            arguments = [*node.args, *node.kwargs.values()]
            return node.func in PURE_TAGS and not node.takes_context and _are_literal(arguments)
    return False


def _assigned(node: Node) -> str | None:
    """The variable that a constant node sets instead of writing."""
    for attribute in ("asvar", "varname", "target_var"):
        if name := getattr(node, attribute, None):
            return str(name)
    return None


def _are_literal(expressions: Iterable[Any]) -> bool:
    return all(_is_literal(expression) for expression in expressions)


def _is_literal(expression: FilterExpression) -> bool:
    """A text or number written in the template, without filters."""
    if expression.filters:
        return False
    return not isinstance(expression.var, Variable) or expression.var.lookups is None
