"""A second implementation of FEDERATION.md: the standard library and `cryptography`, nothing of the project.

    standalone_client.py FILE URL VERIFIER_KEY ... [--pages N]

pulls these origins' logs from the node at URL into a SQLite file, at most N pages now, and goes on from there when it
is called again. Exit code 0 with a line for each log that is held in full; 1 with the code of what was refused.
"""

import base64
import hashlib
import json
import re
import sqlite3
import sys
import urllib.request
import zlib
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HEADS = "query Heads { protocol node { id name verifierKey } heads { origin size root checkpoint } }"
LOG = (
    "query Log($origin: String!, $after: Int!, $first: Int!) { log(origin: $origin, after: $after, first: $first) "
    "{ origin first size checkpoint entries proof { left right } } }"
)
MEMBERS = {"index": int, "id": str, "kind": str, "revision": int, "deleted": bool, "published": str, "sha256": str}
FORMS = {
    "id": r"https?://[^\0]*/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "kind": r"[a-z][a-z0-9_]{0,39}",
    "published": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}\.[0-9]{6}Z",
    "sha256": r"[0-9a-f]{64}",
}
MAX_ENTRIES, MAX_HASHES, MAX_BYTES, SECONDS = 2048, 64, 16 * 1024 * 1024, 15


class Refused(Exception):
    """What was served is not taken. Its first argument is the code of section 9."""


def refuse_unless(condition, code, about=""):
    if not condition:
        raise Refused(code, about)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# Section 3: keys and checkpoints


def key_read(text):
    """(origin, key id, public key) of a verifier key."""
    try:
        origin, key_id, encoded = text.split("+", 2)
        data = base64.b64decode(encoded, validate=True)
        refuse_unless(len(data) == 33 and data[0] == 1, "bad_key", text)
    except ValueError:
        raise Refused("bad_key", text) from None
    refuse_unless(sha256(origin.encode(), b"\n", data)[:4].hex() == key_id, "bad_key", text)
    return origin, bytes.fromhex(key_id), data[1:]


def checkpoint_verify(note, key):
    """(size, root) that the owner of the key signed."""
    origin, key_id, public = key
    body, gap, signatures = note.rpartition("\n\n")
    lines = body.split("\n")
    refuse_unless(gap and len(lines) >= 3 and len(note) <= 16_384 and lines[0] == origin, "bad_checkpoint", origin)
    try:
        size, root = int(lines[1]), base64.b64decode(lines[2], validate=True)
    except ValueError:
        raise Refused("bad_checkpoint", origin) from None
    refuse_unless(str(size) == lines[1] and 0 <= size < 2**31 and len(root) == 32, "bad_checkpoint", origin)
    for line in signatures.split("\n"):
        try:
            dash, name, encoded = line.split(" ", 2)
            data = base64.b64decode(encoded, validate=True)
        except ValueError:
            continue
        if (dash, name, data[:4]) == ("\u2014", origin, key_id):
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(data[4:], body.encode() + b"\n")
                return size, root
            except InvalidSignature:
                break
    raise Refused("bad_signature", origin)


# Sections 4 and 5: leaves and trees. A compact range from 0 is a stack of (level, hash).


