"""What a search found, as rows for a reader: the words that match, and why each record is among the hits.

One query whatever the number of hits. A record that the index still holds and the database no longer does is left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from core.records.models import Record
from core.search.analysis import base, word_terms
from core.search.documents import index_document
from core.search.highlighting import Highlighter
from core.search.seam import Hit, IndexDocument, Query, Reason, Signpost, Understood
from core.search.without_index import scan
from i18n.languages import country_name
from i18n.texts import Texts, choose
from i18n.vocabularies.vocabulary import fold, vocabulary
from tools_inventory.selectors.facets import facet_label, value_label
from tools_inventory.selectors.nodes import node_names

# A text in order, each piece with whether the query found it.
Pieces = tuple[tuple[str, bool], ...]

# About three lines of a result row.
SUMMARY_LETTERS = 260
# What stays in sight before the first word found.
LEAD_LETTERS = 90
STAGES_NAMED = 2

# Without an index: a quarter of a second.
LOOKED_THROUGH = 1000


@dataclass(frozen=True, slots=True)
class HitText:
    """A record's title or summary as chosen for the reader. `method` is source, human or machine."""

    pieces: Pieces
    text: str
    language: str
    method: str


@dataclass(frozen=True, slots=True)
class Why:
    """A code that answers for the query's own `words`: ("Activity", "Company visit", "Betriebsbesichtigung")."""

    label: str
    value: str
    words: str

    @property
    def literal(self) -> bool:
        """Whether the words are the value's own label in the reader's language."""
        return fold(self.words) == fold(self.value)


@dataclass(frozen=True, slots=True)
class HitRow:
    """One row. `stages` are the first named, `more_stages` how many there are besides; `ages` is "14–16".

    `why` are codes whose label is none of the words shown; `elsewhere` are words found in the record but not in what
    the row shows of it; `missing` are words that it has not; `by_meaning` is true of what only means alike. `address`
    is empty if the record has a page on this node.
    """

    uuid: UUID
    kind: str
    origin: str
    node_name: str
    language: str
    title: HitText
    summary: HitText | None
    place: str
    activity: str
    stages: tuple[str, ...]
    more_stages: int
    ages: str
    why: tuple[Why, ...]
    elsewhere: tuple[str, ...]
    missing: tuple[str, ...]
    by_meaning: bool
    address: str = ""


class _Held(NamedTuple):
    """So much of a record as a row needs: whole models of twenty records and their logs take 5 ms more."""

    uuid: UUID
    deleted: bool
    kind: str
    language: str
    origin: str
    text: str | None


# Marks nothing: for texts in which the index found no word, so that none of theirs need be looked up.
_UNMARKED = Highlighter(Understood())

_COLUMNS = ("uuid", "deleted", "kind", "language", "log__origin", "entry__document")


class _Reading(NamedTuple):
    """What all rows of an answer are read with."""

    understood: Understood
    highlighter: Highlighter
    language: str
    names: Mapping[str, str]


def hit_rows(hits: Iterable[Hit], understood: Understood, language: str, names: Mapping[str, str]) -> list[HitRow]:
    """In the order of the hits; `names` are those of the nodes.

    Of a record that other nodes brought to the index, and that no log here has, a row leads to where it was published.
    """
    hits = tuple(hits)
    held = Record.objects.filter(uuid__in=[hit.uuid for hit in hits]).values_list(*_COLUMNS)
    found = {row[0]: _Held(*row) for row in held}
    reading = _Reading(understood, Highlighter(understood), language, names)
    rows = []
    for hit in hits:
        record = found.get(hit.uuid)
        if record is not None and not record.deleted:
            rows.append(_row(record, hit.why, reading))
        elif record is None and hit.signpost is not None and hit.signpost.address.startswith(("https://", "http://")):
            rows.append(_row_elsewhere(hit.uuid, hit.signpost, hit.why, reading))
    return rows


def newest_rows(limit: int, kinds: Sequence[str], query: Query) -> list[HitRow]:
    """The same rows for the newest records of these kinds that a search asks for; no index is asked.

    Of these kinds, the LOOKED_THROUGH newest records are looked through.
    """
    newest = Record.objects.filter(kind__in=kinds, deleted=False).order_by("-published_at")
    looked_through = newest.values_list("entry__document", flat=True)[:LOOKED_THROUGH]
    hits, understood = scan(query, filter(None, map(_document, looked_through)))
    return hit_rows(hits[:limit], understood, query.language, node_names())


