from django.apps import AppConfig


class GraphqlConfig(AppConfig):
    name = "core.graphql"
    label = "graphql_edge"
