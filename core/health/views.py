"""The addresses that monitoring asks. Open to all: they tell nothing that a reader of the pages could not count."""

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.health.checks import ready_parts
from core.health.metrics import CONTENT_TYPE, metrics_text


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every part works, else 503: {"ready": true, "parts": {"database": {"ok": true, "detail": ""}, …}}"""
    parts = ready_parts()
    ready = all(part.ok for part in parts.values())
    body = {"ready": ready, "parts": {name: asdict(part) for name, part in parts.items()}}
    return JsonResponse(body, status=200 if ready else 503)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    return HttpResponse(metrics_text(), content_type=CONTENT_TYPE)
