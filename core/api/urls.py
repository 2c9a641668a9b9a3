"""Addresses below /api/ that belong to no part of the domain; included by deploy/urls.py after all others there."""

from django.urls import path, re_path

from core.api.documentation import Schema, docs
from core.api.views import UnknownAddress

urlpatterns = [
    path("schema", Schema.as_view(), name="api_schema"),
    path("docs", docs, name="api_docs"),
    re_path(r"^.*$", UnknownAddress.as_view(), name="api_unknown"),
]
