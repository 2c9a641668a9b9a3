"""When which peer is pulled: leases, outcomes, back-off."""

import errno
import sqlite3
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import OperationalError
from django.utils import timezone

from core.errors import Conflict
from core.records.page import Page
from core.records.services.replicate import page_store
from federation.models import Peer
from federation.services import due, pull
from federation.services.admission import peer_pause, peer_remove, peer_resume
from federation.services.due import back_off_seconds, peer_lease, peer_pull, pull_due_peers
from federation.services.poke import poke_receive
from tests.federation.fakes import FakePeer

pytestmark = pytest.mark.django_db


def test_due_peers_are_pulled_and_due_again_after_the_interval(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer
) -> None:
    before = timezone.now()

    outcomes = pull_due_peers()

    hamburg_peer.refresh_from_db()
    assert [outcome.added for outcome in outcomes] == [{hamburg.origin: 3}, {rotterdam.origin: 1}]
    assert hamburg_peer.lease_until is None
    assert hamburg_peer.name == "Hamburg"
    assert hamburg_peer.last_success_at > before
    assert hamburg_peer.next_pull_at >= before + timedelta(seconds=settings.PULL_INTERVAL_SECONDS)
    assert hamburg_peer.reported == {hamburg.origin: {"size": 3, "root": hamburg.log.head()["root"]}}
    assert pull_due_peers() == []


def test_an_unreachable_peer_is_recorded_and_waits_longer_each_time(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam_peer: Peer
) -> None:
    hamburg.down = True

    outcomes = pull_due_peers()

    hamburg_peer.refresh_from_db()
    assert len(outcomes) == 1, "the other peer is pulled all the same"
    assert (hamburg_peer.attempt_count, hamburg_peer.last_error_code) == (1, "unreachable")
    assert "hamburg.havenlink.localhost" in hamburg_peer.last_error_text
    first_wait = hamburg_peer.next_pull_at - hamburg_peer.last_error_at
    peer_pull(peer=hamburg_peer)
    peer_pull(peer=hamburg_peer)
    assert hamburg_peer.attempt_count == 3
    assert hamburg_peer.next_pull_at - hamburg_peer.last_error_at > first_wait


