"""What every search engine does, on documents few enough to say exactly which are found."""

import pytest

from core.errors import Unavailable
from core.search.documents import index_document
from core.search.highlighting import highlight
from core.search.seam import FACETS, Query, Reason
from tests.contracts.conftest import SHELF, record, uuid_of


def found(engine, text="", language="nl", **query):
    """The numbers of the records found, in order."""
    return [hit.uuid.int for hit in engine.search(Query(text, language, **query)).hits]


# Words


@pytest.mark.parametrize(
    ("text", "language", "number"),
    [
        ("leerling", "nl", 1),  # leerlingen
        ("bezoekt", "nl", 1),  # bezoeken
        ("Schülerin", "de", 2),
        ("metier", "fr", 3),  # no accent typed
        ("coeur", "fr", 3),  # no ligature typed
        ("career", "en", 4),  # careers
        ("uczeń", "pl", 5),  # uczniowie
        ("lodzie", "pl", 5),  # ł
        ("ναυτικος", "el", 6),
        ("ΠΛΟΙΑ", "el", 6),  # capitals carry no accents
        ("8", "en", 4),
        ("lillo", "en", 1),  # a name, whatever the reader's language
    ],
)
def test_a_word_is_found_in_its_inflections_and_however_it_is_typed(engine, text, language, number):
    assert found(engine, text, language, concepts=False)[:1] == [number]


def test_the_language_of_the_query_need_not_be_the_readers(engine):
    assert found(engine, "Schülerin Hafen", "nl", concepts=False) == [2]
    assert found(engine, "careers with the pupils", "nl", concepts=False) == [4]


def test_stop_words_find_nothing_by_themselves(engine):
    results = engine.search(Query("de leerling met een havenbedrijf", "nl", concepts=False))
    assert [word.text for word in results.understood.words] == ["leerling", "havenbedrijf"]
    assert [hit.uuid.int for hit in results.hits] == [1]


def test_the_whole_title_comes_first_and_written_as_one_word_too(engine):
    engine.index([index_document(record(8, "nl", "Haven en port xpert", "port xpert industrie port xpert industrie"))])
    engine.commit()
    assert found(engine, "port xpert industrie")[0] == 1
    assert set(found(engine, "portxpert")) == {1, 8}
    assert found(engine, "port-xpert industrie")[0] == 1


def test_a_title_weighs_more_than_the_text(engine):
    engine.index(
        [
            index_document(record(8, "nl", "Windmolens", "Iets over techniek en over andere zaken.")),
            index_document(record(9, "nl", "Andere zaken", "Iets over techniek en over windmolens.")),
        ]
    )
    engine.commit()
    assert found(engine, "windmolen", concepts=False) == [8, 9]


# Typing errors


def test_a_slip_of_the_finger_is_forgiven_and_named(engine):
    results = engine.search(Query("havenbedrjf", "nl"))
    assert [hit.uuid.int for hit in results.hits] == [1]
    assert results.did_you_mean == "havenbedrijf"


def test_two_slips_in_a_long_word_are_forgiven(engine):
    assert found(engine, "hvenbedrjf") == [1]


def test_a_word_that_is_found_is_not_corrected(engine):
    results = engine.search(Query("haven industrie", "nl"))
    assert results.did_you_mean is None
    assert all(word.corrected == () for word in results.understood.words)


def test_nothing_like_it_finds_nothing(engine):
    results = engine.search(Query("zonnepanelen", "nl"))
    assert (results.total, results.hits, results.did_you_mean) == (0, (), None)
    assert all(count == 0 for counts in results.facets.values() for _, count in counts)


# Codes named in the query


def test_a_codes_label_in_any_language_finds_records_of_all_languages(engine):
    assert set(found(engine, "Betriebsbesichtigung", "nl")) == {1, 4, 5, 6}
    assert found(engine, "Betriebsbesichtigung", "nl", concepts=False) == []


def test_why_names_words_fields_and_codes(engine):
    (hit,) = engine.search(Query("Betriebsbesichtigung leerling xpert", "nl", filters={"region": ("antwerp",)})).hits
    assert hit.why == (
        Reason("text", "", "leerling"),
        Reason("title", "", "xpert"),
        Reason("activity", "company_visit", "Betriebsbesichtigung"),
    )


