"""Machine addresses without a language: included by deploy/urls.py outside i18n_patterns."""

from django.urls import path

from federation import wire
from federation.web import views

urlpatterns = [
    path(wire.WELL_KNOWN_PATH.lstrip("/"), views.well_known, name="well_known"),
    path(wire.POKE_PATH.lstrip("/"), views.poke, name="poke"),
]
