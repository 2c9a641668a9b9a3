"""What is wrong in a data file is said with the file, the code, and what was expected."""

from pathlib import Path

import pytest

from i18n.vocabularies.loading import VocabularyError, load_concepts
from i18n.vocabularies.stage_coding import load_codings

TITLE = "title: {nl: Kleuren, fr: Couleurs, de: Farben, en: Colours}\n"
LABEL = "label: {nl: a, fr: b, de: c, en: d}"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "colours.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_sound_file_is_read_in_order_and_facts_are_inherited(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        TITLE
        + f"concepts:\n  warm:\n    {LABEL}\n    country: NL\n    track: special\n    isced: [2]\n"
        + f"  red:\n    {LABEL}\n    broader: warm\n    also: {{nl: [rood]}}\n    ages: [12, ~]\n",
    )
    titles, concepts = load_concepts("colours", path)
    assert titles["nl"] == "Kleuren"
    assert list(concepts) == ["warm", "red"]
    red = concepts["red"]
    assert (red.broader, red.country, red.track, red.isced, red.ages) == ("warm", "NL", "special", (2,), (12, None))
    assert red.words("nl") == ("a", "rood")


@pytest.mark.parametrize(
    ("concept", "message"),
    [
        ("red: {label: {nl: a, fr: b, en: d}}", "colours.yaml: red: label: missing in de"),
        (f"Red: {{{LABEL}}}", "colours.yaml: Red: a code is small letters"),
        (f"7: {{{LABEL}}}", "colours.yaml: 7: a code is small letters"),
        ("red: rood", "colours.yaml: red: expected at least a `label`"),
        (f"red: {{{LABEL}, colour: blue}}", "colours.yaml: red: unknown colour; known are ages, also"),
        (f"red: {{{LABEL}, broader: warm}}", "colours.yaml: red: broader must be a code that stands above it"),
        (f"red: {{{LABEL}, also: {{nl: rood}}}}", r"colours.yaml: red: also in nl: expected a list of texts"),
        (f"red: {{{LABEL}, also: {{no: [rød]}}}}", "colours.yaml: red: also: False is not a language tag"),
        (f"red: {{{LABEL}, ages: [14, 13]}}", "colours.yaml: red: ages begin at 14, after they end at 13"),
        (f"red: {{{LABEL}, ages: 13}}", "colours.yaml: red: ages must be two numbers"),
        (f"red: {{{LABEL}, isced: 2}}", "colours.yaml: red: isced must be a list of levels"),
        (f"red: {{{LABEL}, track: other}}", "colours.yaml: red: track must be one of general, vocational, special"),
        (f"red: {{{LABEL}, country: Belgium}}", "colours.yaml: red: country must be two capital letters"),
        (f"red: {{{LABEL}, lat: north}}", "colours.yaml: red: lat: expected a number, not 'north'"),
        (f"red: {{{LABEL}, nuts_version: 2021}}", "colours.yaml: red: nuts_version: expected a text, not 2021"),
        ("red: {label: {nl: '', fr: b, de: c, en: d}}", "colours.yaml: red: label: the text in nl is empty"),
    ],
)
def test_a_faulty_concept_is_named(tmp_path: Path, concept: str, message: str) -> None:
    path = written(tmp_path, f"{TITLE}concepts:\n  {concept}\n")
    with pytest.raises(VocabularyError, match=message):
        load_concepts("colours", path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: [", "colours.yaml: not readable as YAML"),
        ("concepts: {}", "colours.yaml: expected exactly `title` and `concepts`"),
        (f"{TITLE}concepts: []", "colours.yaml: `concepts` must map codes to concepts"),
        ("", "colours.yaml: expected exactly `title` and `concepts`"),
    ],
)
def test_a_faulty_file_is_named(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(VocabularyError, match=message):
        load_concepts("colours", written(tmp_path, content))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("vmbo: {stages: [nl-vmbo-9]}", "colours.yaml: vmbo: stages: there is no code 'nl-vmbo-9'"),
        ("vmbo: {audience: [pupils]}", "colours.yaml: vmbo: unknown audience"),
        ("vmbo: {}", "colours.yaml: vmbo: expected `stages`, `audiences` or `ages`"),
        ("vmbo: {audiences: pupils}", "colours.yaml: vmbo: audiences: expected a list of codes"),
        ("vmbo: {ages: [16]}", "colours.yaml: vmbo: ages must be two numbers"),
    ],
)
def test_a_faulty_coding_is_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(VocabularyError, match=message):
        load_codings(written(tmp_path, line), stages={"nl-vmbo"}, audiences={"pupils"})
