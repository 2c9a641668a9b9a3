"""A network of peers in memory, built from the real code of core.records; only the transport is faked."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from uuid6 import uuid7

from core.records.canonical import canonical, canonical_header, sha256_hex
from core.records.checkpoint import VerifierKey, heads_digest, sign, verifier_key
from core.records.merkle import leaf_hash, root_hash, subtrees
from federation import wire

Entry = dict[str, Any]


class FakeLog:
    """An origin's log. `size` in the methods below cuts it: a peer that has not pulled all."""

    def __init__(self, name: str) -> None:
        self.origin = f"{name}.havenlink.localhost"
        self.private = Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32, b"."))
        self.entries: list[Entry] = []

    @property
    def key(self) -> VerifierKey:
        return verifier_key(self.origin, self.private)

    def publish(
        self,
        title: str,
        *,
        record_id: str = "",
        revision: int = 1,
        deleted: bool = False,
        at: str = "",
        kind: str = "tool",
        change: dict[str, Any] | None = None,
    ) -> str:
        """Returns the record's id, for its next revision. `change` alters the document and not its header."""
        record_id = record_id or f"http://{self.origin}/records/{uuid7()}"
        at = at or f"2026-11-22T05:50:{len(self.entries) % 60:02d}.123456Z"
        document: dict[str, Any] = {
            "id": record_id,
            "origin": self.origin,
            "kind": kind,
            "revision": revision,
            "published": at,
            "language": "de",
        }
        if deleted:
            document["deleted"] = True
        else:
            text = {"de": {"text": title, "method": "source"}}
            document |= {"licence": "CC-BY-4.0", "sources": [], "title": text, "summary": text, "activity": "workshop"}
        body = canonical(document | (change or {}))
        self.entries.append(
            {
                "index": len(self.entries),
                "id": record_id,
                "kind": kind,
                "revision": revision,
                "deleted": deleted,
                "published": at,
                "sha256": sha256_hex(body),
                "document": body.decode(),
            }
        )
        return record_id

    def leaves(self, size: int) -> list[bytes]:
        headers = [{name: row[name] for name in row if name != "document"} for row in self.entries[:size]]
        return [leaf_hash(canonical_header(header)) for header in headers]

    def root(self, size: int) -> bytes:
        return root_hash(self.leaves(size))

    def checkpoint(self, size: int) -> str:
        return sign(self.origin, size, self.root(size), self.private).note

    def head(self, size: int | None = None) -> dict[str, Any]:
        size = len(self.entries) if size is None else size
        return {
            "origin": self.origin,
            "size": size,
            "root": base64.b64encode(self.root(size)).decode(),
            "checkpoint": self.checkpoint(size),
        }

    def page(self, after: int, first: int, size: int | None = None) -> dict[str, Any]:
        size = len(self.entries) if size is None else size
        entries = [dict(row) for row in self.entries[after : min(after + first, size)]]
        leaves = self.leaves(size)

        def hashes(start: int, end: int) -> list[str]:
            nodes = [root_hash(leaves[i << level : (i + 1) << level]) for level, i in subtrees(start, end)]
            return [base64.b64encode(node).decode() for node in nodes]

        return {
            "origin": self.origin,
            "first": after,
            "size": size,
            "checkpoint": self.checkpoint(size),
            "entries": entries,
            "proof": {"left": hashes(0, after), "right": hashes(after + len(entries), size)},
        }


def reply(value: Any) -> httpx.Response:
    """A stream, as a real connection answers."""
    return httpx.Response(200, content=iter([json.dumps(value).encode()]))


@dataclass
class FakePeer:
    """A node that answers for its own log and those in `holds`. `alter` may change a page before it is sent."""

    log: FakeLog
    holds: dict[str, tuple[FakeLog, int | None]] = field(default_factory=dict)
    page_size: int = wire.PAGE_ENTRIES
    alter: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    down: bool = False
    # Of a version that answers all heads each time.
    older: bool = False
    shown_key: str = ""
    shown_id: str = ""
    asked: list[str] = field(default_factory=list)
    # What each poke said is new.
    pokes: list[dict[str, int]] = field(default_factory=list)
    # Whether it has heard of all that already.
    declines: bool = False

    @property
    def origin(self) -> str:
        return self.log.origin

    @property
    def url(self) -> str:
        return f"http://{self.origin}"

    @property
    def key(self) -> str:
        return str(self.log.key)

    def also_holds(self, log: FakeLog, size: int | None = None) -> None:
        self.holds[log.origin] = (log, size)

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("refused", request=request)
        path = request.url.path
        if path == wire.WELL_KNOWN_PATH:
            self.asked.append("well-known")
            return reply(self.description())
        body = json.loads(request.content)
        if path == wire.POKE_PATH:
            self.asked.append(f"poke {body['origin']}")
            self.pokes.append({head["origin"]: head["size"] for head in body["heads"]})
            return reply({"accepted": not self.declines})
        if body["query"] == wire.HEADS_QUERY:
            self.asked.append("heads")
            return reply({"data": self.heads()})
        if body["query"] == wire.CHANGED_HEADS_QUERY:
            return self.changed_heads(body["variables"]["known"])
        assert body["query"] == wire.LOG_QUERY
        variables = body["variables"]
        self.asked.append(f"log {variables['origin'].partition('.')[0]} {variables['after']}")
        log, size = {**self.holds, self.origin: (self.log, None)}[variables["origin"]]
        page = log.page(variables["after"], min(variables["first"], self.page_size), size)
        return reply({"data": {"log": self.alter(page) if self.alter else page}})

    def heads(self) -> dict[str, Any]:
        rows = [self.log.head(), *(log.head(size) for log, size in self.holds.values())]
        node = {"id": self.shown_id or self.origin, "name": self.origin.split(".")[0].capitalize()}
        return {"protocol": 1, "node": {**node, "verifierKey": self.shown_key or self.key}, "heads": rows}

    def changed_heads(self, known: str) -> httpx.Response:
        if self.older:
            self.asked.append("a question it does not know")
            return httpx.Response(400, content=iter([b'{"errors":[{"extensions":{"code":"invalid_document"}}]}']))
        answer = self.heads()
        rows = answer.pop("heads")
        changed = known != heads_digest(row["checkpoint"] for row in rows)
        self.asked.append("heads" if changed else "unchanged")
        return reply({"data": answer | {"headsIfChanged": rows if changed else None}})

    def description(self) -> dict[str, Any]:
        key, name = self.shown_key or self.key, self.origin.split(".")[0].capitalize()
        return {"id": self.origin, "name": name, "url": self.url, "verifier_key": key, "protocol": 1}


class FakeNetwork:
    """Peers by host name; an unknown host cannot be reached."""

    def __init__(self) -> None:
        self.peers: dict[str, FakePeer] = {}

    def add(self, name: str) -> FakePeer:
        peer = FakePeer(FakeLog(name))
        self.peers[peer.origin] = peer
        return peer

    def __call__(self, request: httpx.Request) -> httpx.Response:
        peer = self.peers.get(request.url.host)
        if peer is None:
            raise httpx.ConnectError("nobody", request=request)
        return peer.answer(request)
