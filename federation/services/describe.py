"""This node's description of itself: a record of the kind `node` in its own log."""

from typing import Any

from django.db import transaction
from uuid6 import uuid7

from core.node import this_node
from core.records.keys import own_verifier_key, signing_key_rotate
from core.records.models import Log, Record
from core.records.node_kind import NODE
from core.records.services.append import NewRevision, entries_append, own_log
from core.records.services.replicate import log_move
from federation import wire


def node_describe() -> bool:
    """Publish the description if there is none or it changed; returns whether it was published.

    Raises Unavailable `no_signing_key`, InvalidRecord if the settings do not make a description, Conflict if nothing
    can be published now. A retired node's description is its last.
    """
    if own_log().state == Log.State.RETIRED:
        return False
    return _describe(_content())


def node_retire(*, successor: str) -> None:
    """Name who goes on in the last entry, and close the log for ever. Raises as `node_describe` does."""
    with transaction.atomic():
        _describe(_content() | {"successor": successor})
        log_move(origin=this_node().id, state=Log.State.RETIRED, reason=successor)


def node_rotate_key() -> None:
    """Go over to a new key: signed with both from the next entry on, which is published at once.

    Raises Conflict `old_key_kept` while the key before the present one still signs.
    """
    signing_key_rotate()
    node_describe()


def _describe(content: dict[str, Any]) -> bool:
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
