"""What every search engine does, on documents few enough to say exactly which are found."""

import shutil
from dataclasses import replace

import pytest

from core.errors import Unavailable
from core.search.documents import index_document
from core.search.highlighting import Highlighter
from core.search.seam import FACETS, Query, Reason
from tests.contracts.conftest import SHELF, record, uuid_of
from tests.engines import opened_engine, remove_indexes


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


def test_the_whole_title_comes_first_and_written_as_one_word_too(own_engine):
    other = record(8, "nl", "Haven en port xpert", "port xpert industrie port xpert industrie")
    own_engine.index([index_document(other)])
    own_engine.commit()
    assert found(own_engine, "port xpert industrie")[0] == 1
    assert set(found(own_engine, "portxpert")) == {1, 8}
    assert found(own_engine, "port-xpert industrie")[0] == 1


def test_a_title_weighs_more_than_the_text(own_engine):
    own_engine.index(
        [
            index_document(record(8, "nl", "Windmolens", "Iets over techniek en over andere zaken.")),
            index_document(record(9, "nl", "Andere zaken", "Iets over techniek en over windmolens.")),
        ]
    )
    own_engine.commit()
    assert found(own_engine, "windmolen", concepts=False) == [8, 9]


# Typing errors


def test_a_slip_of_the_finger_is_forgiven_and_named(engine):
    results = engine.search(Query("havenbedrjf", "nl"))
    assert [hit.uuid.int for hit in results.hits] == found(engine, "havenbedrijf") == [1, 2, 5, 4]
    assert found(engine, "havenbedrjf", concepts=False) == [1]
    assert results.did_you_mean == "havenbedrijf"


def test_two_slips_in_a_long_word_are_forgiven(engine):
    assert found(engine, "hvenbedrjf") == [1]


@pytest.mark.parametrize(
    ("typed", "language", "meant", "code"),
    [
        ("Betriebsbesichtgung", "de", "Betriebsbesichtigung", "company_visit"),  # no record says so in German
        ("snufelstage", "nl", "snuffelstage", "observation_internship"),
        ("havenbezeok", "nl", "havenbezoek", "port_visit"),
        ("havenbedrijfsbezeok", "nl", "havenbedrijfsbezoek", "port_visit"),  # whose parts records have
    ],
)
def test_a_slip_in_a_concepts_word_or_in_a_compound_is_forgiven_in_every_language(engine, typed, language, meant, code):
    results = engine.search(Query(typed, language))
    assert results.did_you_mean == meant
    assert (code, typed) in {(mention.code, mention.words) for mention in results.understood.mentions}
    assert 4 in [hit.uuid.int for hit in results.hits] or code == "observation_internship"
    assert engine.search(Query(typed, language, concepts=False)).understood.mentions == ()


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
    assert Highlighter(understood).pieces("De leerlingen bezoeken het havenbedrijf.", "nl") == [
        ("De ", False),
        ("leerlingen", True),
        (" bezoeken het ", False),
        ("havenbedrijf", True),
        (".", False),
    ]


def test_a_glossary_entry_crosses_languages_and_titles_come_first(own_engine):
    own_engine.index(
        [
            index_document(record(8, "nl", "Kraanmachinist worden", "Meelopen in de haven.")),
            index_document(record(9, "it", "Un giorno in porto", "Incontro con una gruista.")),
            index_document(record(10, "pl", "Operator suwnicy", "Praca na wysokości.")),
            index_document(record(11, "da", "Kokkeskolen", "Mad til mange.")),
        ]
    )
    own_engine.commit()
    *titles, text = found(own_engine, "Kranführer", "de")[:3]
    assert (set(titles), text) == ({8, 10}, 9)
    assert not {8, 9, 10} & set(found(own_engine, "Kranführer", "de", concepts=False))
    hit = own_engine.search(Query("Kranführer", "de")).hits[0]
    assert hit.why == (Reason("glossary", "crane_operator", "Kranführer"),)


def test_a_broader_concept_finds_the_narrower_and_less_so_the_other_way_round(own_engine):
    own_engine.index(
        [
            index_document(record(8, "fr", "Devenir grutier")),
            index_document(record(9, "fr", "Devenir docker")),
        ]
    )
    own_engine.commit()
    assert found(own_engine, "dokwerker", "nl")[:2] == [9, 8]
    assert found(own_engine, "kraanmachinist", "nl")[:2] == [8, 9]


