"""The network page's rows: what `selectors/network.py` knows, in the reader's words and numbers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_timedelta
from babel.numbers import format_decimal
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from core.records.definition import kind
from federation.error_words import error_words
from federation.selectors.network import NodeStatus
from i18n.languages import locale

# What the state is called, and the tag's class.
STATES: dict[str, tuple[Promise, str]] = {
    "here": (gettext_lazy("this node"), "good"),
    "admitted": (gettext_lazy("in touch"), "good"),
    "failing": (gettext_lazy("not in touch"), "bad"),
    "waiting": (gettext_lazy("not yet asked"), "wait"),
    "paused": (gettext_lazy("paused"), "off"),
    "removed": (gettext_lazy("removed"), "off"),
    "frozen": (gettext_lazy("frozen"), "bad"),
    "held": (gettext_lazy("held"), "bad"),
    "recovering": (gettext_lazy("being restored"), "wait"),
    "retired": (gettext_lazy("retired"), "off"),
    "unknown": (gettext_lazy("no longer a peer"), "off"),
}


# The sentence says it all; the detail would only repeat the address.
_STATE_ERRORS = {"frozen": "frozen", "held": "mass_deletion", "recovering": "log_behind"}
_PLAIN = ("unreachable", "unresolved", "timeout", "broken_off", "peer_unavailable")


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """One node, ready to be shown."""

    status: NodeStatus
    state: str
    state_class: str
    records: str
    kinds: list[str]
    entries: str
    unreadable: str
    behind: str
    behind_for: str
    verified_to: str
    confirmed: str
    contact: str
    error: str
    error_detail: str
    error_when: str
    next_attempt: str
    well: bool


def network_rows(statuses: list[NodeStatus], now: datetime) -> list[NetworkRow]:
    return [_row(status, now) for status in statuses]


def _row(status: NodeStatus, now: datetime) -> NetworkRow:
    state = _state(status)
    words, css = STATES[state]
    return NetworkRow(
        status=status,
        state=str(words),
        state_class=css,
        records=ngettext("%(count)s record", "%(count)s records", status.record_count)
        % {"count": _number(status.record_count)},
        kinds=_kinds(status),
        entries=_number(status.entry_count),
        unreadable=_unreadable(status),
        behind=_behind(status),
        behind_for=_behind_for(status),
        verified_to=_verified_to(status),
        confirmed=_confirmed(status, now),
        contact=_ago(status.last_success_at, now),
        error=_error(status),
        error_detail=_detail(status),
        error_when="" if status.state in _STATE_ERRORS else _ago(status.last_error_at, now),
        next_attempt=_next(status, now),
        well=css == "good",
    )


def _state(status: NodeStatus) -> str:
    if status.state != "admitted":
        return status.state
    if status.failing:
        return "failing"
    return "admitted" if status.last_success_at else "waiting"


def _kinds(status: NodeStatus) -> list[str]:
    """Such as "28 programmes"; a node's description of itself is not counted among its wares."""
    found = []
    for name, count in sorted(status.record_counts.items()):
        known = kind(name)
        if name != "node":
            label = str((known.label if count == 1 else known.label_plural) if known else name)
            # Only German writes its nouns with a capital.
            found.append(f"{_number(count)} {label if get_language() == 'de' else label.lower()}")
    return found


def _behind(status: NodeStatus) -> str:
    if status.here:
        return ""
    if not status.lag_count:
        return _("nothing") if status.confirmed_at else _("not known")
    return ngettext("%(count)s entry", "%(count)s entries", status.lag_count) % {"count": _number(status.lag_count)}


def _behind_for(status: NodeStatus) -> str:
    """How long it has been known that entries are missing."""
    if not status.lag_count or status.lag_seconds is None:
        return ""
    return format_timedelta(timedelta(seconds=status.lag_seconds), locale=locale(get_language() or "en"))


def _verified_to(status: NodeStatus) -> str:
    """The last entry under the origin's signature; entries count from 0, people from 1."""
    if status.proven_count == status.entry_count:
        return ""
    return _("signed up to entry %(number)s") % {"number": _number(status.proven_count)}


def _confirmed(status: NodeStatus, now: datetime) -> str:
    """When it was compared, if not at the last contact with the node itself: by way of another."""
    return "" if status.confirmed_at == status.last_success_at else _ago(status.confirmed_at, now)


def _unreadable(status: NodeStatus) -> str:
    if not status.unreadable_count:
        return ""
    message = ngettext(
        "%(count)s cannot be read by this version", "%(count)s cannot be read by this version", status.unreadable_count
    )
    return message % {"count": _number(status.unreadable_count)}


def _error(status: NodeStatus) -> str:
    if status.state in _STATE_ERRORS:
        return error_words(_STATE_ERRORS[status.state])
    return error_words(status.last_error_code)


def _detail(status: NodeStatus) -> str:
    if status.successor:
        return _("Who goes on: %(successor)s") % {"successor": status.successor}
    if status.state in _STATE_ERRORS:
        return status.state_reason
    return "" if status.last_error_code in _PLAIN else status.last_error_text


def _ago(at: datetime | None, now: datetime) -> str:
    if at is None:
        return ""
    return format_timedelta(min(at - now, now - now), add_direction=True, locale=locale(get_language() or "en"))


def _next(status: NodeStatus, now: datetime) -> str:
    if status.next_pull_at is None:
        return ""
    if status.next_pull_at <= now:
        return _("now")
    return format_timedelta(status.next_pull_at - now, add_direction=True, locale=locale(get_language() or "en"))


def _number(count: int) -> str:
    return format_decimal(count, locale=locale(get_language() or "en"))
