"""Addresses of the inventory's public pages, under /<lang>/. The workbench has its own: `workbench_urls.py`."""

from django.urls import path

from tools_inventory.web import compare, coverage, home, record, search
from tools_inventory.web.offer import offer

app_name = "inventory"

urlpatterns = [
    path("", home.home, name="home"),
    path("search", search.search, name="search"),
    path("search/suggest", search.suggest, name="suggest"),
    path("programmes", search.programmes, name="programmes"),
    path("opportunities", search.opportunities, name="opportunities"),
    path("offer", offer, name="offer"),
    path("records/<str:uuid>", record.record, name="record"),
    path("records/<str:uuid>/document", record.document, name="record_document"),
    path("records/<str:uuid>/citation.<slug:form>", record.cited, name="record_citation"),
    path("compare", compare.compare, name="compare"),
    path("compare.<slug:form>", compare.spreadsheet, name="compare_file"),
    path("coverage", coverage.matrix, name="coverage"),
    path("coverage.csv", coverage.spreadsheet, name="coverage_file"),
]
