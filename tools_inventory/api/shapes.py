"""What /api/schema says of the answers in `representation.py`, and of their parameters.

Nothing is read with these: they are drf-spectacular's way to describe. Documents are described by the definitions of
the kinds themselves.
"""

from typing import Any

from django.utils.translation import override
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field, inline_serializer
from rest_framework import serializers

from core.cursors import MAX_PAGE_SIZE, PAGE_SIZE
from core.records import definition as d
from core.search.seam import FACETS, SORTS


class Reason(serializers.Serializer[object]):
    field = serializers.CharField(help_text="title, text, meaning, or the facet of the code that the query names.")
    code = serializers.CharField(allow_null=True, help_text="The code recognised.")
    words = serializers.CharField(help_text="The words that matched; empty for meaning.")


class Record(serializers.Serializer[object]):
    id = serializers.URLField(help_text="Its address under the node that published it; never changes.")
    uuid = serializers.UUIDField(help_text="The last part of the id.")
    kind = serializers.CharField(help_text="tool, programme, opportunity, organisation or node.")
    origin = serializers.CharField(help_text="The id of the node that published it.")
    revision = serializers.IntegerField(help_text="1 when first published, then 2, 3 …")
    published = serializers.DateTimeField(help_text="When this revision was published.")
    language = serializers.CharField(help_text="The language of its source texts, a BCP 47 tag.")
    title = serializers.CharField(help_text="In the language asked for, or the nearest there is.")
    summary = serializers.CharField(allow_null=True, help_text="In the language asked for, or the nearest there is.")
    labels = serializers.DictField(
        child=serializers.DictField(child=serializers.CharField()),
        help_text="What people call the codes in the document: by field, by code.",
    )
    entry = serializers.IntegerField(help_text="Its place in the origin's log, counted from 0.")
    verified = serializers.BooleanField(help_text="Whether a verified checkpoint of the origin covers it.")
    page = serializers.URLField(help_text="Its page on this node, for people.")
    document = serializers.DictField(help_text="The document as published: every field, in every language.")


class FoundRecord(Record):
    score = serializers.FloatField(required=False, help_text="In a search: how well it fits, within this answer.")
    why = Reason(many=True, required=False, help_text="In a search: why it was found.")


class FacetValue(serializers.Serializer[object]):
    code = serializers.CharField(help_text="What to give as the parameter.")
    label = serializers.CharField(help_text="What people call it.")  # type: ignore[assignment]
    count = serializers.IntegerField(help_text="How many results choosing it would leave or add.")


class RecordPage(serializers.Serializer[object]):
    total = serializers.IntegerField(allow_null=True, help_text="How many there are; null for a list of everything.")
    did_you_mean = serializers.CharField(allow_null=True, help_text="The query with likely typing errors corrected.")
    facets = serializers.DictField(
        child=FacetValue(many=True), allow_null=True, help_text="Ways to narrow the search, if `facets=true`."
    )
    next = serializers.URLField(allow_null=True, help_text="The address of the following page.")
    results = FoundRecord(many=True)


def kind_record(kind: d.Kind) -> type[Record]:
    """A record of one kind: `document` is described by the kind's own definition."""
    with override(None):
        schema = kind.schema()
    schema.pop("$schema")
    schema["title"] = str(kind.name)
    document = extend_schema_field(schema)(type(f"{kind.name}Document", (serializers.DictField,), {}))
    name = kind.name.capitalize()
    return type(f"Found{name}", (FoundRecord,), {"document": document(help_text="The document as published.")})


def kind_page(kind: d.Kind) -> type[RecordPage]:
    """A page of a list of one kind."""
    return type(f"{kind.name.capitalize()}Page", (RecordPage,), {"results": kind_record(kind)(many=True)})


class Value(serializers.Serializer[object]):
    text = serializers.CharField(help_text="As people read it.")
    code = serializers.CharField(required=False, help_text="Of a coded value.")
    language = serializers.CharField(required=False, help_text="Of a text.")
    method = serializers.CharField(required=False, help_text="Of a text: source, human or machine.")
    outdated = serializers.BooleanField(required=False, help_text="Of a text: a translation of an older source text.")
    note = serializers.CharField(required=False, help_text="A word beside it, such as a partner's role.")
    url = serializers.URLField(required=False, help_text="Of a link.")
    record = serializers.UUIDField(required=False, help_text="Of a reference to a record that this node holds.")
    fields = serializers.ListField(  # type: ignore[assignment]
        child=serializers.DictField(), required=False, help_text="Of an object such as a phase: its further fields."
    )


