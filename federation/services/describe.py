"""This node's description of itself: a record of the kind `node` in its own log."""

from typing import Any

from django.db import transaction
from uuid6 import uuid7

from core.node import this_node
from core.records.keys import own_verifier_key
from core.records.models import Log, Record
from core.records.node_kind import NODE
from core.records.services.append import NewRevision, entries_append, own_log
from federation import wire


def node_describe() -> bool:
    """Publish the description if there is none or it changed; returns whether it was published.

    Raises Unavailable `no_signing_key`, InvalidRecord if the settings do not make a description.
    """
    content = _content()
    with transaction.atomic():
        log = Log.objects.select_for_update().get(id=own_log().id)
        current = Record.objects.select_related("entry").filter(log=log, kind="node", deleted=False).first()
        if current is not None and _described(current.document) == content:
            return False
        revision = NewRevision(
            uuid=uuid7() if current is None else current.uuid,
            kind="node",
            language=this_node().language,
            content=content,
        )
        entries_append([revision])
    return True


def _described(document: dict[str, Any]) -> dict[str, Any]:
    return {field.name: document[field.name] for field in NODE.fields if field.name in document}


def _content() -> dict[str, Any]:
    node = this_node()
    content: dict[str, Any] = {
        "title": {node.language: {"text": node.name, "method": "source"}},
        "languages": list(node.languages),
        "url": node.url,
        "endpoints": [node.url + wire.GRAPHQL_PATH, node.url + wire.POKE_PATH],
        "verifier_keys": [str(own_verifier_key())],
    }
    return content | ({"area": [node.region]} if node.region else {})
