"""Saving a search, confirming it, changing and deleting it. What is due is sent by `services/alerts.py`.

Whoever saves a search, or asks for the link to theirs, gets the same answer whatever is known of the address.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, InvalidInput, Unavailable
from core.jobs import SEND_MAILS, wake
from core.search.parameters import to_parameters
from core.search.seam import Query, engine
from i18n.languages import INTERFACE_LANGUAGES
from tools_inventory.models import SavedSearch, Subscriber
from tools_inventory.selectors.new_matches import MAX_MATCHES, positions, too_wide
from tools_inventory.selectors.saved_searches import saved_query
from tools_inventory.services.email_addresses import address_checked
from tools_inventory.services.mail_links import MAX_AGE, Purpose, unknown_link

# Mails a day to an address whose holder need not have asked for them: confirmations and links.
MAILS_A_DAY = 5
DAY = timedelta(days=1)
MAX_PARAMETERS = 4_000
MAX_SAVED = 50


def saved_search_create(*, email: str, scope: str, query: Query, frequency: str, language: str) -> None:
    """Save it, unconfirmed; a worker sends the mail that asks for confirmation. `query` is narrowed to its scope.

    Raises InvalidInput `bad_email`, `bad_frequency`, `unknown_language`, `search_invalid`, `search_too_wide`,
    `query_too_long`. Saves nothing, and says nothing of it, once the address had its mails for the day.
    """
    address = address_checked(email)
    _check(frequency, language)
    parameters = search_parameters(scope, query)
    looked_to, now = positions(), timezone.now()
    with transaction.atomic():
        Subscriber.objects.get_or_create(
            email_key=address.key, defaults={"email": address.email, "language": language, "created_at": now}
        )
        subscriber = Subscriber.objects.select_for_update().get(email_key=address.key)
        if not _mail_asked(subscriber):
            return
        saved = SavedSearch(
            subscriber=subscriber,
            scope=scope,
            parameters=parameters,
            language=language,
            frequency=frequency,
            looked_to=looked_to,
            looked_to_before=looked_to,
            due_at=now,
            created_at=now,
        )
        saved.full_clean()
        saved.save(force_insert=True)
        wake(SEND_MAILS)


def search_parameters(scope: str, query: Query) -> str:
    """What is kept of a search that may be followed. Raises InvalidInput if it may not."""
    pairs = to_parameters(replace(query, offset=0))
    parameters = urlencode(pairs)
    if len(parameters) > MAX_PARAMETERS:
        raise InvalidInput(
            _("This search is too long to be saved."), remedy=_("Use fewer filters."), code="query_too_long"
        )
    saved_query(scope, parameters, query.language)
    try:
        total = engine().search(replace(query, offset=0, limit=0, facets=())).total
    except Unavailable:
        # It is looked at again before anything is sent.
        return parameters
    if total > MAX_MATCHES:
        raise too_wide(total)
    return parameters


@transaction.atomic
def saved_search_confirm(*, saved_id: UUID) -> SavedSearch:
    """Follow it from now on; one of the same address that asks for the same is replaced. Again is no error.

    Raises NotFound `unknown_link`, Conflict `too_many_saved_searches`.
    """
    saved = _locked(saved_id)
    if saved.state != SavedSearch.State.UNCONFIRMED:
        return saved
    others = saved.subscriber.saved_searches.exclude(pk=saved.pk)
    others.filter(scope=saved.scope, parameters=saved.parameters).delete()
    if _confirmed(saved.subscriber).count() >= MAX_SAVED:
        raise Conflict(
            _("An address can have 50 saved searches at most."),
            remedy=_("Delete one that you no longer need, then open this link again."),
            code="too_many_saved_searches",
        )
    saved.take("confirm")
    # At once: the first look takes note of what there is already, and sends only what came since it was saved.
    saved.due_at, saved.attempt_count, saved.error_code = timezone.now(), 0, ""
    saved.save(update_fields=["state", "due_at", "attempt_count", "error_code"])
    wake(SEND_MAILS)
    return saved


@transaction.atomic
def saved_search_change(*, subscriber_id: UUID, saved_id: UUID, frequency: str, language: str) -> None:
    """Raises NotFound `unknown_link`, InvalidInput `bad_frequency`, `unknown_language`."""
    _check(frequency, language)
    saved = _locked(saved_id, subscriber_id)
    saved.frequency, saved.language = frequency, language
    now = timezone.now()
    if saved.due_at and saved.due_at > now and not saved.attempt_count:
        saved.due_at = next_due(frequency, now)
    saved.save(update_fields=["frequency", "language", "due_at"])


@transaction.atomic
def saved_search_pause(*, subscriber_id: UUID, saved_id: UUID) -> None:
    """Raises NotFound `unknown_link`, Conflict `wrong_state`."""
    saved = _locked(saved_id, subscriber_id)
    saved.take("pause")
    saved.due_at = None
    saved.save(update_fields=["state", "due_at"])


def saved_search_resume(*, subscriber_id: UUID, saved_id: UUID) -> None:
    """From now on: what came meanwhile is not told. Raises NotFound `unknown_link`, Conflict `wrong_state`."""
    now_at = positions()
    with transaction.atomic():
        saved = _locked(saved_id, subscriber_id)
        saved.take("resume")
        saved.stopped_because, saved.error_code, saved.attempt_count = "", "", 0
        saved.looked_to = saved.looked_to_before = now_at
        saved.due_at = timezone.now()
        saved.save()
        wake(SEND_MAILS)


@transaction.atomic
def saved_search_delete(*, saved_id: UUID, subscriber_id: UUID | None = None) -> None:
    """And the address, if it was its last. One that is gone already is no error."""
    saved = SavedSearch.objects.filter(pk=saved_id).first()
    if saved is None or (subscriber_id is not None and saved.subscriber_id != subscriber_id):
        return
    subscriber = Subscriber.objects.select_for_update().get(pk=saved.subscriber_id)
    saved.delete()
    if not subscriber.saved_searches.exists():
        subscriber.delete()


@transaction.atomic
def subscriber_delete(*, subscriber_id: UUID) -> None:
    """The address and everything of it."""
    Subscriber.objects.filter(pk=subscriber_id).delete()


@transaction.atomic
def subscriber_link_ask(*, email: str, language: str) -> None:
    """Have the link to its saved searches sent to an address that confirmed one. Raises InvalidInput `bad_email`."""
    key = address_checked(email).key
    subscriber = Subscriber.objects.select_for_update().filter(email_key=key).first()
    if subscriber is None or not _confirmed(subscriber).exists() or not _mail_asked(subscriber):
        return
    subscriber.language, subscriber.due_at = language, timezone.now()
    subscriber.attempt_count, subscriber.error_code = 0, ""
    subscriber.save(update_fields=["language", "due_at", "attempt_count", "error_code"])
    wake(SEND_MAILS)


def saved_searches_tidy() -> int:
    """Delete what nobody confirmed in time, and addresses that nothing is kept for; how many searches that were."""
    oldest = timezone.now() - (MAX_AGE[Purpose.CONFIRM] or DAY)
    late = SavedSearch.objects.filter(state=SavedSearch.State.UNCONFIRMED, created_at__lte=oldest)
    late_ids = list(late.values_list("pk", flat=True))
    for saved_id in late_ids:
        saved_search_delete(saved_id=saved_id)
    for subscriber_id in Subscriber.objects.filter(saved_searches=None).values_list("pk", flat=True):
        with transaction.atomic():
            subscriber = Subscriber.objects.select_for_update().filter(pk=subscriber_id).first()
            if subscriber is not None and not subscriber.saved_searches.exists():
                subscriber.delete()
    return len(late_ids)


# Readers are told in the morning, weekly ones on Mondays, by the node's clock.
MORNING = 6


def next_due(frequency: str, after: datetime) -> datetime:
    """The first morning, or Monday morning, after that; ALERT_INTERVAL_SECONDS later where that is set."""
    if settings.ALERT_INTERVAL_SECONDS:
        return after + timedelta(seconds=settings.ALERT_INTERVAL_SECONDS)
    local = timezone.localtime(after)
    due = local.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    step = 1
    if frequency == SavedSearch.Frequency.WEEKLY:
        due -= timedelta(days=due.weekday())
        step = 7
    # By the clock on the wall: an hour more or less when summer time begins or ends.
    return due if due > local else due + timedelta(days=step)


def _confirmed(subscriber: Subscriber) -> QuerySet[SavedSearch]:
    return subscriber.saved_searches.exclude(state=SavedSearch.State.UNCONFIRMED)


def _mail_asked(subscriber: Subscriber) -> bool:
    """Note one more mail of today's; False if there were enough. The row must be locked."""
    now = timezone.now()
    today = [at for at in subscriber.asked_at if at > (now - DAY).timestamp()]
    if len(today) >= MAILS_A_DAY:
        return False
    subscriber.asked_at = [*today, now.timestamp()]
    subscriber.save(update_fields=["asked_at"])
    return True


def _locked(saved_id: UUID, subscriber_id: UUID | None = None) -> SavedSearch:
    saved = SavedSearch.objects.select_for_update(of=("self",)).select_related("subscriber").filter(pk=saved_id).first()
    if saved is None or (subscriber_id is not None and saved.subscriber_id != subscriber_id):
        raise unknown_link()
    return saved


def _check(frequency: str, language: str) -> None:
    if frequency not in SavedSearch.Frequency.values:
        raise InvalidInput(
            _("Mails come every day or every week."), remedy=_("Choose one."), field="frequency", code="bad_frequency"
        )
    if language not in INTERFACE_LANGUAGES:
        raise InvalidInput(
            _("Mails are not written in this language."),
            remedy=_("Choose one of the languages of the pages."),
            field="language",
            code="unknown_language",
        )
