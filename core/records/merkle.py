"""The Merkle tree of RFC 6962 over a log, in the form that replication needs: compact ranges.

A *compact range* of the leaves [first, last) is the list, left to right, of the hashes of the fewest complete, aligned
subtrees that cover it. Ranges that touch can be merged, and a range from 0 has the tree's root: so a page of entries is
bound to a signed root by the range left of it, its own leaves, and the range right of it, O(log n) hashes in all.
The idea is that of github.com/transparency-dev/merkle (package `compact`); hashes are RFC 6962, section 2.1.

Pure functions on bytes: no database here.
"""

import hashlib
from collections.abc import Sequence
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

    `extend` returns the inner nodes that became complete, as (level, index, hash), so that a caller may keep them.
    """

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        if len(self.peaks) != self.size.bit_count():
            raise ValueError(f"a range of {self.size} leaves has {self.size.bit_count()} peaks, not {len(self.peaks)}")

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        self.append_subtree(0, leaf)

    def extend(self, leaves: Sequence[bytes], *, from_level: int = 1) -> list[tuple[int, int, bytes]]:
        """Add leaf hashes in order; returns the nodes of `from_level` and above that became complete, lowest first.

        A level at a time, not a leaf at a time: a page costs little more than its hashes.
        """
        kept: list[tuple[int, int, bytes]] = []
        # Peaks by level: at each level at most one waits for its right sibling.
        waiting = dict(zip((level for level, _ in reversed(subtrees(0, self.size))), reversed(self.peaks), strict=True))
        level, first, row = 0, self.size, list(leaves)
        while row:
            if first & 1:
                row.insert(0, waiting.pop(level))
                first -= 1
            if len(row) & 1:
                waiting[level] = row.pop()
            pairs = iter(row)
            row = [_sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
            level, first = level + 1, first >> 1
            if level >= from_level:
                kept.extend((level, index, node) for index, node in enumerate(row, start=first))
        self.size += len(leaves)
        self.peaks = [waiting[level] for level in sorted(waiting, reverse=True)]
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
    tree.extend(leaves)
    return tree.root()


def root_of_page(left: CompactRange, leaves: Sequence[bytes], right: Sequence[bytes], size: int) -> bytes:
    """The root of the tree of `size` leaves that a page claims to stand in.

    `left` is the compact range [0, first); `leaves` are the page's leaf hashes from `first` on; `right` the compact
    range from the page's end to `size`. Raises ValueError if their number does not fit. `left` is not changed.
    """
    tree = left.copy()
    tree.extend(leaves)
    return root_with(tree, right, size)


def root_with(tree: CompactRange, right: Sequence[bytes], size: int) -> bytes:
    """The root of the tree of `size` leaves that begins with `tree` and goes on with the compact range `right`.

    Raises ValueError if the number of hashes does not fit. `tree` is not changed.
    """
    whole = tree.copy()
    places = subtrees(whole.size, size)
    if len(places) != len(right):
        raise ValueError(f"the proof needs {len(places)} hashes right of the page, not {len(right)}")
    for (level, _index), node in zip(places, right, strict=True):
        whole.append_subtree(level, node)
    return whole.root()
