"""The records nearest to a vector, for the embedded engine, found in two steps over mapped files.

    FOLDER/rows.bin     of each row, a scale and 384 numbers of 8 bits
    FOLDER/centre.bin   384 numbers of 32 bits, the mean of the rows that were there when signs began to be kept
    FOLDER/signs.bin    blocks of 65,536 rows: the signs of each row's difference from it as 6 words, by column

The signs find candidates, the numbers put them in order. Vectors of one field have much in common, and what they have
in common tells nothing: so signs are of what a vector differs in from all. A sign counts as the query's own number
there is large or small, in four steps. 1,000,000 rows are 436 MB on disk, which all processes share; the first step
reads 48 MB of them, of 100,000 rows in 3 ms. As few rows as are compared anyway have no signs.

Rows are only ever added. The engine keeps with each record the number of its row; what was written anew or removed
leaves a row behind that no record names, until the index is rebuilt.
"""

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.search.vectors.embedder import DIMENSIONS, Vector

BLOCK = 65_536
WORDS = DIMENSIONS // 64
ROW = np.dtype([("scale", "<f4"), ("numbers", "i1", (DIMENSIONS,))])
BLOCK_BYTES = BLOCK * WORDS * 8

# Candidates by signs for each neighbour wanted. With forty, 93 of the 100 nearest are found among 95,000 made-up
# vectors whose mean is 0.91 long, and the cosines of those found instead are 0.0003 less; all among fewer than 4,000.
CANDIDATES = 40
MIN_CANDIDATES = 4_000
# A sign weighs 0 to 3: the query's number there in steps of two thirds of their root mean square.
WEIGHT_BITS = 2
WEIGHT_STEP = 2 / 3
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
        if self.count > MIN_CANDIDATES:
            blocks = -(-self.count // BLOCK)
            self._signs = np.asarray(np.memmap(folder / "signs.bin", "<u8", "r", shape=(blocks, WORDS, BLOCK)))

    def of(self, vector: Vector) -> "NeighboursOf":
        return NeighboursOf(self, vector)

    def cosines(self, rows: Rows, vector: Vector) -> NDArray[np.float32]:
        """A few rows at a time: as numbers of 32 bits all would be 77 MB for 50,000 of them."""
        cosines = np.empty(len(rows), np.float32)
        for start in range(0, len(rows), COMPARED):
            found = self._rows[rows[start : start + COMPARED]]
            cosines[start : start + COMPARED] = (found["numbers"].astype(np.float32) @ vector) * found["scale"]
        return cosines

    def differing(self, vector: Vector) -> NDArray[np.uint16]:
        """By how much the signs of each row differ from the vector's."""
        words, planes = _signs(vector[np.newaxis])[0], _weights(vector)
        filled = [block[:, : self.count - number * BLOCK] for number, block in enumerate(self._signs)]
        return np.concatenate([_differing(block, words, planes) for block in filled])


class NeighboursOf:
    """Those of one vector. Asked for those among several sets of rows, as facets do, it compares all signs once."""

    def __init__(self, neighbours: Neighbours, vector: Vector) -> None:
        self._neighbours = neighbours
        self._vector = vector

    def nearest(self, limit: int, among: Rows | None = None) -> tuple[Rows, NDArray[np.float32]]:
        """Up to `limit` rows, nearest first, and the cosine of each; of all rows, or `among` these only."""
        count = self._neighbours.count
        if not count:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        asked = np.arange(count) if among is None else among[among < count]
        rows = self._candidates(asked, max(MIN_CANDIDATES, CANDIDATES * limit))
        cosines = self._neighbours.cosines(rows, self._vector)
        best = np.argsort(-cosines, kind="stable")[:limit]
        return rows[best], cosines[best]

    def _candidates(self, rows: Rows, wanted: int) -> Rows:
        if len(rows) <= wanted:
            return rows
        # In order: rows that lie beside each other are read in half of the time.
        return rows[np.sort(np.argpartition(self._differences[rows], wanted)[:wanted])]

    @cached_property
    def _differences(self) -> NDArray[np.uint16]:
        return self._neighbours.differing(self._vector)


def add(folder: Path, vectors: Sequence[Vector]) -> int:
    """The number of the first new row; the others follow. One process at a time."""
    numbers = np.asarray(vectors, np.float32)
    path = folder / "rows.bin"
    first = path.stat().st_size // ROW.itemsize if path.exists() else 0
    if first + len(numbers) > MIN_CANDIDATES:
        _add_signs(folder / "signs.bin", first, _signs(numbers - _centre(folder, first, numbers)))
    rows = np.empty(len(numbers), ROW)
    rows["scale"] = np.abs(numbers).max(axis=1) / 127
    rows["numbers"] = np.rint(numbers / np.maximum(rows["scale"], 1e-9)[:, np.newaxis])
    with open(path, "ab") as file:
        # Less than a row at the end was left by a process that was killed.
        file.truncate(first * ROW.itemsize)
        file.write(rows.tobytes())
    return first


def _centre(folder: Path, first: int, new: NDArray[np.float32]) -> Vector:
    """What signs are differences from. Where it is missing, it is made, and the signs of the rows before `first`."""
    path = folder / "centre.bin"
    if not path.exists():
        rows = np.fromfile(folder / "rows.bin", ROW, first) if first else np.empty(0, ROW)
        held = rows["numbers"].astype(np.float32) * rows["scale"][:, np.newaxis]
        centre = np.concatenate([held, new]).mean(axis=0)
        _add_signs(folder / "signs.bin", 0, _signs(held - centre))
        # Last: a centre that is there says that all rows have signs.
        unfinished = folder / "centre.new"
        unfinished.write_bytes(centre.astype("<f4").tobytes())
        unfinished.replace(path)
    return np.fromfile(path, "<f4")


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


def _weights(vector: Vector) -> NDArray[np.uint64]:
    """How much each sign counts, as bits: shape (WEIGHT_BITS, 6), the lowest bits of all weights first."""
    scale = WEIGHT_STEP * np.sqrt(np.mean(vector**2))
    weights = np.minimum(np.rint(np.abs(vector) / max(scale, 1e-9)), 2**WEIGHT_BITS - 1).astype(np.uint8)
    return np.packbits([weights >> bit & 1 for bit in range(WEIGHT_BITS)], axis=1).view("<u8")


def _differing(block: NDArray[np.uint64], words: NDArray[np.uint64], planes: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """The weights of the signs in which each row differs, added up. By column: ten times as fast as by row."""
    differing = np.zeros(block.shape[1], np.uint16)
    for column, word, weights in zip(block, words, planes.T, strict=True):
        different = column ^ word
        for bit, weight in enumerate(weights):
            differing += np.bitwise_count(different & weight) << np.uint16(bit)
    return differing
