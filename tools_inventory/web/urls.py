"""Addresses of the inventory's public pages, under /<lang>/. The workbench has its own: `workbench_urls.py`."""

from django.urls import path

from tools_inventory.web.offer import offer

app_name = "inventory"

urlpatterns = [
    path("offer", offer, name="offer"),
]
