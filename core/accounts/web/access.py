"""Pages that need a permission: those not signed in are led to sign in, others are refused."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control

from core.accounts.roles import Permission, require

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def needs(permission: Permission) -> Callable[[View[P]], View[P]]:
    """View decorator. The service behind the page asks again: this only spares a person a form they may not send."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), reverse("accounts:sign_in"))
            require(request.user, permission)
            response = view(request, *args, **kwargs)
            # No cache on the way keeps what is not public; the browser may, so that going back loses no typed text.
            patch_cache_control(response, private=True, no_cache=True)
            return response

        return checked

    return decorate
