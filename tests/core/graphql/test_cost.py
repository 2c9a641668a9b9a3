"""The cost rule, on a small schema of its own: exact costs, and what is refused."""

from typing import Any

import pytest
from graphql import GraphQLError, OperationDefinitionNode, build_schema, get_introspection_query, parse

from core.errors import RequestTooLarge
from core.graphql import documents
from core.graphql.cost import INTROSPECTION_LIST_COST, LIST_SIZE, MAX_DEPTH, QUESTION_COST, cost_check

SCHEMA = build_schema(
    """
    type Query { ping: String  search(first: Int = 20): Page  compare(ids: [String!]!): Compared  tools: [Tool!]! }
    type Page { total: Int  edges: [Edge!]! }
    type Edge { node: Tool }
    type Tool { title: String  phases: [Phase!]!  same: Tool }
    type Phase { title: String }
    type Compared { rows: [Phase!]! }
    """
)


def cost(query: str, **variables: Any) -> int:
    document = parse(query)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return cost_check(SCHEMA, document, operation, variables)


def test_a_field_costs_one_and_a_question_more() -> None:
    assert cost("{ ping }") == 1
    assert cost("{ search { total } }") == QUESTION_COST + 1


def test_rows_multiply_what_is_asked_of_each() -> None:
    row = 1 + 1  # node and its title
    assert cost("{ search(first: 7) { edges { node { title } } } }") == QUESTION_COST + 1 + 7 * row
    assert cost("{ search { edges { node { title } } } }") == QUESTION_COST + 1 + 20 * row
    query = "query Q($n: Int) { search(first: $n) { edges { node { title } } } }"
    assert cost(query, n=50) == QUESTION_COST + 1 + 50 * row
    assert cost("{ tools { title } }") == 1 + LIST_SIZE
    assert cost("{ search(first: 2) { edges { node { phases { title } } } } }") == (
        QUESTION_COST + 1 + 2 * (1 + 1 + LIST_SIZE)
    )


def test_a_list_of_ids_counts_its_ids() -> None:
    assert cost('{ compare(ids: ["a", "b", "c"]) { rows { title } } }') == QUESTION_COST + 1 + 3
    assert cost("query Q($i: [String!]!) { compare(ids: $i) { rows { title } } }", i=["a", "b"]) == (
        QUESTION_COST + 1 + 2
    )


def test_fragments_are_followed() -> None:
    plain = cost("{ search(first: 9) { edges { node { title } } } }")
    assert (
        cost(
            "{ search(first: 9) { ...P } } fragment P on Page { edges { ...E } } fragment E on Edge { node { title } }"
        )
        == plain
    )
    assert cost("{ search(first: 9) { ... on Page { edges { ... { node { title } } } } } }") == plain


def test_aliases_cost_each() -> None:
    assert cost("{ a: search { total } b: search { total } }") == 2 * (QUESTION_COST + 1)


def test_fragments_that_double_are_reckoned_in_no_time() -> None:
    spread = " ".join(f"fragment F{n} on Tool {{ ...F{n + 1} ...F{n + 1} }}" for n in range(200))
    with pytest.raises(RequestTooLarge):
        cost(f"{{ tools {{ ...F0 }} }} {spread} fragment F200 on Tool {{ title }}")


def test_what_costs_too_much_is_refused() -> None:
    with pytest.raises(RequestTooLarge) as caught:
        cost("{ search(first: 100000) { edges { node { title } } } }")
    assert caught.value.reason == "too_costly"
    with pytest.raises(RequestTooLarge):
        cost(
            "{ tools { phases { title } same { phases { title } } } "
            + "".join(f"a{n}: search(first: 100) {{ edges {{ node {{ phases {{ title }} }} }} }} " for n in range(40))
            + "}"
        )


def test_what_nests_too_deep_is_refused() -> None:
    deep = "{ tools " + "{ same " * MAX_DEPTH + "{ title }" + " }" * MAX_DEPTH + " }"
    with pytest.raises(RequestTooLarge) as caught:
        cost(deep)
    assert caught.value.reason == "too_deep"


def test_introspection_is_allowed_once() -> None:
    assert cost("{ __schema { types { name } } }") == QUESTION_COST + INTROSPECTION_LIST_COST + 1
    assert cost(get_introspection_query()) // INTROSPECTION_LIST_COST == 9
    body = "{ types { fields { name } inputFields { name } interfaces { name } } }"
    with pytest.raises(RequestTooLarge):
        cost("{" + " ".join(f"a{n}: __schema {body}" for n in range(5)) + "}")


def refusal(query: str) -> str:
    _document, errors = documents.document_get(query)
    assert len(errors) == 1
    original = errors[0].original_error
    return original.reason if isinstance(original, RequestTooLarge) else type(errors[0]).__name__


def test_documents_have_a_bounded_number_of_fields_and_aliases() -> None:
    assert refusal("{" + "protocol " * (documents.MAX_FIELDS + 1) + "}") == "too_large"
    assert refusal("{" + " ".join(f"a{n}: protocol" for n in range(documents.MAX_ALIASES + 1)) + "}") == "too_large"


def test_documents_have_a_bounded_number_of_fragments() -> None:
    fragments = " ".join(f"fragment F{n} on Query {{ protocol }}" for n in range(documents.MAX_FRAGMENTS + 1))
    assert refusal("{ ...F0 } " + fragments) == "too_large"


def test_documents_have_a_bounded_number_of_tokens_and_levels() -> None:
    for query in ("{ " * 5000, "{ protocol " + "# \n" * 10 + "(a: 1) " * 5000 + "}", "{ a(b: " + "[" * 3000 + " }"):
        _document, errors = documents.document_get(query)
        assert isinstance(errors[0], GraphQLError)


def test_a_document_is_parsed_once() -> None:
    first, _ = documents.document_get("{ node { id } }")
    again, _ = documents.document_get("{ node { id } }")
    assert first is again
