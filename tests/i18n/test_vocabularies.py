import json
from pathlib import Path

import pytest

from i18n.languages import INTERFACE_LANGUAGES
from i18n.vocabularies.concept import Ages
from i18n.vocabularies.loading import VocabularyError
from i18n.vocabularies.vocabulary import NAMES, StageCoding, fold, stage_codes, vocabulary

INVENTORY = [
    json.loads(line) for line in Path("deploy/demo/data/records.jsonl").read_text(encoding="utf-8").splitlines() if line
]
ORGANISATIONS = [
    json.loads(line)
    for line in Path("deploy/demo/data/organisations.jsonl").read_text(encoding="utf-8").splitlines()
    if line
]
OURS = [name for name in NAMES if name not in ("countries", "languages")]


@pytest.mark.parametrize("name", NAMES)
def test_every_concept_has_a_label_in_every_interface_language(name: str) -> None:
    missing = [
        (concept.code, language)
        for concept in vocabulary(name).concepts.values()
        for language in INTERFACE_LANGUAGES
        if not concept.labels.get(language)
    ]
    assert missing == []


@pytest.mark.parametrize(
    "name", ["activities", "sectors", "themes", "audiences", "policy_stages", "organisation_kinds"]
)
def test_every_concept_has_other_words_in_every_interface_language(name: str) -> None:
    missing = [
        (concept.code, language)
        for concept in vocabulary(name).concepts.values()
        for language in INTERFACE_LANGUAGES
        if not concept.synonyms.get(language)
    ]
    assert missing == []


@pytest.mark.parametrize("name", OURS)
def test_labels_of_one_vocabulary_differ_so_that_a_reader_can_choose(name: str) -> None:
    for language in INTERFACE_LANGUAGES:
        labels = [fold(concept.labels[language]) for concept in vocabulary(name).concepts.values()]
        assert sorted({label for label in labels if labels.count(label) > 1}) == []


def test_the_vocabularies_hold_exactly_the_codes_of_the_inventory() -> None:
    assert {record["kind"] for record in INVENTORY} == set(vocabulary("activities").concepts)
    assert {code for record in INVENTORY for code in record["sectors"]} == set(vocabulary("sectors").concepts)
    assert {code for record in INVENTORY for code in record["themes"]} == set(vocabulary("themes").concepts)
    assert {record["node"] for record in INVENTORY} == set(vocabulary("regions").concepts)
    assert {organisation["kind"] for organisation in ORGANISATIONS} == set(vocabulary("organisation_kinds").concepts)
    assert list(vocabulary("policy_stages").concepts) == [
        "inventoried",
        "analysed",
        "co_designed",
        "tested",
        "implemented",
        "disseminated",
    ]
    assert list(vocabulary("offer_directions").concepts) == ["offer", "request"]


def test_every_target_group_of_the_inventory_is_coded() -> None:
    labels = {label for record in INVENTORY for label in record["target_groups"]}
    assert len(labels) == 162
    assert sorted(label for label in labels if not stage_codes(label).known) == []


@pytest.mark.parametrize(
    ("label", "coding"),
    [
        ("secondary 3rd grade (BE)", StageCoding(("be-secondary-grade-3",), ("pupils",))),
        ("vmbo year 2 (NL)", StageCoding(("nl-vmbo-2",), ("pupils",))),
        ("collège 3e (FR)", StageCoding(("fr-college-3e",), ("pupils",))),
        ("Transition Year (IE)", StageCoding(("ie-transition-year",), ("pupils",))),
        ("  TRANSITION year (ie) ", StageCoding(("ie-transition-year",), ("pupils",))),
        ("young people under 25", StageCoding((), ("young_people",), Ages(None, 25))),
        ("Praktikanten vom Mars", StageCoding()),
        ("", StageCoding()),
        ("gimnasium", StageCoding()),
    ],
)
def test_target_groups_are_coded_by_their_label(label: str, coding: StageCoding) -> None:
    assert stage_codes(label) == coding
    assert stage_codes(label).known == (coding != StageCoding())


def test_a_label_outside_the_table_is_coded_by_the_words_of_the_vocabularies() -> None:
    assert stage_codes("Leerkrachten") == StageCoding((), ("teachers",))
    assert stage_codes("classe de troisième") == StageCoding(("fr-college-3e",), ())


