"""The test vectors that are published with FEDERATION.md: `python -m tests.federation.vectors` writes them anew.

Made of the same parts each time, so that the file only changes when the protocol does. A vector says what a reader
must find (`expected`), or with which code of section 9 it must refuse (`code`).
"""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import tests.conftest  # noqa: F401  sets the environment of a node and starts Django

# isort: split
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.records.canonical import canonical_header, sha256_hex
from core.records.checkpoint import heads_digest, sign
from core.records.merkle import leaf_hash, subtrees
from federation import wire
from tests.federation.fakes import FakeLog

FILE = Path(__file__).parents[2] / "docs" / "federation-vectors.json"
ORIGIN = "antwerp.example.org"
ABOUT = (
    "Test vectors of FEDERATION.md. Each says what must be found (expected) or with which code of section 9 it must be "
    "refused (code). Hashes of leaves and trees are in hex, everything else is as on the wire."
)

Vector = dict[str, Any]
Page = dict[str, Any]


def log_of(seed: bytes, titles: list[str], origin: str = ORIGIN) -> FakeLog:
    """Records one to as many as there are titles, the second of them revised at last, the first withdrawn."""
    log = FakeLog("vectors")
    log.origin, log.private = origin, Ed25519PrivateKey.from_private_bytes(seed)
    for place, title in enumerate(titles):
        log.publish(title, record_id=record_id(place, origin))
    log.publish(f"{titles[1]} (2)", record_id=record_id(1, origin), revision=2)
    log.publish("", record_id=record_id(0, origin), revision=2, deleted=True)
    return log


def record_id(place: int, origin: str = ORIGIN) -> str:
    return f"https://{origin}/records/01a201f6-0b11-7d02-8e51-{place:012x}"


ANTWERP = log_of(bytes(range(32)), [f"Rondleiding {n} in de haven – „Zoë’s dag” \U0001f6a2" for n in range(9)])
# The same origin and key, another history from its fourth entry on.
FORKED = log_of(bytes(range(32)), [f"Rondleiding {n}" for n in range(9)])
FORKED.entries[:4] = ANTWERP.entries[:4]
STRANGER = log_of(bytes(range(1, 33)), ["a", "b"])
SIZE = len(ANTWERP.entries)


def vectors() -> dict[str, Any]:
    return {
        "about": ABOUT,
        "protocol": wire.PROTOCOL_VERSION,
        "keys": list(keys()),
        "leaves": list(leaves()),
        "roots": [
            {"name": f"{n} leaves", "leaves": hexed(ANTWERP.leaves(n)), "expected": ANTWERP.root(n).hex()}
            for n in range(SIZE + 1)
        ],
        "ranges": [
            {"name": f"[{a}, {b})", "range": [a, b], "expected": [level for level, _index in subtrees(a, b)]}
            for a, b in [(0, 0), (0, 1), (0, 11), (3, 11), (4, 8), (5, 6), (1, 16), (0, 100_001), (99_999, 2**31 - 1)]
        ],
        "checkpoints": list(checkpoints()),
        "heads": list(heads()),
        "pages": [*good_pages(), *bad_pages()],
    }


def keys() -> Iterator[Vector]:
    text = str(ANTWERP.key)
    name, key_id, encoded = text.split("+", 2)
    yield {"name": "good", "verifier_key": text, "expected": ORIGIN}
    yield {"name": "of another name", "verifier_key": f"ghent.example.org+{key_id}+{encoded}", "code": "bad_key"}
    yield {"name": "of another hash", "verifier_key": f"{name}+00000000+{encoded}", "code": "bad_key"}
    yield {"name": "not base64", "verifier_key": f"{name}+{key_id}+?", "code": "bad_key"}
    yield {"name": "too short", "verifier_key": f"{name}+{key_id}+{encoded[:-4]}", "code": "bad_key"}
    yield {"name": "no key", "verifier_key": name, "code": "bad_key"}


