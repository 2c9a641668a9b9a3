"""What the machine doors call a list of records of one kind."""

from django.utils.translation import override

from core.records import definition as d


def plural(kind: d.Kind) -> str:
    """The plural in English, as part of an address or a GraphQL field: "opportunities"."""
    with override(None):
        return str(kind.label_plural).lower().replace(" ", "_")
