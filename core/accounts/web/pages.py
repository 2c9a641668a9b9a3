"""Signing in and out, the account page, changing the password, and what one sees when locked out."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from core.accounts.roles import LABELS, roles_of
from core.errors import TooManyRequests
from core.web.errors import error_response


class SignIn(LoginView):
    """Leads back to where one came from, if that is a page of this node."""

    template_name = "accounts/sign_in.html"
    authentication_form = AuthenticationForm
    redirect_authenticated_user = True


class ChangePassword(PasswordChangeView):
    template_name = "accounts/password.html"
    form_class = PasswordChangeForm
    success_url = reverse_lazy("accounts:account")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        messages.success(self.request, _("Your password is changed."))
        return response


@require_safe
@login_required
def account(request: HttpRequest) -> HttpResponse:
    roles = sorted(str(LABELS[role]) for role in roles_of(request.user))
    return render(request, "accounts/account.html", {"roles": roles})


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """settings.AXES_LOCKOUT_CALLABLE. The same for names that exist and that do not."""
    response = error_response(
        request,
        TooManyRequests(
            gettext_lazy("Too many failed attempts to sign in."),
            remedy=gettext_lazy("Wait a quarter of an hour, then try again, or ask the administrator for help."),
            code="locked_out",
        ),
    )
    response["Retry-After"] = str(int(settings.AXES_COOLOFF_TIME * 3600))
    return response
