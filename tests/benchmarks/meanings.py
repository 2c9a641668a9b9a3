"""Vectors for made-up records, without the 100 ms that the model takes for each.

A record's lies among those of its own codes' labels, which the model did make, so that real queries are near to some
records and not to most.
"""

import numpy as np

from core.search.documents import facet_vocabularies
from core.search.seam import IndexDocument
from core.search.vectors.embedder import DIMENSIONS, Vector, embedder
from core.search.vectors.languages import neutral_passage, unit
from core.search.vectors.records import ABOUT
from i18n.vocabularies.vocabulary import vocabulary

# What a record's own words add to what its codes say, by the length of the vectors.
OWN_WORDS = 0.6


class Meanings:
    """The same each time, in the order in which they are asked for."""

    def __init__(self, seed: int = 4) -> None:
        model = embedder()
        if model is None:
            raise RuntimeError("there is no model: VECTORS is off")
        self._rng = np.random.default_rng(seed)
        self._labels = {
            (facet, code): neutral_passage(model.passage(concepts.label(code, "en")), "en")
            for facet in ABOUT
            for concepts in (vocabulary(facet_vocabularies()[facet]),)
            for code in concepts.concepts
        }

    def vector(self, document: IndexDocument) -> Vector:
        """Shape (384,), length 1."""
        codes = [self._labels[facet, code] for facet in ABOUT for code in document.codes.get(facet, ())]
        own = unit(self._rng.standard_normal(DIMENSIONS, np.float32)) * OWN_WORDS
        return unit(unit(np.sum(codes, axis=0)) + own if codes else own)
