"""Drafts in Django's admin, to look at: they are changed in the workbench, where what a record needs is checked."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from tools_inventory.models import Draft


@admin.register(Draft)
class DraftAdmin(admin.ModelAdmin):
    list_display = ("title", "kind", "language", "state", "published_revision", "owner", "updated_at")
    list_filter = ("kind", "state", "language")
    search_fields = ("title", "import_key")
    list_select_related = ("owner",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