def leaves() -> Iterator[Vector]:
    header = {name: value for name, value in ANTWERP.entries[2].items() if name != "document"}
    changes: dict[str, Vector] = {
        "tool": {},
        "withdrawal": {"deleted": True, "revision": 2},
        "large numbers": {"index": 2**31 - 2, "revision": 2**31 - 1},
        "an id that JSON escapes": {"id": 'https://x/"\\\t\u007f\u20ac\U0001f6a2/01a201f6-0b11-7d02-8e51-000000000002'},
    }
    for name, change in changes.items():
        changed = header | change
        canonical = canonical_header(changed)
        yield {
            "name": name,
            "header": changed,
            "canonical": canonical.decode(),
            "expected": leaf_hash(canonical).hex(),
        }


def checkpoints() -> Iterator[Vector]:
    note, key = ANTWERP.checkpoint(SIZE), str(ANTWERP.key)
    body, signature = note.split("\n\n")
    other = STRANGER.checkpoint(SIZE).split("\n\n")[1]
    extended = signed(f"{body}\nan extension line\n")
    good = {
        "good": (note, SIZE),
        "of an empty log": (ANTWERP.checkpoint(0), 0),
        "with a line more": (extended, SIZE),
        "signed by another key too": (f"{body}\n\n{other}{signature}", SIZE),
    }
    for name, (text, size) in good.items():
        yield {"name": name, "note": text, "verifier_key": key, "expected": size}
    bad = {
        "of another size": (note.replace(f"\n{SIZE}\n", f"\n{SIZE + 1}\n"), "bad_signature"),
        "of another root": (note.replace(body.split("\n")[2], body.split("\n")[2][::-1].replace("=", "") + "="), None),
        "signed by another key": (f"{body}\n\n{other}", "bad_signature"),
        "not signed": (f"{body}\n\n", "bad_signature"),
        "signature cut": (note.replace(signature, signature[:-20] + "\n"), "bad_signature"),
        "of another origin": (sign("ghent.example.org", 0, ANTWERP.root(0), ANTWERP.private).note, "bad_checkpoint"),
        "a size with a zero before it": (signed(f"{ORIGIN}\n0{SIZE}\n{body.split()[2]}\n"), "bad_checkpoint"),
        "a negative size": (signed(f"{ORIGIN}\n-1\n{body.split()[2]}\n"), "bad_checkpoint"),
        "a size of 2^31": (signed(f"{ORIGIN}\n{2**31}\n{body.split()[2]}\n"), "bad_checkpoint"),
        "a size of 5,000 digits": (signed(f"{ORIGIN}\n{'9' * 5000}\n{body.split()[2]}\n"), "bad_checkpoint"),
        "a short root": (signed(f"{ORIGIN}\n{SIZE}\n{base64.b64encode(b'short').decode()}\n"), "bad_checkpoint"),
        "no root": (signed(f"{ORIGIN}\n{SIZE}\n"), "bad_checkpoint"),
        "no gap before the signature": (note.replace("\n\n", "\n"), "bad_checkpoint"),
        "too long": (signed(f"{body}\n{'x' * 16_384}\n"), "bad_checkpoint"),
        "empty": ("", "bad_checkpoint"),
    }
    for name, (text, code) in bad.items():
        yield {"name": name, "note": text, "verifier_key": key, "code": code or "bad_signature"}


def signed(body: str) -> str:
    """A note of any text, signed by Antwerp."""
    signature = base64.b64encode(ANTWERP.key.hash + ANTWERP.private.sign(body.encode())).decode()
    return f"{body}\n\u2014 {ORIGIN} {signature}\n"


def heads() -> Iterator[Vector]:
    """Digests: the same in whatever order the heads come."""
    antwerp, older, other = ANTWERP.head(), ANTWERP.head(5), STRANGER.head()
    accented = log_of(bytes(range(2, 34)), ["c", "d"], "z\u00fcrich.example.org").head()
    private = log_of(bytes(range(3, 35)), ["c", "d"], "\ue000.example.org").head()
    beyond = log_of(bytes(range(4, 36)), ["c", "d"], "\U0001f6a2.example.org").head()
    signed_by_two = other["checkpoint"] + antwerp["checkpoint"].split("\n\n")[1]
    for name, rows in {
        "none": [],
        "one": [antwerp],
        "one that holds less": [older],
        "several": [antwerp, other | {"checkpoint": signed_by_two}, accented],
        "several in another order": [accented, other | {"checkpoint": signed_by_two}, antwerp],
        "in the order of bytes in UTF-8, not of units in UTF-16": [beyond, private],
    }.items():
        yield {"name": name, "heads": rows, "expected": heads_digest(row["checkpoint"] for row in rows)}


