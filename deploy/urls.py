"""Every address of a node, in one place."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("core.web.root_urls")),
    path("", include("core.health.urls")),
    path("", include("core.graphql.urls")),
    path("", include("federation.web.root_urls")),
    path("", include("i18n.web.urls")),
    path("", include("tools_inventory.api.root_urls")),
    path("api/v1/", include("tools_inventory.api.urls")),
    path("api/", include("core.api.urls")),
    path("admin/", admin.site.urls),
]

urlpatterns += i18n_patterns(
    path("", include("core.web.urls")),
    path("", include("core.accounts.web.urls")),
    path("", include("tools_inventory.web.workbench_urls")),
    path("", include("tools_inventory.web.urls")),
    path("", include("federation.web.urls")),
)

handler400 = "core.web.errors.bad_request"
handler403 = "core.web.errors.permission_denied"
handler404 = "core.web.errors.page_not_found"
handler500 = "core.web.errors.server_error"
