"""Addresses without a language: included by deploy/urls.py outside i18n_patterns."""

from django.urls import path

from core.web import views

urlpatterns = [
    path("", views.entrance, name="entrance"),
    path("theme", views.theme, name="theme"),
    path("robots.txt", views.robots, name="robots"),
    path("favicon.svg", views.favicon, name="favicon"),
    path("favicon.ico", views.favicon),
]