def good_pages() -> Iterator[Vector]:
    whole, middle = ANTWERP.page(0, SIZE), ANTWERP.page(4, 3)
    yield page_vector("the whole log", whole, 0, expected=range(SIZE))
    yield page_vector("the first entry", ANTWERP.page(0, 1), 0, expected=[0])
    yield page_vector("entries in the middle", middle, 4, expected=[4, 5, 6])
    yield page_vector("the last entry", ANTWERP.page(SIZE - 1, 5), SIZE - 1, expected=[SIZE - 1])
    yield page_vector("an older checkpoint", ANTWERP.page(2, 3, size=5), 2, expected=[2, 3, 4])
    yield page_vector("entries that are held are cut off", middle, 6, expected=[6])
    yield page_vector("nothing new", middle, 7, expected=[])
    yield page_vector("without documents", changed(whole, without_documents), 0, expected=range(SIZE))
    unknown = changed(middle, lambda page: page["entries"][1].update(newer="member"))
    yield page_vector("a member that is not known", unknown, 4, expected=[4, 5, 6])


def without_documents(page: Page) -> None:
    for entry in page["entries"]:
        entry["document"] = None


def bad_pages() -> Iterator[Vector]:
    for name, (change, code) in CHANGES.items():
        yield page_vector(name, changed(ANTWERP.page(4, 3), change), 4, code=code)
    yield page_vector("begins later than asked", ANTWERP.page(5, 3), 4, code="gap")
    yield page_vector("signed by a stranger", STRANGER.page(0, 2), 0, code="bad_signature")
    yield page_vector("a shrunken log", ANTWERP.page(0, 3, size=3), 5, code="behind")
    yield page_vector("another history", FORKED.page(6, 3), 6, code="fork_detected")
    yield page_vector("another history, entries held among its own", FORKED.page(2, 5), 6, code="fork_detected")
    yield {**page_vector("no page", {}, 0, code="bad_reply"), "reply": {"data": {"log": None}}}
    yield {**page_vector("a text", {}, 0, code="bad_reply"), "reply": "log"}


def entry(**change: Any) -> Callable[[Page], Any]:
    return lambda page: page["entries"][1].update(change)


def forget(name: str) -> Callable[[Page], Any]:
    return lambda page: page["entries"][1].pop(name)


def proof(side: str, change: Callable[[list[str]], Any]) -> Callable[[Page], Any]:
    return lambda page: change(page["proof"][side])


def forged(page: Page) -> None:
    """Another text, its hash made to fit."""
    document = page["entries"][1]["document"].replace("Rondleiding", "Wandeling")
    page["entries"][1].update(document=document, sha256=sha256_hex(document.encode()))


def swapped(page: Page) -> None:
    """Two entries change places and numbers."""
    one, two = page["entries"][:2]
    page["entries"][:2] = [two | {"index": one["index"]}, one | {"index": two["index"]}]


def hidden(page: Page) -> None:
    """An entry is left out, and those after it are numbered on."""
    del page["entries"][1]
    page["entries"][1]["index"] -= 1


