"""Which mail is sent when: leases, outcomes, back-off. The database holds the work; any number of workers may look.

    due -> leased -> sent, and recorded             -> due again in the morning (a saved search), or never (the others)
                  -> nothing new                    -> the same, without a mail
                  -> server down, index down        -> due again after a back-off that doubles with every failure
                  -> the server refuses the address -> stopped, until its reader resumes it
                  -> the search cannot be followed  -> a mail that says so, then stopped

A worker that is killed after the mail left and before that was recorded sends this one mail again, and no other.
"""

import logging
import random
import smtplib
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.errors import HavenlinkError, InvalidInput
from tools_inventory.models import SavedSearch, Subscriber
from tools_inventory.selectors.new_matches import Look, look
from tools_inventory.services.mails import confirmation_mail, link_mail, matches_mail, stopped_mail
from tools_inventory.services.saved_searches import next_due, saved_searches_tidy

logger = logging.getLogger(__name__)

# A run sends one due mail after another for this long, well below the time limit of a task.
RUN_SECONDS = 50.0
# Longer than the widest search, the mail and every wait for the server together: a worker that died is replaced then.
LEASE = timedelta(minutes=5)
BACK_OFF_SECONDS = 120.0
BACK_OFF_CAP_SECONDS = 6 * 3600.0

Work = SavedSearch | Subscriber


class ServerDown(Exception):
    """No mail leaves at the moment: the next would not either. `code` is what is recorded."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotTaken(Exception):
    """The server answers, and does not take this mail now."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class AddressRefused(Exception):
    """The server will never take a mail for this address."""


class LeaseLost(Exception):
    """The reader changed it, or another worker took over: this worker has nothing more to do with it."""


def send_due_mails(*, seconds: float = RUN_SECONDS) -> int:
    """Send what is due, those who wait at a page first; how many mails left. Never raises for a bad row or server."""
    deadline = time.monotonic() + seconds
    saved_searches_tidy()
    sent = 0
    while time.monotonic() < deadline and (work := work_lease()) is not None:
        try:
            sent += work_do(work)
        except ServerDown as error:
            logger.warning("No mail leaves (%s); what is due is tried again by itself.", error.code)
            break
    return sent


def work_lease() -> Work | None:
    """Take the work that has been due the longest; nobody else gets it until the lease is over."""
    now = timezone.now()
    for work in _due(now):
        until = now + LEASE
        if type(work).objects.filter(_free(now), pk=work.pk, due_at__lte=now).update(lease_until=until):
            work.lease_until = until
            return work
    return None


def work_do(work: Work) -> bool:
    """Send the mail and record it, or why not; whether one left. Raises ServerDown, having recorded that too."""
    try:
        return _send_link(work) if isinstance(work, Subscriber) else _send_for(work)
    except LeaseLost:
        return False
    except AddressRefused:
        _refused(work)
    except (NotTaken, ServerDown) as error:
        _put_off(work, error.code)
        if isinstance(error, ServerDown):
            raise
    except HavenlinkError as error:
        logger.warning("%s is put off: %s", work, error.reason)
        _put_off(work, error.reason)
    except Exception as error:
        # Its message may hold the address; where it happened does not.
        where = "".join(traceback.format_tb(error.__traceback__))
        logger.error("%s could not be handled: %s\n%s", work, type(error).__name__, where)
        _put_off(work, type(error).__name__[:60])
    return False


def back_off_seconds(attempt_count: int, *, uniform: Callable[[float, float], float] = random.uniform) -> float:
    """Seconds to wait after that many failures in a row, spread so that not all come back at once."""
    return min(BACK_OFF_SECONDS * 2.0 ** min(attempt_count - 1, 20), BACK_OFF_CAP_SECONDS) * uniform(0.75, 1.25)


def _due(now: datetime) -> Iterator[Work]:
    """A few of each: somebody waits for links and confirmations; matches can wait a minute."""
    ready = _free(now) & Q(due_at__lte=now)
    searches = SavedSearch.objects.filter(ready).select_related("subscriber").order_by("due_at")
    yield from Subscriber.objects.filter(ready).order_by("due_at")[:20]
    yield from searches.filter(state=SavedSearch.State.UNCONFIRMED)[:20]
    yield from searches.filter(state=SavedSearch.State.ACTIVE)[:20]


