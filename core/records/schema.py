"""Does a document fit its kind? Two answers: may it be published here, and can a pulled one be read?

Publishing is strict: codes must stand in their vocabulary. Reading is lenient: unknown codes and fields of a newer
peer are kept and shown as they are.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs
from django.utils.translation import gettext as _

from core.errors import InvalidRecord
from core.records.definition import Code, Codes, Field, Items, kind
from i18n.vocabularies.vocabulary import vocabulary


@cache
def _validator(kind_name: str) -> Any:
    definition = kind(kind_name)
    if definition is None:
        return None
    return jsonschema_rs.validator_for(definition.schema())


def unreadable_reason(document: dict[str, Any]) -> str:
    """Why this version cannot show the document, in one line for the operator; empty when it can."""
    validator = _validator(str(document.get("kind")))
    if validator is None:
        return f"unknown kind {str(document.get('kind'))[:60]!r}"
    if validator.is_valid(document):
        return ""
    error = next(validator.iter_errors(document))
    return f"{_path(error)}: {error.message}"[:300]


def validate(document: dict[str, Any]) -> None:
    """Raises InvalidRecord, naming the first field at fault, unless the document may be published here."""
    for problem in problems(document):
        raise problem


def problems(document: dict[str, Any], *, complete: bool = True) -> Iterator[InvalidRecord]:
    """Why the document may not be published here, a problem at a time; `complete` False: fields may be missing."""
    validator = _validator(str(document.get("kind")))
    definition = kind(str(document.get("kind")))
    if validator is None or definition is None:
        yield InvalidRecord(_("There is no kind “%(kind)s”.") % {"kind": document.get("kind")}, field="kind")
        return
    broken = set()
    for error in validator.iter_errors(document):
        missing = error.kind.property if list(error.schema_path) == ["required"] else None
        if missing is None:
            broken.add(_path(error).partition(".")[0])
            yield InvalidRecord(f"{_path(error)}: {error.message}", field=_path(error).partition(".")[0])
        elif complete:
            field = definition.field(missing)
            message = _("%(field)s is missing.") % {"field": field.label if field else missing}
            yield InvalidRecord(message, field=missing, code="missing_field")
    for field in definition.fields:
        if field.name not in broken:
            yield from _code_problems(field, document.get(field.name))


def _code_problems(field: Field, value: Any) -> Iterator[InvalidRecord]:
    if value is None:
        return
    if isinstance(field.type, Code | Codes):
        codes = [value] if isinstance(field.type, Code) else value
        known = vocabulary(field.type.vocabulary)
        for code in codes:
            if known.get(code) is None:
                message = _("%(field)s: there is no code “%(code)s”.") % {"field": field.label, "code": code}
                yield InvalidRecord(message, field=field.name, code="unknown_code")
    elif isinstance(field.type, Items):
        for item in value:
            for inner in field.type.fields:
                yield from _code_problems(inner, item.get(inner.name))


def _path(error: Any) -> str:
    return ".".join(str(part) for part in error.instance_path) or "document"
