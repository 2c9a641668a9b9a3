"""What of a record goes into the index, as its kind's definition says."""

import pytest

from core.records.definition import ENVELOPE, kinds
from core.search.documents import facet_vocabularies, index_document, matching_codes
from core.search.seam import FACETS, FieldTexts
from tests.contracts.conftest import record


def test_every_facet_of_a_definition_is_known_to_search():
    defined = {field.facet for kind in kinds() for field in ENVELOPE + kind.fields if field.facet}
    assert defined - {"age"} == set(FACETS)


def test_facets_know_their_vocabulary():
    assert facet_vocabularies()["stage"] == "school_stages"
    assert facet_vocabularies()["region"] == "regions"
    assert "kind" not in facet_vocabularies()


def test_texts_by_language_names_in_none():
    document = record(1, "nl", "Titel", "Korte tekst", organiser={"name": "Voka"}, partners=[{"name": "BASF"}])
    document["title"]["en"] = {"text": "Title", "method": "human", "of": "0" * 64}
    document["phases"] = [{"title": {"nl": {"text": "Eerst", "method": "source"}}}]
    document["kind"] = "programme"
    document["target_groups"] = ["vmbo year 2 (NL)"]
    assert index_document(document).texts == {
        "nl": FieldTexts("Titel", "Korte tekst", ((0.5, "Eerst"),)),
        "en": FieldTexts("Title", "", ()),
        "und": FieldTexts("", "", ((0.5, "vmbo year 2 (NL)"), (1, "Voka"), (0.5, "BASF"))),
    }


def test_codes_ages_and_country_follow_from_what_is_stated():
    made = index_document(record(1, "nl-BE", "Titel", region="antwerp", stages=["be-secondary-grade-3"]))
    assert made.codes == {
        "node": ("antwerp.example",),
        "kind": ("tool",),
        "language": ("nl",),
        "stage": ("be-secondary-grade-3",),
        "region": ("antwerp",),
        "country": ("BE",),
    }
    assert "isced-3" in made.broader["stage"]
    assert made.ages == (16, 18)


def test_a_record_counts_under_every_code_above_its_own_as_a_filter_finds_it():
    made = index_document(record(1, "nl", "Titel", audiences=["pupils"]))
    assert made.codes["audience"] == ("pupils",)
    assert made.broader == {"audience": ("young_people",)}
    assert "pupils" in matching_codes("audience", "young_people")


def test_stated_ages_go_before_those_of_the_stage_and_stay_in_bounds():
    assert index_document(record(1, "nl", "T", stages=["isced-1"], ages={"min": 3})).ages == (3, 120)
    assert index_document(record(1, "nl", "T", ages={"max": 10**9})).ages == (0, 120)
    assert index_document(record(1, "nl", "T")).ages is None


def test_deletions_and_unknown_kinds_are_not_searched():
    assert index_document({**record(1, "nl", "T"), "deleted": True}) is None
    assert index_document({**record(1, "nl", "T"), "kind": "spaceship"}) is None


@pytest.mark.parametrize("broken", [{"id": "x"}, {"published": "soon"}, {"title": "no texts"}, {"stages": 3}])
def test_a_document_that_cannot_be_read_is_refused(broken):
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        index_document({**record(1, "nl", "T"), **broken})