def _document(text: str | None) -> IndexDocument | None:
    try:
        return index_document(orjson.loads(text)) if text else None
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _row(record: _Held, reasons: tuple[Reason, ...], reading: _Reading) -> HitRow:
    understood, highlighter, language, names = reading
    document = orjson.loads(record.text) if record.text else {}
    found_in = {reason.field for reason in reasons}
    in_title = highlighter if "title" in found_in else _UNMARKED
    in_summary = highlighter if found_in & {"title", "text"} else _UNMARKED
    title = _text(document.get("title"), language, record.language, in_title) or _untitled(record)
    summary = _text(document.get("summary"), language, record.language, in_summary, SUMMARY_LETTERS)
    stages = [vocabulary("school_stages").label(code, language) for code in document.get("stages", ())]
    shown = _matched_words(title, summary, understood)
    return HitRow(
        uuid=record.uuid,
        kind=record.kind,
        origin=record.origin,
        node_name=names.get(record.origin, record.origin),
        language=record.language,
        title=title,
        summary=summary,
        place=_place(document, language),
        activity=str(document.get("activity", "")),
        stages=tuple(stages[:STAGES_NAMED]),
        more_stages=max(0, len(stages) - STAGES_NAMED),
        ages=_ages(document.get("ages")),
        why=_why(reasons, shown, language, names),
        elsewhere=_elsewhere(reasons, shown),
        missing=_missing(reasons, understood),
        by_meaning=_by_meaning(reasons),
    )


def _row_elsewhere(uuid: UUID, there: Signpost, reasons: tuple[Reason, ...], reading: _Reading) -> HitRow:
    understood, highlighter, language, names = reading
    title = HitText(tuple(highlighter.pieces(there.title, there.language)), there.title, there.language, "source")
    shown = _matched_words(title, None, understood)
    return HitRow(
        uuid=uuid,
        kind=there.kind,
        origin=there.origin,
        node_name=names.get(there.origin, there.origin),
        language=there.language,
        title=title,
        summary=None,
        place="",
        activity=there.activity,
        stages=(),
        more_stages=0,
        ages="",
        why=_why(reasons, shown, language, names),
        elsewhere=_elsewhere(reasons, shown),
        missing=_missing(reasons, understood),
        by_meaning=_by_meaning(reasons),
        address=there.address,
    )


def _text(
    texts: Texts | None, language: str, source_language: str, highlighter: Highlighter, letters: int = 0
) -> HitText | None:
    chosen = choose(texts, language, source_language)
    if chosen is None:
        return None
    if letters:
        pieces = highlighter.excerpt(chosen.text, chosen.language, letters=letters, lead=LEAD_LETTERS)
    else:
        pieces = highlighter.pieces(chosen.text, chosen.language)
    return HitText(tuple(pieces), chosen.text, chosen.language, chosen.method)


def _untitled(record: _Held) -> HitText:
    name = str(record.uuid)
    return HitText(((name, False),), name, record.language, "source")


def _matched_words(title: HitText, summary: HitText | None, understood: Understood) -> frozenset[str]:
    """Words of the query that the row shows in flag colour, in whatever form."""
    terms = {
        term
        for text in (title, summary)
        if text
        for piece, found in text.pieces
        if found
        for term in word_terms(piece, base(text.language)).split()
    }
    return frozenset(word.text for word in understood.words if any(term in terms for term, _ in word.terms))


def _why(
    reasons: tuple[Reason, ...], shown: frozenset[str], language: str, names: Mapping[str, str]
) -> tuple[Why, ...]:
    """Codes alone: what stands in flag colour explains itself. One for the same words: the first says enough."""
    by_words = {
        reason.words: reason
        for reason in reversed(reasons)
        if reason.code and not shown.issuperset(reason.words.split(" "))
    }
    return tuple(
        Why(
            facet_label(reason.field, language),
            value_label(reason.field, reason.code, language, names),
            reason.words,
        )
        for reason in reasons
        if by_words.get(reason.words) is reason
    )


def _elsewhere(reasons: tuple[Reason, ...], shown: frozenset[str]) -> tuple[str, ...]:
    """Words in a part of the text that the row leaves out, unless a code already explains them."""
    explained = {word for reason in reasons if reason.code for word in reason.words.split(" ")}
    return tuple(reason.words for reason in reasons if reason.field == "text" and reason.words not in shown | explained)


def _missing(reasons: tuple[Reason, ...], understood: Understood) -> tuple[str, ...]:
    """None when the record was found by something else than words."""
    if not reasons or _by_meaning(reasons):
        return ()
    found = {word for reason in reasons for word in reason.words.split(" ")}
    return tuple(word.text for word in understood.words if word.text not in found)


def _by_meaning(reasons: tuple[Reason, ...]) -> bool:
    return any(reason.field == "meaning" for reason in reasons)


def _place(document: dict[str, Any], language: str) -> str:
    """ "Antwerpen, België"."""
    region = vocabulary("regions").get(str(document.get("region", "")))
    location = document.get("location", {})
    city = location.get("city") or (vocabulary("regions").label(region.code, language) if region else "")
    country = location.get("country") or (region.country if region else "")
    return ", ".join(part for part in (city, country_name(country, language) if country else "") if part)


def _ages(ages: dict[str, int] | None) -> str:
    """ "14–16", "14+", "–12"; "" when not stated."""
    if not ages:
        return ""
    lowest, highest = ages.get("min"), ages.get("max")
    if lowest == highest:
        return str(lowest)
    if highest is None:
        return f"{lowest}+"
    return f"{'' if lowest is None else lowest}–{highest}"
