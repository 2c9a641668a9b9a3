"""From words to terms: what is folded, what is kept, what a lemma may and may not do, in every language."""

import zlib
from pathlib import Path

import pytest

from core.search import analysis
from core.search.analysis import LANGUAGES, SET_UP_LANGUAGES, lemma, prepare, title_words, tokens
from core.search.compounds import DATA
from core.search.highlighting import Highlighter
from core.search.lemmas import BuildFailed, MappedDictionaries
from core.search.reading import read
from core.search.seam import Understood, Word
from core.search.stop_words import STOP_WORDS, WRITTEN_STOP_WORDS
from core.search.understanding import understand

# Those of which a test needs the dictionary, built apart from what a node would use.
FURTHER = ("bg", "hr", "lv", "ro", "uk", "ar", "tr", "nb")
FURTHER_DIRECTORY = Path(__file__).resolve().parents[3] / "var" / "further-lemmas"

EUROPEAN_UNION = (
    *("bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "it", "lt", "lv", "mt", "nl"),
    *("pl", "pt", "ro", "sk", "sl", "sv"),
)


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
    assert read(text, language).terms == terms


@pytest.fixture
def further(settings):
    settings.LEMMA_DIR = FURTHER_DIRECTORY
    for _ in prepare(FURTHER):
        pass
    analysis.forget()
    yield
    analysis.forget()


@pytest.mark.parametrize(
    ("text", "language", "terms"),
    [
        ("пристанищата", "bg", "пристанищата пристанище|bg"),
        ("лучките", "bg", "лучките"),  # й is и when folded, and unknown words keep their form
        ("luke i škole", "hr", "luke luka|hr skole skola|hr"),
        ("ostas apmeklējums", "lv", "ostas osta|lv apmeklejums apmeklet|lv"),
        ("şcoala școala", "ro", "scoala scoala|ro scoala scoala|ro"),  # cedilla or comma
        ("комп’ютери комп'ютери", "uk", "компютери компютер|uk компютери компютер|uk"),
        ("Ґданська й порти", "uk", "гданська гданськии|uk порти порт|uk"),
        ("LİMANLAR Iğdır", "tr", "limanlar liman|tr igdir igdir|tr"),
        ("KIZLAR kızlar", "tr", "kizlar kiz|tr kizlar kiz|tr"),
        ("والمدرسة", "ar", "والمدرسه مدرسه|ar مدرسه"),
        ("مُدَرِّسَة مدرسة", "ar", "مدرسه مدرسه|ar مدرسه مدرسه|ar"),
        ("havnebesøkene", "nb", "havnebesokene havnebesok|nb havn|nb besok|nb"),
        ("havnene", "no", "havnene havn|nb"),
        ("havnene", "nn-NO", "havnene havn|nb"),
    ],
)
def test_terms_of_further_languages(further, text, language, terms):
    assert read(text, language).terms == terms


def test_every_language_of_the_union_is_read():
    assert set(EUROPEAN_UNION) - set(LANGUAGES) == {"mt"}  # nobody has published lemmas of Maltese
    assert set(EUROPEAN_UNION) | {"ar", "ca", "nb", "tr", "uk"} == {*LANGUAGES, "mt"} == set(STOP_WORDS)


@pytest.mark.parametrize("language", sorted(STOP_WORDS))
def test_a_language_has_its_little_words_and_no_others(language):
    port = "haven port hafen hamn porto puerto λιμάνι havn пристанище přístav sadam satama calafort luka kikötő uostas"
    work = "työ work arbeit travail lavoro trabajo praca munka darbs darbas school skola škola szkoła"
    assert 60 <= len(STOP_WORDS[language]) <= 115
    assert set(f"{port} {work}".split()).isdisjoint(WRITTEN_STOP_WORDS[language])


def test_maltese_words_keep_their_form():
    assert read("il-port ta' Marsaxlokk għandu ħaddiema", "mt").terms == "port ilport marsaxlokk haddiema"


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("les lessen", "nl"),  # the dictionary swaps them
        ("werkgever werkgevers", "nl"),  # and takes the one for a werkgeefster
        ("ouder ouders", "nl"),
        ("bezoek bezoeken", "nl"),
        ("visite visites", "fr"),
        ("porto porti", "it"),
        ("hamn hamnar hamnen hamnarna", "sv"),
        ("port porcie portu", "pl"),
        ("Job Jobs", "de"),
    ],
)
def test_one_and_several_are_one(words, language):
    assert len({lemma(word, language) for word in words.split()}) == 1


def test_an_index_is_named_anew_when_the_words_change():
    """Whoever changes a file here raises analysis.VERSION and puts the new sum."""
    files = [*sorted((DATA / "frequent").glob("*.txt")), DATA / "compounds.yaml", DATA / "stop_words.yaml"]
    assert (analysis.VERSION, zlib.crc32(b"".join(path.read_bytes() for path in files))) == (3, 3777859815)


def test_dictionaries_that_another_process_builds_are_seen(tmp_path):
    changes = []
    dictionaries = MappedDictionaries(tmp_path, on_change=lambda: changes.append(True))
    (tmp_path / "2.0.0").mkdir()
    (tmp_path / "2.0.0" / "nl.dic").touch()
    assert dictionaries.built() == {"nl"}
    (tmp_path / "2.0.0" / "fi.dic").touch()
    assert dictionaries.built() == {"nl"}  # looked up every few seconds only
    dictionaries.look_again()
    assert dictionaries.built() == {"nl", "fi"}
    assert changes == [True]


def test_a_dictionary_that_cannot_be_built_says_so_once(settings, tmp_path):
    (tmp_path / "2.0.0").touch()  # a file where a directory must be
    settings.LEMMA_DIR = tmp_path
    with pytest.raises(BuildFailed, match="the lemmas of lv could not be built"):
        list(prepare(["lv"]))
    assert list(prepare(["lv"])) == []


def test_set_up_builds_the_networks_languages():
    assert set(SET_UP_LANGUAGES) <= set(analysis.ready_languages())


def test_a_query_is_looked_up_in_languages_of_its_letters():
    assert analysis.languages_of("λιμάνι") == ("el",)
    assert "el" not in analysis.languages_of("haven")


def test_a_regional_language_is_its_language():
    assert read("havens", "nl-BE").terms == read("havens", "nl").terms


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
    pieces = Highlighter(understood).pieces("\nHet e-loket, 2×: LOKET", "nl")
    assert "".join(text for text, _ in pieces) == "\nHet e-loket, 2×: LOKET"
    assert [text for text, found in pieces if found] == ["loket", "LOKET"]


def test_nothing_understood_marks_nothing():
    assert Highlighter(Understood()).pieces("Het loket", "nl") == [("Het loket", False)]


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
