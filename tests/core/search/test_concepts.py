"""Which concepts a text and a query name, and what an index gets of them."""

import pytest

from core.search.analysis import prepare
from core.search.concepts import broader_terms, concept_term
from core.search.documents import index_document
from core.search.entries import index_entry
from core.search.reading import read
from core.search.understanding import understand
from tests.contracts.conftest import record


@pytest.fixture(scope="module", autouse=True)
def lemmas():
    for _ in prepare():
        pass


def named(text, language):
    return {each for phrase in read(text, language).phrases for each in phrase.named}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Drie dagen meelopen als kraanmachinist.", "nl"),
        ("Les grutiers du terminal", "fr"),
        ("Zwei Kranführerinnen erzählen", "de"),
        ("Crane-operators of the terminal", "en"),
        ("Gruista per un giorno", "it"),
        ("Operatorzy suwnic", "pl"),
    ],
)
def test_one_profession_in_six_languages(text, language):
    assert ("glossary", "crane_operator") in named(text, language)


@pytest.mark.parametrize(
    ("typed", "written", "language"),
    [
        ("collegiens", "collégiens", "fr"),
        ("metiers de la mer", "métiers de la mer", "fr"),
        ("Madchen", "Mädchen", "de"),
        ("studiebesok", "studiebesök", "sv"),
    ],
)
def test_words_typed_without_their_accents_name_the_same(typed, written, language):
    assert named(typed, language) == named(written, language) != set()


def test_the_longest_phrase_is_meant():
    assert named("stage d'observation", "fr") == {("glossary", "observation_internship"), ("activity", "internship")}
    assert ("glossary", "observation_internship") not in named("stage", "fr")


@pytest.mark.parametrize("text", ["Girls' Day", "girlsday", "girls day", "Girls-Day"])
def test_written_together_or_apart(text):
    assert ("glossary", "girls_day") in named(text, "nl")


def test_a_compound_is_read_by_its_parts():
    assert named("havenquizmasters", "nl") >= {("sector", "port_logistics")}
    assert ("sector", "port_logistics") in named("Hafentaucher", "de")
    assert ("glossary", "diver") in named("Hafentaucher", "de")


def test_parts_that_name_something_together_are_read_together():
    assert ("activity", "company_visit") in named("schoolbedrijfsbezoeken", "nl")
    assert ("glossary", "welder") in named("lasrobot", "nl")


def test_a_querys_compound_names_its_parts_too_and_they_weigh_less():
    weights = {each.code: each.terms[0][1] for each in understand("havenbedrijfsbezoek", "nl").mentions}
    assert weights["port_visit"] == 1.0
    assert weights["company_visit"] == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("what works", "en"),  # good practice, but not "work"
        ("work", "en"),
        ("na school", "nl"),
        ("Vlaanderen", "nl"),  # no "anderen" in it
        ("bus", "ca"),
    ],
)
def test_what_names_nothing(text, language):
    assert {each for each in named(text, language) if each[0] == "glossary"} == set()


def test_a_language_without_lemmas_names_nothing():
    assert read("kraanmachinist", "und").phrases == []
    assert read("kraanmachinist", "tlh").phrases == []


def test_codes_that_the_glossary_calls_the_same_have_one_term():
    assert concept_term("activity", "mentoring") == concept_term("theme", "mentoring") == "mentoring_programme|glossary"
    assert concept_term("activity", "company_visit") == concept_term("theme", "company_visits")
    assert concept_term("activity", "internship") == "internship|activity"


def test_broader_terms_cross_vocabularies():
    assert broader_terms("glossary", "crane_operator") == ("port_worker|glossary", "port_logistics|sector")


def test_a_query_names_a_concept_in_any_language_and_the_readers_weighs_more():
    (own,) = [each for each in understand("kraanmachinist", "nl").mentions if each.code == "crane_operator"]
    (foreign,) = [each for each in understand("kraanmachinist", "fr").mentions if each.code == "crane_operator"]
    assert own.terms == (("crane_operator|glossary", 1.0), ("port_worker|glossary", 0.2))
    assert foreign.terms[0] == ("crane_operator|glossary", 0.8)
    assert (foreign.words, foreign.language) == ("kraanmachinist", "nl")


def test_a_false_friend_weighs_little():
    """A "vela" is a sail in Italian; "slag" and its like mean other things elsewhere."""
    mentions = {(each.facet, each.code): each.terms[0][1] for each in understand("lots of crafts", "en").mentions}
    assert mentions["glossary", "crafts"] == 1.0
    assert mentions.get(("glossary", "harbour_pilot"), 0.0) < 1.0


def test_concepts_can_be_left_out():
    assert understand("kraanmachinist", "nl", False).mentions == ()
    assert understand("kraanmachinist", "nl", False).concept_terms == {}


def test_an_index_holds_what_texts_and_codes_say():
    """Titles three times, summaries twice, codes three times, what they are parts of once."""
    document = record(1, "nl", "Kraanmachinist worden", "Voor wie graag in de hoogte werkt.", activity="workshop")
    entry = index_entry(index_document(document))
    terms = " ".join(entry.text_terms).split()
    assert terms.count("crane_operator|glossary") == 3
    assert terms.count("port_worker|glossary") == 1
    assert terms.count("workshop|activity") == 3
    assert "crane_operator|glossary" in entry.concepts
