"""The Merkle tree of RFC 6962 over a log, in the form that replication needs: compact ranges.

A *compact range* of the leaves [first, last) is the list, left to right, of the hashes of the fewest complete, aligned
subtrees that cover it. Ranges that touch can be merged, and a range from 0 has the tree's root: so a page of entries is
bound to a signed root by the range left of it, its own leaves, and the range right of it, O(log n) hashes in all.
The idea is that of github.com/transparency-dev/merkle (package `compact`); hashes are RFC 6962, section 2.1.

Pure functions on bytes: no database here.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

EMPTY_ROOT = hashlib.sha256(b"").digest()

_sha256 = hashlib.sha256


def leaf_hash(data: bytes) -> bytes:
    """SHA-256 of 0x00 and the leaf's bytes."""
    return _sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of 0x01 and the two children."""
    return _sha256(b"\x01" + left + right).digest()


def subtrees(first: int, last: int) -> list[tuple[int, int]]:
    """The (level, index) of the complete subtrees that cover [first, last), left to right.

    A subtree of level L and index i covers the leaves [i * 2**L, (i + 1) * 2**L).
    """
    if not 0 <= first <= last:
        raise ValueError(f"not a range: [{first}, {last})")
    found = []
    while first < last:
        alignment = (first & -first).bit_length() - 1 if first else 64
        level = min(alignment, (last - first).bit_length() - 1)
        found.append((level, first >> level))
        first += 1 << level
    return found


@dataclass(slots=True)
class CompactRange:
    """The leaves [0, size), folded into the hashes of their complete subtrees (`peaks`, largest first).

    `append` returns the inner nodes that became complete, as (level, index, hash), so that a caller may keep them.
    """

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        if len(self.peaks) != self.size.bit_count():
            raise ValueError(f"a range of {self.size} leaves has {self.size.bit_count()} peaks, not {len(self.peaks)}")

    def append(self, leaf: bytes, completed: list[tuple[int, int, bytes]] | None = None) -> None:
        """Add one leaf hash. Nodes of level 1 and above that became complete are appended to `completed`."""
        peaks, size, level, node = self.peaks, self.size, 0, leaf
        while size >> level & 1:
            node = _sha256(b"\x01" + peaks.pop() + node).digest()
            level += 1
            if completed is not None:
                completed.append((level, size >> level, node))
        peaks.append(node)
        self.size = size + 1

    def extend(self, leaves: Iterable[bytes], *, from_level: int = 1) -> list[tuple[int, int, bytes]]:
        """Add leaf hashes in order; returns the completed nodes of `from_level` and above as (level, index, hash)."""
        kept: list[tuple[int, int, bytes]] = []
        completed: list[tuple[int, int, bytes]] = []
        for leaf in leaves:
            self.append(leaf, completed)
            if completed:
                if completed[-1][0] >= from_level:
                    kept.extend(node for node in completed if node[0] >= from_level)
                completed.clear()
        return kept

    def append_subtree(self, level: int, node: bytes) -> None:
        """Add a complete subtree that begins at `size`. Raises ValueError if it is not aligned there."""
        if self.size & ((1 << level) - 1):
            raise ValueError(f"a subtree of level {level} cannot begin at leaf {self.size}")
        while self.size >> level & 1:
            node = node_hash(self.peaks.pop(), node)
            self.size -= 1 << level
            level += 1
        self.peaks.append(node)
        self.size += 1 << level

    def root(self) -> bytes:
        """The root hash of the tree of these leaves."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root

    def copy(self) -> "CompactRange":
        return CompactRange(self.size, list(self.peaks))


def root_hash(leaves: Sequence[bytes]) -> bytes:
    """The root of the tree over these leaf hashes."""
    tree = CompactRange()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def root_of_page(left: CompactRange, leaves: Sequence[bytes], right: Sequence[bytes], size: int) -> bytes:
    """The root of the tree of `size` leaves that a page claims to stand in.

    `left` is the compact range [0, first); `leaves` are the page's leaf hashes from `first` on; `right` the compact
    range from the page's end to `size`. Raises ValueError if their number does not fit. `left` is not changed.
    """
    tree = left.copy()
    for leaf in leaves:
        tree.append(leaf)
    places = subtrees(tree.size, size)
    if len(places) != len(right):
        raise ValueError(f"the proof needs {len(places)} hashes right of the page, not {len(right)}")
    for (level, _index), node in zip(places, right, strict=True):
        tree.append_subtree(level, node)
    return tree.root()
