"""The glossary: its data as they are, and what is refused in a file."""

from datetime import date
from pathlib import Path

import pytest
import yaml
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from i18n.apps import I18nConfig
from i18n.vocabularies import glossary
from i18n.vocabularies.loading import DATA, VocabularyError
from i18n.vocabularies.skos import concept_scheme
from i18n.vocabularies.vocabulary import fold, vocabulary

FILES = sorted((DATA / "glossary").glob("*.yaml"))
STATED = {code: entry for path in FILES for code, entry in yaml.safe_load(path.read_text("utf-8"))["concepts"].items()}
KNOWN = {name: vocabulary(name).concepts for name in glossary.LINKED}

TOP = "topic: {nl: a, fr: b, de: c, en: d}\nsource: own\nreviewed: 2026-11-25\nconcepts:\n"
WORDS = "nl: [rood], fr: [rouge], de: [rot], en: [red]"


def written(folder: Path, text: str) -> Path:
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return path


# The data


def test_the_glossary_has_at_least_350_concepts_in_eight_languages_or_more() -> None:
    concepts = vocabulary("glossary").concepts
    assert len(concepts) >= 350
    assert {code: len(concept.labels) for code, concept in concepts.items() if len(concept.labels) < 8} == {}


def test_no_word_stands_twice_in_an_entry_however_it_is_written() -> None:
    doubled = [
        (code, language, word)
        for code, concept in vocabulary("glossary").concepts.items()
        for language in concept.labels
        for word in concept.words(language)
        if [fold(each) for each in concept.words(language)].count(fold(word)) > 1
    ]
    assert doubled == []


def test_a_word_of_another_vocabulary_is_linked_to_its_code_or_said_to_be_shared() -> None:
    """What already is a concept's word must not quietly become another's."""
    searched = ("activities", "audiences", "sectors", "themes")
    taken: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for name in searched:
        for code, concept in vocabulary(name).concepts.items():
            for language in {**concept.labels, **concept.synonyms}:
                for word in concept.words(language):
                    taken.setdefault((language, fold(word)), set()).add((name, code))
    entries = vocabulary("glossary")
    quiet = []
    for code, concept in entries.concepts.items():
        steps = [concept, *(entries.concepts[above] for above in entries.ancestors(code))]
        linked = {link for step in steps for link in (*step.same, *step.under)}
        for language in concept.labels:
            for word in concept.words(language):
                others = taken.get((language, fold(word)), set())
                if others and not others & linked and word not in STATED[code].get("shared", ()):
                    quiet.append((code, language, word, sorted(others)))
    assert quiet == []


def test_every_entry_says_where_it_is_from_and_when_it_was_read() -> None:
    assert all(concept.source and concept.reviewed for concept in vocabulary("glossary").concepts.values())


def test_a_glossary_entry_in_skos_links_to_the_codes() -> None:
    document = concept_scheme(vocabulary("glossary"))
    base = "https://havenlink.example/vocabularies"
    by_code = {node["notation"]: node for node in document["@graph"] if "notation" in node}
    assert by_code["mentoring_programme"]["exactMatch"] == [f"{base}/activities/mentoring", f"{base}/themes/mentoring"]
    assert by_code["crane_operator"]["broader"] == f"{base}/glossary/port_worker"
    assert by_code["port_worker"]["broadMatch"] == [f"{base}/sectors/port_logistics"]
    assert by_code["port_worker"]["reviewed"] == "2026-11-25"
    assert "dokwerker" in by_code["port_worker"]["altLabel"]["nl"]


# Files


def test_a_sound_file_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, f"{TOP}  red: {{{WORDS}, pl: [czerwony, rudy], under: [themes/creativity]}}\n")
    (concept,) = glossary.load_glossary([path], KNOWN).values()
    assert (concept.code, concept.labels["pl"], concept.synonyms) == ("red", "czerwony", {"pl": ("rudy",)})
    assert (concept.under, concept.source, concept.reviewed) == (
        (("themes", "creativity"),),
        "own",
        date(2026, 11, 25),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("concepts: {}\n", "own.yaml: expected exactly concepts, reviewed, source, topic at the top"),
        (f"{TOP}  Red: {{{WORDS}}}\n", "own.yaml: Red: a code is small letters"),
        (f"{TOP}  red: [rood]\n", "own.yaml: red: expected words per language"),
        (f"{TOP}  red: {{nl: [rood], en: [red]}}\n", "own.yaml: red: missing in fr, de"),
        (f"{TOP}  red: {{{WORDS}, pl: czerwony}}\n", "own.yaml: red in pl: expected a list of texts"),
        (f"{TOP}  red: {{{WORDS}, no: [rød]}}\n", "own.yaml: red: False is not a language tag"),
        (f"{TOP}  red: {{{WORDS}, pl: [rudy, rudy]}}\n", "own.yaml: red in pl: expected at least one word"),
        (f"{TOP}  red: {{{WORDS}, under: [themes/colours]}}\n", "own.yaml: red: under: 'themes/colours' is no code"),
        (f"{TOP}  red: {{{WORDS}, broader: warm}}\n", "own.yaml: red: broader must be a code that stands above it"),
        (f"{TOP}  red: {{{WORDS}, reviewed: soon}}\n", "own.yaml: red: reviewed must be a date"),
        (
            f"{TOP}  red: {{{WORDS}}}\n  crimson: {{nl: [karmijn], fr: [Rouge], de: [karmin], en: [crimson]}}\n",
            r"'Rouge' \(fr\) stands under red and crimson",
        ),
    ],
)
def test_a_faulty_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(VocabularyError, match=message):
        glossary.load_glossary([written(tmp_path, text)], KNOWN)


def test_a_word_may_be_shared_where_both_say_so(tmp_path: Path) -> None:
    shared = "shared: [bank]"
    text = (
        f"{TOP}  bench: {{nl: [bank], fr: [banc], de: [Sitz], en: [bench], {shared}}}\n"
        f"  money: {{nl: [bank], fr: [banque], de: [Bank], en: [bank], {shared}}}\n"
    )
    assert list(glossary.load_glossary([written(tmp_path, text)], KNOWN)) == ["bench", "money"]


def test_a_nodes_own_glossary_is_read_beside_the_projects(tmp_path: Path) -> None:
    path = written(tmp_path, f"{TOP}  havenklap: {{nl: [havenklap], fr: [p], de: [q], en: [r]}}\n")
    vocabulary.cache_clear()
    try:
        with override_settings(GLOSSARY_FILE=str(path)):
            assert vocabulary("glossary").recognise("Havenklap") == ["havenklap"]
            assert vocabulary("glossary").get("crane_operator") is not None
    finally:
        vocabulary.cache_clear()


def test_a_glossary_that_cannot_be_used_stops_the_start(tmp_path: Path) -> None:
    vocabulary.cache_clear()
    try:
        with (
            override_settings(GLOSSARY_FILE=str(tmp_path / "missing.yaml")),
            pytest.raises(ImproperlyConfigured, match="GLOSSARY_FILE cannot be used"),
        ):
            I18nConfig.create("i18n").ready()
    finally:
        vocabulary.cache_clear()
