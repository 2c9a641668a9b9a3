"""What goes over the wire between nodes: addresses, GraphQL documents, and the reading of replies. Pure: no network, no
database. FEDERATION.md describes the same for other implementations, and a test holds the two together.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import VerificationFailed
from core.records import checkpoint as checkpoints
from core.records.checkpoint import VerifierKey
from core.records.page import Page, entries_parse
from core.records.selectors.logs import MAX_PAGE_ENTRIES

PROTOCOL_VERSION = 1
WELL_KNOWN_PATH = "/.well-known/havenlink.json"
GRAPHQL_PATH = "/graphql"
POKE_PATH = "/federation/poke"

# A puller asks for the largest page at first; the server cuts it at 4 MB of documents.
PAGE_ENTRIES = MAX_PAGE_ENTRIES
# A poke's body.
MAX_POKE_BYTES = 4096

HEADS_QUERY = "query Heads { protocol node { id name verifierKey } heads { origin size root checkpoint } }"
LOG_QUERY = (
    "query Log($origin: String!, $after: Int!, $first: Int!) { log(origin: $origin, after: $after, first: $first) "
    "{ origin first size checkpoint entries proof { left right } } }"
)

MAX_PROOF_HASHES = 64
_HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class NodeDescription:
    """What a node says of itself at its well-known address."""

    id: str
    name: str
    url: str
    key: VerifierKey


@dataclass(frozen=True, slots=True)
class PeerHead:
    """How much of a log a peer can serve: `size` entries with this `root`, as `checkpoint` (not verified) states."""

    origin: str
    size: int
    root: bytes
    checkpoint: str

    @property
    def summary(self) -> dict[str, int | str]:
        """What is remembered of it."""
        return {"size": self.size, "root": base64.b64encode(self.root).decode()}


@dataclass(frozen=True, slots=True)
class PeerHeads:
    """Who answered, and its heads by origin."""

    id: str
    name: str
    verifier_key: str
    heads: Mapping[str, PeerHead]


def printable(text: str, length: int) -> str:
    """A stranger's text as it may be stored, logged and shown: no NUL, which PostgreSQL does not take, no line ends."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text[:length])


def description_parse(value: Any) -> NodeDescription:
    """Raises VerificationFailed `bad_reply` or `bad_key`."""
    try:
        node_id, name, url, key_text = (value[field] for field in ("id", "name", "url", "verifier_key"))
        protocol = value["protocol"]
        if not all(isinstance(text, str) and text for text in (node_id, name, url, key_text)):
            raise ValueError("a field is not a text")
    except (KeyError, TypeError, ValueError) as error:
        raise _bad_reply("it does not describe a node", error) from error
    _check_protocol(protocol)
    key = VerifierKey.parse(key_text)
    if key.name != node_id:
        raise VerificationFailed(f"The node calls itself {node_id}, its key is of {key.name}.", code="bad_key")
    return NodeDescription(node_id[:253], printable(name, 200), url, key)


def heads_parse(reply: Any, wanted: frozenset[str]) -> PeerHeads:
    """The heads of the wanted origins; others are passed over unread. Raises VerificationFailed `bad_reply`."""
    try:
        data = _data(reply)
        node = data["node"]
        _check_protocol(data["protocol"])
        heads = {row["origin"]: _head(row) for row in data["heads"] if row["origin"] in wanted}
        return PeerHeads(str(node["id"]), printable(str(node["name"]), 200), str(node["verifierKey"]), heads)
    except (KeyError, TypeError, ValueError) as error:
        raise _bad_reply("its heads cannot be read", error) from error


def page_parse(reply: Any) -> Page:
    """Raises VerificationFailed `bad_reply` or `bad_entry`."""
    try:
        log = _data(reply)["log"]
        first, rows, proof = log["first"], log["entries"], log["proof"]
        if type(first) is not int or first < 0 or not isinstance(rows, list) or len(rows) > MAX_PAGE_ENTRIES:
            raise ValueError("`first` or `entries` is out of bounds")
        checkpoint = str(log["checkpoint"])
        left, right = _hashes(proof["left"]), _hashes(proof["right"])
    except (KeyError, TypeError, ValueError) as error:
        raise _bad_reply("a page cannot be read", error) from error
    return Page(checkpoint=checkpoint, first=first, entries=entries_parse(rows), left=left, right=right)


def _check_protocol(version: Any) -> None:
    if version != PROTOCOL_VERSION:
        raise VerificationFailed(
            f"The peer speaks version {str(version)[:20]} of the protocol; this node speaks {PROTOCOL_VERSION}.",
            code="other_protocol",
        )


def _data(reply: Any) -> dict[str, Any]:
    if not isinstance(reply, dict):
        raise TypeError("it is no object")
    errors = reply.get("errors")
    if errors:
        first = errors[0] if isinstance(errors, list) and isinstance(errors[0], dict) else {}
        extensions = first.get("extensions")
        code = str(extensions.get("code", "error"))[:60] if isinstance(extensions, dict) else "error"
        raise VerificationFailed(f"The peer refused: {code}: {str(first.get('message'))[:300]}", code="refused")
    data: dict[str, Any] = reply["data"]
    return data


def _head(row: Mapping[str, Any]) -> PeerHead:
    checkpoint = checkpoints.parse(str(row["checkpoint"]))
    root = _hashes([row["root"]])[0]
    if (checkpoint.origin, checkpoint.size, checkpoint.root) != (row["origin"], row["size"], root):
        raise ValueError(f"the head of {row['origin'][:253]} is not what its checkpoint states")
    return PeerHead(checkpoint.origin, checkpoint.size, checkpoint.root, checkpoint.note)


def _hashes(values: Any) -> list[bytes]:
    if not isinstance(values, list) or len(values) > MAX_PROOF_HASHES:
        raise ValueError("a proof has too many hashes")
    try:
        hashes = [base64.b64decode(value, validate=True) for value in values]
    except binascii.Error as error:
        raise ValueError("a hash is not base64") from error
    if any(len(value) != _HASH_BYTES for value in hashes):
        raise ValueError("a hash is not of 32 bytes")
    return hashes


def _bad_reply(what: str, error: Exception) -> VerificationFailed:
    return VerificationFailed(f"The peer's reply is malformed: {what} ({error})."[:400], code="bad_reply")
