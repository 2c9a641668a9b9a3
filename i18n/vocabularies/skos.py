"""A vocabulary as SKOS in JSON-LD, so that other software can read and link the codes."""

from typing import Any

from i18n.vocabularies.concept import VOCABULARIES_URI, Concept
from i18n.vocabularies.vocabulary import Vocabulary

CONTEXT: dict[str, Any] = {
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dct": "http://purl.org/dc/terms/",
    "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "hl": f"{VOCABULARIES_URI}/terms#",
    "title": {"@id": "dct:title", "@container": "@language"},
    "prefLabel": {"@id": "skos:prefLabel", "@container": "@language"},
    "altLabel": {"@id": "skos:altLabel", "@container": "@language"},
    "scopeNote": {"@id": "skos:scopeNote", "@container": "@language"},
    "notation": "skos:notation",
    "inScheme": {"@id": "skos:inScheme", "@type": "@id"},
    "hasTopConcept": {"@id": "skos:hasTopConcept", "@type": "@id"},
    "topConceptOf": {"@id": "skos:topConceptOf", "@type": "@id"},
    "broader": {"@id": "skos:broader", "@type": "@id"},
    "narrower": {"@id": "skos:narrower", "@type": "@id"},
    "exactMatch": {"@id": "skos:exactMatch", "@type": "@id"},
    "broadMatch": {"@id": "skos:broadMatch", "@type": "@id"},
    "source": {"@id": "dct:source", "@language": "en"},
    "reviewed": {"@id": "hl:reviewed", "@type": "xsd:date"},
    "closeMatch": {"@id": "skos:closeMatch", "@type": "@id"},
    "lat": {"@id": "geo:lat", "@type": "xsd:decimal"},
    "long": {"@id": "geo:long", "@type": "xsd:decimal"},
    "country": "hl:country",
    "isced": "hl:isced",
    "ageFrom": {"@id": "hl:ageFrom", "@type": "xsd:integer"},
    "ageTo": {"@id": "hl:ageTo", "@type": "xsd:integer"},
    "track": "hl:track",
    "until": {"@id": "hl:until", "@type": "xsd:gYear"},
}
NUTS_URI = "http://data.europa.eu/nuts/code"


def concept_scheme(vocabulary: Vocabulary) -> dict[str, Any]:
    """The whole vocabulary: its ConceptScheme first, then every Concept, each with its words per language."""
    scheme = {
        "@id": vocabulary.uri,
        "@type": "skos:ConceptScheme",
        "title": dict(vocabulary.titles),
        "hasTopConcept": [concept.uri for concept in vocabulary.concepts.values() if concept.broader is None],
    }
    concepts = [_concept(concept, vocabulary) for concept in vocabulary.concepts.values()]
    return {"@context": CONTEXT, "@graph": [scheme, *concepts]}


def _concept(concept: Concept, vocabulary: Vocabulary) -> dict[str, Any]:
    stated: dict[str, Any] = {
        "@id": concept.uri,
        "@type": "skos:Concept",
        "inScheme": vocabulary.uri,
        "topConceptOf": vocabulary.uri if concept.broader is None else None,
        "notation": concept.code,
        "prefLabel": dict(concept.labels),
        "altLabel": _other_words(concept),
        "scopeNote": dict(concept.notes),
        "broader": vocabulary.concepts[concept.broader].uri if concept.broader else None,
        "narrower": [vocabulary.concepts[code].uri for code in vocabulary.narrower(concept.code)],
        "exactMatch": list(concept.exact_match),
        "broadMatch": [f"{VOCABULARIES_URI}/{name}/{code}" for name, code in concept.under],
        "source": concept.source,
        "reviewed": concept.reviewed.isoformat() if concept.reviewed else None,
        # A port city is not the same place as its statistical region, but near enough to link them.
        "closeMatch": f"{NUTS_URI}/{concept.nuts}" if concept.nuts else None,
        "country": concept.country,
        "isced": list(concept.isced),
        "ageFrom": concept.ages.min if concept.ages else None,
        "ageTo": concept.ages.max if concept.ages else None,
        "track": concept.track,
        "until": str(concept.until) if concept.until else None,
        "lat": str(concept.lat) if concept.lat is not None else None,
        "long": str(concept.lon) if concept.lon is not None else None,
    }
    return {key: value for key, value in stated.items() if value is not None and value != [] and value != {}}


def _other_words(concept: Concept) -> dict[str, list[str]]:
    """SKOS wants the labels of a concept in one language to be all different."""
    others = {
        language: [word for word in dict.fromkeys(words) if word != concept.labels.get(language)]
        for language, words in concept.synonyms.items()
    }
    return {language: words for language, words in others.items() if words}
