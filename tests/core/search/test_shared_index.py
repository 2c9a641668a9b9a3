"""One index on one cluster, several nodes writing to it: whatever comes when, the newest revision stays."""

from dataclasses import replace
from itertools import permutations

import pytest

from core.search.documents import index_document
from core.search.seam import Query
from tests.contracts.conftest import SHELF, record, uuid_of
from tests.engines import index_address, needs_elasticsearch, opened_engine
from tests.nodes import Nodes

pytestmark = needs_elasticsearch

NORTH = [1.0] + [0.0] * 383


@pytest.fixture
def address(tmp_path):
    with index_address("elasticsearch", tmp_path) as url:
        yield url


@pytest.fixture
def antwerp(address):
    made = opened_engine(address)
    made.name()
    return made


@pytest.fixture
def hamburg(address):
    return opened_engine(address)


def revision(number, title):
    return index_document({**record(1, "nl", title), "revision": number})


def titles(engine):
    return [found.text for found in engine.suggest("windm", "nl")]


STEPS = {
    "first": lambda engine: engine.index([revision(1, "Windmolens een")]),
    "second": lambda engine: engine.index([revision(2, "Windmolens twee")]),
    "withdrawn": lambda engine: engine.remove([(uuid_of(1), 3)]),
    "again": lambda engine: engine.index([revision(4, "Windmolens vier")]),
}


@pytest.mark.parametrize("order", list(permutations(STEPS)), ids="-".join)
def test_whoever_writes_in_whatever_order_the_newest_stays(antwerp, hamburg, order):
    for place, step in enumerate(order):
        STEPS[step]((antwerp, hamburg)[place % 2])
    antwerp.commit()
    hamburg.commit()
    for engine in (antwerp, hamburg):
        assert engine.search(Query()).total == 1
        assert titles(engine) == ["Windmolens vier"]


@pytest.mark.parametrize("order", list(permutations(["first", "second", "withdrawn"])), ids="-".join)
def test_what_was_withdrawn_does_not_come_back_with_a_late_revision(antwerp, hamburg, order):
    for place, step in enumerate(order):
        STEPS[step]((hamburg, antwerp)[place % 2])
        # Elasticsearch itself forgets the versions of what it deleted; a commit and a merge must not matter.
        (antwerp, hamburg)[place % 2].commit()
    results = antwerp.search(Query())
    assert (results.total, results.hits, titles(antwerp)) == (0, (), [])
    assert antwerp.health().documents == 0
    assert [(held.uuid, held.revision, held.removed) for held in hamburg.held()] == [(uuid_of(1), 3, True)]


def test_two_nodes_that_begin_at_the_same_moment_share_one_index(antwerp, hamburg):
    assert antwerp.name() == hamburg.name()
    antwerp.index([index_document(each) for each in SHELF[:3]])
    hamburg.index([index_document(each) for each in SHELF[2:]])
    antwerp.commit()
    assert [hit.uuid.int for hit in hamburg.search(Query()).hits] == [6, 5, 4, 3, 2, 1]
    assert hamburg.search(Query()).facets == antwerp.search(Query()).facets


def test_a_rebuild_by_one_is_another_index_to_the_other_whose_writes_go_there(antwerp, hamburg):
    antwerp.index([index_document(SHELF[0])])
    before = hamburg.name()
    rebuilt = antwerp.rebuild_start()
    rebuilt.index([index_document(SHELF[0])])
    hamburg.index([index_document(SHELF[1])])
    antwerp.rebuild_finish(rebuilt)
    hamburg.index([index_document(SHELF[2])])
    hamburg.commit()
    assert [hit.uuid.int for hit in hamburg.search(Query()).hits] == [3, 1]
    # Its positions were those of another index: the next catch-up writes everything that it has.
    assert hamburg.name() == rebuilt.name() != before


def test_two_rebuilds_at_once_leave_one_whole_index(antwerp, hamburg):
    antwerp.index([index_document(SHELF[0])])
    rebuilds = [(engine, engine.rebuild_start()) for engine in (antwerp, hamburg)]
    for _engine, rebuilt in rebuilds:
        rebuilt.index([index_document(each) for each in SHELF[:2]])
    for engine, rebuilt in rebuilds:
        engine.rebuild_finish(rebuilt)
    assert antwerp.name() == hamburg.name() == rebuilds[1][1].name()
    assert antwerp.search(Query()).total == 2


@pytest.mark.parametrize("first", ["plain", "near"])
def test_of_one_revision_the_document_with_a_vector_stays(antwerp, hamburg, first, monkeypatch):
    """A node without the package that makes vectors does not undo what another did."""
    plain = revision(1, "Windmolens")
    near = replace(plain, vector=NORTH)
    antwerp.index([plain if first == "plain" else near])
    hamburg.index([near if first == "plain" else plain])
    antwerp.commit()
    monkeypatch.setattr("core.search.plan.query_vector", lambda text, language: NORTH)
    assert antwerp.search(Query("zonnepaneel", "nl")).total == 1


def test_two_nodes_that_share_nothing_but_the_cluster_find_each_others_records(address, tmp_path):
    with Nodes(tmp_path) as nodes:
        antwerp, hamburg = (nodes.make(name, SEARCH_URL=address) for name in ("antwerp", "hamburg"))
        (first,) = antwerp.call("publish", count=1)["uuids"]
        (second,) = hamburg.call("publish", count=1)["uuids"]
        antwerp.call("manage_search", verb="catch-up")
        hamburg.call("manage_search", verb="catch-up")
        assert set(antwerp.call("search", text="girlsday")) == {first, second}

        hamburg.call("withdraw", uuid=second)
        hamburg.call("manage_search", verb="catch-up")
        assert antwerp.call("search", text="girlsday") == [first]

        # A node's own description is a record too.
        antwerp.call("manage_search", verb="rebuild")
        hamburg.call("republish", uuid=second, title="Girls' day again")
        assert "2 records alike, 0 of logs" in antwerp.call("manage_search", verb="compare")
        hamburg.call("manage_search", verb="catch-up")
        assert set(antwerp.call("search", text="girlsday")) == {first, second}
        assert "2 records alike, 2 of logs" in antwerp.call("manage_search", verb="compare")