def leaf(entry):
    header = {name: entry[name] for name in MEMBERS}
    return sha256(b"\0", json.dumps(header, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())


def push(stack, level, node):
    while stack and stack[-1][0] == level:
        level, node = level + 1, sha256(b"\1", stack.pop()[1], node)
    stack.append((level, node))


def root_of(stack):
    if not stack:
        return sha256()
    node = stack[-1][1]
    for _level, left in reversed(stack[:-1]):
        node = sha256(b"\1", left, node)
    return node


def levels(first, last):
    """The levels of the fewest complete subtrees that cover the leaves [first, last)."""
    found = []
    while first < last:
        level = 0
        while first % (2 << level) == 0 and first + (2 << level) <= last:
            level += 1
        found.append(level)
        first += 1 << level
    return found


# Section 7: verifying a page


def entry_check(entry):
    refuse_unless(isinstance(entry, dict) and {"document", *MEMBERS} <= set(entry), "bad_entry")
    fits = all(type(entry[name]) is kind for name, kind in MEMBERS.items())
    refuse_unless(fits and all(re.fullmatch(form, entry[name]) for name, form in FORMS.items()), "bad_entry", entry)
    refuse_unless(len(entry["id"]) <= 400 and 0 < entry["revision"] < 2**31, "bad_entry", entry)
    document = entry["document"]
    if document is not None:
        fits = isinstance(document, str) and len(document) <= 2**20 and "\0" not in document
        refuse_unless(fits, "bad_entry", entry["id"])
    try:
        datetime.fromisoformat(entry["published"])
    except ValueError:
        raise Refused("bad_entry", entry) from None


def page_verify(reply, key, held):
    """(new entries, the tree with them, the checkpoint's size); `held` is the tree of the entries that are held."""
    try:
        page = reply["data"]["log"]
        first, entries, note = page["first"], page["entries"], page["checkpoint"]
        left, right = ([base64.b64decode(h, validate=True) for h in page["proof"][side]] for side in ("left", "right"))
        well_formed = type(first) is int and first >= 0 and type(entries) is list and type(note) is str
    except (KeyError, TypeError, ValueError):
        raise Refused("bad_reply", reply if isinstance(reply, str) else "") from None
    well_formed = well_formed and len(entries) <= MAX_ENTRIES and max(len(left), len(right)) <= MAX_HASHES
    refuse_unless(well_formed and all(len(node) == 32 for node in left + right), "bad_reply")
    for entry in entries:
        entry_check(entry)
    size, root = checkpoint_verify(note, key)
    holds, end = sum(1 << level for level, _node in held), first + len(entries)
    refuse_unless(first <= holds, "gap", first)
    refuse_unless(end <= size and [e["index"] for e in entries] == list(range(first, end)), "bad_page", first)
    for entry in entries:
        document = entry["document"]
        fits = document is None or hashlib.sha256(document.encode()).hexdigest() == entry["sha256"]
        refuse_unless(fits, "bad_document", entry["index"])
    refuse_unless([len(left), len(right)] == [len(levels(0, first)), len(levels(end, size))], "bad_proof", first)
    tree, before = list(zip(levels(0, first), left, strict=True)), None
    for index, entry in enumerate(entries, start=first):
        before = list(tree) if index == holds else before
        push(tree, 0, leaf(entry))
    before = list(tree) if end == holds else before
    whole = list(tree)
    for level, node in zip(levels(end, size), right, strict=True):
        push(whole, level, node)
    refuse_unless(root_of(whole) == root, "bad_proof", first)
    refuse_unless(size >= holds, "behind", size)
    refuse_unless(before is None or before == held, "fork_detected", key[0])
    return entries[max(holds - first, 0) :], tree if end > holds else held, size


# Section 6: asking, over HTTP


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments):
        return None


def ask(url, query, **variables):
    body = json.dumps({"query": query, "variables": variables}).encode()
    headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip"}
    request = urllib.request.Request(url + "/graphql", body, headers)
    with urllib.request.build_opener(NoRedirects).open(request, timeout=SECONDS) as response:
        content = response.read(MAX_BYTES + 1)
        if response.headers.get("Content-Encoding") == "gzip":
            content = zlib.decompressobj(wbits=31).decompress(content, MAX_BYTES + 1)
    refuse_unless(len(content) <= MAX_BYTES, "answer_too_large", url)
    reply = json.loads(content)
    refuse_unless(not reply.get("errors"), "refused", reply.get("errors"))
    return reply


# The replica: entries, current records and the tree, in one transaction a page


