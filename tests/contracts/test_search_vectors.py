"""What is near in meaning is found beside what shares words: by vectors made up, so that it can be said exactly."""

import math
from dataclasses import replace

import numpy as np
import pytest

from core.search.documents import index_document
from core.search.plan import NEAR
from core.search.seam import Query
from core.search.vectors.embedder import DIMENSIONS
from tests.contracts.conftest import SHELF, uuid_of
from tests.engines import ENGINES, index_address, opened_engine


def toward(axis, share=1.0):
    """A direction of length 1: so much of one axis, the rest of the last one."""
    vector = np.zeros(DIMENSIONS, np.float32)
    vector[axis], vector[-1] = share, math.sqrt(1 - share * share)
    return vector


@pytest.fixture
def meant(monkeypatch):
    """What the words of a query mean, for the rest of the test: the direction of axis 0."""
    monkeypatch.setattr("core.search.plan.query_vector", lambda text, language: toward(0))


@pytest.fixture(scope="module", params=ENGINES)
def engine(request, tmp_path_factory):
    """Three of the shelf's records have vectors: 2 and 4 lie near to axis 0, 4 less so, 3 away
    from it."""
    vectors = {2: toward(0, 0.95), 4: toward(0, 0.8), 3: toward(1)}
    with index_address(request.param, tmp_path_factory.mktemp("vectors")) as url:
        made = opened_engine(url)
        made.name()
        documents = [index_document(each) for each in SHELF]
        made.index(replace(document, vector=vectors.get(document.uuid.int)) for document in documents)
        made.commit()
        yield made


def test_near_ones_are_found_without_a_word_in_common_the_nearest_first_and_what_is_far_is_not(engine, meant):
    results = engine.search(Query("zonnepaneel", "nl"))
    assert [hit.uuid.int for hit in results.hits] == [2, 4]
    assert [hit.score for hit in results.hits] == pytest.approx([0.95 * NEAR, 0.8 * NEAR], rel=0.01)
    assert results.total == 2
    assert results.facets["language"] == [("de", 1), ("en", 1)]


def test_words_and_nearness_add_up(engine, monkeypatch):
    asked = Query("shipbuilders", "en", concepts=False)
    alone = {hit.uuid.int: hit.score for hit in engine.search(asked).hits}
    monkeypatch.setattr("core.search.plan.query_vector", lambda text, language: toward(0))
    near = {hit.uuid.int: hit.score for hit in engine.search(Query("zonnepaneel", "en")).hits}
    both = {hit.uuid.int: hit.score for hit in engine.search(asked).hits}
    assert set(alone) == {4}
    assert both == pytest.approx({**near, 4: near[4] + alone[4]}, rel=1e-5)


def test_filters_hold_for_what_is_near_and_a_facets_own_choice_does_not_narrow_it(engine, meant):
    results = engine.search(Query("zonnepaneel", "nl", filters={"language": ("de", "fr")}))
    assert [hit.uuid.int for hit in results.hits] == [2]
    assert results.total == 1
    assert results.facets["language"] == [("de", 1), ("en", 1), ("fr", 0)]
    assert results.facets["country"] == [("DE", 1)]


def test_other_orders_hold_the_same_records(engine, meant):
    results = engine.search(Query("zonnepaneel", "nl", sort="newest"))
    assert [hit.uuid.int for hit in results.hits] == [4, 2]


def test_what_is_like_a_record_may_be_near_to_it(engine):
    assert engine.similar(uuid_of(7), vector=toward(1)) == ()
    assert engine.similar(uuid_of(5), 6, toward(1))[0].uuid == uuid_of(3)
    assert engine.similar(uuid_of(5))[0].uuid != uuid_of(3)
