"""A node restored from an old backup publishes nothing until its own log is whole again; then it goes on from there."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from uuid6 import uuid7

from core.errors import Conflict
from core.records.keys import signing_key
from core.records.models import Entry, Log
from core.records.services import recovery
from core.records.services.append import NewRevision, entries_append, own_log
from federation.models import Peer
from federation.services.due import peer_pull, pull_due_peers
from federation.services.recovery import recovery_demand, recovery_look
from tests.federation.fakes import FakeLog, FakePeer
from tests.node_calls import rewind

pytestmark = pytest.mark.django_db(transaction=True)

MARK = Path(settings.STATE_DIR) / "published.json"


def publish() -> int:
    text = {"nl": {"text": "Havendag", "method": "source"}}
    content = {"title": text, "summary": text, "activity": "workshop"}
    return entries_append([NewRevision(uuid=uuid7(), kind="tool", language="nl", content=content)])[0].index


def refused() -> str:
    size = own_log().size
    with pytest.raises(Conflict) as caught:
        publish()
    assert own_log().size == size
    assert caught.value.reason == "log_behind"
    return str(caught.value.message)


@pytest.fixture
def published() -> FakeLog:
    """Four entries of this node's, as others hold them; the database knows the first two alone."""
    for _ in range(4):
        publish()
    log = FakeLog("antwerp")
    log.private = signing_key()
    log.entries = [{**entry.header, "document": entry.document} for entry in Entry.objects.order_by("id")]
    rewind(2)
    return log


def test_how_much_was_published_is_written_down_beside_the_database() -> None:
    publish()
    publish()

    assert json.loads(MARK.read_text())["size"] == 2


def test_a_database_that_holds_less_than_is_written_down_publishes_nothing(published: FakeLog) -> None:
    assert "4 entries were published, 2 are held" in refused()


def test_an_empty_database_beside_a_log_that_was_published_publishes_nothing() -> None:
    MARK.write_text(json.dumps({"size": 7, "root": "AAAA"}))

    assert "7 entries were published, 0 are held" in refused()


def test_a_database_of_which_nothing_is_written_down_publishes_nothing(published: FakeLog) -> None:
    MARK.unlink()

    assert "it is not known how much was published before" in refused()


def test_other_entries_than_those_written_down_publish_nothing() -> None:
    publish()
    written = MARK.read_text()
    rewind(0)
    MARK.unlink()
    own_log()
    Path(MARK).write_text(json.dumps({"size": 0, "root": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}))
    publish()
    MARK.write_text(written)

    assert "the first 1 entries are not those that were published" in refused()


def test_a_kill_between_commit_and_writing_down_holds_nobody_up() -> None:
    publish()
    written = MARK.read_text()
    publish()
    MARK.write_text(written)

    assert publish() == 2


def test_what_was_lost_comes_back_from_a_peer_and_publishing_goes_on(
    published: FakeLog, hamburg: FakePeer, hamburg_peer: Peer
) -> None:
    hamburg.also_holds(published)

    pull_due_peers()

    log = own_log()
    assert (log.state, log.size, log.checkpoint_size) == (Log.State.ADMITTED, 4, 4)
    assert bytes(log.root) == published.root(4)
    assert publish() == 4


def test_until_all_is_back_nothing_is_published(
    published: FakeLog, hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer
) -> None:
    hamburg.also_holds(published, 3)
    rotterdam.down = True

    pull_due_peers()

    assert own_log().size == 3
    assert "4 entries were published, 2 are held" in refused()
    rotterdam.down = False
    rotterdam.also_holds(published)
    peer_pull(peer=rotterdam_peer)
    assert publish() == 4


def test_a_backup_put_back_with_all_its_files_waits_for_every_peer(
    published: FakeLog, hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer
) -> None:
    rotterdam.down = True
    hamburg.also_holds(published)
    recovery_demand()

    pull_due_peers()

    assert own_log().size == 4
    assert "a backup was restored" in refused()
    rotterdam.down = False
    peer_pull(peer=rotterdam_peer)
    assert publish() == 4


def test_a_peer_that_shows_more_of_our_log_stops_publishing_before_anything_is_pulled(
    published: FakeLog, hamburg: FakePeer, hamburg_peer: Peer
) -> None:
    log = own_log()
    MARK.write_text(json.dumps({"size": 2, "root": log.checkpoint.split("\n")[2]}))
    hamburg.also_holds(published)
    hamburg.alter = lambda page: page | {"proof": {}} if page["origin"] == log.origin else page

    peer_pull(peer=hamburg_peer)

    assert own_log().size == 2
    assert "4 entries were published, 2 are held" in refused()


def test_a_forged_checkpoint_of_ours_stops_nothing(published: FakeLog, hamburg: FakePeer, hamburg_peer: Peer) -> None:
    MARK.write_text(json.dumps({"size": 2, "root": own_log().checkpoint.split("\n")[2]}))
    published.private = hamburg.log.private
    hamburg.also_holds(published)

    peer_pull(peer=hamburg_peer)

    assert own_log().state == Log.State.ADMITTED
    assert publish() == 2


def test_a_pull_does_not_take_what_was_published_meanwhile_for_lost(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    """The peer's head is newer than this pull's look at the own log, not than the log."""
    publish()
    log = FakeLog("antwerp")
    log.private = signing_key()
    heads = hamburg.heads

    def later() -> dict[str, object]:
        publish()
        log.entries = [{**entry.header, "document": entry.document} for entry in own_entries()]
        hamburg.also_holds(log)
        return heads()

    hamburg.heads = later  # type: ignore[method-assign]
    peer_pull(peer=hamburg_peer)

    assert own_log().state == Log.State.ADMITTED
    assert publish() == 2


def test_a_look_at_the_log_does_not_take_what_was_published_meanwhile_for_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written down is read after the log: a publication in between is no loss."""
    publish()
    read = recovery.mark_read

    def later() -> recovery.Mark | None:
        monkeypatch.setattr(recovery, "mark_read", read)
        publish()
        return read()

    monkeypatch.setattr(recovery, "mark_read", later)
    log = recovery_look()

    assert (log.state, own_log().size) == (Log.State.ADMITTED, 2)
    assert publish() == 2


def own_entries() -> list[Entry]:
    log = own_log()
    return list(Entry.objects.filter(id__gte=log.entry_id(0), id__lt=log.entry_id(log.size)).order_by("id"))


def run(*arguments: str) -> str:
    output = StringIO()
    call_command(*arguments, stdout=output, stderr=output)
    return output.getvalue()


def test_the_operators_commands(published: FakeLog, hamburg: FakePeer, hamburg_peer: Peer) -> None:
    hamburg.down = True
    run("node", "restored")
    with pytest.raises(CommandError, match=r"a backup was restored\. Not heard, or not in full: hamburg"):
        run("node", "recover")

    hamburg.down = False
    hamburg.also_holds(published)
    assert "The log is whole: 4 entries." in run("node", "recover")
    assert publish() == 4


def test_the_operator_may_take_the_loss(published: FakeLog, hamburg_peer: Peer, hamburg: FakePeer) -> None:
    hamburg.down = True
    assert "The log is whole: 2 entries." in run("node", "recover", "--accept-loss")

    assert publish() == 2
