"""Addresses of the workbench, under /<lang>/workbench/."""

from django.urls import path

from tools_inventory.web import workbench

app_name = "workbench"

urlpatterns = [
    path("workbench/", workbench.home, name="home"),
    path("workbench/new/<slug:kind>", workbench.new, name="new"),
    path("workbench/<uuid:uuid>", workbench.edit, name="edit"),
    path("workbench/<uuid:uuid>/preview", workbench.preview, name="preview"),
    path("workbench/<uuid:uuid>/publish", workbench.publish, name="publish"),
    path("workbench/<uuid:uuid>/withdraw", workbench.withdraw, name="withdraw"),
    path("workbench/<uuid:uuid>/discard", workbench.discard, name="discard"),
    path("workbench/<uuid:uuid>/history", workbench.history, name="history"),
]
