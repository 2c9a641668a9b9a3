"""What facets and their values are called, in the reader's language. Derived from the definitions and vocabularies."""

from collections.abc import Mapping
from functools import cache

from django.utils.translation import gettext_lazy as _

from core.records import definition as d
from core.search.concepts import GLOSSARY
from i18n.vocabularies.vocabulary import vocabulary
from tools_inventory.selectors.facet_sets import vocabulary_of

# A place gives a country; the field that holds it is called otherwise.
_COUNTRY = _("Country")
# An entry of the glossary is no filter, but a reason why something was found.
_SUBJECT = _("Subject")


def facet_label(facet: str, language: str) -> str:
    """ "Activity". `language` is the active one: definitions hold lazily translated labels."""
    return str(_SUBJECT if facet == GLOSSARY else _facet_labels().get(facet, facet))


def value_label(facet: str, value: str, language: str, node_names: Mapping[str, str]) -> str:
    """ "Company visit"; an unknown value is its own label."""
    return value_labels(facet, language, node_names).get(value, value)


def value_labels(facet: str, language: str, node_names: Mapping[str, str]) -> Mapping[str, str]:
    """Of all known values of a facet. `language` is the active one."""
    if facet == "node":
        return node_names
    if facet == "kind":
        return {kind.name: str(kind.label_plural) for kind in d.kinds()}
    name = GLOSSARY if facet == GLOSSARY else facet_vocabulary(facet)
    return vocabulary(name).labels(language) if name else {}


@cache
def facet_vocabulary(facet: str) -> str | None:
    return vocabulary_of(facet)


@cache
def _facet_labels() -> dict[str, d.Label]:
    labels = {field.facet: field.label for kind in d.kinds() for field in (*kind.fields, *d.ENVELOPE) if field.facet}
    return {**{facet: label for facet, label in labels.items() if facet}, "country": _COUNTRY}