def test_a_text_names_a_concept_that_no_code_states(own_engine):
    """Codes of a vocabulary are found in a record's words too, not only among its codes."""
    own_engine.index([index_document(record(8, "sv", "Sommarprogram", "Prao på ett varv."))])
    own_engine.commit()
    assert 8 in found(own_engine, "scheepsbouw", "nl")


# How many of the words


def test_a_query_of_several_words_asks_for_more_than_a_common_one(own_engine):
    """Fifteen records have a quay, one of them a buoy, another one an anchor alone."""
    documents = [record(number, "nl", f"Gids {number}", "Langs de kade.") for number in range(8, 23)]
    documents[0] = record(8, "nl", "Gids 8", "Langs de kade en om de boei.")
    documents.append(record(23, "nl", "Gids 23", "Het anker."))
    own_engine.index([index_document(each) for each in documents])
    own_engine.commit()
    quay = list(range(8, 23))
    results = own_engine.search(Query("kade boei anker", "nl", concepts=False))
    assert sorted(hit.uuid.int for hit in results.hits) == [8, 23]
    assert results.total == 2
    assert results.facets["language"] == [("nl", 2)]
    # Of two words both, or the one that says more by far; words that nothing has are asked of no record.
    assert found(own_engine, "kade boei", concepts=False) == [8]
    assert sorted(found(own_engine, "anker boei", concepts=False)) == [8, 23]
    assert sorted(found(own_engine, "kade zwaaikom vlet", concepts=False)) == quay
    # A filter narrows, and takes nothing else in.
    assert found(own_engine, "kade boei anker", concepts=False, filters={"country": ("DE",)}) == []


def test_a_concept_answers_to_the_words_that_name_it(own_engine):
    """All are guides; 23 names in Dutch what two of the French words do, 8 has a word of the query's own."""
    documents = [record(number, "nl", f"Gids {number}", "Langs de kade.") for number in range(8, 23)]
    documents[0] = record(8, "nl", "Gids 8", "Om de boei.")
    documents.append(record(23, "nl", "Gids 23", "Een snuffelstage."))
    own_engine.index([index_document(each) for each in documents])
    own_engine.commit()
    assert set(range(8, 24)) & set(found(own_engine, "gids stage d'observation boei", "fr")) == {8, 23}


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


def test_pages_beyond_ten_thousand(empty_engine):
    many = replace(index_document(record(1, "nl", "Sluis")), texts={})
    empty_engine.index(replace(many, uuid=uuid_of(number), published_at=float(number)) for number in range(10_050))
    empty_engine.commit()
    page = empty_engine.search(Query(offset=10_020, limit=20))
    assert page.total == 10_050
    assert [hit.uuid.int for hit in page.hits] == list(range(29, 9, -1))


# Records like another


def test_similar_records_share_codes_and_words_and_are_not_the_record_itself(engine):
    found = [hit.uuid.int for hit in engine.similar(uuid_of(1))]
    assert found[0] == 4  # the same activity and sector
    assert set(found[1:]) == {2, 3, 5, 6}  # 3 names pupils too, in its own language
    assert [hit.uuid.int for hit in engine.similar(uuid_of(1), 1)] == [4]
    assert engine.similar(uuid_of(1), 0) == ()


def test_what_searches_hide_is_like_its_own_kind_alone(engine):
    assert engine.similar(uuid_of(7)) == ()


def test_nothing_is_like_a_record_that_is_not_held(own_engine):
    own_engine.remove([(uuid_of(4), 2)])
    own_engine.commit()
    assert own_engine.similar(uuid_of(999)) == ()
    assert own_engine.similar(uuid_of(4)) == ()
    assert 4 not in [hit.uuid.int for hit in own_engine.similar(uuid_of(1))]


# Suggestions


def test_suggestions_are_labels_in_the_readers_language_and_titles(engine):
    suggestions = engine.suggest("bedrijfsb", "nl")
    assert ("Bedrijfsbezoek", "activity", "company_visit") in [(s.text, s.facet, s.code) for s in suggestions]
    assert [(s.text, s.uuid) for s in engine.suggest("port xp", "nl")] == [("Port Xpert Industrie", uuid_of(1))]


