"""The language that a program reads in."""

import pytest
from django.utils.translation import override

from core.errors import InvalidInput
from core.reading_language import interface_language, reading_language


@pytest.mark.parametrize("tag", ["nl", "de", "sv", "pt-BR", "zh-Hant", "NL"])
def test_a_language_that_exists_is_taken(tag: str) -> None:
    assert reading_language(tag) == tag


@pytest.mark.parametrize("tag", ["xx", "nonsense", "nl_BE", "../nl", "n", "nl-" + "a" * 40, "<b>", "nl\x00"])
def test_any_other_is_refused(tag: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        reading_language(tag, field="labels")
    assert (caught.value.reason, caught.value.field) == ("unknown_language", "labels")


def test_without_one_the_browsers_counts() -> None:
    with override("fr"):
        assert reading_language(None) == "fr"
        assert reading_language("") == "fr"


def test_labels_are_in_the_nearest_interface_language() -> None:
    assert [interface_language(tag) for tag in ("de-AT", "fy", "sv")] == ["de", "nl", "en"]
