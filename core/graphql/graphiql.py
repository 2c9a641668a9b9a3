"""The page at /graphql for browsers: GraphiQL, served by the node itself, so that it works offline.

Content security policy: GraphiQL's editor sets style attributes and style elements, hence inline styles on this page
alone; its fonts are data: addresses within its style sheet. Scripts stay the node's own files.
"""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

POLICY = {
    "default-src": [SELF],
    "script-src": [SELF],
    "style-src": [SELF, UNSAFE_INLINE],
    "font-src": [SELF, "data:"],
    "img-src": [SELF, "data:"],
    "connect-src": [SELF],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": [SELF],
    "frame-ancestors": ["'none'"],
}


@csp_replace(POLICY)
def graphiql_page(request: HttpRequest) -> HttpResponse:
    """A query in the address (`?query=`) is there when the page opens."""
    response = render(request, "graphql_edge/graphiql.html")
    response["Vary"] = "Accept, Accept-Language"
    return response
