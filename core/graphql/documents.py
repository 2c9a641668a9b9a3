"""GraphQL documents, parsed and validated once: clients send the same few again and again."""

from functools import cache, lru_cache

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from graphene_django.settings import graphene_settings
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    MaxIntrospectionDepthRule,
    Visitor,
    parse,
    specified_rules,
    validate,
    visit,
)

from core.errors import RequestTooLarge

# Every field of every kind is 300 fields, GraphiQL's introspection 100. Validation compares fields and fragments with
# each other: these bounds keep it below a third of a second at the worst.
MAX_TOKENS = 4000
MAX_FIELDS = 400
MAX_ALIASES = 30
MAX_FRAGMENTS = 50
# Longer documents are parsed each time, so that the cache stays below some 20 MB.
CACHED_LENGTH = 20_000
CACHED_DOCUMENTS = 256

RULES = (*(rule for rule in specified_rules if rule is not MaxIntrospectionDepthRule), MaxIntrospectionDepthRule)

Parsed = tuple[DocumentNode | None, tuple[GraphQLError, ...]]


@cache
def schema() -> GraphQLSchema:
    """The node's schema: what GRAPHENE["SCHEMA"] names."""
    found: GraphQLSchema = graphene_settings.SCHEMA.graphql_schema
    return found


def document_get(query: str) -> Parsed:
    """The document, or what is wrong with it."""
    return _cached(query) if len(query) <= CACHED_LENGTH else _parsed(query)


def _parsed(query: str) -> Parsed:
    try:
        document = parse(query, max_tokens=MAX_TOKENS)
    except GraphQLError as error:
        return None, (error,)
    too_many = _too_many(document)
    if too_many:
        return None, (too_many,)
    return document, tuple(validate(schema(), document, RULES, max_errors=20))


_cached = lru_cache(maxsize=CACHED_DOCUMENTS)(_parsed)


def _too_many(document: DocumentNode) -> GraphQLError | None:
    """Checked before validation, whose rules compare fields with each other."""
    counter = _Counter()
    visit(document, counter)
    for count, most, message in (
        (counter.fields, MAX_FIELDS, _("The document has {count} fields; {most} are allowed.")),
        (counter.aliases, MAX_ALIASES, _("The document has {count} aliases; {most} are allowed.")),
        (counter.fragments, MAX_FRAGMENTS, _("The document has {count} fragments; {most} are allowed.")),
    ):
        if count > most:
            told = format_lazy(message, count=count, most=most)
            return GraphQLError("too large", original_error=RequestTooLarge(told, remedy=_("Ask in several queries.")))
    return None


class _Counter(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.fields = 0
        self.aliases = 0
        self.fragments = 0

    def enter_field(self, node: FieldNode, *_args: object) -> None:
        self.fields += 1
        self.aliases += node.alias is not None

    def enter_fragment_definition(self, *_args: object) -> None:
        self.fragments += 1
