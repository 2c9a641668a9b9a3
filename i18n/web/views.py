"""The vocabularies for machines: a list, and each as SKOS in JSON-LD. The same on every node, for everybody."""

import hashlib
import json
from collections.abc import Callable
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from i18n.vocabularies.skos import concept_scheme
from i18n.vocabularies.vocabulary import NAMES, vocabulary

JSON_LD = "application/ld+json"
# The vocabularies change with a release of the software, not in between; an hour bounds how long a reader lags behind.
MAX_AGE_SECONDS = 3600

View = Callable[..., HttpResponse]


def _open_to_browsers(view: View) -> View:
    """Any web page may read these: they are public and the same for everybody."""

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        return response

    return answer


@require_safe
@_open_to_browsers
@cache_control(public=True, max_age=MAX_AGE_SECONDS)
def vocabularies(request: HttpRequest) -> HttpResponse:
    listed = [
        {
            "name": name,
            "uri": vocabulary(name).uri,
            "title": dict(vocabulary(name).titles),
            "concept_count": len(vocabulary(name).concepts),
            "jsonld": request.build_absolute_uri(reverse("vocabularies:scheme", args=[name])),
        }
        for name in NAMES
    ]
    return JsonResponse({"vocabularies": listed}, json_dumps_params={"ensure_ascii": False})


@require_safe
@_open_to_browsers
def scheme(request: HttpRequest, name: str) -> HttpResponse:
    if name not in NAMES:
        return _no_such_vocabulary()
    return _scheme(request, name)


@cache
def _serialised(name: str) -> tuple[bytes, str]:
    """The document's bytes and its entity tag: made once a process."""
    body = json.dumps(concept_scheme(vocabulary(name)), ensure_ascii=False).encode()
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _entity_tag(_request: HttpRequest, name: str) -> str:
    return _serialised(name)[1]


@cache_control(public=True, max_age=MAX_AGE_SECONDS)
@condition(etag_func=_entity_tag)
def _scheme(_request: HttpRequest, name: str) -> HttpResponse:
    return HttpResponse(_serialised(name)[0], content_type=JSON_LD)


def _no_such_vocabulary() -> JsonResponse:
    """The error shape of all machine doors, written out here since this package stands below the kernel."""
    error = {
        "code": "not_found",
        "message": _("There is no such vocabulary."),
        "remedy": _("Choose one of: %(names)s.") % {"names": ", ".join(NAMES)},
        "field": "name",
        "retryable": False,
    }
    return JsonResponse({"errors": [error]}, status=404)
