"""When everything is verified: asked for once, done by whoever is free, taken over from who died, kept."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.errors import Conflict, NotFound
from federation.models import Action, Peer, VerifyRun
from federation.services import verify_runs
from federation.services.due import peer_pull
from federation.services.verify_runs import verify_ask, verify_asked, verify_now
from tests.federation.fakes import FakePeer

pytestmark = pytest.mark.django_db

BY = "ada@antwerp"
State = VerifyRun.State


@pytest.fixture(autouse=True)
def index(settings: Any, tmp_path: Any) -> None:
    settings.SEARCH_URL = f"tantivy://{tmp_path}/index"


def test_what_was_asked_for_is_done_once_and_kept(hamburg: FakePeer, hamburg_peer: Peer) -> None:
    peer_pull(peer=hamburg_peer)

    asked = verify_ask(by=BY, reason="every Monday")
    assert (asked.state, asked.verdict) == (State.ASKED, "")
    done = verify_asked()

    assert done is not None
    assert (done.id, done.state, done.verdict, done.lease_until) == (asked.id, State.DONE, "good", None)
    assert [log["entries"] for log in done.report["logs"]] == [3]
    assert verify_asked() is None
    assert [(row.by, row.verb, row.detail) for row in Action.objects.all()] == [(BY, "verify", "every Monday")]


def test_only_one_is_under_way() -> None:
    verify_ask(by=BY)

    for begin in (verify_ask, verify_now):
        with pytest.raises(Conflict) as caught:
            begin(by=BY)
        assert caught.value.reason == "verify_under_way"
    assert (VerifyRun.objects.count(), Action.objects.count()) == (1, 1)


def test_an_origin_that_is_not_held_is_not_asked_for() -> None:
    with pytest.raises(NotFound):
        verify_ask(by=BY, origin="nowhere.example.org")

    assert (VerifyRun.objects.count(), Action.objects.count()) == (0, 0)


def test_a_run_that_another_has_is_left_alone_until_its_lease_is_over() -> None:
    verify_ask(by=BY)
    VerifyRun.objects.update(state=State.RUNNING, lease_until=timezone.now() + timedelta(minutes=1))
    assert verify_asked() is None

    VerifyRun.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    done = verify_asked()

    assert done is not None
    assert done.state == State.DONE


def test_one_that_died_does_not_stand_in_the_way() -> None:
    verify_ask(by=BY)
    VerifyRun.objects.update(state=State.RUNNING, lease_until=timezone.now() - timedelta(seconds=1))

    run = verify_now(by=BY)

    assert run.verdict == "good"
    assert [one.state for one in VerifyRun.objects.order_by("id")] == [State.FAILED, State.DONE]


def test_one_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_options: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(verify_runs, "verify_all", fail)
    verify_ask(by=BY)

    with pytest.raises(OSError, match="No space"):
        verify_asked()

    run = VerifyRun.objects.get()
    assert (run.state, run.error_text) == (State.FAILED, "OSError: No space left on device")
    assert run.finished_at is not None


def test_progress_is_written_down_and_lengthens_the_lease(
    hamburg: FakePeer, hamburg_peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer_pull(peer=hamburg_peer)
    monkeypatch.setattr(verify_runs, "_REPORTED_EVERY_SECONDS", -1.0)
    seen: list[tuple[int, int, bool]] = []

    def look(_origin: str, _done: int, _total: int) -> None:
        run = VerifyRun.objects.get()
        seen.append((run.done_count, run.total_count, run.lease_until is not None))

    run = verify_now(by=BY, on_progress=look)

    assert seen == [(0, 0, True)]
    assert (run.done_count, run.total_count) == (3, 3)


def test_the_last_twenty_are_kept() -> None:
    for _number in range(23):
        verify_now(by=BY)

    assert VerifyRun.objects.count() == 20
    assert Action.objects.filter(verb="verify").count() == 23
