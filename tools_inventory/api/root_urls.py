"""The address that is a record's id; included by deploy/urls.py at the root."""

from django.urls import path

from tools_inventory.api.record import RecordAddress

urlpatterns = [path("records/<str:uuid>", RecordAddress.as_view(), name="record_address")]
