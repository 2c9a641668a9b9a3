"""The door /graphql: GraphQL over HTTP for programs, and for browsers a page to try it on.

graphql-core executes the schema; around it stand a cache of documents, a cost rule, and an answer that takes parts
which are serialised already (`scalars.Json`), so that a page of a log costs no more than reading it.
"""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from graphql import ExecutionResult, OperationDefinitionNode, OperationType, execute, get_operation_ast
from graphql.execution.values import get_variable_values

from core.errors import HavenlinkError, InvalidInput
from core.graphql.cost import cost_check
from core.graphql.documents import document_get, schema
from core.graphql.errors import as_data, failures
from core.graphql.graphiql import graphiql_page
from core.graphql.question import Question, question_read

METHODS = ("GET", "HEAD", "POST", "OPTIONS")


# Cross-site forms cannot send application/json, and nothing else is taken: no token is needed.
@csrf_exempt
def graphql(request: HttpRequest) -> HttpResponseBase:
    """POST `{"query", "variables", "operationName"}` as JSON, or GET with the same as parameters."""
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers={"Allow": ", ".join(METHODS)})
    if request.method not in METHODS:
        return _method_not_allowed(_("GraphQL is asked by POST, or by GET for queries."))
    if request.method != "POST" and request.get_preferred_type(["application/json", "text/html"]) == "text/html":
        return graphiql_page(request)
    try:
        question = question_read(request)
        answer, status = _answer(question, request)
    except _OnlyReads as error:
        return _method_not_allowed(error.message)
    except HavenlinkError as error:
        answer, status = {"errors": [as_data(error)]}, error.http_status
    response = HttpResponse(orjson.dumps(answer, default=str), status=status, content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


class _OnlyReads(InvalidInput):
    """A mutation by GET."""


def _answer(question: Question, request: HttpRequest) -> tuple[dict[str, Any], int]:
    """What the specification calls the response, and its HTTP status.

    200 with any data; an answer that holds errors alone has the status of the error, so that scripts notice.
    """
    document, errors = document_get(question.query)
    if document is None or errors:
        failed, status = failures(errors)
        return {"errors": failed}, status
    operation = get_operation_ast(document, question.operation_name)
    if operation is None:
        raise InvalidInput(
            _("The document has no operation of that name, or several and none was named."),
            remedy=_("Name one of the document's operations as operationName."),
            field="operationName",
            code="unknown_operation",
        )
    _allowed(operation, question)
    variables = get_variable_values(schema(), operation.variable_definitions, question.variables, max_errors=20)
    if isinstance(variables, list):
        failed, status = failures(variables)
        return {"errors": failed}, status
    cost_check(schema(), document, operation, variables)
    result = execute(
        schema(),
        document,
        context_value=request,
        variable_values=question.variables,
        operation_name=question.operation_name,
        is_awaitable=_never_awaitable,
    )
    assert isinstance(result, ExecutionResult)
    return _result(result)


def _allowed(operation: OperationDefinitionNode, question: Question) -> None:
    if operation.operation is OperationType.SUBSCRIPTION:
        raise InvalidInput(_("This node has no subscriptions."), code="unsupported_operation")
    if question.only_reads and operation.operation is not OperationType.QUERY:
        raise _OnlyReads(_("What changes something is sent by POST."))


def _result(result: ExecutionResult) -> tuple[dict[str, Any], int]:
    if not result.errors:
        return {"data": result.data}, 200
    failed, status = failures(result.errors)
    has_data = result.data is not None and any(value is not None for value in result.data.values())
    return {"errors": failed, "data": result.data}, 200 if has_data else status


def _never_awaitable(_value: Any) -> bool:
    """Resolvers here are plain functions; asking every value whether it is not costs a tenth of the time."""
    return False


def _method_not_allowed(message: Any) -> HttpResponse:
    error = InvalidInput(message, remedy=_("Send it by POST as application/json."), code="method_not_allowed")
    body = orjson.dumps({"errors": [as_data(error)]}, default=str)
    return HttpResponse(body, status=405, content_type="application/json", headers={"Allow": ", ".join(METHODS)})
