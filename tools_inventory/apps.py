from django.apps import AppConfig

from core.records.definition import register
from tools_inventory.kinds.opportunity import OPPORTUNITY
from tools_inventory.kinds.organisation import ORGANISATION
from tools_inventory.kinds.programme import PROGRAMME
from tools_inventory.kinds.tool import TOOL


class ToolsInventoryConfig(AppConfig):
    name = "tools_inventory"

    def ready(self) -> None:
        for kind in (TOOL, PROGRAMME, OPPORTUNITY, ORGANISATION):
            register(kind)
