"""`/<lang>/offer`: what employers and schools can offer or ask for, and the way in.

The room of the matching desk: when it comes, a form without an account stands here, and what it takes in becomes a
case, which never leaves the node. Until then an opportunity is a draft like any other, made by who has an account.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from core.accounts.roles import Permission, may


@require_safe
def offer(request: HttpRequest) -> HttpResponse:
    form = reverse("workbench:new", args=["opportunity"])
    context = {"form_address": form, "may_edit": may(request.user, Permission.EDIT_DRAFTS)}
    return render(request, "tools_inventory/offer.html", context)
