"""Settings of the machine doors: GraphQL, REST and its OpenAPI document."""

DESCRIPTION = """
Read the records that the nodes of the network publish: tools, programmes, opportunities and organisations.
Every answer is JSON. An error has a stable `code`, and a `message` and a `remedy` in the reader's language.
Each record says how it is licensed: CC BY 4.0 unless stated. The same data, and more, is at [/graphql](/graphql).
"""


def doors(*, https: bool) -> dict[str, object]:
    """GRAPHENE, REST_FRAMEWORK and SPECTACULAR_SETTINGS."""
    return {
        "GRAPHENE": {
            "SCHEMA": "deploy.schema.schema",
            # Where `manage.py graphql_schema` writes; a test holds the file to the code.
            "SCHEMA_OUTPUT": "deploy/schema.graphql",
            "SCHEMA_INDENT": 2,
        },
        # Records are public and only read here: nobody signs in, no cookie is looked at.
        "REST_FRAMEWORK": {
            "DEFAULT_AUTHENTICATION_CLASSES": [],
            "DEFAULT_PERMISSION_CLASSES": [],
            "DEFAULT_RENDERER_CLASSES": ["core.api.renderers.JsonRenderer"],
            "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
            "DEFAULT_THROTTLE_CLASSES": ["core.api.throttling.BucketThrottle"],
            "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
            "DEFAULT_CONTENT_NEGOTIATION_CLASS": "core.api.negotiation.JsonOnly",
            "EXCEPTION_HANDLER": "core.api.errors.exception_handler",
            "URL_FORMAT_OVERRIDE": None,
            # A node speaks HTTPS only through a proxy of its own, whose word on the client's address counts; without
            # one, nobody's does.
            "NUM_PROXIES": 1 if https else 0,
        },
        "SPECTACULAR_SETTINGS": {
            "TITLE": "Havenlink",
            "DESCRIPTION": DESCRIPTION,
            "VERSION": "1",
            "SERVE_INCLUDE_SCHEMA": False,
            "SCHEMA_PATH_PREFIX": "/api/v1",
            # JSON Schema as the kinds' definitions write it is allowed from 3.1 on.
            "OAS_VERSION": "3.1.1",
        },
    }
