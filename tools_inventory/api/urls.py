"""Addresses of the inventory's REST door, below /api/v1/; included by deploy/urls.py."""

from django.urls import path

from core.records import definition as d
from tools_inventory.api.compare import Compare
from tools_inventory.api.coverage import CoverageMatrix
from tools_inventory.api.lists import Records, kind_list
from tools_inventory.api.record import OneRecord
from tools_inventory.kinds.plurals import plural

urlpatterns = [
    path("records", Records.as_view(), name="api_records"),
    path("records/<str:uuid>", OneRecord.as_view(), name="api_record"),
    *(path(plural(kind), kind_list(kind).as_view(), name=f"api_{plural(kind)}") for kind in d.kinds() if kind.edited),
    path("compare", Compare.as_view(), name="api_compare"),
    path("coverage", CoverageMatrix.as_view(), name="api_coverage"),
]