def _free(now: datetime) -> Q:
    return Q(lease_until__isnull=True) | Q(lease_until__lt=now)


# What is sent


def _send_link(subscriber: Subscriber) -> bool:
    _deliver(subscriber, link_mail(subscriber))
    _done(subscriber, due_at=None)
    return True


def _send_for(saved: SavedSearch) -> bool:
    if saved.state == SavedSearch.State.UNCONFIRMED:
        _deliver(saved, confirmation_mail(saved))
        _done(saved, due_at=None)
        return True
    try:
        found = look(saved)
    except InvalidInput as error:
        _deliver(saved, stopped_mail(saved, error))
        too_wide = error.reason == "search_too_wide"
        _stop(saved, SavedSearch.Reason.TOO_WIDE if too_wide else SavedSearch.Reason.INVALID)
        return True
    if found.rows:
        _deliver(saved, matches_mail(saved, found))
    _record_look(saved, found)
    return bool(found.rows)


def _deliver(work: Work, mail: EmailMultiAlternatives) -> None:
    """Raises LeaseLost, AddressRefused, NotTaken, ServerDown."""
    _renew(work)
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _words in error.recipients.values()]
        if all(500 <= code < 600 for code in codes):
            raise AddressRefused from error
        raise NotTaken(f"smtp_{codes[0]}") from error
    except (smtplib.SMTPConnectError, smtplib.SMTPHeloError, smtplib.SMTPAuthenticationError) as error:
        raise ServerDown(f"smtp_{error.smtp_code}") from error
    except smtplib.SMTPResponseException as error:
        raise NotTaken(f"smtp_{error.smtp_code}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise ServerDown(type(error).__name__[:60]) from error


def _renew(work: Work) -> None:
    """Right before the mail leaves: it is still ours, and still wanted."""
    until = timezone.now() + LEASE
    wanted = Q(state=work.state) if isinstance(work, SavedSearch) else Q()
    ours = type(work).objects.filter(wanted, pk=work.pk, lease_until=work.lease_until, due_at__isnull=False)
    if not ours.update(lease_until=until):
        raise LeaseLost
    work.lease_until = until


# What is recorded


def _done(work: Work, *, due_at: datetime | None) -> None:
    type(work).objects.filter(pk=work.pk).update(due_at=due_at, lease_until=None, attempt_count=0, error_code="")


@transaction.atomic
def _record_look(saved: SavedSearch, found: Look) -> None:
    """In the row as it is now: its reader may have changed it while the mail was on its way."""
    row = SavedSearch.objects.select_for_update().filter(pk=saved.pk).first()
    if row is None:
        return
    now = timezone.now()
    row.told, row.looked_to_before, row.looked_to = found.told, row.looked_to, found.looked_to
    if found.rows:
        row.sent_at, row.sent_count = now, row.sent_count + 1
    if row.state == SavedSearch.State.ACTIVE:
        row.due_at = next_due(row.frequency, now)
    row.lease_until, row.attempt_count, row.error_code = None, 0, ""
    row.save()


@transaction.atomic
def _stop(saved: SavedSearch, reason: SavedSearch.Reason) -> None:
    row = SavedSearch.objects.select_for_update().filter(pk=saved.pk).first()
    if row is not None and row.may("stop"):
        row.take("stop")
        row.stopped_because = reason
        row.due_at = row.lease_until = None
        row.save()


def _refused(work: Work) -> None:
    """A saved search is stopped; one that was never confirmed is tidied away in time."""
    logger.warning("The mail server refuses the address of %s for good.", work)
    if isinstance(work, SavedSearch) and work.state == SavedSearch.State.ACTIVE:
        _stop(work, SavedSearch.Reason.REFUSED)
    else:
        _done(work, due_at=None)


def _put_off(work: Work, code: str) -> None:
    now = timezone.now()
    attempt_count = work.attempt_count + 1
    type(work).objects.filter(pk=work.pk, lease_until=work.lease_until).update(
        due_at=now + timedelta(seconds=back_off_seconds(attempt_count)),
        lease_until=None,
        attempt_count=attempt_count,
        error_code=code[:60],
    )
