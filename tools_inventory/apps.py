from django.apps import AppConfig


class ToolsInventoryConfig(AppConfig):
    name = "tools_inventory"
