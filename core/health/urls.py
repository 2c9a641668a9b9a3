"""Addresses for monitoring: included by deploy/urls.py outside i18n_patterns."""

from django.urls import path

from core.health import views

app_name = "health"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
]
