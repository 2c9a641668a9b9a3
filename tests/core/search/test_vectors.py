"""Records get their vectors in the background: once per text, whatever is killed in between."""

import itertools
from dataclasses import replace
from uuid import uuid4

import pytest

from core.search import tasks
from core.search.models import IndexPosition
from core.search.seam import Query, engine
from core.search.services import vectors as vectors_module
from core.search.services.catch_up import catch_up
from core.search.services.lease import lease
from core.search.services.rebuild import rebuild
from core.search.services.vectors import compute_all, vectors_compute
from core.search.vectors.embedder import embedder

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("index")]

# No word in common with any record.
ASKED = Query("une classe visite le port", "fr", concepts=False)


@pytest.fixture(autouse=True)
def vectors(settings):
    settings.VECTORS = True
    compute_all([])


@pytest.fixture
def counted(monkeypatch):
    """The texts of which a vector was computed."""
    real, texts = embedder(), []

    class Counted:
        model = f"counted-{uuid4()}"
        query = staticmethod(real.query)

        @staticmethod
        def passage(text):
            texts.append(text)
            return real.passage(text)

    for name in (
        "core.search.services.vectors",
        "core.search.selectors.vector_positions",
        "core.search.vectors.records",
    ):
        monkeypatch.setattr(f"{name}.embedder", lambda: Counted)
    monkeypatch.setattr(vectors_module, "label_texts", lambda: [])
    return texts


def found(query=ASKED):
    return [hit.uuid for hit in engine().search(query).hits]


def test_a_record_is_found_by_its_meaning_once_it_has_its_vector(publish, counted):
    (crane, wind) = publish("Hijskranen", "Windmolens")
    catch_up()
    assert found() == []
    assert vectors_compute(60) == 2
    assert set(found()) == {crane, wind}
    assert found(replace(ASKED, meaning=False)) == []
    assert found(Query("crane", "en", concepts=False)) == [crane]
    assert vectors_compute(60) == 0


def test_a_text_that_is_known_has_its_vector_at_once(publish, counted):
    publish("Hijskranen")
    catch_up()
    assert vectors_compute(60) == 1
    (again,) = publish("Hijskranen")
    catch_up()
    assert vectors_compute(60) == 0
    assert len(counted) == 1
    assert again in found()


def test_a_rebuild_computes_nothing_anew(publish, counted):
    published = publish("Hijskranen", "Windmolens")
    catch_up()
    vectors_compute(60)
    rebuild()
    assert vectors_compute(60) == 0
    assert len(counted) == 2
    assert set(found()) == set(published)


def test_what_was_computed_before_a_kill_is_kept(publish, counted, monkeypatch):
    publish("Hijskranen", "Windmolens")
    catch_up()

    def killed(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(vectors_module, "_write", killed)
        with pytest.raises(KeyboardInterrupt):
            vectors_compute(60)
    assert found() == []
    assert vectors_compute(60) == 2
    assert len(counted) == 2
    assert len(found()) == 2


def test_the_time_that_is_up_ends_a_run_and_the_next_goes_on(publish, counted, monkeypatch):
    monkeypatch.setattr(vectors_module, "TURN", 1)
    publish("Hijskranen", "Windmolens", "Sluizen")
    catch_up()
    ticks = itertools.count()
    assert vectors_compute(4, clock=lambda: float(next(ticks))) == 0
    assert 0 < len(counted) < 3
    assert vectors_compute(60) == 3
    assert len(counted) == 3


def test_an_index_that_another_process_writes_to_is_left_alone(publish, counted):
    publish("Hijskranen")
    catch_up()
    with lease():
        assert vectors_compute(60) == 0
    assert vectors_compute(60) == 1
    assert len(counted) == 1


def test_withdrawn_records_and_those_that_are_not_searched_need_none(publish, counted):
    (gone,) = publish("Hijskranen")
    publish(None, uuid=gone)
    catch_up()
    assert vectors_compute(60) == 0
    assert counted == []
    assert list(IndexPosition.objects.order_by("id").values_list("size", flat=True)) == [2, 2]


def test_without_a_model_nothing_is_done(settings, publish):
    settings.VECTORS = False
    publish("Hijskranen")
    catch_up()
    assert tasks.compute_vectors() == 0
    assert IndexPosition.objects.count() == 1