def test_highlights_mark_the_texts_own_inflection(engine):
    understood = engine.search(Query("leerling havenbedrijf", "nl")).understood
    assert highlight("De leerlingen bezoeken het havenbedrijf.", "nl", understood) == [
        ("De ", False),
        ("leerlingen", True),
        (" bezoeken het ", False),
        ("havenbedrijf", True),
        (".", False),
    ]


def test_a_glossary_entry_crosses_languages_and_titles_come_first(engine):
    engine.index(
        [
            index_document(record(8, "nl", "Kraanmachinist worden", "Meelopen in de haven.")),
            index_document(record(9, "it", "Un giorno in porto", "Incontro con una gruista.")),
            index_document(record(10, "pl", "Operator suwnicy", "Praca na wysokości.")),
            index_document(record(11, "da", "Kokkeskolen", "Mad til mange.")),
        ]
    )
    engine.commit()
    assert found(engine, "Kranführer", "de")[:3] == [8, 10, 9]
    assert not {8, 9, 10} & set(found(engine, "Kranführer", "de", concepts=False))
    hit = engine.search(Query("Kranführer", "de")).hits[0]
    assert hit.why == (Reason("glossary", "crane_operator", "Kranführer"),)


def test_a_broader_concept_finds_the_narrower_and_less_so_the_other_way_round(engine):
    engine.index(
        [
            index_document(record(8, "fr", "Devenir grutier")),
            index_document(record(9, "fr", "Devenir docker")),
        ]
    )
    engine.commit()
    assert found(engine, "dokwerker", "nl")[:2] == [9, 8]
    assert found(engine, "kraanmachinist", "nl")[:2] == [8, 9]


def test_a_text_names_a_concept_that_no_code_states(engine):
    """Codes of a vocabulary are found in a record's words too, not only among its codes."""
    engine.index([index_document(record(8, "sv", "Sommarprogram", "Prao på ett varv."))])
    engine.commit()
    assert 8 in found(engine, "scheepsbouw", "nl")


# Filters and facets


def test_a_search_for_nothing_finds_all_but_kinds_that_must_be_named(engine):
    assert found(engine) == [6, 5, 4, 3, 2, 1]
    assert found(engine, filters={"kind": ("organisation",)}) == [7]


def test_any_of_a_facets_codes_and_all_facets_must_agree(engine):
    assert set(found(engine, filters={"activity": ("workshop", "internship")})) == {2, 3}
    assert found(engine, filters={"activity": ("company_visit",), "sector": ("shipbuilding",)}) == [4]


def test_filters_by_every_facet(engine):
    assert found(engine, filters={"country": ("DE",)}) == [2]
    assert found(engine, filters={"language": ("el",)}) == [6]
    assert found(engine, filters={"node": ("liverpool.example",)}) == [4]
    assert found(engine, filters={"kind": ("programme",)}) == [5]


def test_a_stage_of_another_system_is_found_by_level_and_age(engine):
    assert found(engine, filters={"stage": ("isced-3",)}) == [1]
    assert found(engine, filters={"stage": ("fr-lycee-premiere",)}) == [1]
    assert found(engine, filters={"stage": ("isced-1",)}) == []


def test_an_age_is_found_where_it_lies_in_the_range(engine):
    assert found(engine, age=9) == [2]
    assert found(engine, age=12) == [4]
    assert found(engine, age=17) == [1]  # by the usual ages of its stage
    assert found(engine, age=40) == []


def test_an_unknown_code_matches_nothing(engine):
    results = engine.search(Query(filters={"sector": ("moon_mining",)}))
    assert results.total == 0
    assert results.facets["sector"][-1] == ("moon_mining", 0)


def test_facets_count_what_is_found(engine):
    facets = engine.search(Query()).facets
    assert list(facets) == list(FACETS)
    assert facets["kind"] == [("tool", 5), ("programme", 1)]
    assert facets["activity"] == [("company_visit", 4), ("internship", 1), ("workshop", 1)]
    assert facets["sector"] == [("port_logistics", 3), ("shipbuilding", 2), ("chemistry_process", 1)]
    assert dict(facets["country"]) == {"BE": 1, "DE": 1, "FR": 1, "GB": 1, "GR": 1, "PL": 1}
    assert ("isced-3", 1) in facets["stage"]
    assert ("be-secondary-grade-3", 1) in facets["stage"]


def test_a_facets_own_choice_does_not_narrow_its_counts(engine):
    facets = engine.search(Query(filters={"activity": ("workshop",), "sector": ("port_logistics",)})).facets
    assert facets["activity"] == [("company_visit", 2), ("workshop", 1)]
    assert facets["sector"] == [("port_logistics", 1)]
    assert facets["language"] == [("de", 1)]


