"""What every engine does with sentence vectors, by the real model, on the shelf."""

import pytest

from core.search.documents import index_document
from core.search.seam import Query, Reason
from core.search.services.vectors import compute_all
from core.search.vectors.records import meaning, with_known_vectors
from tests.contracts.conftest import SHELF


@pytest.fixture
def engine(settings, empty_engine):
    """The shelf with vectors."""
    settings.VECTORS = True
    documents = [index_document(each) for each in SHELF]
    compute_all(meaning(each) for each in documents if each.kind != "organisation")
    empty_engine.index(with_known_vectors(documents)[0])
    empty_engine.commit()
    return empty_engine


def found(engine, text, language="nl", **query):
    return [hit.uuid.int for hit in engine.search(Query(text, language, **query)).hits]


def test_what_means_alike_is_found_though_no_word_or_code_is_shared(engine):
    # Polish, and not a label of any vocabulary.
    asked = "zwiedzanie statków z klasą"
    assert found(engine, asked, "pl", concepts=False)[0] == 6
    assert found(engine, asked, "pl", concepts=False, meaning=False) == []


def test_a_name_stays_on_top_of_what_means_alike(engine):
    assert found(engine, "cœur de métier", "nl")[0] == 3
    assert found(engine, "port xpert industrie", "de")[0] == 1


def test_filters_hold_for_what_means_alike(engine):
    asked = "zwiedzanie statków z klasą"
    assert set(found(engine, asked, "pl", concepts=False, filters={"country": ("DE", "FR")})) <= {2, 3}
    assert found(engine, asked, "pl", concepts=False, filters={"country": ("GR",)}) == [6]


def test_total_and_facets_count_what_means_alike_too(engine):
    results = engine.search(Query("zwiedzanie statków z klasą", "pl", concepts=False))
    assert results.total == len(results.hits) > 0
    assert sum(count for _, count in results.facets["kind"]) == results.total


def test_other_orders_find_the_same(engine):
    asked = "zwiedzanie statków z klasą"
    assert set(found(engine, asked, "pl", sort="newest")) == set(found(engine, asked, "pl"))


def test_a_record_written_anew_is_near_by_its_new_meaning_only(engine, settings):
    changed = index_document({**SHELF[5], "title": {"el": {"text": "Φορολογία", "method": "source"}}, "summary": {}})
    compute_all([meaning(changed)])
    engine.index(with_known_vectors([changed])[0])
    engine.commit()
    assert found(engine, "zwiedzanie statków z klasą", "pl", concepts=False)[:1] != [6]
    engine.remove([(changed.uuid, 2)])
    engine.commit()
    assert 6 not in found(engine, "zwiedzanie statków z klasą", "pl")


def test_a_search_for_nothing_means_nothing(engine):
    assert found(engine, "") == [6, 5, 4, 3, 2, 1]


def test_what_is_found_for_its_meaning_alone_says_so(engine):
    asked = Query("zwiedzanie statków z klasą", "pl", concepts=False)
    assert engine.search(asked).hits[0].why == (Reason("meaning", "", ""),)
    # What words explain needs no other reason.
    (named, *others) = engine.search(Query("port xpert", "de", concepts=False)).hits
    assert named.why == (Reason("title", "", "port"), Reason("title", "", "xpert"))
    assert {reason.field for other in others for reason in other.why} <= {"title", "text", "meaning"}
