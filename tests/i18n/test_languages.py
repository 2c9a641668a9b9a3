import pytest
from babel import Locale, localedata

from i18n import languages


def test_the_interface_speaks_four_languages() -> None:
    assert languages.INTERFACE_LANGUAGES == ("nl", "fr", "de", "en")


@pytest.mark.parametrize(
    ("code", "in_language", "name"),
    [
        ("de", "nl", "Duits"),
        ("nl", "fr", "néerlandais"),
        ("mt", "de", "Maltesisch"),
        ("pt-BR", "en", "Brazilian Portuguese"),
        ("xx", "nl", "xx"),
        ("", "nl", ""),
    ],
)
def test_languages_are_named_in_any_language_and_unknown_codes_name_themselves(
    code: str, in_language: str, name: str
) -> None:
    assert languages.language_name(code, in_language) == name


def test_a_language_calls_itself_by_its_own_name() -> None:
    assert [languages.own_name(code) for code in ("nl", "fr", "el", "xx")] == [
        "Nederlands",
        "français",
        "Ελληνικά",
        "xx",
    ]


def test_names_in_a_language_unknown_to_cldr_are_english() -> None:
    assert languages.language_name("de", "qqq-nonsense") == "German"


def test_countries_are_named_and_groupings_are_not_countries() -> None:
    assert languages.country_name("GR", "nl") == "Griekenland"
    assert languages.country_name("GB", "de") == "Vereinigtes Königreich"
    assert languages.country_name("ZZ", "nl") == "ZZ"
    assert not {"EU", "UN", "150"} & set(languages.country_names("en"))


@pytest.mark.parametrize(("language", "direction"), [("nl", "ltr"), ("ar", "rtl"), ("fa-IR", "rtl"), ("xx", "ltr")])
def test_text_direction(language: str, direction: str) -> None:
    assert languages.text_direction(language) == direction


@pytest.mark.parametrize(
    ("language", "chain"),
    [
        ("nl-BE", ("nl-BE", "nl", "en", "fr", "de")),
        ("en", ("en", "nl", "fr", "de")),
        ("ca", ("ca", "es", "en", "nl", "fr", "de")),
        ("xx", ("xx", "en", "nl", "fr", "de")),
    ],
)
def test_fallback_goes_from_the_language_to_its_relatives_to_english(language: str, chain: tuple[str, ...]) -> None:
    assert languages.fallback_chain(language) == chain


def test_text_direction_is_that_of_cldr() -> None:
    """HTML has no word for Mongolian's columns."""
    identifiers = localedata.locale_identifiers()
    expected = {one: Locale.parse(one).text_direction.replace("ttb", "ltr") for one in identifiers}
    assert {one: languages.text_direction(one) for one in identifiers} == expected