def test_only_the_facets_asked_for_are_counted(engine):
    results = engine.search(Query(facets=("activity",), filters={"kind": ("tool",)}))
    assert list(results.facets) == ["activity"]
    assert results.total == 5
    assert engine.search(Query(facets=())).facets == {}


# Order and pages


def test_orders(engine):
    assert found(engine, sort="newest") == [6, 5, 4, 3, 2, 1]
    assert found(engine, sort="title") == [3, 2, 1, 5, 4, 6]
    assert found(engine, "schip Betriebsbesichtigung", sort="newest") == [6, 5, 4, 1]


def test_pages(engine):
    page = engine.search(Query(offset=4, limit=3))
    assert page.total == 6
    assert [hit.uuid.int for hit in page.hits] == [2, 1]
    assert engine.search(Query(offset=100_000, limit=20)).hits == ()


# Suggestions


def test_suggestions_are_labels_in_the_readers_language_and_titles(engine):
    suggestions = engine.suggest("bedrijfsb", "nl")
    assert ("Bedrijfsbezoek", "activity", "company_visit") in [(s.text, s.facet, s.code) for s in suggestions]
    assert [(s.text, s.uuid) for s in engine.suggest("port xp", "nl")] == [("Port Xpert Industrie", uuid_of(1))]


@pytest.mark.parametrize("typed", ["coeu", "Cœu", "CŒU", "coeur de mé", "coeur de me"])
def test_suggestions_mind_neither_case_nor_accents(engine, typed):
    assert "Cœur de métier" in [suggestion.text for suggestion in engine.suggest(typed, "fr")]


@pytest.mark.parametrize("typed", ["", " ", "x", "zzzz", "\x00", "🚢", '"', "*" * 500])
def test_suggestions_for_hardly_anything_are_none(engine, typed):
    assert engine.suggest(typed, "nl") == []


# Writing


def test_a_new_revision_replaces_the_old(engine):
    engine.index([index_document({**SHELF[0], "revision": 2, "title": {"nl": {"text": "Anders", "method": "source"}}})])
    assert found(engine, "xpert") == [1]
    engine.commit()
    assert found(engine, "xpert", concepts=False) == []
    assert found(engine, "anders") == [1]
    assert engine.health().documents == 7


def test_what_is_removed_is_gone_and_removing_it_again_is_no_error(engine):
    engine.remove([uuid_of(1), uuid_of(999)])
    engine.commit()
    engine.remove([uuid_of(1)])
    engine.commit()
    assert 1 not in found(engine)
    assert engine.search(Query()).facets["country"] == [("DE", 1), ("FR", 1), ("GB", 1), ("GR", 1), ("PL", 1)]


def test_a_rebuild_answers_only_when_it_is_finished(engine):
    before = engine.name()
    rebuilt = engine.rebuild_start()
    rebuilt.index([index_document(SHELF[1])])
    rebuilt.commit()
    assert len(found(engine)) == 6
    engine.rebuild_finish(rebuilt)
    assert found(engine) == [2]
    assert engine.name() == rebuilt.name() != before


# Whatever is typed

STRANGE = [
    "",
    " ",
    "\x00\x01\x02",
    "a" * 65_536,
    "haven " * 10_000,
    '"haven',
    '"haven bezoek" AND (OR NOT',
    "*",
    "hav*",
    "title:haven",
    "haven^1000~5",
    "[1 TO 9]",
    "\\",
    "';--",
    "مرحبا بالعالم",
    "שלום",
    "🚢⚓",
    "👩‍🔧 haven",
    "\ud800",
    "İstanbul ﬁn ½ Ⅷ",
    "‮nevah",
    "e\u0301" * 300,
    "-" * 400,
    "a-" * 250,
    "港口",
]


@pytest.mark.parametrize("text", STRANGE)
@pytest.mark.parametrize("language", ["nl", "tlh", "", "zh-Hant-TW"])
def test_anything_typed_gets_an_answer(engine, text, language):
    results = engine.search(Query(text, language))
    assert results.total >= len(results.hits)


def test_an_index_that_is_not_there_is_unavailable(empty_engine, tmp_path):
    empty_engine.search(Query())
    for path in sorted((tmp_path / "index").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    with pytest.raises(Unavailable):
        empty_engine.search(Query())
    assert empty_engine.health().ok is False
