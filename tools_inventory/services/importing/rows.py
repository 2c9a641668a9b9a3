"""What the columns of an inventory's files mean: a row of records.jsonl as the content of a tool or programme, a row
of organisations.jsonl as that of an organisation. Column names are the files' own, as deploy/demo/data/README.md says.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from core.errors import InvalidRecord
from i18n.languages import is_known
from i18n.vocabularies.vocabulary import Vocabulary, stage_codes, vocabulary
from tools_inventory.services.content import Content, content_problems
from tools_inventory.services.importing.lines import Line, Problem

# Columns by the type of their values; what is in none of these is named in the report.
TEXT_COLUMNS = (
    "title",
    "summary",
    "description",
    "period",
    "recurrence",
    "duration",
    "capacity",
    "cost",
    "outcome",
    "status",
    "scope",
)
STRING_COLUMNS = ("id", "node", "language", "kind", "organiser", "url", "source_url", "source", "source_date")
LIST_COLUMNS = (
    "partners",
    "target_groups",
    "sectors",
    "themes",
    "phases",
    "additional_sources",
    "languages_offered",
)
OBJECT_COLUMNS = ("location", "ages")
REQUIRED_COLUMNS = ("id", "node", "language", "kind", "title", "summary")
ORGANISATION_COLUMNS = ("name", "kind", "city", "country")
REQUIRED_ORGANISATION_COLUMNS = ("name", "kind", "country")

# Fields whose column has another name.
COLUMN_OF = {
    "activity": "kind",
    "region": "node",
    "stages": "target_groups",
    "audiences": "target_groups",
    "organisation_kind": "kind",
}

# How a problem with a source begins: "sources.0.url: ...".
SOURCE_PLACE = re.compile(r"sources\.(?P<number>[0-9]+)\.(?P<part>url|text|date)\b")

# The id of the organisation that a row means by a name, or None.
Lookup = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """A readable row of organisations.jsonl."""

    line: Line
    name: str
    kind: str
    country: str
    city: str

    @property
    def import_key(self) -> str:
        """A name alone is no identity: the same name in two countries is two organisations."""
        return f"organisations:{self.country}:{self.name}"

    def content(self, language: str) -> Content:
        content: Content = {
            "title": {language: {"text": self.name, "method": "source"}},
            "organisation_kind": self.kind,
            "location": {"country": self.country, **({"city": self.city} if self.city else {})},
        }
        return content


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A readable row of records.jsonl; `content` needs to know how its organisations are found."""

    line: Line
    values: Mapping[str, Any]

    @property
    def import_key(self) -> str:
        return f"records:{self.values['id']}"

    @property
    def kind(self) -> str:
        """A tool that is described in phases is a programme."""
        return "programme" if self.values.get("phases") else "tool"

    @property
    def language(self) -> str:
        return str(self.values["language"])

    @property
    def country(self) -> str:
        return str(self.values.get("location", {}).get("country", ""))

    @property
    def organisations(self) -> list[str]:
        """The names, the organiser's first."""
        organiser = self.values.get("organiser")
        return list(dict.fromkeys([*([organiser] if organiser else []), *self.values.get("partners", [])]))

    def content(self, lookup: Lookup) -> Content:
        values = self.values
        content: Content = {name: self._text(values[name]) for name in TEXT_COLUMNS if values.get(name)}
        coding = _coded_groups(values.get("target_groups", []))
        content |= {
            "activity": values["kind"],
            "region": values["node"],
            "target_groups": values.get("target_groups", []),
            "stages": coding.stages,
            "audiences": coding.audiences,
            "ages": values.get("ages") or coding.ages,
            "sectors": _codes(vocabulary("sectors"), values.get("sectors", []))[0],
            "themes": _codes(vocabulary("themes"), values.get("themes", []))[0],
            "languages_offered": values.get("languages_offered", []),
            "location": values.get("location", {}),
            "phases": [{"title": self._text(phase)} for phase in values.get("phases", [])],
            "partners": [_reference(name, lookup) for name in values.get("partners", [])],
            "url": values.get("url", ""),
            "source_date": values.get("source_date", ""),
            "sources": _sources(values),
        }
        if values.get("organiser"):
            content["organiser"] = _reference(values["organiser"], lookup)
        return {name: value for name, value in content.items() if value not in (None, "", [], {})}

    def notes(self) -> list[Problem]:
        """What is left out or cannot be coded, though the row itself is taken."""
        found = []
        for label in self.values.get("target_groups", []):
            if not stage_codes(label).known:
                message = _("“%(label)s” is no known target group; kept as stated, but not coded") % {"label": label}
                found.append(self.line.problem("target_groups", message))
        for column in ("sectors", "themes"):
            for code in _codes(vocabulary(column), self.values.get(column, []))[1]:
                message = _("there is no code “%(code)s”; left out") % {"code": code}
                found.append(self.line.problem(column, message))
        return found

    def _text(self, text: str) -> dict[str, Any]:
        return {self.language: {"text": text, "method": "source"}}


