from django.apps import AppConfig

from core.records.definition import register
from core.records.node_kind import NODE


class RecordsConfig(AppConfig):
    name = "core.records"
    label = "records"

    def ready(self) -> None:
        register(NODE)
