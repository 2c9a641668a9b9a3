"""The page at /graphql for browsers: GraphiQL, served by the node itself, so that it works offline.

Content security policy: that of every page, and data: addresses, as which its style sheet holds fonts and icons.
"""

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

POLICY = {"font-src": ["data:"], "img-src": ["data:"]}


@csp_update(POLICY)
def graphiql_page(request: HttpRequest) -> HttpResponse:
    """A query in the address (`?query=`) is there when the page opens."""
    response = render(request, "graphql_edge/graphiql.html")
    response["Vary"] = "Accept, Accept-Language"
    return response
