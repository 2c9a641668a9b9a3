"""Pages in every language: included by deploy/urls.py inside i18n_patterns."""

from django.urls import path

from federation.web import views

app_name = "federation"
urlpatterns = [path("network", views.network, name="network")]
