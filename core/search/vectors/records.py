"""The vectors of records: what of a record is put into one, and those that are already known."""

from collections.abc import Sequence
from dataclasses import replace

from core.search.documents import facet_vocabularies, unsearched_kinds
from core.search.seam import IndexDocument
from core.search.vectors.embedder import embedder
from core.search.vectors.languages import neutral_passage
from core.search.vectors.store import passages_of, vector_store
from i18n.vocabularies.vocabulary import vocabulary

# What a record is about. Places and school stages would draw together what has nothing else in common.
ABOUT = ("activity", "sector", "theme", "audience")


def meaning(document: IndexDocument) -> str:
    """Title, codes in English, summary: found better by than any of them alone, and than by more of the text."""
    texts = document.texts.get(document.language) or next(iter(document.texts.values()), None)
    codes = ", ".join(
        vocabulary(facet_vocabularies()[facet]).label(code, "en")
        for facet in ABOUT
        for code in document.codes.get(facet, ())
    )
    title, summary = (texts.title, texts.summary) if texts else ("", "")
    return ". ".join(part for part in (title, codes, summary) if part)


def with_known_vectors(documents: Sequence[IndexDocument]) -> tuple[list[IndexDocument], list[str]]:
    """The documents, each with its vector if the store has it, and the texts that it lacks; none without a model."""
    model = embedder()
    if model is None:
        return list(documents), []
    texts = {document.uuid: meaning(document) for document in documents if _is_searched(document)}
    known = vector_store().get(passages_of(model), texts.values())
    filled = [
        replace(document, vector=neutral_passage(known[text], document.language))
        if (text := texts.get(document.uuid)) in known
        else document
        for document in documents
    ]
    return filled, [text for text in dict.fromkeys(texts.values()) if text not in known]


def _is_searched(document: IndexDocument) -> bool:
    """What is only found by its kind is found by its name."""
    return document.kind not in unsearched_kinds()
