"""Pages of the frame itself, in every language: included by deploy/urls.py inside i18n_patterns."""

from django.conf import settings
from django.urls import path

from core.web import style, views

app_name = "web"
urlpatterns = [path("accessibility", views.accessibility, name="accessibility")]

if settings.DEBUG:
    urlpatterns += [
        path("style", style.index, name="style"),
        path("style/<slug:part>", style.part, name="style_part"),
    ]
