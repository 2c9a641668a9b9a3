"""Sentence vectors of the real model: near in meaning, whatever the language."""

import numpy as np
import pytest

from core.search.documents import index_document
from core.search.services.vectors import compute_all
from core.search.vectors.calibration import LABELLED, OTHERS
from core.search.vectors.embedder import MAX_LETTERS, embedder
from core.search.vectors.languages import neutral_passage, neutral_query
from core.search.vectors.queries import near_codes, query_vector
from core.search.vectors.records import meaning, with_known_vectors
from tests.contracts.conftest import SHELF

# The same two things in five languages.
VISIT = {
    "nl": "Leerlingen bezoeken een bedrijf in de haven",
    "de": "Schüler besichtigen einen Betrieb im Hafen",
    "fr": "Des élèves visitent une entreprise du port",
    "pl": "Uczniowie zwiedzają firmę w porcie",
    "el": "Μαθητές επισκέπτονται μια επιχείρηση στο λιμάνι",
}
TEST = {
    "nl": "Een test op het internet naar je talenten",
    "de": "Ein Test im Internet zu deinen Talenten",
    "fr": "Un test en ligne sur tes talents",
    "pl": "Test internetowy twoich talentów",
    "el": "Ένα τεστ στο διαδίκτυο για τα ταλέντα σου",
}


@pytest.fixture(autouse=True)
def vectors(settings):
    settings.VECTORS = True


def test_a_query_is_nearer_to_its_answer_in_any_language_than_to_all_else_in_its_own():
    passages = {
        (language, what): neutral_passage(embedder().passage(text), language)
        for what, texts in (("visit", VISIT), ("test", TEST))
        for language, text in texts.items()
    }
    for language, text in VISIT.items():
        asked = query_vector(text, language)
        nearest = sorted(passages, key=lambda key: -float(asked @ passages[key]))[:5]
        assert {what for _language, what in nearest} == {"visit"}


def test_without_its_language_a_vector_still_has_length_one():
    vector = embedder().query("haven")
    for language in (*LABELLED, *OTHERS, "tlh", ""):
        assert np.linalg.norm(neutral_query(vector, language)) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("text", ["\0", "\ud800", "🚢" * 1000, "a" * 70_000, "مرحبا", "?"])
def test_anything_has_a_vector(text):
    assert np.linalg.norm(query_vector(text, "nl")) == pytest.approx(1.0, abs=1e-5)
    assert np.isfinite(embedder().passage(text)).all()


def test_no_text_has_none_and_without_a_model_nothing_has(settings):
    assert query_vector("", "nl") is None
    settings.VECTORS = False
    assert query_vector("haven", "nl") is None
    documents = [index_document(SHELF[0])]
    assert with_known_vectors(documents) == (documents, [])


def test_a_records_meaning_is_its_title_its_codes_in_english_and_its_summary():
    assert meaning(index_document(SHELF[0])) == (
        "Port Xpert Industrie. Company visit, Port and logistics, Chemistry and process industry."
        " Leerlingen bezoeken een havenbedrijf en praten met werknemers."
    )
    assert len(meaning(index_document(SHELF[0]))) < MAX_LETTERS


def test_codes_are_meant_that_no_word_names():
    compute_all([])
    near = {(each.facet, each.code) for each in near_codes(query_vector("Praktikum im Krankenhaus", "de"))}
    assert {("activity", "internship"), ("sector", "health_care")} <= near
    assert len(near) < 8
