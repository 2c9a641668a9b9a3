"""Texts in several languages, as records hold them: choosing one for a reader, telling an outdated translation.

    {"nl": {"text": "Havenbezoek", "method": "source"},
     "de": {"text": "Hafenbesuch", "method": "human", "of": "<sha256 of the source text>"}}

`method` is source, human or machine. A translation whose `of` no longer matches the source text is outdated.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NotRequired, TypedDict

from i18n.languages import fallback_chain


class Text(TypedDict):
    text: str
    method: str
    of: NotRequired[str]


Texts = Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The text that a reader gets, and what it is. `method` is source, human or machine."""

    text: str
    language: str
    method: str
    outdated: bool

    @property
    def is_translation(self) -> bool:
        return self.method != "source"


def choose(texts: Texts | None, language: str, source_language: str | None = None) -> Chosen | None:
    """The text nearest to what the reader reads: their language, its relatives, English, the source, else the first.

    None when there is no text at all. An outdated translation is still chosen; it says so.
    """
    if not texts:
        return None
    source = source_of(texts, source_language)
    found = next(candidate for candidate in _by_nearness(texts, language, source) if candidate in texts)
    text = texts[found]
    return Chosen(
        text=text["text"],
        language=found,
        method=text["method"],
        outdated=source is not None and is_outdated(text, texts[source]["text"]),
    )


def source_of(texts: Texts, source_language: str | None = None) -> str | None:
    """The language of the source text: the record's own if it is there, else the one whose method says so."""
    if source_language in texts:
        return source_language
    return next((language for language, text in texts.items() if text["method"] == "source"), None)


def is_outdated(text: Text, source_text: str) -> bool:
    """Whether a translation was made of another source text than today's; never for the source itself."""
    return text["method"] != "source" and "of" in text and text["of"] != text_hash(source_text)


def text_hash(text: str) -> str:
    """What `of` holds: the SHA-256 of the text's UTF-8 bytes, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def as_source(text: str) -> Text:
    return {"text": text, "method": "source"}


def as_translation(text: str, *, source_text: str, method: Literal["human", "machine"]) -> Text:
    return {"text": text, "method": method, "of": text_hash(source_text)}


def _by_nearness(texts: Texts, language: str, source: str | None) -> Iterator[str]:
    own = language.split("-")[0]
    yield language
    yield own
    yield from (stated for stated in texts if stated.split("-")[0] == own)
    # English comes next in every chain; after it the source says more than a third language.
    chain = fallback_chain(language)
    yield from chain[: chain.index("en") + 1]
    if source is not None:
        yield source
    yield from texts