class Comparison(serializers.Serializer[object]):
    language = serializers.CharField(help_text="The language of labels and texts.")
    columns = inline_serializer(
        "ComparedRecord",
        {
            "id": serializers.URLField(),
            "uuid": serializers.UUIDField(),
            "kind": serializers.CharField(),
            "origin": serializers.CharField(),
            "node_name": serializers.CharField(),
            "language": serializers.CharField(),
            "title": Value(),
        },
        many=True,
    )
    groups = inline_serializer(
        "ComparedGroup",
        {
            "name": serializers.CharField(),
            "label": serializers.CharField(),
            "rows": inline_serializer(
                "ComparedRow",
                {
                    "field": serializers.CharField(),
                    "label": serializers.CharField(),
                    "equal": serializers.BooleanField(help_text="All records state it, and the same."),
                    "cells": inline_serializer(
                        "ComparedCell",
                        {
                            "state": serializers.ChoiceField(["same", "differs", "missing"]),
                            "values": Value(many=True),
                        },
                        many=True,
                    ),
                },
                many=True,
            ),
        },
        many=True,
    )
    unavailable = serializers.ListField(child=serializers.UUIDField(), help_text="Of those asked for, not there.")
    unstated = serializers.ListField(child=serializers.CharField(), help_text="Labels of fields that none states.")


def _header(name: str, **further: Any) -> Any:
    return inline_serializer(
        name,
        {
            "code": serializers.CharField(),
            "label": serializers.CharField(),
            "count": serializers.IntegerField(help_text="Records in the whole network, each counted once."),
            "home_count": serializers.IntegerField(help_text="Those of home."),
            "has_narrower": serializers.BooleanField(help_text="Whether rows_under or columns_under can open it."),
            **further,
        },
        many=True,
    )


class Coverage(serializers.Serializer[object]):
    total = serializers.IntegerField(help_text="Records counted.")
    home = inline_serializer(
        "CoverageHome",
        {"facet": serializers.CharField(), "value": serializers.CharField(), "label": serializers.CharField()},
        allow_null=True,
    )
    home_total = serializers.IntegerField(allow_null=True)
    hole_count = serializers.IntegerField(help_text="Cells empty at home and filled elsewhere.")
    row_facet = serializers.CharField()
    column_facet = serializers.CharField()
    columns = _header("CoverageColumn")
    rows = _header(
        "CoverageRow",
        cells=inline_serializer(
            "CoverageCell",
            {
                "count": serializers.IntegerField(),
                "home_count": serializers.IntegerField(),
                "hole": serializers.BooleanField(),
                "filler_count": serializers.IntegerField(help_text="How many have what home lacks."),
                "fillers": inline_serializer(
                    "CoverageFiller",
                    {
                        "code": serializers.CharField(),
                        "label": serializers.CharField(),
                        "count": serializers.IntegerField(),
                    },
                    many=True,
                ),
                "search": serializers.DictField(
                    child=serializers.ListField(child=serializers.CharField()),
                    help_text="Parameters of /api/v1/records that find what is counted.",
                ),
            },
            many=True,
        ),
    )


# Parameters


def parameter(name: str, description: str, kind: Any = OpenApiTypes.STR, **further: Any) -> OpenApiParameter:
    return OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=description, **further)


LANGUAGE = parameter("language", "The language to read in, a BCP 47 tag. Without it, that of Accept-Language.")
LABELS = parameter("labels", "The language of titles, summaries and labels. Without it, that of Accept-Language.")
PAGING = [
    parameter("after", "The cursor after which the page begins; `next` has it."),
    parameter("first", f"How many rows a page has, 1 to {MAX_PAGE_SIZE}; {PAGE_SIZE} without it.", OpenApiTypes.INT),
]
QUERY = parameter("q", "Words in any language, up to 500 characters.")
CONDITIONS = [
    *(
        parameter(
            facet,
            f"Codes of {facet.replace('_', ' ')}; may be repeated, any of them will do. Narrower codes match too."
            if facet != "kind"
            else "Kinds; may be repeated. Without it, tools, programmes and opportunities.",
            many=True,
            explode=True,
        )
        for facet in FACETS
    ),
    parameter("age", "An age in years that the record is meant for.", OpenApiTypes.INT),
    parameter(
        "concepts",
        "`off` finds the words alone; without it also what they mean, in every language.",
        enum=("on", "off"),
    ),
    parameter("sort", "The order of results; `newest` without it and without `q`.", enum=SORTS),
    parameter("facets", "Whether to count facets.", OpenApiTypes.BOOL),
]
SEARCH = [QUERY, *CONDITIONS, LABELS, *PAGING]
