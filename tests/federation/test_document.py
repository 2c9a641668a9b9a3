"""FEDERATION.md is true: its examples verify, its queries are those sent, its tables and numbers the code's."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core import http
from core.records import checkpoint as checkpoints
from core.records.canonical import canonical, canonical_header
from core.records.checkpoint import VerifierKey, sign, verifier_key
from core.records.merkle import CompactRange, leaf_hash, root_hash
from core.records.page import page_verify
from core.records.selectors.logs import MAX_PAGE_BYTES, MAX_PAGE_ENTRIES
from federation import wire
from federation.error_words import WORDS
from federation.services import ask, due, poke

TEXT = (Path(__file__).parents[2] / "FEDERATION.md").read_text()
EXAMPLES = dict(re.findall(r"<!-- example: ([a-z -]+) -->\n```[a-z]+\n(.*?)\n```", TEXT, re.DOTALL))
ORIGIN = "antwerp.example.org"


def example(name: str) -> Any:
    return orjson.loads(EXAMPLES[name])


@pytest.fixture
def private() -> Ed25519PrivateKey:
    seed = re.search(r"`([0-9a-f]{64})`, which gives", TEXT)
    assert seed is not None
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed[1]))


@pytest.fixture
def key(private: Ed25519PrivateKey) -> VerifierKey:
    return verifier_key(ORIGIN, private)


def table(section: int, number: int = 0) -> list[str]:
    """The codes in the first column of a section's table."""
    part = TEXT.split(f"\n## {section}. ")[1].split("\n## ")[0]
    tables = re.findall(r"(?:^\| .*\n)+", part, re.MULTILINE)
    return re.findall(r"^\| `([a-z_0-9]+)` ", tables[number], re.MULTILINE)


def test_the_key_has_the_form_and_the_fingerprint_described(key: VerifierKey) -> None:
    assert EXAMPLES["key"] == f"verifier key  {key}\nfingerprint   {key.fingerprint}"


def test_the_description_can_be_read(key: VerifierKey) -> None:
    value = example("well-known")

    assert wire.description_parse(value).key == key
    assert value["fingerprint"] == key.fingerprint
    assert value["endpoints"] == {name: value["url"] + path for name, path in PATHS.items()}


PATHS = {"graphql": wire.GRAPHQL_PATH, "poke": wire.POKE_PATH}


def test_the_checkpoint_is_signed_and_signs_the_leaves(private: Ed25519PrivateKey, key: VerifierKey) -> None:
    leaves = [bytes.fromhex(leaf) for leaf in example("leaves")]

    found = checkpoints.verify(EXAMPLES["checkpoint"] + "\n", key)

    assert (found.size, found.root) == (len(leaves), root_hash(leaves))
    assert found.note == sign(ORIGIN, len(leaves), root_hash(leaves), private).note
    assert f"is `{found.root.hex()}`" in TEXT


def test_the_header_is_canonicalised_and_hashed_as_shown() -> None:
    header = example("header")

    assert canonical_header(header) == canonical(header) == EXAMPLES["canonical header"].encode()
    assert leaf_hash(canonical_header(header)).hex() == example("leaves")[header["index"]]
    assert f"the leaf hash `{leaf_hash(canonical_header(header)).hex()}`" in TEXT
    assert set(table(4)) == set(header)


def test_the_queries_are_those_that_are_sent() -> None:
    assert EXAMPLES["heads query"] == wire.HEADS_QUERY
    assert EXAMPLES["changed heads query"] == wire.CHANGED_HEADS_QUERY
    assert EXAMPLES["log query"] == wire.LOG_QUERY


def test_the_heads_can_be_read(key: VerifierKey) -> None:
    answer = wire.heads_parse(example("heads reply"), frozenset({ORIGIN}))

    assert (answer.id, answer.verifier_key) == (ORIGIN, str(key))
    assert answer.heads[ORIGIN].checkpoint == EXAMPLES["checkpoint"] + "\n"


def test_the_digest_is_that_of_the_heads_and_null_means_that_they_are_unchanged() -> None:
    known = wire.heads_parse(example("heads reply"), frozenset({ORIGIN}))

    answer = wire.changed_heads_parse(example("changed heads reply"), frozenset({ORIGIN}), known)

    assert EXAMPLES["digest"] == example("changed heads variables")["known"] == known.digest
    assert answer == known


def test_the_page_verifies(key: VerifierKey) -> None:
    leaves = [bytes.fromhex(leaf) for leaf in example("leaves")]
    variables = example("log variables")
    held = CompactRange()
    held.extend(leaves[: variables["after"]])

    verified = page_verify(wire.page_parse(example("log reply")), key, held)

    assert [entry.index for entry in verified.entries] == [variables["after"]]
    assert list(verified.leaf_hashes) == leaves[2:3]


def test_the_algorithm_for_the_root_leads_to_the_root() -> None:
    """Section 5 in its own words, on the example page."""
    log = example("log reply")["data"]["log"]
    page = wire.page_parse({"data": {"log": log}})
    stack: list[tuple[int, bytes]] = []
    places = [(1, page.left[0]), *[(0, entry.leaf()) for entry in page.entries], *[(0, node) for node in page.right]]
    for place in places:
        stack.append(place)
        while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
            upper, lower = stack.pop(), stack.pop()
            stack.append((lower[0] + 1, parent(lower[1], upper[1])))
    while len(stack) > 1:
        upper, lower = stack.pop(), stack.pop()
        stack.append((0, parent(lower[1], upper[1])))

    assert stack[0][1] == checkpoints.parse(page.checkpoint).root


def parent(lower: bytes, upper: bytes) -> bytes:
    tree = CompactRange()
    tree.append(lower)
    tree.append(upper)
    return tree.root()


def test_the_pokes_are_those_of_the_code() -> None:
    assert example("poke") == wire.poke(ORIGIN, {ORIGIN: 6, "ghent.example.org": 41})
    assert wire.poke_parse(example("poke")) == (ORIGIN, {ORIGIN: 6, "ghent.example.org": 41})
    assert example("poke reply") == {"accepted": True}


def test_every_code_is_listed() -> None:
    assert set(table(9)) == set(WORDS)
    assert all(f"`{code}`" in TEXT for code in ("behind", *WORDS))


@pytest.mark.parametrize(
    "statement",
    [
        f"at\nmost {MAX_PAGE_ENTRIES}.",
        f"4 MB ({MAX_PAGE_BYTES:,} characters",
        f"At most {MAX_PAGE_ENTRIES} entries; at most {wire.MAX_PROOF_HASHES} hashes of 32 bytes",
        f"A body has at most {wire.MAX_POKE_BYTES:,} bytes",
        f"({poke.MIN_INTERVAL.microseconds // 1000} ms; {poke.MIN_INTERVAL_FAILING.seconds} s if",
        f"at most one poke in {poke.MERGE.microseconds // 1000} ms, in {poke.RELAY.seconds} s if none of its own log "
        f"is new ({poke.MIN_INTERVAL_FAILING.seconds} s if",
        f"waits for {poke.RELAY.seconds} s before it tells what it has pulled",
        f"at most 16 MB ({http.MAX_BYTES:,} bytes)",
        f"waits {ask.TIMEOUT_SECONDS:.0f} s for an answer",
        f"up to {due.BACK_OFF_CAP_SECONDS / 60:.0f} minutes",
        f"window is at most {http.ZSTD_WINDOW_BYTES >> 20} MB",
        f"This is version {wire.PROTOCOL_VERSION} of the protocol",
    ],
)
def test_the_numbers_are_those_of_the_code(statement: str) -> None:
    assert statement in TEXT