def test_a_success_ends_the_back_off_and_keeps_the_last_error(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    hamburg.down = True
    peer_pull(peer=hamburg_peer)
    hamburg.down = False

    peer_pull(peer=hamburg_peer)

    assert (hamburg_peer.attempt_count, hamburg_peer.failing) == (0, False)
    assert hamburg_peer.last_error_code == "unreachable"


def test_a_refused_page_is_recorded_with_its_origin(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    hamburg.alter = lambda page: page | {"entries": [{}]}

    peer_pull(peer=hamburg_peer)

    assert (hamburg_peer.last_error_code, hamburg_peer.attempt_count) == ("bad_entry", 1)
    assert hamburg_peer.last_error_text.startswith("hamburg.havenlink.localhost: ")
    assert hamburg_peer.reported[hamburg.origin]["size"] == 3


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 120.0), (2, 240.0), (3, 300.0), (50, 300.0)], ids=["1st", "2nd", "3rd", "50th"]
)
def test_the_back_off_doubles_up_to_its_cap(attempts: int, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PULL_INTERVAL_SECONDS", 60.0)

    assert back_off_seconds(attempts, uniform=lambda _low, _high: 1.0) == seconds
    assert back_off_seconds(attempts, uniform=lambda low, _high: low) == seconds * 0.75
    assert back_off_seconds(attempts, uniform=lambda _low, high: high) == seconds * 1.25


def test_a_leased_peer_is_nobody_elses(hamburg_peer: Peer) -> None:
    assert peer_lease() == hamburg_peer
    assert peer_lease() is None


def test_who_failed_waits_until_who_answers_had_its_turn(hamburg_peer: Peer, rotterdam_peer: Peer) -> None:
    hour_ago = timezone.now() - timedelta(hours=1)
    Peer.objects.filter(pk=rotterdam_peer.pk).update(attempt_count=1, next_pull_at=hour_ago)

    assert [peer_lease(), peer_lease(), peer_lease()] == [hamburg_peer, rotterdam_peer, None]


def test_a_lease_that_ran_out_is_taken_over(hamburg_peer: Peer) -> None:
    peer_lease()
    Peer.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    assert peer_lease() == hamburg_peer


def test_a_peer_that_was_poked_meanwhile_is_due_at_once(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    Peer.objects.update(poked_at=timezone.now() + timedelta(minutes=1))

    peer_pull(peer=hamburg_peer)

    assert hamburg_peer.next_pull_at <= timezone.now()


def test_paused_and_removed_peers_are_not_asked(
    hamburg: FakePeer, hamburg_peer: Peer, rotterdam: FakePeer, rotterdam_peer: Peer
) -> None:
    peer_pause(peer=hamburg_peer)
    peer_remove(peer=rotterdam_peer)

    assert pull_due_peers() == []
    assert (hamburg.asked, rotterdam.asked) == ([], [])


def test_a_resumed_peer_is_due_at_once_and_forgets_its_failures(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    hamburg.down = True
    peer_pull(peer=hamburg_peer)
    peer_pause(peer=hamburg_peer)

    resumed = peer_resume(peer=hamburg_peer)

    assert (resumed.attempt_count, resumed.next_pull_at <= timezone.now()) == (0, True)


def test_steps_that_are_not_declared_are_refused(hamburg_peer: Peer) -> None:
    peer_remove(peer=hamburg_peer)

    with pytest.raises(Conflict) as refusal:
        peer_pause(peer=hamburg_peer)

    assert refusal.value.reason == "wrong_state"
    assert Peer.objects.get().state == Peer.State.REMOVED


def test_a_poke_makes_a_peer_due_once_in_a_while(hamburg_peer: Peer) -> None:
    later = timezone.now() + timedelta(hours=1)
    Peer.objects.update(next_pull_at=later)

    assert poke_receive(origin=hamburg_peer.origin) is True
    hamburg_peer.refresh_from_db()
    assert hamburg_peer.next_pull_at <= timezone.now()

    Peer.objects.update(poked_at=timezone.now() + timedelta(minutes=1))
    assert poke_receive(origin=hamburg_peer.origin) is False


def test_pokes_of_unknown_and_paused_senders_change_nothing(hamburg_peer: Peer) -> None:
    later = timezone.now() + timedelta(hours=1)
    Peer.objects.update(next_pull_at=later)
    peer_pause(peer=hamburg_peer)

    assert poke_receive(origin="stranger.example") is False
    assert poke_receive(origin=hamburg_peer.origin) is False
    assert Peer.objects.get().next_pull_at == later


def full_sqlite() -> OperationalError:
    """As Django hands on what SQLite raises."""
    cause = sqlite3.OperationalError("database or disk is full")
    cause.sqlite_errorcode = sqlite3.SQLITE_FULL
    error = OperationalError(*cause.args)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (full_sqlite(), "disk_full", "The disk of this node is full. Nothing was stored."),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            "disk_full",
            "The disk of this node is full. Nothing was stored.",
        ),
        (OperationalError("disk I/O error"), "database_failed", "This node's database failed"),
        (ZeroDivisionError("a defect"), "internal", "Something went wrong on this node"),
    ],
)
def test_what_fails_here_ends_the_lease_and_is_recorded_in_words(
    hamburg: FakePeer,
    hamburg_peer: Peer,
    rotterdam: FakePeer,
    rotterdam_peer: Peer,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    code: str,
    words: str,
) -> None:
    stored = page_store

    def fail(log_id: int, page: Page) -> int:
        if page.entries[0].id.startswith(hamburg.url):
            raise error
        return stored(log_id, page)

    monkeypatch.setattr(pull, "page_store", fail)

    outcomes = pull_due_peers()

    hamburg_peer.refresh_from_db()
    assert (hamburg_peer.lease_until, hamburg_peer.attempt_count) == (None, 1)
    assert (hamburg_peer.last_error_code, hamburg_peer.last_error_text.partition(" (")[0]) == (code, words)
    assert hamburg_peer.next_pull_at > timezone.now()
    assert [outcome.added for outcome in outcomes] == [{rotterdam.origin: 1}], "the next peer had its turn"
    monkeypatch.undo()


def test_a_failure_that_cannot_be_recorded_ends_no_run(
    hamburg_peer: Peer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_arguments: object, **_columns: object) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(due, "pull_peer", fail)
    monkeypatch.setattr(due, "_record", fail)

    assert peer_pull(peer=hamburg_peer) is None
    assert "could not be recorded" in caplog.text
