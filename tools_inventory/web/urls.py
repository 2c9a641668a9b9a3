"""Addresses of the inventory's public pages, under /<lang>/. The workbench has its own: `workbench_urls.py`."""

from django.urls import path

from tools_inventory.web import home, search
from tools_inventory.web.offer import offer

app_name = "inventory"

urlpatterns = [
    path("", home.home, name="home"),
    path("search", search.search, name="search"),
    path("search/suggest", search.suggest, name="suggest"),
    path("programmes", search.programmes, name="programmes"),
    path("opportunities", search.opportunities, name="opportunities"),
    path("offer", offer, name="offer"),
]
