"""Every sort of damage to what a node holds: found, repaired from what is at hand or from a peer, or named."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.errors import Conflict
from core.node import this_node
from core.records.models import Entry, Log, Record, TreeNode
from core.records.selectors.logs import log_page
from core.records.services.append import NewRevision, entries_append, own_log
from core.records.services.erase import log_erase
from core.records.services.mend import log_mend
from core.records.services.recovery import mark_forget
from core.records.spans import Spans
from core.search.models import IndexLease
from core.search.seam import Query, engine
from core.search.services.catch_up import catch_up
from federation.models import Action, Peer, VerifyRun
from federation.services import refetch, verify
from federation.services.admission import peer_pause
from federation.services.describe import node_describe
from federation.services.due import peer_pull
from federation.services.verify import Report, verify_all
from federation.verify_words import FAULTS
from tests.federation.fakes import FakeLog, FakePeer

pytestmark = pytest.mark.django_db

# More than a block of the tree, and a part of the next.
COUNT = 303


@pytest.fixture(autouse=True)
def index(settings: Any, tmp_path: Path) -> None:
    settings.SEARCH_URL = f"tantivy://{tmp_path}/index"


@pytest.fixture
def held(hamburg: FakePeer, hamburg_peer: Peer) -> Log:
    """Hamburg's log: 3 tools, 299 more, and a second revision of the first; pulled and indexed."""
    for number in range(COUNT - 4):
        hamburg.log.publish(f"Hafentag {number}")
    hamburg.log.publish("Hafenrallye, neu", record_id=hamburg.log.entries[0]["id"], revision=2)
    assert peer_pull(peer=hamburg_peer) is not None
    catch_up()
    hamburg.asked.clear()
    return Log.objects.get(origin=hamburg.origin)


