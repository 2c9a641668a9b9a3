"""Texts that are indexed: each word is looked at once, and few are remembered."""

import pytest

from core.search import analysis, reading
from core.search.analysis import indexed_terms, prepare
from core.search.reading import read


@pytest.fixture(scope="module", autouse=True)
def lemmas():
    for _ in prepare():
        pass


@pytest.fixture
def looked_at(monkeypatch):
    """The words whose terms were looked up, from a state in which none is remembered."""
    found = []

    def terms(word, language):
        found.append((word, language))
        return indexed_terms(word, language)

    monkeypatch.setattr(analysis, "indexed_terms", terms)
    analysis.forget()
    yield found
    analysis.forget()


def test_a_word_is_looked_at_once_in_each_language(looked_at):
    assert read("Haven, haven en (haven)!", "nl").terms == "haven haven|nl haven haven|nl haven haven|nl"
    assert read("haven", "nl-BE").terms == "haven haven|nl"
    read("haven", "en")
    assert looked_at == [("Haven", "nl"), ("haven", "nl"), ("en", "nl"), ("haven", "en")]


def test_words_met_again_outlive_a_generation_and_others_do_not(looked_at, monkeypatch):
    monkeypatch.setattr(reading, "GENERATION", 2)
    for text in ("kraan schip", "kraan dok", "kraan schip"):
        read(text, "nl")
    # "kraan" and "schip" fill the first generation; "kraan" is met in the second, "schip" is not.
    assert [word for word, _ in looked_at] == ["kraan", "schip", "dok", "schip"]


def test_concepts_are_found_by_words_of_an_earlier_generation(looked_at, monkeypatch):
    before = read("de kraanmachinist", "nl")
    monkeypatch.setattr(reading, "GENERATION", 1)
    assert [read("de kraanmachinist", "nl") for _ in range(4)] == [before] * 4
    assert [phrase.terms for phrase in before.phrases] == [("crane_operator|glossary",)]
    assert [word for word, _ in looked_at] == ["de", "kraanmachinist"]


def test_no_more_than_two_generations_and_a_text_are_remembered(looked_at, monkeypatch):
    monkeypatch.setattr(reading, "GENERATION", 10)
    for number in range(100):
        read(f"dok{number} kade{number}", ("nl", "de")[number % 2])
    tables = reading._tables(analysis.edition())._by_language.values()
    assert sum(len(table) + len(table._older or ()) for table in tables) <= 2 * 10 + 2


def test_what_was_remembered_is_forgotten_when_there_are_more_dictionaries(looked_at):
    read("haven", "nl")
    analysis.forget()
    read("haven", "nl")
    assert looked_at == [("haven", "nl")] * 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Een open-dag, l'orientation d’été!", ["Een", "open-dag", "l", "orientation", "d", "été"]),
        ("vocational\u00a0training\u2028now\x1fhere", ["vocational", "training", "now", "here"]),
        ("snake_case col·laboració здоров'я", ["snake", "case", "col·laboració", "здоров'я"]),
        ("مُدَرِّسَة 3½ x²", ["مُدَرِّسَة", "3½", "x²"]),
        ("", []),
    ],
)
def test_words_are_those_of_the_pattern(text, words):
    """Pieces of letters and digits alone are not matched against it: they must be what it would find."""
    assert analysis.words(text) == words == analysis._TOKEN.findall(analysis.normalise(text))
