"""What an index keeps of a record beside its terms, so that an answer can name it and say why it was found."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from core.search.entries import IndexEntry
from core.search.seam import IndexDocument, Reason, Signpost, Suggestion, Understood
from i18n.languages import fallback_chain


@dataclass(frozen=True, slots=True)
class Shown:
    """`title_terms` are all terms of all titles; `codes` the record's own, by facet; `concepts` and
    `telling` as in `entries.py`.
    """

    uuid: UUID
    address: str
    revision: int
    titles: dict[str, str]
    title_terms: frozenset[str]
    codes: dict[str, list[str]]
    concepts: frozenset[str]
    telling: list[str]

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        return cls(
            uuid=UUID(hex=stored["uuid"]),
            address=stored["address"],
            revision=stored["revision"],
            titles=stored["titles"],
            title_terms=frozenset(stored["title_terms"].split()),
            codes=stored["codes"],
            concepts=frozenset(stored["concepts"].split()),
            telling=stored["telling"].split(),
        )


def as_json(document: IndexDocument, entry: IndexEntry) -> dict[str, Any]:
    title_terms = " ".join([*entry.title_terms, *entry.title_words]).split()
    return {
        "uuid": document.uuid.hex,
        "address": document.address,
        "revision": document.revision,
        "titles": entry.titles,
        "title_terms": " ".join(dict.fromkeys(title_terms)),
        "codes": document.codes,
        "concepts": " ".join(entry.concepts),
        "telling": " ".join(entry.telling),
    }


def reasons(
    shown: Shown, understood: Understood, in_text: Collection[str], by_meaning: bool = False
) -> tuple[Reason, ...]:
    """Why the record was found. `in_text` are the words of the query that stand anywhere in its text.

    `by_meaning` tells that what is near in meaning was searched too: it is the reason if there is no other.
    """
    found = []
    for word in understood.words:
        if not shown.title_terms.isdisjoint(term for term, _ in word.terms):
            found.append(Reason("title", "", word.text))
        elif word.text in in_text:
            found.append(Reason("text", "", word.text))
    found += _mentioned(shown, understood, {reason.words for reason in found})
    if by_meaning and not found:
        found.append(Reason("meaning", "", ""))
    return tuple(found)


def _mentioned(shown: Shown, understood: Understood, said: set[str]) -> Iterator[Reason]:
    """Codes that the record carries, then concepts that its text names in other words than the query's own."""
    explained: set[str] = set()
    for mention in understood.mentions:
        if mention.code in shown.codes.get(mention.facet, ()):
            explained.add(mention.terms[0][0])
            yield Reason(mention.facet, mention.code, mention.words)
    concepts = set(shown.concepts) - explained
    for mention in understood.mentions:
        if mention.terms[0][0] in concepts and not said.issuperset(mention.words.split()):
            concepts.discard(mention.terms[0][0])
            yield Reason(mention.facet, mention.code, mention.words)


def title_suggestion(shown: Shown, language: str) -> Suggestion:
    title, chosen = _title(shown, language)
    return Suggestion(title, chosen, uuid=shown.uuid)


def signpost(shown: Shown, language: str) -> Signpost:
    title, chosen = _title(shown, language)
    kind, origin, activity = (next(iter(shown.codes.get(facet, ())), "") for facet in ("kind", "node", "activity"))
    return Signpost(shown.address, title, chosen, kind, origin, activity)


def _title(shown: Shown, language: str) -> tuple[str, str]:
    """In the reader's language if it has one; its address if it has none at all."""
    chain = [*fallback_chain(language), *shown.titles]
    chosen = next((each for each in chain if each in shown.titles), "")
    return shown.titles.get(chosen, shown.address), chosen


def suggestions(labels: list[Suggestion], titles: list[Suggestion], limit: int) -> list[Suggestion]:
    """Half of the room each; what one leaves the other takes."""
    kept = labels[: max(limit // 2, limit - len(titles))]
    return [*kept, *titles[: limit - len(kept)]]
