"""The index follows the logs: once, in order, whatever is killed in between."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from core.errors import Unavailable
from core.records.models import Entry
from core.search import analysis, tasks
from core.search.lemmas import BuildFailed
from core.search.models import IndexLease, IndexPosition
from core.search.seam import Query, engine
from core.search.selectors.status import index_status
from core.search.services import catch_up as catch_up_module
from core.search.services.catch_up import catch_up
from core.search.services.lease import RENEWED_SECONDS, LeaseHeld, lease
from core.search.services.rebuild import rebuild

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("index")]


def found(text=""):
    return [hit.uuid for hit in engine().search(Query(text, "nl")).hits]


def test_what_is_published_is_found_and_nothing_is_indexed_twice(publish):
    (first, second) = publish("Windmolens", "Sluizen")
    assert catch_up() == 2
    assert set(found()) == {first, second}
    assert found("windmolen")[0] == first
    assert catch_up() == 0
    assert engine().health().documents == 2


def test_a_new_revision_replaces_and_a_withdrawal_removes(publish):
    (kept,) = publish("Windmolens")
    (gone,) = publish("Sluizen")
    catch_up()
    publish("Kranen", uuid=kept)
    publish(None, uuid=gone)
    assert catch_up() == 2
    assert found() == [kept]
    assert found("kraan") == [kept]


def test_published_and_withdrawn_before_the_index_looked(publish):
    (gone,) = publish("Sluizen")
    publish(None, uuid=gone)
    assert catch_up() == 2
    assert found() == []


def test_the_first_record_in_a_language_brings_its_dictionary(publish, monkeypatch):
    asked = []
    monkeypatch.setattr(analysis, "prepare", lambda languages: asked.append(set(languages)) or ["nl"])
    publish("Windmolens")
    catch_up()
    assert asked == [set(analysis.SET_UP_LANGUAGES), {"nl"}]


def test_a_dictionary_that_cannot_be_built_holds_nothing_up(publish, monkeypatch, caplog):
    def fail(languages):
        raise BuildFailed("the lemmas of nl could not be built: no room")

    monkeypatch.setattr(analysis, "prepare", fail)
    publish("Windmolens")
    assert catch_up() == 1
    assert len(found("windmolens")) == 1
    assert (
        "the lemmas of nl could not be built: no room. Records in it are found by the words as they are written."
        in (caplog.messages)
    )


def test_small_batches_reach_the_same_end(publish, monkeypatch):
    monkeypatch.setattr(catch_up_module, "BATCH", 2)
    monkeypatch.setattr(catch_up_module, "PAGE", 1)
    published = publish("Een", "Twee", "Drie", "Vier", "Vijf")
    seen = []
    assert catch_up(seen.append) == 5
    assert seen == [2, 4, 5]
    assert set(found()) == set(published)


def test_killed_before_the_position_is_saved_a_batch_is_done_again(publish, monkeypatch):
    (first,) = publish("Windmolens")

    def killed(name, batch):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(catch_up_module, "_save_positions", killed)
        with pytest.raises(KeyboardInterrupt):
            catch_up()
    assert found() == [first]
    assert catch_up() == 1
    assert engine().health().documents == 1


def test_a_document_that_cannot_be_indexed_blocks_nothing_after_it(publish, caplog):
    publish("Stuk")
    Entry.objects.update(document='{"kind": "tool"}')
    (whole,) = publish("Heel")
    assert catch_up() == 2
    assert found() == [whole]
    assert "cannot be indexed" in caplog.text


def test_an_index_that_was_deleted_is_filled_again(publish, delete_index):
    (first,) = publish("Windmolens")
    catch_up()
    delete_index()
    assert index_status().health.ok is False
    assert catch_up() == 1
    assert found() == [first]


def test_another_process_at_work_is_left_alone(publish):
    publish("Windmolens")
    with lease():
        assert catch_up() == 0
        with pytest.raises(LeaseHeld):
            rebuild()
    assert catch_up() == 1


def test_who_waits_goes_on_when_the_other_has_ended(publish, monkeypatch):
    publish("Windmolens")
    IndexLease.objects.create(id=1, holder="other", held_until=timezone.now() + timedelta(minutes=1))
    monkeypatch.setattr("core.search.services.lease.time.sleep", lambda _: IndexLease.objects.update(holder=""))
    assert catch_up() == 0
    assert catch_up(patience=5) == 1


def test_a_lease_of_a_dead_process_runs_out(publish):
    publish("Windmolens")
    IndexLease.objects.create(id=1, holder="dead", held_until=timezone.now() + timedelta(seconds=5))
    assert catch_up() == 0
    IndexLease.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    assert catch_up() == 1


@pytest.fixture
def clock(monkeypatch):
    now = SimpleNamespace(seconds=1000.0)
    monkeypatch.setattr("core.search.services.lease.time", SimpleNamespace(monotonic=lambda: now.seconds))
    return now


def test_a_lease_that_ran_out_and_was_taken_stops_its_old_holder(clock):
    with lease() as old:
        IndexLease.objects.update(held_until=timezone.now() - timedelta(seconds=1))
        clock.seconds += RENEWED_SECONDS
        with lease(), pytest.raises(LeaseHeld):
            old.renew()


def test_a_lease_is_written_again_when_that_is_due(clock, django_assert_num_queries):
    with lease() as held:
        clock.seconds += RENEWED_SECONDS - 1
        with django_assert_num_queries(0):
            held.renew()
        clock.seconds += 1
        with django_assert_num_queries(1):
            held.renew()
        with django_assert_num_queries(0):
            held.renew()


def test_a_rebuild_gives_the_same_index_and_forgets_the_old_positions(publish):
    published = publish("Windmolens", "Sluizen")
    catch_up()
    before = engine().name()
    assert rebuild() == 2
    assert set(found()) == set(published)
    assert engine().name() != before
    assert list(IndexPosition.objects.values_list("index_name", "size")) == [(engine().name(), 2)]
    assert catch_up() == 0


def test_a_rebuild_of_nothing_is_an_empty_index():
    assert rebuild() == 0
    assert found() == []


def test_status_says_how_far_behind(publish):
    publish("Windmolens")
    catch_up()
    publish("Sluizen", "Kranen")
    status = index_status()
    assert [(log.size, log.indexed) for log in status.logs] == [(3, 1)]
    assert (status.behind, status.health.documents) == (2, 1)


def test_the_task_survives_an_index_that_cannot_be_written(settings, tmp_path, publish, caplog):
    publish("Windmolens")
    (tmp_path / "file").write_text("no directory")
    settings.SEARCH_URL = f"tantivy://{tmp_path}/file"
    with pytest.raises(Unavailable):
        catch_up()
    assert tasks.catch_up() == 0
    assert "will be tried again" in caplog.text


def test_commands(publish, capsys):
    publish("Windmolens")
    with pytest.raises(CommandError):
        call_command("search", "status")
    call_command("search", "prepare")
    call_command("search", "catch-up")
    call_command("search", "rebuild")
    call_command("search", "status")
    said = capsys.readouterr().out
    assert "words of 12 languages are there" in said
    assert "1 entries indexed" in said
    assert "rebuilt from 1 entries" in said
    assert "0 entries behind" in said
