"""Which words are taken apart and which are not, on lists judged by people, by language.

`compounds/*.txt` hold what is right; the exceptions here are what the rules get wrong, so that no change makes them
worse unseen. How often the rules were right on words that nobody had looked at is told in docs/search.md.
"""

from pathlib import Path

import pytest

from core.search import compounds, lemmas
from core.search.analysis import base, fold_word, lemma, part_terms, prepare, word_terms
from core.search.highlighting import Highlighter
from core.search.reading import read
from core.search.understanding import understand

LISTS = Path(__file__).parent / "compounds"

# Taken apart not at all, or into other parts than people would say.
MISSED: dict[str, set[str]] = {
    "nl": {"ouderbetrokkenheid", "watersportvereniging"},
    "de": {"Pflegeberuf"},
    "da": {"maskinværksted"},
    "sv": {"arbetsgivare", "äldreomsorg"},
}

# Taken apart though they are one.
WRONGLY_SPLIT: dict[str, set[str]] = {"nl": set(), "de": set(), "da": {"bæredygtighed"}, "sv": set()}


@pytest.fixture(scope="module", autouse=True)
def dictionaries():
    for _ in prepare():
        pass


def judged(language):
    lines = (LISTS / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    return [line.split() for line in lines if line and not line.startswith("#")]


def words_in(terms):
    return {term.partition("|")[0] for term in terms}


def is_right(word, parts, language):
    """All parts found; beside them only what a part is made of itself, or is made of the parts: havenbedrijf."""
    found = words_in(part_terms(word, language))
    wanted = {lemma(part, language) or fold_word(part) for part in parts}
    within = {term for part in parts for term in words_in(part_terms(part, language))}
    around = {term for term in found - wanted - within if words_in(part_terms(term, language)) & wanted}
    return wanted <= found <= wanted | within | around


@pytest.mark.parametrize("language", ["nl", "de", "da", "sv"])
def test_compounds_are_taken_apart(language):
    missed = {word for word, *parts in judged(language) if parts and not is_right(word, parts, language)}
    assert missed == MISSED[language]


@pytest.mark.parametrize("language", ["nl", "de", "da", "sv"])
def test_other_words_stay_whole(language):
    split = {word for word, *parts in judged(language) if not parts and part_terms(word, language)}
    assert split == WRONGLY_SPLIT[language]


@pytest.mark.parametrize("language", ["nl", "de", "da", "sv"])
def test_there_are_enough_judged_words(language):
    words = judged(language)
    assert len([word for word, *parts in words if parts]) >= (60 if language in ("nl", "de") else 30)
    assert len([word for word, *parts in words if not parts]) >= 40


@pytest.mark.parametrize(
    ("text", "language", "terms"),
    [
        ("havenbedrijfsbezoek", "nl", "havenbedrijf|nl haven|nl bedrijf|nl bezoek|nl"),
        ("Bedrijfsbezoeken", "nl", "bedrijf|nl bezoek|nl"),
        ("scheepsbouw", "nl", "schip|nl bouw|nl"),
        ("jugendberufsagentur", "de", "jugend|de beruf|de agentur|de"),  # typed without its capital
        ("Schulklassen", "de", "schule|de klasse|de"),
        ("arbejdsmarked", "da", "arbejde|da marked|da"),
        ("skolbesök", "sv", "skola|sv besok|sv"),
        ("chemiebedrijf", "nl", "chemie bedrijf|nl"),  # the dictionary lacks chemie: it is a term as it is written
    ],
)
def test_parts_are_terms_beside_the_whole(text, language, terms):
    whole, *others = read(text, language).terms.split()
    assert whole == fold_word(text)
    assert [term for term in others if term.partition("|")[0] != (lemma(text, language) or whole)] == terms.split()


@pytest.mark.parametrize(
    "word",
    [
        "maritime",
        "teilnehmen",
        "verschiedene",
        "mechatronik",
        "beleid",
        "x" * 41,
        "12345678",
        "ooooooooooooooooooooooo",
    ],
)
def test_chance_words_stay_whole(word):
    assert part_terms(word, "de") == []
    assert part_terms(word, "nl") == []


def test_the_whole_compound_is_inflected_by_its_last_part():
    assert lemma("havenexpedities", "nl") == "havenexpeditie"
    assert lemma("Hafenexkursionen", "de") == "hafenexkursion"


def test_a_first_part_that_hangs_on_a_hyphen_is_found():
    assert "schiff|de" in read("Schiffs- und Hafenführungen", "de").terms.split()
    assert "hafen|de" in read("Schiffs- und Hafenführungen", "de").terms.split()


def test_a_hyphenated_words_parts_stand_once():
    assert read("haven-bezoek", "nl").terms == "haven haven|nl bezoek bezoek|nl havenbezoek havenbezoek|nl"


def test_a_query_of_parts_finds_the_compound_and_the_other_way_round():
    asked = understand("bezoek haven", "nl", False).terms
    assert {"bezoek|nl", "haven|nl"} <= asked & set(read("havenbezoek", "nl").terms.split())
    assert {"bezoek|nl", "haven|nl"} <= understand("havenbezoek", "nl", False).terms


def test_a_compounds_parts_weigh_less_than_the_compound():
    (word,) = understand("havenbezoek", "nl", False).words
    weights = dict(word.terms)
    assert weights["havenbezoek|nl"] == 1.2
    assert weights["haven|nl"] == weights["bezoek|nl"] == pytest.approx(0.72)


def test_a_compound_of_another_language_is_taken_apart_too():
    assert "hafen|de" in understand("Hafeninformationszentrum", "nl", False).terms


def test_a_word_that_another_language_knows_is_not_taken_apart_in_a_third():
    terms = understand("station", "fr", False).terms
    assert not {term for term in terms if term.partition("|")[0] not in ("station", "stationen", "statione")}


def test_a_compound_that_a_part_found_is_marked():
    understood = understand("bezoek haven", "nl", False)
    assert Highlighter(understood).pieces("Een havenbedrijfsbezoek, geen beleid", "nl") == [
        ("Een ", False),
        ("havenbedrijfsbezoek", True),
        (", geen beleid", False),
    ]


def test_a_part_that_a_compound_found_is_marked():
    understood = understand("Hafenbesichtigung", "de", False)
    assert ("Häfen", True) in Highlighter(understood).pieces("Die Häfen des Nordens", "de")


def test_words_are_remembered():
    word_terms.cache_clear()
    for _ in range(10):
        word_terms("havenbedrijfsbezoek", base("nl-BE"))
    assert (word_terms.cache_info().misses, word_terms.cache_info().hits) == (1, 9)


def test_parts_of_older_data_are_not_used(tmp_path, monkeypatch):
    (tmp_path / lemmas.SIMPLEMMA_VERSION).mkdir()
    compounds.build(
        "nl",
        {"haven": "haven", "havens": "haven", "bezoek": "bezoek"},
        [],
        tmp_path / lemmas.SIMPLEMMA_VERSION / compounds.file_name("nl"),
    )
    assert lemmas.splitter(tmp_path, "nl").lemmas("havenbezoek") == ("haven", "bezoek")
    compounds.file_name.cache_clear()
    monkeypatch.setattr(compounds, "FORMAT", compounds.FORMAT + 1)
    assert lemmas.splitter(tmp_path, "nl") is None
    compounds.file_name.cache_clear()


def test_a_language_without_compounds_has_no_splitter(tmp_path):
    assert lemmas.splitter(tmp_path, "fr") is None
