"""A draft's content: tidied and checked against the definition of its kind. The only place where content is checked.

Not for how a form looks (`web/forms.py`) nor for the rows of a file (`services/importing/`): both hand their content
to `content_checked`.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from core.errors import InvalidRecord
from core.node import this_node
from core.records import definition as d
from core.records.schema import problems
from i18n.texts import as_source, text_hash

Content = dict[str, Any]

# Envelope fields that an author states; the others are the node's to state.
AUTHORED = frozenset({"licence", "sources"})
# Control characters, which no database's JSON holds; line breaks and tabs stay.
NOT_TEXT = {code: None for code in (*range(32), 127) if code not in (9, 10, 13)}


def content_checked(*, kind: str, language: str, content: Content, complete: bool = False) -> Content:
    """The content tidied. `complete`: fit to be published, not only to be kept as a draft.

    Raises InvalidRecord for the first problem; `content_problems` lists all.
    """
    for problem in content_problems(kind=kind, language=language, content=content, complete=complete):
        raise problem
    return content_tidied(kind=kind, language=language, content=content)


def content_problems(*, kind: str, language: str, content: Content, complete: bool) -> list[InvalidRecord]:
    """What keeps the content from being kept (or, `complete`, from being published), in the order of the fields."""
    definition = d.kind(kind)
    if definition is None or not definition.edited:
        return [
            InvalidRecord(_("There is no kind “%(kind)s”.") % {"kind": kind[:60]}, field="kind", code="unknown_kind")
        ]
    found = list(_unknown_fields(definition, content))
    tidy = content_tidied(kind=kind, language=language, content=content)
    found += problems({**_envelope(kind, language), **tidy}, complete=complete)
    if complete and not found:
        found += source_text_problems(definition.fields, language, tidy)
    return found


def content_tidied(*, kind: str, language: str, content: Content) -> Content:
    """Without what is empty, blanks around texts and control characters; texts with their method filled in.

    A value of the wrong shape is left as it is, for the check to name.
    """
    definition = d.kind(kind)
    tidy = {name: _tidy(value) for name, value in content.items()}
    tidy = {name: value for name, value in tidy.items() if not _empty(value)}
    return _with_methods(definition.fields if definition else (), language, tidy)


def content_title(content: Content, language: str) -> str:
    """For lists of drafts: the title in the source language, else in any."""
    titles = content.get("title") or {}
    text: dict[str, str] = titles.get(language) or next(iter(titles.values()), {})
    return str(text.get("text", ""))[:300]


def _with_methods(fields: Iterable[d.Field], language: str, content: Content) -> Content:
    types = {field.name: field.type for field in fields}
    done = dict(content)
    for name, value in content.items():
        field_type = types.get(name)
        if isinstance(field_type, d.Texts) and isinstance(value, dict):
            done[name] = _texts(value, language)
        elif isinstance(field_type, d.Items) and isinstance(value, list):
            done[name] = [
                _with_methods(field_type.fields, language, item) if isinstance(item, dict) else item for item in value
            ]
    return done


def _texts(texts: dict[str, Any], language: str) -> dict[str, Any]:
    """The source text is of method "source"; another is a translation, of the source text as it is now if not said."""
    done = {}
    source = texts.get(language)
    for code, text in texts.items():
        if not isinstance(text, dict) or "text" not in text:
            done[code] = text
        elif code == language:
            done[code] = dict(as_source(text["text"]))
        else:
            method = text.get("method") if text.get("method") in ("human", "machine") else "human"
            done[code] = {"text": text["text"], "method": method}
            if "of" in text:
                done[code]["of"] = text["of"]
            elif isinstance(source, dict) and isinstance(source.get("text"), str):
                done[code]["of"] = text_hash(source["text"])
    return done


def _tidy(value: Any) -> Any:
    if isinstance(value, str):
        return value.translate(NOT_TEXT).replace("\r\n", "\n").strip()
    if isinstance(value, list):
        return [tidy for item in value if not _empty(tidy := _tidy(item))]
    if isinstance(value, dict):
        tidy = {str(name): _tidy(item) for name, item in value.items()}
        # A text emptied by its author is gone, and not a text of nothing but its method.
        return {} if tidy.get("text") == "" else {name: item for name, item in tidy.items() if not _empty(item)}
    return value


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _envelope(kind: str, language: str) -> dict[str, Any]:
    """What publishing will put around the content, so that the check is the very one of publishing."""
    return {
        "id": f"{this_node().url}/records/0",
        "origin": this_node().id,
        "kind": kind,
        "revision": 1,
        "published": "2000-01-01T00:00:00.000000Z",
        "language": language,
        "licence": "CC-BY-4.0",
        "sources": [],
    }


def _unknown_fields(definition: d.Kind, content: Content) -> Iterator[InvalidRecord]:
    for name in content:
        if definition.field(name) is None and name not in AUTHORED:
            message = _("%(kind)s has no field “%(field)s”.") % {"kind": definition.label, "field": name[:60]}
            yield InvalidRecord(message, field=name[:60], code="unknown_field")


def source_text_problems(fields: Iterable[d.Field], language: str, content: Content) -> Iterator[InvalidRecord]:
    """Translations of nothing. The log's door does not ask this: other nodes may have reasons of their own."""
    for field in fields:
        value = content.get(field.name)
        if value and isinstance(field.type, d.Texts) and language not in value:
            message = _("%(field)s: there is a translation, but no text in the record's own language.")
            yield InvalidRecord(message % {"field": field.label}, field=field.name, code="missing_source_text")
