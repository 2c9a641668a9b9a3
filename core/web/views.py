"""Addresses of the frame itself: entrance, theme, robots, the node's mark as icon, accessibility statement."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language_from_request
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from core.node import this_node
from core.web.node_mark import favicon_svg

THEMES = ("light", "dark")
YEAR = 365 * 24 * 3600


@require_safe
@vary_on_headers("Accept-Language", "Cookie")
def entrance(request: HttpRequest) -> HttpResponse:
    """`/` leads to the home page in the reader's language: the one last chosen, the browser's, or the node's own."""
    return HttpResponseRedirect(f"/{get_language_from_request(request)}/")


@csrf_exempt  # changes nothing but the look, and spares every page a token and its cookie
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember "light" or "dark"; anything else forgets the choice, so that the device decides."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


@require_safe
@cache_control(public=True, max_age=3600)
def robots(request: HttpRequest) -> HttpResponse:
    """Records may be found by anyone; what only repeats them in other forms is left out."""
    lines = ["User-agent: *"]
    for code, _name in settings.LANGUAGES:
        lines += [f"Disallow: /{code}/{part}" for part in ("compare", "saved-searches/", "workbench/", "desk/")]
    lines += ["Disallow: /graphql", "Disallow: /admin/", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=86400)
def favicon(request: HttpRequest) -> HttpResponse:
    return HttpResponse(favicon_svg(this_node().id), content_type="image/svg+xml")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "web/accessibility.html")
