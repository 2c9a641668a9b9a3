"""Accounts in Django's admin. A role is given by the service, which keeps group and flags together."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.accounts.models import User
from core.accounts.roles import ACCOUNT_ROLES, LABELS, Role, roles_of
from core.accounts.services.accounts import account_set_role

admin.site.unregister(Group)
admin.site.site_header = _("Havenlink: administration of this node")
admin.site.site_title = _("Administration")


class AccountForm(UserChangeForm):
    role = forms.ChoiceField(label=_("Role"), choices=[(role.value, LABELS[role]) for role in ACCOUNT_ROLES])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["role"] = next(iter(roles_of(self.instance)), Role.EDITOR)


@admin.register(User)
class AccountAdmin(UserAdmin):
    form = AccountForm
    list_display = ("username", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser", "groups")
    fieldsets = (
        (None, {"fields": ("username", "password", "role", "is_active", "language")}),
        (_("Name"), {"fields": ("first_name", "last_name", "email")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if "role" in form.cleaned_data:
            account_set_role(by=request.user, user=form.instance, role=Role(form.cleaned_data["role"]))
