"""When everything is verified anew: asked for by an operator, done by whoever is free, its outcome kept.

asked -> running -> done (with a verdict) | failed
The row is the work; a run whose process died is taken over when its lease is over, and begins from the start.
"""

import logging
import time
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, HavenlinkError
from core.jobs import wake
from core.records.selectors.logs import log_get
from core.records.services.verify import Progress
from federation.models import VerifyRun
from federation.services.actions import action_record
from federation.services.verify import Report, verify_all

logger = logging.getLogger(__name__)

VERIFY = "federation.tasks.verify_asked"
# Longer than any step without a word of progress: comparing an index of 1,000,000 records takes minutes.
LEASE = timedelta(minutes=15)
_REPORTED_EVERY_SECONDS = 2.0
KEPT = 20


def verify_ask(*, by: str, origin: str = "", repair: bool = False, reason: str = "") -> VerifyRun:
    """Have a worker verify one origin's log, or everything. Raises NotFound, Conflict `verify_under_way`."""
    run = _begin(by=by, origin=origin, repair=repair, reason=reason)
    wake(VERIFY)
    return run


def verify_now(
    *, by: str, origin: str = "", repair: bool = False, on_progress: Progress = lambda origin, done, total: None
) -> VerifyRun:
    """Verify in this process; the run with its report. Raises NotFound, Conflict `verify_under_way`."""
    run = _begin(by=by, origin=origin, repair=repair, state=VerifyRun.State.RUNNING)
    _run(run, on_progress)
    return run


def verify_asked() -> VerifyRun | None:
    """Take up what was asked for, or was left by a process that died; None if there is nothing to do."""
    run = VerifyRun.objects.filter(state__in=(VerifyRun.State.ASKED, VerifyRun.State.RUNNING)).order_by("id").first()
    if run is None or not _lease(run):
        return None
    _run(run, lambda origin, done, total: None)
    return run


def _begin(
    *, by: str, origin: str, repair: bool, reason: str = "", state: VerifyRun.State = VerifyRun.State.ASKED
) -> VerifyRun:
    if origin:
        log_get(origin)
    with transaction.atomic():
        open_runs = VerifyRun.objects.select_for_update().filter(
            state__in=(VerifyRun.State.ASKED, VerifyRun.State.RUNNING)
        )
        # One that died and that nobody takes up must not stand in the way for ever.
        open_runs.filter(state=VerifyRun.State.RUNNING, lease_until__lt=timezone.now()).update(
            state=VerifyRun.State.FAILED, finished_at=timezone.now(), error_text="its process ended before it was done"
        )
        if open_runs.exists():
            raise _under_way()
        started_at = timezone.now() if state == VerifyRun.State.RUNNING else None
        run = VerifyRun.objects.create(
            asked_by=by[:200],
            origin=origin,
            repair=repair,
            state=state,
            started_at=started_at,
            lease_until=started_at and started_at + LEASE,
        )
        kept = VerifyRun.objects.order_by("-id").values_list("id", flat=True)[:KEPT]
        VerifyRun.objects.exclude(id__in=list(kept)).delete()
        action_record(by=by, verb="verify", origin=origin, detail="with repair" if repair else "", reason=reason)
    return run


def _under_way() -> Conflict:
    return Conflict(
        _("A verification is under way."), remedy=_("Wait until it is done, then ask again."), code="verify_under_way"
    )


def _lease(run: VerifyRun) -> bool:
    now = timezone.now()
    free = Q(state=VerifyRun.State.ASKED) | Q(state=VerifyRun.State.RUNNING, lease_until__lt=now)
    taken = VerifyRun.objects.filter(free, pk=run.pk).update(
        state=VerifyRun.State.RUNNING, lease_until=now + LEASE, started_at=now
    )
    run.refresh_from_db()
    return bool(taken)


def _run(run: VerifyRun, on_progress: Progress) -> None:
    try:
        report = verify_all(origin=run.origin, repair=run.repair, on_progress=_recorded(run, on_progress))
    except Exception as error:
        text = str(error.message) if isinstance(error, HavenlinkError) else f"{type(error).__name__}: {error}"
        _finish(run, state=VerifyRun.State.FAILED, error_text=text[:500])
        raise
    _finish(run, state=VerifyRun.State.DONE, verdict=report.verdict, report=report.as_json())
    _say(report)


def _finish(run: VerifyRun, **columns: object) -> None:
    VerifyRun.objects.filter(pk=run.pk).update(finished_at=timezone.now(), lease_until=None, **columns)
    run.refresh_from_db()


def _recorded(run: VerifyRun, on_progress: Progress) -> Progress:
    """Pass progress on, and write it down every few seconds, with a longer lease."""
    last = [time.monotonic()]

    def record(origin: str, done: int, total: int) -> None:
        on_progress(origin, done, total)
        if time.monotonic() - last[0] > _REPORTED_EVERY_SECONDS:
            last[0] = time.monotonic()
            VerifyRun.objects.filter(pk=run.pk).update(
                done_count=done, total_count=total, lease_until=timezone.now() + LEASE
            )

    return record


def _say(report: Report) -> None:
    for log in report.logs:
        if log.remaining:
            logger.error("verified %s: %s", log.origin, log.remaining)
        elif log.found:
            logger.warning("verified %s: %s, all repaired", log.origin, log.found)