_NODE = base64.b64encode(bytes(32)).decode()
CHANGES: dict[str, tuple[Callable[[Page], Any], str]] = {
    "an altered document": (lambda page: entry(document=page["entries"][1]["document"] + " ")(page), "bad_document"),
    "a forged document, its hash made to fit": (forged, "bad_proof"),
    "an altered revision": (entry(revision=7), "bad_proof"),
    "a deletion invented": (entry(deleted=True), "bad_proof"),
    "reordered": (swapped, "bad_proof"),
    "reordered, numbers kept": (lambda page: page["entries"].reverse(), "bad_page"),
    "an entry hidden": (hidden, "bad_proof"),
    "an entry left out": (lambda page: page["entries"].pop(1), "bad_page"),
    "an entry twice": (lambda page: page["entries"].insert(1, page["entries"][1]), "bad_page"),
    "beyond its checkpoint": (lambda page: page.update(checkpoint=ANTWERP.checkpoint(5)), "bad_page"),
    "a hash missing on the left": (proof("left", lambda hashes: hashes.pop()), "bad_proof"),
    "a hash missing on the right": (proof("right", lambda hashes: hashes.pop()), "bad_proof"),
    "a hash too many": (proof("right", lambda hashes: hashes.append(_NODE)), "bad_proof"),
    "a wrong hash on the left": (proof("left", lambda hashes: hashes.__setitem__(0, _NODE)), "bad_proof"),
    "a wrong hash on the right": (proof("right", lambda hashes: hashes.__setitem__(0, _NODE)), "bad_proof"),
    "a hash of 31 bytes": (proof("left", lambda hashes: hashes.__setitem__(0, _NODE[4:])), "bad_reply"),
    "a hash that is not base64": (proof("left", lambda hashes: hashes.__setitem__(0, "?")), "bad_reply"),
    "65 hashes": (proof("left", lambda hashes: hashes.extend([_NODE] * 64)), "bad_reply"),
    "no proof": (lambda page: page.pop("proof"), "bad_reply"),
    "entries that are no list": (lambda page: page.update(entries={}), "bad_reply"),
    "a first that is no number": (lambda page: page.update(first="4"), "bad_reply"),
    "a negative first": (lambda page: page.update(first=-1), "bad_reply"),
    "a checkpoint that is none": (lambda page: page.update(checkpoint="antwerp"), "bad_checkpoint"),
    "an entry that is none": (lambda page: page["entries"].__setitem__(1, None), "bad_entry"),
    **{
        f"an entry without {name}": (forget(name), "bad_entry")
        for name in ("index", "id", "kind", "revision", "deleted", "published", "sha256", "document")
    },
    "an index that is a text": (entry(index="5"), "bad_entry"),
    "an index that is true": (entry(index=True), "bad_entry"),
    "a revision 0": (entry(revision=0), "bad_entry"),
    "a revision of 2^31": (entry(revision=2**31), "bad_entry"),
    "a revision that is no integer": (entry(revision=1.5), "bad_entry"),
    "a deleted that is 0": (entry(deleted=0), "bad_entry"),
    "an id of another scheme": (entry(id="ftp://x/01a201f6-0b11-7d02-8e51-000000000002"), "bad_entry"),
    "an id without a UUID": (entry(id="https://x/records/2"), "bad_entry"),
    "an id in capitals": (entry(id="https://x/01A201F6-0B11-7D02-8E51-000000000002"), "bad_entry"),
    "an id that is too long": (entry(id=f"https://{'x' * 400}/01a201f6-0b11-7d02-8e51-000000000002"), "bad_entry"),
    "a kind in capitals": (entry(kind="Tool"), "bad_entry"),
    "a day that is none": (entry(published="2026-02-30T00:00:00.000000Z"), "bad_entry"),
    "an hour 24": (entry(published="2026-02-20T24:00:00.000000Z"), "bad_entry"),
    "a time without microseconds": (entry(published="2026-02-20T00:00:00Z"), "bad_entry"),
    "a time of another zone": (entry(published="2026-02-20T00:00:00.000000+01:00"), "bad_entry"),
    "a hash in capitals": (entry(sha256="A" * 64), "bad_entry"),
    "a short hash": (entry(sha256="a" * 63), "bad_entry"),
    "a document that is no text": (entry(document={}), "bad_entry"),
    "a document with a NUL": (entry(document="\0"), "bad_entry"),
}


def page_vector(name: str, page: Page, held: int, **outcome: Any) -> Vector:
    if "expected" in outcome:
        outcome["expected"] = list(outcome["expected"])
    reply = {"data": {"log": page}}
    return {
        "name": name,
        "verifier_key": str(ANTWERP.key),
        "held": hexed(ANTWERP.leaves(held)),
        "reply": reply,
        **outcome,
    }


def changed(page: Page, change: Callable[[Page], Any]) -> Page:
    copy: Page = json.loads(json.dumps(page))
    change(copy)
    return copy


def hexed(nodes: list[bytes]) -> list[str]:
    return [node.hex() for node in nodes]


def text() -> str:
    return json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text())
