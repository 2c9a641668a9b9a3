"""The published test vectors: as written, judged by this project's code and by the stand-alone client."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import VerificationFailed
from core.records import checkpoint as checkpoints
from core.records.canonical import canonical, canonical_header
from core.records.checkpoint import VerifierKey
from core.records.merkle import CompactRange, leaf_hash, root_hash, subtrees
from core.records.page import page_verify
from federation import wire
from tests.federation import vectors

HERE = Path(__file__).parent
PUBLISHED = json.loads(vectors.FILE.read_text())
# Everything that the verification of a page may find wrong.
CODES = {
    "bad_key",
    "bad_checkpoint",
    "bad_signature",
    "bad_reply",
    "bad_entry",
    "gap",
    "bad_page",
    "bad_document",
    "bad_proof",
    "behind",
    "fork_detected",
}


def key(one: dict[str, Any]) -> Any:
    return VerifierKey.parse(one["verifier_key"]).name


def leaf(one: dict[str, Any]) -> Any:
    assert canonical_header(one["header"]) == canonical(one["header"]) == one["canonical"].encode()
    return leaf_hash(canonical_header(one["header"])).hex()


def root(one: dict[str, Any]) -> Any:
    return root_hash([bytes.fromhex(node) for node in one["leaves"]]).hex()


def levels(one: dict[str, Any]) -> Any:
    return [level for level, _index in subtrees(*one["range"])]


def checkpoint(one: dict[str, Any]) -> Any:
    return checkpoints.verify(one["note"], VerifierKey.parse(one["verifier_key"])).size


def heads(one: dict[str, Any]) -> Any:
    return checkpoints.heads_digest(row["checkpoint"] for row in one["heads"])


def page(one: dict[str, Any]) -> Any:
    held = CompactRange()
    held.extend([bytes.fromhex(node) for node in one["held"]])
    verified = page_verify(wire.page_parse(one["reply"]), VerifierKey.parse(one["verifier_key"]), held)
    return [entry.index for entry in verified.entries]


JUDGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "keys": key,
    "leaves": leaf,
    "roots": root,
    "ranges": levels,
    "checkpoints": checkpoint,
    "heads": heads,
    "pages": page,
}


def test_the_published_file_is_the_one_that_the_code_writes() -> None:
    assert vectors.FILE.read_text() == vectors.text()


@pytest.mark.parametrize(
    ("sort", "one"), [(sort, one) for sort in JUDGES for one in PUBLISHED[sort]], ids=lambda part: str(part)[:40]
)
def test_every_vector_is_judged_as_it_says(sort: str, one: dict[str, Any]) -> None:
    try:
        found = {"expected": JUDGES[sort](one)}
    except VerificationFailed as refusal:
        found = {"code": refusal.reason}

    assert found == {name: one[name] for name in ("expected", "code") if name in one}


def test_every_refusal_has_a_vector_and_every_sort_a_good_one() -> None:
    assert {one["code"] for sort in JUDGES for one in PUBLISHED[sort] if "code" in one} == CODES
    assert all(any("expected" in one for one in PUBLISHED[sort]) for sort in JUDGES)


def judged_alone(file: Path) -> "subprocess.CompletedProcess[str]":
    # Away from the project: nothing of it could be imported.
    command = [sys.executable, str(HERE / "standalone_vectors.py"), str(file)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", env=environment, timeout=60)


def test_the_stand_alone_client_judges_them_alike() -> None:
    judged = judged_alone(vectors.FILE)

    assert (judged.returncode, judged.stdout) == (0, f"{sum(len(PUBLISHED[sort]) for sort in JUDGES)}\n")


@pytest.mark.parametrize("sort", JUDGES)
def test_the_stand_alone_client_notices_a_wrong_vector(sort: str, tmp_path: Path) -> None:
    last = dict(PUBLISHED[sort][-1], name="wrong")
    wrong = {**PUBLISHED, sort: [*PUBLISHED[sort][:-1], {**last, ("code" if "code" in last else "expected"): "other"}]}
    file = tmp_path / "vectors.json"
    file.write_text(json.dumps(wrong))

    judged = judged_alone(file)

    assert judged.returncode == 1
    assert judged.stderr.startswith("vector wrong: ")


@pytest.mark.parametrize(
    ("name", "expected"), [("standalone_client", {"cryptography"}), ("standalone_vectors", {"standalone_client"})]
)
def test_the_stand_alone_client_imports_the_standard_library_and_cryptography_alone(
    name: str, expected: set[str]
) -> None:
    tree = ast.parse((HERE / f"{name}.py").read_text())
    imported = {
        (node.module or "" if isinstance(node, ast.ImportFrom) else alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }

    assert imported - set(sys.stdlib_module_names) == expected