@pytest.mark.parametrize("typed", ["coeu", "Cœu", "CŒU", "coeur de mé", "coeur de me"])
def test_suggestions_mind_neither_case_nor_accents(engine, typed):
    assert "Cœur de métier" in [suggestion.text for suggestion in engine.suggest(typed, "fr")]


@pytest.mark.parametrize("typed", ["", " ", "x", "zzzz", "\x00", "🚢", '"', "*" * 500, "z" * 65_536])
def test_suggestions_for_hardly_anything_are_none(engine, typed):
    assert engine.suggest(typed, "nl") == []


# Writing


def test_a_new_revision_replaces_the_old(own_engine):
    changed = {**SHELF[0], "revision": 2, "title": {"nl": {"text": "Anders", "method": "source"}}}
    own_engine.index([index_document(changed)])
    assert found(own_engine, "xpert") == [1]
    own_engine.commit()
    assert found(own_engine, "xpert", concepts=False) == []
    assert found(own_engine, "anders") == [1]
    assert own_engine.health().documents == 7


def test_what_is_removed_is_gone_and_removing_it_again_is_no_error(own_engine):
    own_engine.remove([(uuid_of(1), 2), (uuid_of(999), 5)])
    own_engine.commit()
    own_engine.remove([(uuid_of(1), 2)])
    own_engine.commit()
    assert 1 not in found(own_engine)
    assert own_engine.search(Query()).facets["country"] == [("DE", 1), ("FR", 1), ("GB", 1), ("GR", 1), ("PL", 1)]


def test_what_is_held_is_listed_with_its_revisions(own_engine):
    own_engine.index([index_document({**SHELF[0], "revision": 3})])
    own_engine.remove([(uuid_of(2), 2)])
    own_engine.commit()
    held = {each.uuid.int: each.revision for each in own_engine.held() if not each.removed}
    assert held == {1: 3, 3: 1, 4: 1, 5: 1, 6: 1, 7: 1}


def test_a_rebuild_answers_only_when_it_is_finished(own_engine):
    before = own_engine.name()
    rebuilt = own_engine.rebuild_start()
    rebuilt.index([index_document(SHELF[1])])
    rebuilt.commit()
    assert len(found(own_engine)) == 6
    own_engine.rebuild_finish(rebuilt)
    assert found(own_engine) == [2]
    assert own_engine.name() == rebuilt.name() != before


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
    "<script>alert(1)</script>",
    "%00%0a../../etc/passwd",
    '{"query": {"match_all": {}}}',
    "_id:*",
    "haven" + "\u200f" * 50,
    "🚢" * 300,
    " ".join(f"woord{number}" for number in range(200)),
]


@pytest.mark.parametrize("text", STRANGE)
@pytest.mark.parametrize("language", ["nl", "tlh", "", "zh-Hant-TW"])
def test_anything_typed_gets_an_answer(engine, text, language):
    results = engine.search(Query(text, language))
    assert results.total >= len(results.hits)


def test_an_index_that_is_not_there_is_unavailable(search_url):
    engine = opened_engine(search_url)
    with pytest.raises(Unavailable) as refused:
        engine.search(Query())
    assert refused.value.reason == "no_index"
    with pytest.raises(Unavailable):
        engine.suggest("haven", "nl")
    with pytest.raises(Unavailable):
        engine.similar(uuid_of(1))
    assert (engine.health().ok, engine.health().name, engine.health().documents) == (False, None, 0)


def test_an_index_that_was_deleted_is_unavailable_until_it_is_made_anew(own_engine, search_url, tmp_path):
    before = own_engine.name()
    if search_url.startswith("elasticsearch"):
        remove_indexes(search_url.rpartition("/")[2])
    else:
        shutil.rmtree(tmp_path / "index")
    with pytest.raises(Unavailable):
        own_engine.search(Query())
    assert own_engine.health().ok is False
    assert own_engine.name() != before
    own_engine.index([index_document(SHELF[0])])
    own_engine.commit()
    assert found(own_engine) == [1]
