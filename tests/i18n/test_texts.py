import pytest

from i18n.texts import Chosen, Texts, as_source, as_translation, choose, is_outdated, text_hash

SOURCE = "Hafenbesuch"
TEXTS: Texts = {
    "de": as_source(SOURCE),
    "nl": as_translation("Havenbezoek", source_text=SOURCE, method="human"),
    "en": as_translation("Harbor visit", source_text="Hafenbesuche", method="machine"),
}


def test_the_hash_is_sha256_of_utf8() -> None:
    assert text_hash("é") == "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"


def test_the_reader_gets_their_own_language() -> None:
    assert choose(TEXTS, "nl", "de") == Chosen(text="Havenbezoek", language="nl", method="human", outdated=False)


def test_the_source_is_no_translation_and_never_outdated() -> None:
    chosen = choose(TEXTS, "de", "de")
    assert chosen == Chosen(text=SOURCE, language="de", method="source", outdated=False)
    assert not chosen.is_translation


def test_a_translation_of_an_older_source_says_that_it_is_outdated() -> None:
    chosen = choose(TEXTS, "en-GB", "de")
    assert chosen == Chosen(text="Harbor visit", language="en", method="machine", outdated=True)
    assert chosen.is_translation


def test_a_reader_of_another_language_gets_english_before_the_source() -> None:
    chosen = choose(TEXTS, "fr", "de")
    assert chosen is not None
    assert chosen.language == "en"


def test_without_english_the_source_comes_before_a_third_language() -> None:
    chosen = choose({"nl": TEXTS["nl"], "de": TEXTS["de"]}, "fr", "de")
    assert chosen is not None
    assert chosen.language == "de"


def test_a_regional_text_serves_readers_of_the_language() -> None:
    chosen = choose({"de": as_source("x"), "nl-BE": as_source("y")}, "nl")
    assert chosen is not None
    assert chosen.language == "nl-BE"


@pytest.mark.parametrize("texts", [None, {}])
def test_no_texts_give_nothing(texts: Texts | None) -> None:
    assert choose(texts, "nl", "de") is None


def test_without_a_source_text_nothing_is_called_outdated() -> None:
    chosen = choose({"nl": TEXTS["nl"]}, "nl", "de")
    assert chosen == Chosen(text="Havenbezoek", language="nl", method="human", outdated=False)


def test_a_translation_without_a_hash_is_not_outdated() -> None:
    assert not is_outdated({"text": "x", "method": "human"}, SOURCE)
