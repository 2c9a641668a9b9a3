"""What REST answers, made from what the selectors found: the shapes that /api/schema documents."""

from typing import Any

from core.node import this_node
from core.reading_language import interface_language
from core.records import definition as d
from core.records.models import Record
from i18n.texts import choose
from i18n.vocabularies.vocabulary import vocabulary
from tools_inventory.selectors.comparison import Comparison
from tools_inventory.selectors.coverage import Coverage, CoverageCell, Header, SearchParameters
from tools_inventory.selectors.presentation import Part
from tools_inventory.selectors.record_lists import Listed


def record_data(record: Record, language: str) -> dict[str, Any]:
    """A record with entry and log selected. `document` is what was published; around it, what helps to show it."""
    document = record.document
    title, summary = (choose(document.get(name), language, record.language) for name in ("title", "summary"))
    return {
        "id": record.entry.record_id,
        "uuid": str(record.uuid),
        "kind": record.kind,
        "origin": record.log.origin,
        "revision": record.revision,
        "published": record.entry.published,
        "language": record.language,
        "title": title.text if title else str(record.uuid),
        "summary": summary.text if summary else None,
        "labels": labels(document, language),
        "entry": record.entry.index,
        "verified": record.entry.index < record.log.checkpoint_size,
        "page": f"{this_node().url}/{interface_language(language)}/records/{record.uuid}",
        "document": record.entry.document.encode() if record.entry.document else document,
    }


def labels(document: dict[str, Any], language: str) -> dict[str, dict[str, str]]:
    """What people call the document's codes: {"activity": {"company_visit": "Bedrijfsbezoek"}}."""
    kind = d.kind(str(document.get("kind")))
    found: dict[str, dict[str, str]] = {}
    for field in kind.fields if kind else ():
        value = document.get(field.name)
        if value and isinstance(field.type, d.Code | d.Codes):
            known = vocabulary(field.type.vocabulary)
            codes = [value] if isinstance(value, str) else value
            found[field.name] = {code: known.label(code, language) for code in codes}
    return found


def listed_data(listed: Listed, language: str) -> dict[str, Any]:
    """A record in a list; in a search also how well it fits, and why it was found."""
    data = record_data(listed.record, language)
    if listed.hit is not None:
        data["score"] = listed.hit.score
        data["why"] = [
            {"field": reason.field, "code": reason.code or None, "words": reason.words} for reason in listed.hit.why
        ]
    return data


def comparison_data(compared: Comparison, language: str) -> dict[str, Any]:
    """Columns in the order asked for; every row has one cell a column."""
    return {
        "language": language,
        "columns": [
            {
                "id": column.id,
                "uuid": str(column.uuid),
                "kind": column.kind,
                "origin": column.origin,
                "node_name": column.node_name,
                "language": column.language,
                "title": _part(column.title),
            }
            for column in compared.columns
        ],
        "groups": [
            {
                "name": group.name,
                "label": group.label,
                "rows": [
                    {
                        "field": row.field,
                        "label": row.label,
                        "equal": row.equal,
                        "cells": [
                            {"state": cell.state, "values": [_part(part) for part in cell.parts]} for cell in row.cells
                        ],
                    }
                    for row in group.rows
                ],
            }
            for group in compared.groups
        ],
        "unavailable": [str(uuid) for uuid in compared.unavailable],
        "unstated": list(compared.unstated),
    }


def _part(part: Part) -> dict[str, Any]:
    """Only what applies: a code has no language, a plain name neither."""
    data: dict[str, Any] = {"text": part.text}
    if part.code:
        data["code"] = part.code
    if part.note:
        data["note"] = part.note
    if part.href:
        data["url"] = part.href
    if part.record:
        data["record"] = str(part.record)
    if part.language:
        data |= {"language": part.language, "method": part.method, "outdated": part.outdated}
    if part.rows:
        data["fields"] = [{"field": row.field, "values": [_part(inner) for inner in row.parts]} for row in part.rows]
    return data


def coverage_data(found: Coverage) -> dict[str, Any]:
    """The matrix: `rows[].cells[]` in the order of `columns`."""
    return {
        "total": found.total,
        "home": {"facet": found.home[0], "value": found.home[1], "label": found.home_label} if found.home else None,
        "home_total": found.home_total if found.home else None,
        "hole_count": found.hole_count,
        "row_facet": found.row_dimension.name,
        "column_facet": found.column_dimension.name,
        "columns": [_header(column) for column in found.columns],
        "rows": [{**_header(row.header), "cells": [_cell(cell) for cell in row.cells]} for row in found.rows],
    }


def _header(header: Header) -> dict[str, Any]:
    return {
        "code": header.code,
        "label": header.label,
        "count": header.count,
        "home_count": header.home_count,
        "has_narrower": header.has_narrower,
    }


def _cell(cell: CoverageCell) -> dict[str, Any]:
    return {
        "count": cell.count,
        "home_count": cell.home_count,
        "hole": cell.hole,
        "filler_count": cell.filler_count,
        "fillers": [{"code": filler.code, "label": filler.label, "count": filler.count} for filler in cell.fillers],
        "search": _search(cell.search),
    }


def _search(parameters: SearchParameters) -> dict[str, list[str]]:
    """Parameters of /api/v1/records that find what a cell counts."""
    found: dict[str, list[str]] = {}
    for name, value in parameters:
        found.setdefault(name, []).append(value)
    return found
