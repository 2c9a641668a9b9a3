"""The published test vectors, judged by the stand-alone client: `standalone_vectors.py docs/federation-vectors.json`.

Exit code 0 with their number, or 1 with the first that is judged otherwise than it says.
"""

import json
import sys

from standalone_client import (
    Refused,
    checkpoint_verify,
    key_read,
    leaf,
    levels,
    page_verify,
    push,
    refuse_unless,
    root_of,
    sha256,
)


def check(file):
    """Every vector is judged as it says; else Refused `vector`."""
    with open(file, encoding="utf-8") as opened:
        vectors = json.load(opened)
    for one in vectors["keys"]:
        judge(one, lambda one: key_read(one["verifier_key"])[0])
    for one in vectors["leaves"]:
        judge(one, lambda one: leaf(one["header"]).hex())
    for one in vectors["roots"]:
        judge(one, lambda one: root_of(tree_of(bytes.fromhex(node) for node in one["leaves"])).hex())
    for one in vectors["ranges"]:
        judge(one, lambda one: levels(*one["range"]))
    for one in vectors["checkpoints"]:
        judge(one, lambda one: checkpoint_verify(one["note"], key_read(one["verifier_key"]))[0])
    for one in vectors["heads"]:
        judge(one, lambda one: sha256(*sorted(head["checkpoint"].encode() for head in one["heads"])).hex())
    for one in vectors["pages"]:
        judge(one, lambda one: page_indexes(one))
    print(sum(len(part) for part in vectors.values() if isinstance(part, list)))


def tree_of(leaves):
    tree = []
    for node in leaves:
        push(tree, 0, node)
    return tree


def page_indexes(one):
    held = tree_of(bytes.fromhex(node) for node in one["held"])
    return [entry["index"] for entry in page_verify(one["reply"], key_read(one["verifier_key"]), held)[0]]


def judge(one, function):
    try:
        found = {"expected": function(one)}
    except Refused as refusal:
        found = {"code": refusal.args[0]}
    wanted = {name: one[name] for name in ("expected", "code") if name in one}
    refuse_unless(found == wanted, "vector", f"{one['name']}: {found} instead of {wanted}")


if __name__ == "__main__":
    try:
        check(sys.argv[1])
    except Refused as refusal:
        sys.exit(" ".join(map(str, refusal.args)))
