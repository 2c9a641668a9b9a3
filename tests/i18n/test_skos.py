import json

import pytest

from i18n.vocabularies.skos import CONTEXT, concept_scheme
from i18n.vocabularies.vocabulary import NAMES, vocabulary

BASE = "https://havenlink.example/vocabularies"


@pytest.mark.parametrize("name", NAMES)
def test_every_vocabulary_is_a_concept_scheme_with_defined_terms(name: str) -> None:
    document = json.loads(json.dumps(concept_scheme(vocabulary(name))))
    scheme, *concepts = document["@graph"]
    assert scheme["@id"] == f"{BASE}/{name}"
    assert scheme["@type"] == "skos:ConceptScheme"
    assert len(concepts) == len(vocabulary(name).concepts)
    assert {term for node in document["@graph"] for term in node if not term.startswith("@")} <= set(CONTEXT)
    addresses = {concept["@id"] for concept in concepts}
    assert len(addresses) == len(concepts)
    assert {concept["@type"] for concept in concepts} == {"skos:Concept"}
    assert {concept["inScheme"] for concept in concepts} == {f"{BASE}/{name}"}
    assert {concept["broader"] for concept in concepts if "broader" in concept} <= addresses
    assert set(scheme["hasTopConcept"]) == {concept["@id"] for concept in concepts if "topConceptOf" in concept}


@pytest.mark.parametrize("name", NAMES)
def test_preferred_and_other_labels_of_a_language_differ(name: str) -> None:
    _, *concepts = concept_scheme(vocabulary(name))["@graph"]
    for concept in concepts:
        for language, words in concept.get("altLabel", {}).items():
            assert concept["prefLabel"].get(language) not in words
            assert len(words) == len(set(words))


def test_a_school_stage_says_level_ages_and_place_in_the_tree() -> None:
    document = concept_scheme(vocabulary("school_stages"))
    stage = next(node for node in document["@graph"] if node["@id"] == f"{BASE}/school_stages/nl-vmbo-2")
    assert stage == {
        "@id": f"{BASE}/school_stages/nl-vmbo-2",
        "@type": "skos:Concept",
        "inScheme": f"{BASE}/school_stages",
        "notation": "nl-vmbo-2",
        "prefLabel": {
            "nl": "vmbo, leerjaar 2 (NL)",
            "fr": "vmbo, 2e année (NL)",
            "de": "vmbo, 2. Jahr (NL)",
            "en": "vmbo year 2 (NL)",
        },
        "altLabel": {"nl": ["vmbo 2", "vmbo-2", "2e klas vmbo", "mavo 2"]},
        "broader": f"{BASE}/school_stages/nl-vmbo",
        "country": "NL",
        "isced": [2],
        "ageFrom": 13,
        "ageTo": 14,
        "track": "vocational",
    }


def test_a_region_links_to_its_nuts_area() -> None:
    document = concept_scheme(vocabulary("regions"))
    ghent = next(node for node in document["@graph"] if node.get("notation") == "ghent")
    assert ghent["closeMatch"] == "http://data.europa.eu/nuts/code/BE234"
    assert (ghent["lat"], ghent["long"]) == ("51.0543", "3.7174")
