"""What this node says of itself at its well-known address."""

from typing import Any

from core.node import SOFTWARE_VERSION, this_node
from core.records.keys import own_verifier_key
from federation import wire


def well_known() -> dict[str, Any]:
    """The JSON of /.well-known/havenlink.json. Raises Unavailable `no_signing_key`."""
    node, key = this_node(), own_verifier_key()
    return {
        "id": node.id,
        "name": node.name,
        "languages": list(node.languages),
        "url": node.url,
        "verifier_key": str(key),
        "fingerprint": key.fingerprint,
        "endpoints": {"graphql": node.url + wire.GRAPHQL_PATH, "poke": node.url + wire.POKE_PATH},
        "protocol": wire.PROTOCOL_VERSION,
        "software": {"name": "havenlink", "version": SOFTWARE_VERSION},
    }
