"""What every page knows: this node, the reader's language and theme, the same page in the other languages."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from core.node import this_node
from core.web.views import THEMES
from i18n.languages import own_name, text_direction

MOST_COMPARED = 5
# A page repeats its own address nine times; what is longer is no search of a reader's.
LONGEST_QUERY = 2000


def page(request: HttpRequest) -> dict[str, Any]:
    language = get_language() or "en"
    theme = request.COOKIES.get("theme", "")
    return {
        "node": this_node(),
        "page_language": language,
        "direction": text_direction(language),
        "page_address": _with_query(request, request.path),
        "languages": [(code, own_name(code), in_language(request, code)) for code, _name in settings.LANGUAGES],
        "theme": theme if theme in THEMES else "",
        "most_compared": MOST_COMPARED,
        "debug": settings.DEBUG,
    }


def in_language(request: HttpRequest, code: str) -> str:
    """The present address in another language: only the first step of the path differs."""
    first, _slash, rest = request.path.lstrip("/").partition("/")
    known = {language for language, _name in settings.LANGUAGES}
    path = f"/{code}/{rest}" if first in known else f"/{code}/"
    return _with_query(request, path)


def _with_query(request: HttpRequest, path: str) -> str:
    query = request.META.get("QUERY_STRING", "") if request.method == "GET" else ""
    return f"{path}?{query}" if 0 < len(query) <= LONGEST_QUERY else path
