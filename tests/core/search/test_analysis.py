"""From words to terms: what is folded, what is kept, what a lemma may and may not do."""

import pytest

from core.search.analysis import index_terms, prepare, title_words, tokens
from core.search.highlighting import highlight
from core.search.seam import Understood, Word
from core.search.understanding import understand


@pytest.fixture(scope="module", autouse=True)
def lemmas():
    for _ in prepare():
        pass


@pytest.mark.parametrize(
    ("text", "language", "terms"),
    [
        ("De havens", "nl", "havens haven|nl"),
        ("begeleiding beleid", "nl", "begeleiding begeleiding|nl beleid beleid|nl"),  # a stemmer makes them one
        ("haven", "nl", "haven haven|nl"),  # a stemmer makes it haaf
        ("scholieren", "nl", "scholieren scholier|nl"),
        ("Häfen", "de", "hafen hafen|de"),
        ("Straße", "de", "strasse strasse|de"),
        ("l'œuvre", "fr", "oeuvre oeuvre|fr"),
        ("Łódź", "und", "lodz"),
        ("Ærøskøbing", "und", "aeroskobing"),
        ("col·laboració", "ca", "collaboracio collaboracio|ca"),
        ("2024 B2B", "nl", "2024 b2b"),
        ("IT", "en", "it it|en"),  # an acronym is no stop word
        ("it", "en", ""),
        ("Speed-Date", "und", "speed date speeddate"),
        ("Ahoy Qwrtz", "tlh", "ahoy qwrtz"),  # an unknown language has no lemmas
        ("🚢 — !", "nl", ""),
    ],
)
def test_terms(text, language, terms):
    assert index_terms(text, language) == terms


def test_a_regional_language_is_its_language():
    assert index_terms("havens", "nl-BE") == index_terms("havens", "nl")


def test_neighbours_in_a_title_are_found_written_as_one():
    assert title_words("Girls' Day 8") == "girls day 8 girlsday day8"


def test_tokens_know_where_they_stand():
    text = "Het e-loket!"
    assert [(token.word, text[token.start : token.end]) for token in tokens(text)] == [
        ("Het", "Het"),
        ("e", "e"),
        ("loket", "loket"),
        ("eloket", "e-loket"),
    ]


def test_a_highlight_loses_no_letter():
    understood = Understood((Word("loket", (("loket", 1.0),)),))
    pieces = highlight("\nHet e-loket, 2×: LOKET", "nl", understood)
    assert "".join(text for text, _ in pieces) == "\nHet e-loket, 2×: LOKET"
    assert [text for text, found in pieces if found] == ["loket", "LOKET"]


def test_nothing_understood_marks_nothing():
    assert highlight("Het loket", "nl", Understood()) == [("Het loket", False)]


def test_a_word_is_looked_up_in_every_language_and_the_readers_weighs_more():
    (word,) = understand("stage", "fr", False).words
    weights = dict(word.terms)
    assert weights["stage"] == 1.0
    assert weights["stage|fr"] > weights["stage|nl"]


def test_the_little_words_betray_the_language():
    (speed, port) = understand("the speed of a port", "nl", False).words
    assert dict(speed.terms)["speed|en"] > 1
    assert dict(port.terms)["port|en"] > 1


def test_german_typed_without_its_letters():
    (word,) = understand("Schueler", "de", False).words
    assert "schuler|de" in dict(word.terms)


@pytest.mark.parametrize(
    ("text", "mention"),
    [
        ("Betriebsbesichtigungen", ("activity", "company_visit", "Betriebsbesichtigungen", "de")),
        ("een bedrijfsbezoek", ("activity", "company_visit", "bedrijfsbezoek", "nl")),
        ("Hambourg", ("region", "hamburg", "Hambourg", "fr")),
    ],
)
def test_codes_are_recognised_in_any_language(text, mention):
    assert mention in [each[:4] for each in understand(text, "nl").mentions]


def test_a_query_is_bounded():
    assert len(understand("a1 " * 100 + " ".join(f"w{number}" for number in range(400)), "nl").words) <= 24