def read_record(line: Line) -> tuple[RecordRow | None, list[Problem]]:
    """The row, or None with why not; problems beside a row name columns that were left out."""
    types: dict[str, type] = dict.fromkeys((*TEXT_COLUMNS, *STRING_COLUMNS), str)
    types |= dict.fromkeys(LIST_COLUMNS, list) | dict.fromkeys(OBJECT_COLUMNS, dict)
    refused = _type_problems(line, types, REQUIRED_COLUMNS)
    if refused:
        return None, refused
    row = RecordRow(line, line.row)
    if not is_known(row.language):
        message = _("there is no language “%(code)s”") % {"code": row.language[:40]}
        return None, [line.problem("language", message)]
    refused = _content_problems(line, row.kind, row.language, row.content(lambda name: None))
    if refused:
        return None, refused
    return row, [*_unknown_columns(line, types), *row.notes()]


def read_organisation(line: Line) -> tuple[OrganisationRow | None, list[Problem]]:
    types: dict[str, type] = dict.fromkeys(ORGANISATION_COLUMNS, str)
    refused = _type_problems(line, types, REQUIRED_ORGANISATION_COLUMNS)
    if refused:
        return None, refused
    values = line.row
    row = OrganisationRow(line, values["name"].strip(), values["kind"], values["country"], values.get("city") or "")
    refused = _content_problems(line, "organisation", "en", row.content("en"))
    return (None, refused) if refused else (row, _unknown_columns(line, types))


@dataclass(frozen=True, slots=True)
class _Groups:
    stages: list[str]
    audiences: list[str]
    ages: dict[str, int]


def _coded_groups(labels: Iterable[str]) -> _Groups:
    """All target groups together; ages only where labels state them, from the youngest to the oldest."""
    codings = [stage_codes(label) for label in labels]
    ages = [coding.ages for coding in codings if coding.ages]
    lows = [age.min for age in ages]
    highs = [age.max for age in ages]
    stated: dict[str, int] = {}
    if ages and None not in lows:
        stated["min"] = min(low for low in lows if low is not None)
    if ages and None not in highs:
        stated["max"] = max(high for high in highs if high is not None)
    return _Groups(
        stages=list(dict.fromkeys(code for coding in codings for code in coding.stages)),
        audiences=list(dict.fromkeys(code for coding in codings for code in coding.audiences)),
        ages=stated,
    )


def _codes(known: Vocabulary, words: Iterable[str]) -> tuple[list[str], list[str]]:
    """(codes, words that are neither a code nor a label or synonym of one)."""
    codes: dict[str, None] = {}
    unknown = []
    for word in words:
        found = [word] if word in known else known.recognise(word.replace("_", " "))
        codes |= dict.fromkeys(found)
        if not found:
            unknown.append(word)
    return list(codes), unknown


def _reference(name: str, lookup: Lookup) -> dict[str, str]:
    found = lookup(name)
    return {"name": name, "id": found} if found else {"name": name}


def _sources(values: Mapping[str, Any]) -> list[dict[str, str]]:
    date = {"date": values["source_date"]} if values.get("source_date") else {}
    sources = []
    if values.get("source_url"):
        sources.append({"url": values["source_url"], **date})
    sources += [{"url": address} for address in values.get("additional_sources", [])]
    if values.get("source"):
        sources.append({"text": values["source"], **date})
    return sources


def _type_problems(line: Line, types: Mapping[str, type], required: Iterable[str]) -> list[Problem]:
    words: dict[type, str] = {str: _("a text"), list: _("a list of texts"), dict: _("an object")}
    found = []
    for column, wanted in types.items():
        value = line.row.get(column)
        if value is not None and not _fits(value, wanted):
            message = _("expected %(wanted)s, not %(value)s") % {"wanted": words[wanted], "value": repr(value)[:80]}
            found.append(line.problem(column, message))
    for column in required:
        value = line.row.get(column)
        if value is None or (isinstance(value, str) and not value.strip()):
            found.append(line.problem(column, _("missing")))
    return found


def _fits(value: Any, wanted: type) -> bool:
    if isinstance(value, list):
        return wanted is list and all(isinstance(item, str) and item.strip() for item in value)
    return isinstance(value, wanted)


def _content_problems(line: Line, kind: str, language: str, content: Content) -> list[Problem]:
    """The first problem of each column."""
    by_column: dict[str, Problem] = {}
    for problem in content_problems(kind=kind, language=language, content=content, complete=True):
        column = _column(line, problem)
        by_column.setdefault(column, line.problem(column, str(problem.message)))
    return list(by_column.values())


def _column(line: Line, problem: InvalidRecord) -> str:
    """The file's column that a field came from; the sources come from four."""
    field = problem.field or ""
    place = SOURCE_PLACE.match(str(problem.message))
    if field != "sources" or place is None:
        return COLUMN_OF.get(field, field)
    if place["part"] != "url":
        return {"date": "source_date", "text": "source"}[place["part"]]
    return "source_url" if place["number"] == "0" and line.row.get("source_url") else "additional_sources"


def _unknown_columns(line: Line, types: Mapping[str, type]) -> list[Problem]:
    return [line.problem(column, _("unknown column; left out")) for column in line.row if column not in types]
