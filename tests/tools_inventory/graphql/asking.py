"""Asking /graphql in tests."""

from typing import Any

from django.test import Client


def ask(client: Client, query: str, /, **variables: Any) -> Any:
    return client.post("/graphql", {"query": query, "variables": variables}, content_type="application/json")


def data(client: Client, query: str, /, **variables: Any) -> Any:
    """What a query that must succeed answers."""
    response = ask(client, query, **variables)
    answer = response.json()
    assert (response.status_code, answer.get("errors")) == (200, None)
    return answer["data"]
