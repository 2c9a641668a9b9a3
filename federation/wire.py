"""What goes over the wire between nodes: addresses, GraphQL documents, and the reading of replies. Pure: no network, no
database. FEDERATION.md describes the same for other implementations, and a test holds the two together.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from core.errors import VerificationFailed
from core.records import checkpoint as checkpoints
from core.records.checkpoint import VerifierKey, heads_digest
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
CHANGED_HEADS_QUERY = (
    "query Changed($known: String!) { protocol node { id name verifierKey } "
    "headsIfChanged(known: $known) { origin size root checkpoint } }"
)
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
    """Who answered, its heads of the wanted origins, and the digest of all its heads."""

    id: str
    name: str
    verifier_key: str
    heads: Mapping[str, PeerHead]
    digest: str


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
        return _peer_heads(data, data["heads"], wanted)
    except (KeyError, TypeError, ValueError) as error:
        raise _bad_reply("its heads cannot be read", error) from error


def changed_heads_parse(reply: Any, wanted: frozenset[str], known: PeerHeads) -> PeerHeads:
    """The same of an answer to CHANGED_HEADS_QUERY: `known`'s heads, unless it shows others. Who answers is said anew.

    Raises VerificationFailed `bad_reply`.
    """
    try:
        data = _data(reply)
        rows = data["headsIfChanged"]
        answered = _peer_heads(data, rows or (), wanted)
    except (KeyError, TypeError, ValueError) as error:
        raise _bad_reply("its heads cannot be read", error) from error
    return answered if rows is not None else replace(answered, heads=known.heads, digest=known.digest)


def poke(origin: str, heads: Mapping[str, int]) -> dict[str, Any]:
    """The body of a poke. Heads that do not fit are left out: whoever reads it looks at all."""
    body = {"origin": origin, "heads": [{"origin": name, "size": size} for name, size in heads.items()]}
    return body if len(orjson.dumps(body)) <= MAX_POKE_BYTES else {"origin": origin}


def poke_parse(body: Any) -> tuple[str, dict[str, int] | None]:
    """Whose poke it is, and the heads that are new there, if it says which. Raises ValueError."""
    try:
        origin, rows = body["origin"], body.get("heads")
        heads = None if rows is None else {row["origin"]: row["size"] for row in rows}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("a member is missing") from error
    if not all(isinstance(name, str) and 0 < len(name) <= 253 for name in [origin, *(heads or ())]):
        raise ValueError("an origin is not a node's id")
    if not all(type(size) is int and 0 <= size < checkpoints.MAX_ENTRIES for size in (heads or {}).values()):
        raise ValueError("a size is not a number of entries")
    return origin, heads


def poke_reply_parse(reply: Any) -> bool:
    """Whether a poke was accepted; an answer that does not say so clearly is taken for yes, which costs a poke."""
    return not isinstance(reply, dict) or reply.get("accepted") is not False


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


def _peer_heads(data: Mapping[str, Any], rows: Sequence[Any], wanted: frozenset[str]) -> PeerHeads:
    node = data["node"]
    _check_protocol(data["protocol"])
    heads = {row["origin"]: _head(row) for row in rows if row["origin"] in wanted}
    digest = heads_digest(str(row.get("checkpoint")) for row in rows)
    return PeerHeads(str(node["id"]), printable(str(node["name"]), 200), str(node["verifierKey"]), heads, digest)


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