def replica_open(file):
    replica = sqlite3.connect(file, isolation_level=None)
    replica.execute("CREATE TABLE IF NOT EXISTS log (origin PRIMARY KEY, tree, checkpoint)")
    replica.execute("CREATE TABLE IF NOT EXISTS entry (origin, place, header, document, PRIMARY KEY (origin, place))")
    replica.execute("CREATE TABLE IF NOT EXISTS record (id PRIMARY KEY, origin, place, revision, deleted)")
    return replica


def tree_held(replica, origin):
    row = replica.execute("SELECT tree FROM log WHERE origin = ?", [origin]).fetchone()
    return [(level, bytes.fromhex(node)) for level, node in json.loads(row[0])] if row else []


def store(replica, origin, entries, tree, note):
    replica.execute("BEGIN IMMEDIATE")
    for entry in entries:
        header = json.dumps({name: entry[name] for name in MEMBERS})
        replica.execute("INSERT INTO entry VALUES (?, ?, ?, ?)", [origin, entry["index"], header, entry["document"]])
        if readable(entry, origin):
            replica.execute(
                "INSERT INTO record VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET place = excluded.place, "
                "revision = excluded.revision, deleted = excluded.deleted "
                "WHERE origin = excluded.origin AND excluded.revision > revision",
                [entry["id"][-36:], origin, entry["index"], entry["revision"], entry["deleted"]],
            )
    packed = json.dumps([(level, node.hex()) for level, node in tree])
    replica.execute("INSERT OR REPLACE INTO log VALUES (?, ?, ?)", [origin, packed, note])
    replica.execute("COMMIT")


def readable(entry, origin):
    """Section 7, the end: whether the document says what its header says; kinds are not known here."""
    if entry["document"] is None:
        return entry["deleted"]
    try:
        document = json.loads(entry["document"])
        repeated = {name: document.get(name) for name in ("id", "kind", "revision", "published")}
    except (ValueError, AttributeError, RecursionError):
        return False
    agrees = all(value == entry[name] for name, value in repeated.items()) and document.get("origin") == origin
    return agrees and document.get("deleted", False) is entry["deleted"]


def pull(file, url, *keys, pages=sys.maxsize):
    replica, by_origin = replica_open(file), {key_read(key)[0]: key_read(key) for key in keys}
    data = ask(url, HEADS)["data"]
    refuse_unless(data["protocol"] == 1, "other_protocol", data["protocol"])
    for head in data["heads"]:
        origin, key = head["origin"], by_origin.get(head["origin"])
        size = head["size"] if key else 0
        while (holds := sum(1 << level for level, _node in tree_held(replica, origin))) < size and pages > 0:
            reply = ask(url, LOG, origin=origin, after=holds, first=MAX_ENTRIES)
            entries, tree, size = page_verify(reply, key, tree_held(replica, origin))
            refuse_unless(entries, "empty_page", origin)
            store(replica, origin, entries, tree, reply["data"]["log"]["checkpoint"])
            pages -= 1
        if key and head["size"] <= holds:
            signed, root = checkpoint_verify(head["checkpoint"], key)
            same = signed == head["size"] and root == root_at(replica, origin, signed)
            refuse_unless(same, "fork_detected", origin)
            print(f"{origin} {holds} {base64.b64encode(root_of(tree_held(replica, origin))).decode()}")


def root_at(replica, origin, size):
    tree = []
    rows = replica.execute("SELECT header FROM entry WHERE origin = ? ORDER BY place LIMIT ?", [origin, size])
    for (header,) in rows:
        push(tree, 0, leaf(json.loads(header)))
    return root_of(tree)


if __name__ == "__main__":
    file, url, *keys = sys.argv[1:]
    pages = int(keys.pop()) if keys[-2:-1] == ["--pages"] else sys.maxsize
    try:
        pull(file, url, *(key for key in keys if key != "--pages"), pages=pages)
    except Refused as refusal:
        sys.exit(" ".join(str(part) for part in refusal.args)[:300])
    except OSError as error:
        sys.exit(f"unreachable {error}")