@pytest.mark.parametrize(
    ("name", "code", "language", "label"),
    [
        ("activities", "internship", "nl", "Stage"),
        ("activities", "internship", "de", "Praktikum"),
        ("activities", "company_visit", "fr", "Visite d’entreprise"),
        ("activities", "company_visit", "nl-BE", "Bedrijfsbezoek"),
        ("activities", "company_visit", "fi", "Company visit"),
        ("regions", "antwerp", "fr", "Anvers"),
        ("regions", "gdansk", "de", "Danzig"),
        ("countries", "NL", "fr", "Pays-Bas"),
        ("languages", "el", "nl", "Grieks"),
        ("activities", "no_such_code", "nl", "no_such_code"),
    ],
)
def test_labels(name: str, code: str, language: str, label: str) -> None:
    assert vocabulary(name).label(code, language) == label


@pytest.mark.parametrize(
    ("name", "word", "codes"),
    [
        ("activities", "snuffelstage", ["internship"]),
        ("activities", "STAGE D’OBSERVATION", ["internship"]),
        ("activities", "Betriebserkundung", ["company_visit"]),
        ("activities", "work placement", ["internship"]),
        ("activities", "tirocinio", ["internship"]),
        ("sectors", "éolien en mer", ["energy"]),
        ("sectors", "eolien en mer", ["energy"]),
        ("school_stages", "Transition Year", ["ie-transition-year"]),
        ("countries", "Duitsland", ["DE"]),
        ("activities", "nothing of the sort", []),
        ("activities", "", []),
    ],
)
def test_words_are_recognised_in_any_language_case_and_accents_aside(name: str, word: str, codes: list[str]) -> None:
    assert vocabulary(name).recognise(word) == codes


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Stage d’observation", "stage d observation"),
        ("  COLLÈGE 3e (FR) ", "college 3e fr"),
        ("Straße", "strasse"),
        ("Øresund, Łódź & Cœur", "oresund lodz coeur"),
        ("Μαθητεία ΛΙΜΑΝΙΟΎ", "μαθητεια λιμανιου"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_an_unknown_code_is_shown_as_it_is_and_matches_itself() -> None:
    sectors = vocabulary("sectors")
    assert sectors.get("space_mining") is None
    assert sectors.label("space_mining", "nl") == "space_mining"
    assert sectors.expand("space_mining") == frozenset({"space_mining"})
    assert sectors.broader("space_mining") is None
    assert sectors.narrower("space_mining") == ()


def test_broader_and_narrower_are_two_views_of_one_tree() -> None:
    stages = vocabulary("school_stages")
    assert stages.broader("nl-vmbo-2") == "nl-vmbo"
    assert stages.narrower("nl-vmbo") == ("nl-vmbo-1", "nl-vmbo-2", "nl-vmbo-3", "nl-vmbo-4")
    assert stages.ancestors("nl-vmbo-2") == ("nl-vmbo", "isced-2")
    assert "nl-vmbo-2" in stages.descendants("isced-2")
    assert vocabulary("audiences").expand("teachers") == frozenset({"teachers", "future_teachers"})


def test_uris_are_the_projects_own_and_stable() -> None:
    concept = vocabulary("activities").get("company_visit")
    assert concept is not None
    assert concept.uri == "https://havenlink.example/vocabularies/activities/company_visit"
    assert vocabulary("activities").uri == "https://havenlink.example/vocabularies/activities"


def test_a_vocabulary_that_does_not_exist_is_named_in_the_error() -> None:
    with pytest.raises(VocabularyError, match="there is no vocabulary 'colours'"):
        vocabulary("colours")


def test_regions_know_their_place_and_agree_with_the_inventory() -> None:
    antwerp = vocabulary("regions").get("antwerp")
    assert antwerp is not None
    assert (antwerp.country, antwerp.nuts, antwerp.nuts_version, antwerp.lat, antwerp.lon) == (
        "BE",
        "BE211",
        "2021",
        51.2194,
        4.4025,
    )
    countries = {(record["node"], record["location"]["country"]) for record in INVENTORY}
    regions = vocabulary("regions").concepts
    assert sorted((node, country) for node, country in countries if regions[node].country != country) == []
