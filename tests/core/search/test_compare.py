"""Index and logs beside each other, on both engines: what differs is named, and mended when asked."""

import re
from dataclasses import replace

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from uuid6 import uuid7

from core.records.models import Entry, Log, Record
from core.search.documents import index_document
from core.search.models import IndexPosition
from core.search.seam import Query, engine
from core.search.services.catch_up import catch_up
from core.search.services.compare import compare
from core.search.services.lease import LeaseHeld, lease

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("index")]


def found(text=""):
    return {hit.uuid for hit in engine().search(Query(text, "nl", concepts=False)).hits}


def documents():
    """Of the current records."""
    records = Record.objects.filter(deleted=False).select_related("entry").order_by("entry_id")
    return [index_document(record.document) for record in records]


def say_all_was_read(held):
    """Another index in the place of the current one, with these documents; positions say it has read every entry."""
    current = engine()
    current.name()
    rebuilt = current.rebuild_start()
    rebuilt.index(held)
    rebuilt.commit()
    current.rebuild_finish(rebuilt)
    for log in Log.objects.all():
        IndexPosition.objects.create(index_name=current.name(), log=log, size=log.size)
    assert catch_up() == 0


def test_what_caught_up_is_alike(publish):
    (kept, gone) = publish("Windmolens", "Sluizen")
    catch_up()
    publish(None, uuid=gone)
    catch_up()
    outcome = compare()
    assert (outcome.alike, outcome.different, outcome.behind) == (1, 0, 0)
    assert found() == {kept}


def test_what_is_not_read_yet_is_behind_and_not_different(publish):
    (first,) = publish("Windmolens")
    catch_up()
    publish("Sluizen")
    publish("Kranen", uuid=first)
    outcome = compare()
    assert (outcome.alike, outcome.different, outcome.behind) == (0, 0, 2)


def test_what_is_missing_is_named_and_written(publish):
    first, second = publish("Windmolens", "Sluizen")
    say_all_was_read([each for each in documents() if each.uuid == second])
    outcome = compare()
    assert (outcome.missing, outcome.alike, outcome.different) == ([first], 1, 1)
    assert found() == {second}
    assert compare(repair=True).missing == [first]
    assert found() == {first, second}
    assert compare().different == 0


def test_an_old_revision_is_named_and_replaced(publish):
    (first,) = publish("Windmolens")
    old = documents()
    publish("Sluizen", uuid=first)
    say_all_was_read(old)
    assert compare(repair=True).outdated == [first]
    assert (found("windmolen"), found("sluis")) == (set(), {first})
    assert compare().different == 0


def test_what_the_log_withdrew_is_removed(publish):
    kept, gone = publish("Windmolens", "Sluizen")
    held = documents()
    publish(None, uuid=gone)
    say_all_was_read(held)
    assert compare().extra == [gone]
    assert found() == {kept, gone}
    assert compare(repair=True).extra == [gone]
    assert found() == {kept}
    assert compare().different == 0


def test_what_no_log_here_knows_is_others_in_a_shared_index_and_extra_in_ones_own(publish):
    publish("Windmolens")
    (known,) = documents()
    stranger = replace(known, uuid=uuid7())
    say_all_was_read([known, stranger])
    outcome = compare(repair=True)
    if engine().shared:
        assert (outcome.others, outcome.different) == (1, 0)
        assert found() == {known.uuid, stranger.uuid}
    else:
        assert (outcome.others, outcome.extra) == (0, [stranger.uuid])
        assert found() == {known.uuid}


def test_a_document_that_cannot_be_read_is_no_difference(publish):
    publish("Windmolens")
    Entry.objects.update(document='{"kind": "tool"}')
    catch_up()
    assert compare().different == 0


def test_nothing_is_compared_while_another_process_writes(publish):
    with lease(), pytest.raises(LeaseHeld):
        compare()


def test_the_command_fails_on_a_difference_and_mends_it(publish, capsys):
    first, _second = publish("Windmolens", "Sluizen")
    say_all_was_read([each for each in documents() if each.uuid != first])
    with pytest.raises(CommandError, match=re.escape("--repair")):
        call_command("search", "compare")
    assert f"1 missing: {first}" in capsys.readouterr().out
    call_command("search", "compare", "--repair")
    assert "1 repaired" in capsys.readouterr().out
    call_command("search", "compare")
    assert "2 records alike" in capsys.readouterr().out
