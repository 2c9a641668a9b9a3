"""The records nearest to a vector, for the embedded engine, found in two steps over mapped files.

    FOLDER/signs.bin    blocks of 65,536 rows: of each, the signs of its 384 numbers as 6 words, by column
    FOLDER/rows.bin     of each row, a scale and 384 numbers of 8 bits

The signs find candidates (how many of the 384 differ), the numbers put them in order. 1,000,000 rows are 436 MB on
disk, which all processes share; the first step reads 48 MB of them in 10 ms, of 100,000 rows in 1 ms.

Rows are only ever added. The engine keeps with each record the number of its row; what was written anew or removed
leaves a row behind that no record names, until the index is rebuilt.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.search.vectors.embedder import DIMENSIONS, Vector

BLOCK = 65_536
WORDS = DIMENSIONS // 64
ROW = np.dtype([("scale", "<f4"), ("numbers", "i1", (DIMENSIONS,))])
BLOCK_BYTES = BLOCK * WORDS * 8

# Candidates by signs for each neighbour wanted. With twenty, 91 of the 100 nearest are found among 100,000 made-up
# vectors that hardly differ in nearness, more where some are near and most are not, all among fewer than 2,000. Signs
# tell little of vectors that have much in common: where these are 0.9 long in the mean, 37 of 100 are found.
CANDIDATES = 20
MIN_CANDIDATES = 2_000
# Rows that are compared at a time, half of what a core's cache holds.
COMPARED = 1_024

Rows = NDArray[np.int64]


class Neighbours:
    """The rows of a folder as they are now; made anew when it has changed."""

    def __init__(self, folder: Path) -> None:
        path = folder / "rows.bin"
        self.count = path.stat().st_size // ROW.itemsize if path.exists() else 0
        if self.count:
            self._rows = np.asarray(np.memmap(path, ROW, "r", shape=(self.count,)))
            blocks = -(-self.count // BLOCK)
            self._signs = np.asarray(np.memmap(folder / "signs.bin", "<u8", "r", shape=(blocks, WORDS, BLOCK)))

    def nearest(self, vector: Vector, limit: int, among: Rows | None = None) -> tuple[Rows, NDArray[np.float32]]:
        """Up to `limit` rows, nearest first, and the cosine of each; of all rows, or `among` these only."""
        if not self.count:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        rows = self._candidates(vector, max(MIN_CANDIDATES, CANDIDATES * limit)) if among is None else among
        rows = rows[rows < self.count]
        cosines = self._cosines(rows, vector)
        best = np.argsort(-cosines, kind="stable")[:limit]
        return rows[best], cosines[best]

    def _cosines(self, rows: Rows, vector: Vector) -> NDArray[np.float32]:
        """A few rows at a time: as numbers of 32 bits all would be 77 MB for 50,000 of them."""
        cosines = np.empty(len(rows), np.float32)
        for start in range(0, len(rows), COMPARED):
            found = self._rows[rows[start : start + COMPARED]]
            cosines[start : start + COMPARED] = (found["numbers"].astype(np.float32) @ vector) * found["scale"]
        return cosines

    def _candidates(self, vector: Vector, wanted: int) -> Rows:
        if self.count <= wanted:
            return np.arange(self.count)
        words = _signs(vector[np.newaxis])[0]
        differing = np.concatenate([_differing(block, words) for block in self._signs])[: self.count]
        return np.argpartition(differing, wanted)[:wanted]


def add(folder: Path, vectors: Sequence[Vector]) -> int:
    """The number of the first new row; the others follow. One process at a time."""
    numbers = np.asarray(vectors, np.float32)
    path = folder / "rows.bin"
    first = path.stat().st_size // ROW.itemsize if path.exists() else 0
    _add_signs(folder / "signs.bin", first, _signs(numbers))
    rows = np.empty(len(numbers), ROW)
    rows["scale"] = np.abs(numbers).max(axis=1) / 127
    rows["numbers"] = np.rint(numbers / np.maximum(rows["scale"], 1e-9)[:, np.newaxis])
    with open(path, "ab") as file:
        # Less than a row at the end was left by a process that was killed.
        file.truncate(first * ROW.itemsize)
        file.write(rows.tobytes())
    return first


def _add_signs(path: Path, first: int, words: NDArray[np.uint64]) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        done = 0
        while done < len(words):
            block, place = divmod(first + done, BLOCK)
            some = words[done : done + BLOCK - place]
            os.truncate(descriptor, max(os.fstat(descriptor).st_size, (block + 1) * BLOCK_BYTES))
            for column in range(WORDS):
                where = block * BLOCK_BYTES + (column * BLOCK + place) * 8
                os.pwrite(descriptor, some[:, column].astype("<u8").tobytes(), where)
            done += len(some)
    finally:
        os.close(descriptor)


def _signs(vectors: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Shape (n, 6)."""
    return np.packbits(vectors > 0, axis=1).view("<u8")


def _differing(block: NDArray[np.uint64], words: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """How many signs of each row differ. By column: ten times as fast as by row."""
    differing = np.zeros(BLOCK, np.uint16)
    for column, word in zip(block, words, strict=True):
        differing += np.bitwise_count(column ^ word)
    return differing
