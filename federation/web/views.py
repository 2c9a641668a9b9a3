"""The federation's pages and machine addresses that are not GraphQL."""

import orjson
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from core.accounts.roles import Permission, may
from core.errors import InvalidInput, RequestTooLarge
from core.records.keys import own_verifier_key
from federation import wire
from federation.selectors.network import network_status
from federation.selectors.well_known import well_known as description
from federation.services.poke import poke_receive
from federation.web.diagram import diagram
from federation.web.network_rows import network_rows


@require_safe
@never_cache
def network(request: HttpRequest) -> HttpResponse:
    """The network page; htmx asks for its table alone."""
    rows = network_rows(network_status(), timezone.now())
    if request.htmx:  # type: ignore[attr-defined]  # django-htmx's middleware sets it
        return render(request, "federation/_network.html", {"rows": rows})
    context = {
        "rows": rows,
        "diagram": diagram(rows),
        "fingerprint": own_verifier_key().fingerprint,
        "may_operate": may(request.user, Permission.ADMINISTER),
    }
    return render(request, "federation/network.html", context)


@require_safe
@cache_control(public=True, max_age=60)
def well_known(request: HttpRequest) -> JsonResponse:
    """What this node says of itself: FEDERATION.md, section 2."""
    return JsonResponse(description(), json_dumps_params={"ensure_ascii": False, "indent": 2})


@csrf_exempt  # a machine's request that needs no session and changes only when this node looks
@require_POST
def poke(request: HttpRequest) -> JsonResponse:
    """“Look at my heads”: FEDERATION.md, section 8. The sender need not prove who it is: nothing is believed."""
    if int(request.headers.get("Content-Length") or 0) > wire.MAX_POKE_BYTES:
        raise RequestTooLarge(_("A poke has at most %(limit)s bytes.") % {"limit": wire.MAX_POKE_BYTES})
    try:
        origin, heads = wire.poke_parse(orjson.loads(request.body))
    except ValueError as error:  # orjson.JSONDecodeError is one
        raise InvalidInput(_("This is not a poke as section 8 of FEDERATION.md describes it.")) from error
    return JsonResponse({"accepted": poke_receive(origin=origin, heads=heads)}, status=202)
