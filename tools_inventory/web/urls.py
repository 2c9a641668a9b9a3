"""Addresses of the inventory's public pages, under /<lang>/. The workbench has its own: `workbench_urls.py`."""

from django.urls import path

from tools_inventory.web import compare, coverage, home, record, saved_searches, search, search_feed
from tools_inventory.web.offer import offer

app_name = "inventory"

urlpatterns = [
    path("", home.home, name="home"),
    path("search", search.search, name="search"),
    path("search/suggest", search.suggest, name="suggest"),
    path("programmes", search.programmes, name="programmes"),
    path("opportunities", search.opportunities, name="opportunities"),
    *(
        path(f"{page}.{form}", search_feed.feed, {"page": page, "form": form}, name=f"{page}_{form}")
        for page in search_feed.PAGES
        for form in search_feed.FORMS
    ),
    path("saved-searches/", saved_searches.home, name="saved_searches"),
    path("saved-searches/new", saved_searches.new, name="saved_search_new"),
    path("saved-searches/sent", saved_searches.sent, name="saved_search_sent"),
    path("saved-searches/confirm/<str:token>", saved_searches.confirm, name="saved_search_confirm"),
    path("saved-searches/unsubscribe/<str:token>", saved_searches.unsubscribe, name="saved_search_unsubscribe"),
    path("saved-searches/manage/<str:token>", saved_searches.manage, name="saved_search_manage"),
    path("offer", offer, name="offer"),
    path("records/<str:uuid>", record.record, name="record"),
    path("records/<str:uuid>/document", record.document, name="record_document"),
    path("records/<str:uuid>/citation.<slug:form>", record.cited, name="record_citation"),
    path("compare", compare.compare, name="compare"),
    path("compare.<slug:form>", compare.spreadsheet, name="compare_file"),
    path("coverage", coverage.matrix, name="coverage"),
    path("coverage.csv", coverage.spreadsheet, name="coverage_file"),
]
