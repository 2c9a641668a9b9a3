"""Every search as a feed: /<lang>/search.atom?q=…, the same for programmes and opportunities, as Atom and as RSS.

The address takes what the search page's takes; whatever order is asked for, the newest come first.
"""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import http_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.node import this_node
from core.search.parameters import parse
from core.search.seam import Query, engine
from tools_inventory.selectors.feed_entries import feed_entries, xml_text
from tools_inventory.selectors.saved_searches import search_words
from tools_inventory.web.feed_formats import Feed, atom, rss
from tools_inventory.web.scopes import EVERYTHING, OPPORTUNITIES, PROGRAMMES, Scope

PAGES = {"search": EVERYTHING, "programmes": PROGRAMMES, "opportunities": OPPORTUNITIES}
FORMS = {"atom": (atom, "application/atom+xml; charset=utf-8"), "rss": (rss, "application/rss+xml; charset=utf-8")}
ENTRIES = 50
MAX_AGE_SECONDS = 300
# How long a process remembers since when a feed has been as it is. A reader that comes later gets it whole again.
REMEMBERED_SECONDS = 14 * 24 * 3600


@require_safe
def feed(request: HttpRequest, page: str, form: str) -> HttpResponseBase:
    scope = PAGES[page]
    query = scope.narrow(parse(request.GET, get_language() or "en"))
    write, media_type = FORMS[form]
    body = write(_feed(scope, query, feed_address(scope, query, form)))
    return _conditional(request, body, media_type)


def feed_address(scope: Scope, query: Query, form: str) -> str:
    """The feed of the search that a page shows, without its order and page; as path and query."""
    path, _mark, parameters = scope.address(replace(query, sort="relevance", offset=0)).partition("?")
    return f"{path}.{form}?{parameters}" if parameters else f"{path}.{form}"


def _feed(scope: Scope, query: Query, address: str) -> Feed:
    found = engine().search(replace(query, sort="newest", offset=0, limit=ENTRIES, facets=()))
    node = this_node()
    page = scope.address(replace(query, sort="newest", offset=0))
    return Feed(
        title=xml_text(_title(scope, query)),
        language=query.language,
        address=node.url + address,
        page=node.url + page,
        site=node.url,
        node_name=node.name,
        entries=tuple(feed_entries([hit.uuid for hit in found.hits], query.language)),
    )


def _title(scope: Scope, query: Query) -> str:
    """ "Havenlink Antwerp: “haven” · Country: Belgium"."""
    name = next(name for name, page in PAGES.items() if page is scope)
    words = [f"{label}{_(':')} {value}" if label else value for label, value in search_words(name, query)]
    if scope.kind or not words:
        words.insert(0, str(scope.title))
    return f"Havenlink {this_node().name}{_(':')} {' · '.join(words)}"


def _conditional(request: HttpRequest, body: bytes, media_type: str) -> HttpResponseBase:
    """200, or 304 for who has these very bytes.

    When they last changed cannot be told from the entries: a replica arrives later than it was published, and one that
    is withdrawn is gone. So the moment counts at which this process first made these bytes.
    """
    digest = hashlib.sha256(body).hexdigest()[:32]
    key = f"feed:{hashlib.sha256(request.get_full_path().encode()).hexdigest()}"
    known, changed_at = cache.get(key, ("", 0))
    if known != digest:
        changed_at = int(datetime.now(UTC).timestamp())
        cache.set(key, (digest, changed_at), REMEMBERED_SECONDS)
    response = HttpResponse(body, content_type=media_type)
    response["ETag"] = f'"{digest}"'
    response["Last-Modified"] = http_date(changed_at)
    patch_cache_control(response, public=True, max_age=MAX_AGE_SECONDS)
    answer = get_conditional_response(request, etag=response["ETag"], last_modified=changed_at, response=response)
    assert answer is not None, "a response was given"
    return answer
