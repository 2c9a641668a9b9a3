"""The bridge between school systems: what a filter set in one finds of the others, and what it does not."""

from collections import Counter

import pytest

from i18n.vocabularies.concept import Ages
from i18n.vocabularies.vocabulary import vocabulary

STAGES = vocabulary("school_stages")


@pytest.mark.parametrize(
    ("one", "other", "overlaps"),
    [
        (Ages(13, 14), Ages(13, 14), True),
        (Ages(13, 14), Ages(14, 15), False),
        (Ages(13, 14), Ages(11, 15), True),
        (Ages(18, None), Ages(19, None), True),
        (Ages(18, None), Ages(12, 18), False),
    ],
)
def test_a_whole_year_of_age_must_be_shared(one: Ages, other: Ages, overlaps: bool) -> None:
    assert one.overlaps(other) is overlaps
    assert other.overlaps(one) is overlaps


def test_vmbo_year_2_finds_the_same_level_and_age_everywhere_and_nothing_else() -> None:
    assert sorted(STAGES.expand("nl-vmbo-2")) == [
        "be-secondary-b-stream",
        "be-secondary-grade-1",
        "be-secondary-year-2",
        "de-hauptschule",
        "de-lower-secondary",
        "de-year-8",
        "dk-udskoling",
        "dk-year-7",
        "es-eso",
        "es-eso-2",
        "fr-college",
        "fr-college-4e",
        "gb-key-stage-3",
        "gb-scotland-s1-s3",
        "gb-year-9",
        "gr-gymnasio",
        "gr-gymnasio-2",
        "ie-junior-cycle",
        "ie-year-2",
        "isced-2",
        "it-media-3",
        "it-secondaria-1",
        "nl-vmbo",
        "nl-vmbo-2",
        "pl-gimnazjum",
        "pl-lower-secondary",
        "pl-year-7",
        "pt-ciclo-3",
        "pt-year-8",
        "se-hogstadiet",
        "se-year-7",
    ]


@pytest.mark.parametrize(
    ("filtered", "found"),
    [
        (
            "be-secondary-grade-3",
            {"nl-mbo", "nl-havo-5", "fr-lycee", "de-upper-secondary", "ie-senior-cycle", "gb-sixth-form"},
        ),
        ("fr-college-3e", {"nl-vmbo-3", "de-year-9", "ie-year-3", "dk-year-8", "se-year-8", "pt-year-9", "isced-2"}),
        ("ie-transition-year", {"fr-lycee-seconde", "be-secondary-year-4", "gb-year-11", "nl-havo-4", "pt-year-10"}),
        ("se-year-9", {"dk-year-9", "de-year-10", "nl-vmbo-4", "es-eso-4"}),
        (
            "be-primary-grade-3",
            {"be-primary-year-6", "nl-primary-group-8", "fr-cm2", "ie-primary-class-6", "gb-year-6"},
        ),
        ("de-dual", {"nl-mbo", "fr-apprentissage", "be-dual", "gb-apprenticeship", "dk-eud"}),
        ("be-adult", {"adult", "se-komvux", "fr-adult", "de-adult"}),
    ],
)
def test_what_a_national_stage_finds(filtered: str, found: set[str]) -> None:
    assert found - STAGES.expand(filtered) == set()


@pytest.mark.parametrize(
    ("filtered", "kept_apart"),
    [
        (
            "nl-vmbo-2",
            {"nl-havo-2", "nl-vmbo-3", "fr-college-3e", "be-secondary-grade-2", "de-gymnasium-lower", "isced-3"},
        ),
        ("fr-college-3e", {"fr-college-4e", "fr-lycee", "be-secondary-grade-1", "be-secondary-grade-3", "isced-1"}),
        ("be-secondary-general", {"nl-mbo", "fr-lycee-professionnel", "de-dual", "it-tecnico"}),
        ("de-dual", {"fr-lycee-general", "nl-havo-5", "pl-liceum"}),
        ("nl-praktijkonderwijs", {"nl-vmbo", "de-gymnasium-lower"}),
    ],
)
def test_what_a_national_stage_does_not_find(filtered: str, kept_apart: set[str]) -> None:
    assert kept_apart & STAGES.expand(filtered) == set()


def test_a_general_level_finds_all_national_stages_below_it() -> None:
    below = STAGES.expand("isced-2")
    assert {"isced-2", "nl-vmbo-2", "fr-college-3e", "gb-year-9", "pl-gimnazjum"} <= below
    assert {code for code in below if 2 not in STAGES.concepts[code].isced} == set()


def test_the_bridge_is_symmetrical_between_countries() -> None:
    stages = STAGES.concepts
    one_way = [
        (one, other)
        for one in stages
        for other in STAGES.expand(one)
        if stages[one].country
        and stages[other].country
        and stages[one].country != stages[other].country
        and one not in STAGES.expand(other)
    ]
    assert one_way == []


def test_every_national_stage_stands_below_a_level_and_states_its_ages_and_country() -> None:
    levels = {"isced-0", "isced-1", "isced-2", "isced-3", "isced-4", "isced-5-8", "adult"}
    assert {code for code, stage in STAGES.concepts.items() if stage.broader is None} == levels
    national = [stage for stage in STAGES.concepts.values() if stage.broader is not None]
    assert [stage.code for stage in national if stage.ages is None] == []
    assert [stage.code for stage in national if not stage.code.startswith(f"{(stage.country or '?').lower()}-")] == []


def test_parts_of_a_stage_lie_within_its_ages() -> None:
    outside = []
    for stage in STAGES.concepts.values():
        parent = STAGES.get(stage.broader) if stage.broader else None
        if parent and parent.country and parent.ages and stage.ages:
            begins_early = (stage.ages.min or 0) < (parent.ages.min or 0)
            ends_late = (stage.ages.max or 99) > (parent.ages.max or 99)
            if begins_early or ends_late:
                outside.append(stage.code)
    assert outside == []


def test_all_systems_of_the_inventory_are_there_from_primary_to_higher_education() -> None:
    levels = Counter((stage.country, stage.isced[:1]) for stage in STAGES.concepts.values() if stage.country)
    countries = ("BE", "NL", "DE", "FR", "GB", "IE", "SE", "DK", "PL", "IT", "ES", "PT", "GR")
    missing = [(country, level) for country in countries for level in (1, 2, 3, 5) if not levels[(country, (level,))]]
    assert missing == []


def test_systems_that_change_levels_at_other_ages_are_bridged_by_age() -> None:
    # At 14 a Flemish pupil is at ISCED 3, one of a vmbo's third year at ISCED 2.
    assert "be-secondary-grade-2" in STAGES.expand("nl-vmbo-3")
    assert "nl-vmbo-3" in STAGES.expand("be-secondary-grade-2")
    assert "be-secondary-grade-3" not in STAGES.expand("nl-vmbo-3")