def execute(statement: str, *parameters: Any) -> None:
    """Damage, as a disk or a hand does it: past all code of ours."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        assert cursor.rowcount > 0, "nothing was damaged"


def verified(**options: Any) -> tuple[Report, Any]:
    report = verify_all(**options)
    return report, report.logs[-1]


def documents(log: Log) -> list[str | None]:
    return list(Entry.objects.filter(log=log).order_by("id").values_list("document", flat=True))


def rows(log: Log) -> list[Any]:
    """All that verification is about, to compare before and after."""
    tree = TreeNode.objects.filter(id__gte=log.id << 42, id__lt=(log.id + 1) << 42).order_by("id")
    entries = Entry.objects.filter(id__gte=log.entry_id(0), id__lt=log.entry_id(10_000)).order_by("id")
    return [
        [tuple(map(_plain, row)) for row in entries.values_list()],
        [tuple(map(_plain, row)) for row in tree.values_list()],
        sorted(Record.objects.filter(log=log).values_list(), key=str),
        [_plain(value) for value in Log.objects.values_list("size", "root", "peaks", "checkpoint").get(id=log.id)],
    ]


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def test_all_is_good_and_nobody_is_asked(hamburg: FakePeer, held: Log, django_assert_max_num_queries: Any) -> None:
    node_describe()
    catch_up()

    with django_assert_max_num_queries(50):
        report = verify_all()

    here, hamburgs = report.logs
    assert (report.verdict, here.origin, here.entries, here.records) == ("good", this_node().id, 1, 1)
    assert (hamburgs.entries, hamburgs.checkpoint_size, hamburgs.records) == (COUNT, COUNT, COUNT - 1)
    assert (hamburgs.found, hamburgs.faults, hamburgs.problems) == ({}, [], [])
    assert report.index is not None
    assert (report.index.verdict, report.index.alike, report.index.behind) == ("good", COUNT, 0)
    assert hamburg.asked == []


def flip_document(log: Log) -> None:
    replaced = "replace(document, 'Hafentag 40', 'Hafentag 41')"
    execute(f"UPDATE records_entry SET document = {replaced} WHERE id = %s", log.entry_id(43))


def lose_document(log: Log) -> None:
    execute("UPDATE records_entry SET document = NULL WHERE id = %s", log.entry_id(7))


def flip_leaf(log: Log) -> None:
    execute("UPDATE records_entry SET leaf_hash = %s WHERE id = %s", b"\x01" * 32, log.entry_id(5))


def change_header(log: Log) -> None:
    changed = "revision = 9, published = '2020-01-01T00:00:00.000000Z'"
    execute(f"UPDATE records_entry SET {changed} WHERE id = %s", log.entry_id(9))


def misfile_entry(log: Log) -> None:
    execute("UPDATE records_entry SET log_id = log_id + 1 WHERE id = %s", log.entry_id(9))


def delete_record(log: Log) -> None:
    execute("DELETE FROM records_record WHERE entry_id = %s", log.entry_id(20))


def raise_revision(log: Log) -> None:
    execute("UPDATE records_record SET revision = 7 WHERE entry_id = %s", log.entry_id(21))


def point_record_at_the_revision_before(log: Log) -> None:
    changed = "UPDATE records_record SET entry_id = %s, revision = 1 WHERE entry_id = %s"
    execute(changed, log.entry_id(0), log.entry_id(COUNT - 1))


def change_language(log: Log) -> None:
    execute("UPDATE records_record SET language = 'fi', kind = 'programme' WHERE entry_id = %s", log.entry_id(22))


def withdraw_record(log: Log) -> None:
    execute("UPDATE records_record SET deleted = %s WHERE entry_id = %s", True, log.entry_id(23))


def invent_record(log: Log) -> None:
    Record.objects.create(
        uuid=UUID(int=5),
        log=log,
        entry_id=log.entry_id(5_000),
        kind="tool",
        revision=1,
        published_at="2026-01-01T00:00:00Z",
    )


def give_record_away(log: Log) -> None:
    execute("UPDATE records_record SET log_id = %s WHERE entry_id = %s", own_log().id, log.entry_id(24))


def exchange_uuid(log: Log) -> None:
    uuid = uuid4().hex if connection.vendor == "sqlite" else str(uuid4())
    execute("UPDATE records_record SET uuid = %s WHERE entry_id = %s", uuid, log.entry_id(25))


def flip_node(log: Log) -> None:
    execute("UPDATE records_treenode SET hash = %s WHERE id = %s", b"\x02" * 32, TreeNode.key(log.id, 8, 0))


def lose_node(log: Log) -> None:
    execute("DELETE FROM records_treenode WHERE id = %s", TreeNode.key(log.id, 8, 0))


def flip_peaks(log: Log) -> None:
    execute("UPDATE records_log SET peaks = %s WHERE id = %s", b"\x03" * 32 * COUNT.bit_count(), log.id)


def shorten_size(log: Log) -> None:
    execute("UPDATE records_log SET size = size - 5 WHERE id = %s", log.id)


def shift_checkpoint_size(log: Log) -> None:
    execute("UPDATE records_log SET checkpoint_size = checkpoint_size - 1 WHERE id = %s", log.id)


def flip_checkpoint(log: Log) -> None:
    execute("UPDATE records_log SET checkpoint = replace(checkpoint, '303', '304') WHERE id = %s", log.id)


def lose_checkpoint(log: Log) -> None:
    execute("UPDATE records_log SET checkpoint = '' WHERE id = %s", log.id)


def cut_off_end(log: Log) -> None:
    execute("DELETE FROM records_record WHERE entry_id >= %s AND log_id = %s", log.entry_id(260), log.id)
    execute("DELETE FROM records_entry WHERE id >= %s", log.entry_id(260))


def cut_hole(log: Log) -> None:
    execute("DELETE FROM records_entry WHERE id >= %s AND id < %s", log.entry_id(100), log.entry_id(110))


def add_entry_beyond(log: Log) -> None:
    entry = Entry.objects.get(id=log.entry_id(1))
    entry.id = log.entry_id(COUNT)
    entry.save(force_insert=True)


def forge(log: Log) -> None:
    """Document, header and leaf hash fit together; only the signed root tells."""
    other = FakeLog("hamburg")
    other.publish("Besser in Rotterdam", record_id=Entry.objects.get(id=log.entry_id(1)).record_id)
    row = other.entries[0] | {"index": 1}
    other.entries = [other.entries[0], row]
    execute(
        "UPDATE records_entry SET document = %s, sha256 = %s, published = %s, leaf_hash = %s WHERE id = %s",
        row["document"],
        row["sha256"],
        row["published"],
        other.leaves(2)[1],
        log.entry_id(1),
    )


def swap_everything(log: Log) -> None:
    """Many sorts at once, all over the log."""
    for damage in (flip_document, flip_leaf, change_header, delete_record, raise_revision, flip_node, cut_hole):
        damage(log)


Damage = Callable[[Log], None]
# What is seen of each, and whether a peer is needed to mend it.
DAMAGES: list[tuple[Damage, list[str], bool]] = [
    (flip_document, ["document_damaged"], True),
    (lose_document, ["document_missing"], True),
    (flip_leaf, ["leaf_damaged"], False),
    (change_header, ["leaf_damaged"], False),
    (misfile_entry, ["entry_misfiled", "record_stray"], False),
    (delete_record, ["record_missing"], False),
    (raise_revision, ["record_damaged"], False),
    (point_record_at_the_revision_before, ["record_damaged", "record_outdated"], False),
    (change_language, ["record_damaged"], False),
    (withdraw_record, ["record_damaged"], False),
    (invent_record, ["record_stray"], False),
    (give_record_away, ["record_stray"], False),
    (exchange_uuid, ["record_missing", "record_stray"], False),
    (flip_node, ["tree_damaged"], False),
    (lose_node, ["tree_damaged"], False),
    (flip_peaks, ["tree_damaged"], False),
    (shorten_size, ["tree_damaged"], False),
    (shift_checkpoint_size, ["checkpoint_damaged"], False),
    (flip_checkpoint, ["checkpoint_damaged"], True),
    (lose_checkpoint, ["checkpoint_damaged"], True),
    (cut_off_end, ["entry_missing", "record_missing"], True),
    (cut_hole, ["entry_missing", "record_stray"], True),
    (add_entry_beyond, ["entry_extra"], False),
    (forge, ["record_damaged", "root_damaged", "tree_damaged"], True),
    (
        swap_everything,
        ["document_damaged", "entry_missing", "leaf_damaged", "record_damaged", "record_missing", "record_stray"],
        True,
    ),
]
NAMES = [damage.__name__ for damage, _codes, _peer in DAMAGES]


@pytest.mark.parametrize(("damage", "codes", "needs_peer"), DAMAGES, ids=NAMES)
def test_damage_is_found_and_nothing_changed(held: Log, damage: Damage, codes: list[str], needs_peer: bool) -> None:
    damage(held)
    before = rows(held)

    report, log = verified()

    assert (report.verdict, log.verdict, list(log.found)) == ("bad", "bad", codes)
    assert log.remaining == log.found
    assert {fault["code"] for fault in log.faults} == set(codes)
    assert not any(fault["repaired"] for fault in log.faults)
    assert rows(held) == before


@pytest.mark.parametrize(("damage", "codes", "needs_peer"), DAMAGES, ids=NAMES)
def test_damage_is_repaired_to_the_last_byte(
    hamburg: FakePeer, held: Log, damage: Damage, codes: list[str], needs_peer: bool
) -> None:
    whole = rows(held)
    damage(held)

    report, log = verified(repair=True)

    assert (report.verdict, log.verdict, log.remaining, log.problems) == ("repaired", "repaired", {}, [])
    # A record that is said to be this node's own is found in its log, which is read first.
    assert set(codes) <= {code for one in report.logs for code in one.found}
    assert rows(held) == whole
    assert bool(hamburg.asked) is needs_peer
    assert verify_all().verdict == "good"


@pytest.mark.parametrize(("damage", "codes"), [(damage, codes) for damage, codes, needs_peer in DAMAGES if needs_peer])
def test_what_no_peer_can_give_is_named(hamburg: FakePeer, held: Log, damage: Damage, codes: list[str]) -> None:
    hamburg.down = True
    damage(held)

    report, log = verified(repair=True)

    assert (report.verdict, log.verdict) == ("bad", "bad")
    assert log.remaining
    assert set(log.remaining) <= set(log.found)
    assert "(unreachable)" in log.problems[0]


@pytest.mark.parametrize("damage", [damage for damage, _codes, needs_peer in DAMAGES if not needs_peer])
def test_what_is_at_hand_needs_no_peer(hamburg: FakePeer, held: Log, damage: Damage) -> None:
    whole = rows(held)
    hamburg.down = True
    damage(held)

    assert verify_all(repair=True).verdict == "repaired"
    assert rows(held) == whole


def test_any_peer_that_holds_it_will_do(
    hamburg: FakePeer, held: Log, rotterdam: FakePeer, rotterdam_peer: Peer
) -> None:
    whole = rows(held)
    rotterdam.also_holds(hamburg.log)
    peer_pull(peer=rotterdam_peer)
    hamburg.down = True
    flip_document(held)
    cut_hole(held)

    report, log = verified(origin=hamburg.origin, repair=True)

    assert (report.verdict, log.found["document_damaged"], log.found["entry_missing"]) == ("repaired", 1, 10)
    assert rows(held) == whole
    assert report.index is None


def test_a_peer_that_is_ahead_must_continue_what_was_signed(hamburg: FakePeer, held: Log) -> None:
    whole = rows(held)
    hamburg.log.publish("Später")
    forge(held)

    assert verify_all(origin=hamburg.origin, repair=True).verdict == "repaired"
    assert rows(held) == whole


def test_nothing_is_taken_from_a_peer_whose_history_is_another(hamburg: FakePeer, held: Log) -> None:
    cut_hole(held)
    before = Entry.objects.filter(log=held).count()
    # The same origin's key, another history, and longer: what a fork serves.
    hamburg.log.entries[150]["document"] = None
    hamburg.log.entries[150]["sha256"] = "0" * 64
    hamburg.log.publish("Eine andere Geschichte")

    _report, log = verified(origin=hamburg.origin, repair=True)

    assert (log.verdict, log.remaining["entry_missing"]) == ("bad", 10)
    assert Entry.objects.filter(log=held).count() == before


def test_a_peer_that_serves_something_else_is_refused(hamburg: FakePeer, held: Log) -> None:
    flip_document(held)
    hamburg.alter = lambda page: page | {"entries": [row | {"document": "{}"} for row in page["entries"]]}

    _report, log = verified(origin=hamburg.origin, repair=True)

    assert log.remaining == {"document_damaged": 1}
    said = "The document of entry 43 is not the one hashed. (bad_document)"
    assert log.problems == [f"hamburg.havenlink.localhost: {said}"]


def test_paused_peers_are_not_asked(hamburg: FakePeer, hamburg_peer: Peer, held: Log) -> None:
    flip_document(held)
    peer_pause(peer=hamburg_peer)

    _report, log = verified(origin=hamburg.origin, repair=True)

    assert (hamburg.asked, log.problems) == ([], ["No admitted peer holds this log."])


def test_a_superseded_or_erased_document_is_no_fault(hamburg: FakePeer, hamburg_peer: Peer, held: Log) -> None:
    hamburg.log.publish("", record_id=hamburg.log.entries[1]["id"], revision=2, deleted=True)
    peer_pull(peer=hamburg_peer)
    catch_up()
    Entry.objects.filter(id__in=[held.entry_id(0), held.entry_id(1)]).update(document=None)

    assert verify_all().verdict == "good"


def test_an_unreadable_entry_is_no_fault(hamburg: FakePeer, hamburg_peer: Peer, held: Log) -> None:
    hamburg.log.publish("Neu", change={"kind": "spaceship"})
    peer_pull(peer=hamburg_peer)

    assert verify_all().verdict == "good"
    assert Entry.objects.exclude(unreadable="").count() == 1


def test_what_was_unreadable_before_an_upgrade_is_folded(hamburg: FakePeer, held: Log) -> None:
    execute("DELETE FROM records_record WHERE entry_id = %s", held.entry_id(30))
    Entry.objects.filter(id=held.entry_id(30)).update(unreadable="unknown kind 'tool'")

    _report, log = verified(repair=True)

    assert (log.found, log.verdict) == ({"record_missing": 1}, "repaired")
    assert Record.objects.filter(entry_id=held.entry_id(30)).exists()
    assert Entry.objects.exclude(unreadable="").count() == 0


def test_a_replica_that_is_under_way_is_good_as_far_as_it_goes(
    hamburg: FakePeer, hamburg_peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        hamburg.log.publish(f"Hafentag {number}")
    hamburg.log.entries[0]["document"] = None
    hamburg.log.publish("neu", record_id=hamburg.log.entries[0]["id"], revision=2)
    hamburg.page_size = 10
    monkeypatch.setattr("federation.services.pull.PULL_SECONDS", 0.0)
    served = iter(range(2))
    hamburg.alter = lambda page: page if next(served, None) is not None else {**page, "entries": []}
    peer_pull(peer=hamburg_peer)
    log = Log.objects.get(origin=hamburg.origin)
    assert (log.size, log.checkpoint_size) == (20, 0)

    report, found = verified()

    assert (report.verdict, found.entries, found.checkpoint_size) == ("good", 20, 0)


def test_this_nodes_own_log_is_mended_from_those_who_hold_it(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    node_describe()
    own = own_log()
    whole = rows(own)
    served = json.loads(log_page(own.origin).entries)
    mirror = FakeLog("antwerp")
    mirror.entries = served
    mirror.checkpoint = lambda size: own.checkpoint  # type: ignore[method-assign]
    hamburg.also_holds(mirror)
    peer_pull(peer=hamburg_peer)
    replaced = "replace(document, 'Antwerp', 'Antwerq')"
    execute(f"UPDATE records_entry SET document = {replaced} WHERE id = %s", own.entry_id(0))

    report, _log = verified(origin=own.origin, repair=True)

    assert report.verdict == "repaired"
    assert rows(own) == whole


def test_this_nodes_own_checkpoint_is_signed_anew_only_as_it_was(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        node_describe()
    own = own_log()
    execute("UPDATE records_log SET checkpoint = replace(checkpoint, %s, 'x') WHERE id = %s", own.origin, own.id)

    assert verify_all(origin=own.origin, repair=True).verdict == "repaired"
    assert Log.objects.get(id=own.id).checkpoint == own.checkpoint

    execute("UPDATE records_log SET checkpoint = replace(checkpoint, %s, 'x') WHERE id = %s", own.origin, own.id)
    mark_forget()
    report = verify_all(origin=own.origin, repair=True)
    assert report.logs[0].remaining == {"checkpoint_damaged": 1, "log_behind": 1}


def test_an_own_log_that_is_behind_is_named(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        node_describe()
    node_log = own_log()
    Record.objects.filter(log=node_log).delete()
    execute("DELETE FROM records_entry WHERE log_id = %s", node_log.id)
    Log.objects.filter(id=node_log.id).delete()
    own_log()

    _report, log = verified(origin=node_log.origin, repair=True)

    assert (log.verdict, log.remaining) == ("bad", {"log_behind": 1})
    assert log.faults[0]["detail"] == "1 entries were published, 0 are held"


def test_a_document_that_is_no_text_any_more_is_repaired(hamburg: FakePeer, held: Log) -> None:
    """PostgreSQL keeps none such; there another character stands in its place."""
    whole = rows(held)
    spoilt = "CAST(x'ff' || substr(CAST(document AS BLOB), 2) AS TEXT)"
    if connection.vendor == "postgresql":
        spoilt = "'\ufffd' || substr(document, 2)"
    execute(f"UPDATE records_entry SET document = {spoilt} WHERE id = %s", held.entry_id(43))

    report, log = verified(repair=True)

    assert (report.verdict, log.found) == ("repaired", {"document_damaged": 1})
    assert rows(held) == whole


def test_what_the_index_lacks_is_put_back(hamburg: FakePeer, held: Log) -> None:
    record = Record.objects.get(entry_id=held.entry_id(43))
    target = engine()
    target.remove([(record.uuid, record.revision)])
    target.commit()

    seen = verify_all()
    assert seen.index is not None
    assert (seen.verdict, seen.index.verdict, seen.index.missing) == ("bad", "bad", 1)
    assert verify_all(repair=True).verdict == "repaired"
    assert verify_all().verdict == "good"
    assert engine().search(Query("Hafentag 40")).hits[0].uuid == record.uuid


def test_a_record_that_was_indexed_from_a_damaged_document_is_indexed_anew(hamburg: FakePeer, held: Log) -> None:
    flip_document(held)
    Entry.objects.filter(id=held.entry_id(43)).update(
        document=hamburg.log.entries[43]["document"].replace("Hafentag", "Xylophon")
    )
    verify._index_anew(held, _spans(43))
    assert engine().search(Query("Xylophon")).total == 1

    report = verify_all(repair=True)

    assert report.index is not None
    assert (report.verdict, report.index.rewritten) == ("repaired", 1)
    assert engine().search(Query("Xylophon")).total == 0


def _spans(index: int) -> Any:
    spans = Spans()
    spans.add(index)
    return spans


def test_an_index_that_is_written_to_for_long_is_said_not_to_be_verified(
    held: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "INDEX_PATIENCE_SECONDS", 0.0)
    IndexLease.objects.update_or_create(id=1, defaults={"holder": "somebody", "held_until": "2999-01-01T00:00:00Z"})

    report = verify_all()

    assert report.index is not None
    assert (report.verdict, report.index.verdict) == ("unknown", "unknown")
    assert report.index.error == "Another process is writing to the index."


def test_a_million_faults_are_counted_and_a_hundred_named(hamburg: FakePeer, held: Log) -> None:
    execute("UPDATE records_entry SET leaf_hash = %s", b"\x01" * 32)

    _report, log = verified()

    assert (log.found["leaf_damaged"], len(log.faults)) == (COUNT, 100)
    assert verify_all(repair=True).verdict == "repaired"


def test_every_code_that_can_be_found_has_words() -> None:
    source = Path("core/records/services/verify.py").read_text()
    assert {code for code in FAULTS if f'"{code}"' in source} == set(FAULTS) - {"index_differs", "index_unverified"}
    assert refetch.holders("nobody.example.org") == []


def run(*arguments: str) -> tuple[str, int]:
    output = StringIO()
    try:
        call_command("federation", "verify", *arguments, stdout=output, stderr=output)
    except CommandError as error:
        return output.getvalue() + str(error), error.returncode
    return output.getvalue(), 0


def test_the_command_says_it_in_words_and_by_its_exit_code(hamburg: FakePeer, held: Log) -> None:
    assert run()[1] == 0

    flip_document(held)
    hamburg.down = True
    said, code = run("--repair")
    assert code == 2
    assert "1 document_damaged: A document's bytes are not those that were hashed. 1 of them not repaired" in said
    assert "document_damaged entry 43" in said
    assert "Something is wrong." in said

    hamburg.down = False
    assert run("--repair")[1] == 1
    assert run("--origin", hamburg.origin)[1] == 0
    assert run("--origin", "nobody.example.org")[1] == 3
    assert Action.objects.filter(verb="verify").count() == 4


def test_the_command_for_monitoring(hamburg: FakePeer, held: Log) -> None:
    flip_leaf(held)

    output = StringIO()
    with pytest.raises(CommandError):
        call_command("federation", "verify", "--json", stdout=output)
    report = json.loads(output.getvalue())

    assert set(report) == {"node", "at", "repair", "seconds", "verdict", "logs", "index"}
    assert (report["node"], report["verdict"], report["repair"]) == (this_node().id, "bad", False)
    log = report["logs"][-1]
    assert (log["origin"], log["found"], log["remaining"]) == (hamburg.origin, {"leaf_damaged": 1}, {"leaf_damaged": 1})
    assert log["faults"] == [
        {
            "code": "leaf_damaged",
            "entry": 5,
            "record": hamburg.log.entries[5]["id"],
            "detail": "",
            "repaired": False,
        }
    ]
    assert VerifyRun.objects.get().report == report


def test_a_log_whose_row_contradicts_itself_takes_nothing_and_is_not_called_a_fork(
    hamburg: FakePeer, hamburg_peer: Peer, held: Log
) -> None:
    hamburg.log.publish("Später")
    flip_peaks(held)

    outcome = peer_pull(peer=hamburg_peer)

    assert outcome is not None
    assert [problem.error.reason for problem in outcome.problems] == ["log_damaged"]
    assert (Log.objects.get(id=held.id).state, hamburg_peer.last_error_code) == (Log.State.ADMITTED, "log_damaged")
    assert verify_all(repair=True).verdict == "repaired"
    again = peer_pull(peer=hamburg_peer)
    assert again is not None
    assert again.added == {hamburg.origin: 1}


def test_a_node_signs_nothing_onto_a_damaged_tree(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        node_describe()
    own = own_log()
    execute("UPDATE records_log SET peaks = %s WHERE id = %s", b"\x03" * 32, own.id)
    new = NewRevision(
        uuid=uuid4(),
        kind="tool",
        language="nl",
        content={
            "title": {"nl": {"text": "Havendag", "method": "source"}},
            "summary": {"nl": {"text": "Havendag", "method": "source"}},
            "activity": "event",
        },
    )

    with pytest.raises(Conflict) as caught:
        entries_append([new])

    assert (caught.value.reason, own_log().size) == ("log_damaged", 1)
    assert verify_all(origin=own.origin, repair=True).verdict == "repaired"
    assert entries_append([new])[0].index == 1


def test_a_log_that_is_forgotten_while_it_is_read_is_left_out(
    hamburg: FakePeer, held: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete_record(held)

    def forget(found: Any) -> None:
        log_mend(found)
        log_erase(Log.objects.get(id=held.id))

    monkeypatch.setattr(verify, "log_mend", forget)

    report = verify_all(repair=True)

    assert [log.origin for log in report.logs] == [this_node().id] * Log.objects.filter(origin=this_node().id).count()


# Any value in any column, at any place: (table, column, how the row is found).
COLUMNS = [
    *(
        ("records_entry", column, "id")
        for column in ("record_id", "kind", "revision", "deleted", "published", "sha256")
    ),
    *(("records_entry", column, "id") for column in ("leaf_hash", "document", "log_id")),
    *(("records_record", column, "entry_id") for column in ("kind", "revision", "language", "deleted", "entry_id")),
]


def spoilt(column: str, number: int, index: int) -> Any:
    """A value that the column can hold, most likely not the right one."""
    if column in ("revision", "log_id"):
        return number % 5 + 1
    if column == "entry_id":
        return 9 * 2**40 + index
    if column == "deleted":
        return bool(number % 2)
    if column == "leaf_hash":
        return bytes([number % 256]) * 32
    return f"spoilt-{number}"[:20]


Spoilt = list[tuple[int, int, int]]


@hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, len(COLUMNS) - 1), st.integers(0, COUNT - 1), st.integers(0, 10_000)),
        min_size=1,
        max_size=12,
    ),
    st.lists(st.tuples(st.integers(0, COUNT - 1), st.integers(1, 40)), max_size=2),
    st.booleans(),
)
def test_whatever_is_spoilt_is_found_and_comes_back_whole(
    held: Log, values: Spoilt, holes: list[tuple[int, int]], node: bool
) -> None:
    whole = rows(held)
    with transaction.atomic(), connection.cursor() as cursor:
        for which, index, number in values:
            table, column, by = COLUMNS[which]
            place = held.entry_id(index)
            cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {by} = %s", [spoilt(column, number, index), place])
        for first, count in holes:
            ids = [held.entry_id(first), held.entry_id(min(first + count, COUNT))]
            cursor.execute("DELETE FROM records_entry WHERE id >= %s AND id < %s", ids)
        if node:
            cursor.execute("DELETE FROM records_treenode")
        changed = rows(held) != whole

        found = verify_all(origin=held.origin)
        mended = verify_all(origin=held.origin, repair=True)

        assert found.verdict == ("bad" if changed else "good")
        assert mended.verdict == ("repaired" if changed else "good"), mended.logs
        assert rows(held) == whole
        transaction.set_rollback(True)
