"""The vector of a query, and the codes that it is near to: meant, though none of its words names them."""

import time
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.search.documents import facet_vocabularies
from core.search.vectors.embedder import Vector, embedder
from core.search.vectors.languages import neutral_query, unit
from core.search.vectors.records import ABOUT
from core.search.vectors.store import queries_of, vector_store
from i18n.languages import INTERFACE_LANGUAGES
from i18n.vocabularies.vocabulary import vocabulary

# A code is meant if its label stands out among all labels by so many standard deviations of their nearness.
STANDS_OUT = 2.0
# Until all labels have their vectors, how long until the next look.
LOOK_AGAIN_SECONDS = 10.0


class NearCode(NamedTuple):
    """`by` are standard deviations beyond STANDS_OUT."""

    facet: str
    code: str
    by: float


def query_vector(text: str, language: str) -> Vector | None:
    """Shape (384,), length 1, language taken out; None without a model or a text. 10 to 30 ms for a new text."""
    return _query_vector(text, language) if text and embedder() else None


@lru_cache(maxsize=1_000)
def _query_vector(text: str, language: str) -> Vector | None:
    model = embedder()
    return neutral_query(model.query(text), language) if model else None


def near_codes(vector: Vector) -> list[NearCode]:
    """Nothing while the labels' vectors are still to be computed."""
    labels = _code_vectors.current()
    if labels is None:
        return []
    nearness = labels @ vector
    beyond = (nearness - nearness.mean()) / nearness.std() - STANDS_OUT
    return [NearCode(*_codes()[place], float(beyond[place])) for place in np.flatnonzero(beyond > 0)]


def label_texts() -> Iterator[str]:
    """Whose vectors, as queries, must be in the store for `near_codes` to answer."""
    for facet, code in _codes():
        for language in INTERFACE_LANGUAGES:
            yield _label(facet, code, language)


class _CodeVectors:
    """Of every code, the mean of its labels' vectors. Shape (codes, 384)."""

    def __init__(self) -> None:
        self._vectors: NDArray[np.float32] | None = None
        self._looked_at = -LOOK_AGAIN_SECONDS

    def current(self) -> NDArray[np.float32] | None:
        if self._vectors is None and time.monotonic() >= self._looked_at + LOOK_AGAIN_SECONDS:
            self._looked_at = time.monotonic()
            self._vectors = self._read()
        return self._vectors

    def _read(self) -> NDArray[np.float32] | None:
        model = embedder()
        known = vector_store().get(queries_of(model), label_texts()) if model else {}
        if not known or len(known) < len(set(label_texts())):
            return None
        return np.stack(
            [
                unit(
                    np.sum(
                        [
                            neutral_query(known[_label(facet, code, language)], language)
                            for language in INTERFACE_LANGUAGES
                        ],
                        axis=0,
                    )
                )
                for facet, code in _codes()
            ]
        )


_code_vectors = _CodeVectors()


@lru_cache(maxsize=1)
def _codes() -> list[tuple[str, str]]:
    return [(facet, code) for facet in ABOUT for code in vocabulary(facet_vocabularies()[facet]).concepts]


def _label(facet: str, code: str, language: str) -> str:
    return vocabulary(facet_vocabularies()[facet]).label(code, language)
