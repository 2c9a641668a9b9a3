"""The operator's pages in the reader's words and numbers: positions, the audit trail, what was verified."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from federation.models import Action, VerifyRun
from federation.selectors.operators_view import Position
from federation.verify_words import fault_words
from federation.web.step_words import verb_words
from i18n.formats import format_number, relative_time

VERDICT_CLASSES = {"good": "good", "repaired": "wait", "bad": "bad", "unknown": "wait"}
# Faults that a page names of each log.
NAMED = 20


@dataclass(frozen=True, slots=True)
class PositionRow:
    origin: str
    name: str
    sentence: str
    seen: str
    css: str


def position_rows(positions: list[Position], size: int, *, ours: bool, now: datetime) -> list[PositionRow]:
    return [_position_row(position, size, ours, now) for position in positions]


def _position_row(position: Position, size: int, ours: bool, now: datetime) -> PositionRow:
    seen = relative_time(min(position.seen_at, now), now=now) if position.seen_at else ""
    if position.size is None and not seen:
        css, sentence = "", _("%(name)s has not been asked yet.") % {"name": position.name}
    elif position.size is None:
        css, sentence = "off", _("%(name)s does not hold this log.") % {"name": position.name}
    else:
        css = "wait" if position.missing else "good"
        words = {"name": position.name, "held": format_number(position.size), "size": format_number(size)}
        if ours:
            sentence = (
                ngettext(
                    "%(name)s holds %(held)s of our %(size)s entry.",
                    "%(name)s holds %(held)s of our %(size)s entries.",
                    size,
                )
                % words
            )
        else:
            sentence = (
                ngettext("%(name)s holds %(held)s entry.", "%(name)s holds %(held)s entries.", position.size) % words
            )
    return PositionRow(position.origin, position.name, sentence, seen, css)


@dataclass(frozen=True, slots=True)
class ActionRow:
    action: Action
    verb: str


def action_rows(actions: list[Action]) -> list[ActionRow]:
    return [ActionRow(action, verb_words(action.verb)) for action in actions]


@dataclass(frozen=True, slots=True)
class FaultRow:
    """A kind of fault in one log: how many there were, what it means, what is to be done about those that are left."""

    code: str
    count: str
    meaning: str
    left: str
    remedy: str


@dataclass(frozen=True, slots=True)
class LogRow:
    origin: str
    verdict: str
    css: str
    entries: str
    records: str
    faults: list[FaultRow]
    named: list[dict[str, Any]]
    problems: list[str]


@dataclass(frozen=True, slots=True)
class RunView:
    """A run, ready to be shown; `index` is None where it was not compared."""

    run: VerifyRun
    verdict: str
    css: str
    progress: int
    logs: list[LogRow]
    index: FaultRow | None
    index_words: str
    index_css: str
    index_detail: str


def run_view(run: VerifyRun) -> RunView:
    report = run.report or {}
    index = report.get("index")
    code = index["code"] if index else ""
    return RunView(
        run=run,
        verdict=_verdict(run.verdict),
        css=VERDICT_CLASSES.get(run.verdict, "wait"),
        progress=100 * run.done_count // run.total_count if run.total_count else 0,
        logs=[_log_row(log) for log in report.get("logs", [])],
        index=_fault_row(code, _differing(index), _differing(index)) if index and code else None,
        index_words=_index_words(index) if index else "",
        index_css=VERDICT_CLASSES.get(index["verdict"], "wait") if index else "",
        index_detail=index["error"] if index else "",
    )


def _verdict(verdict: str) -> str:
    return str(VerifyRun.Verdict(verdict).label) if verdict in VerifyRun.Verdict.values else verdict


def _log_row(log: dict[str, Any]) -> LogRow:
    signed = {"entries": format_number(log["entries"]), "signed": format_number(log["checkpoint_size"])}
    return LogRow(
        origin=log["origin"],
        verdict=_verdict(log["verdict"]),
        css=VERDICT_CLASSES.get(log["verdict"], "wait"),
        entries=_("%(entries)s entries read, %(signed)s of them under the origin's signature") % signed,
        records=ngettext("%(count)s record", "%(count)s records", log["records"])
        % {"count": format_number(log["records"])},
        faults=[_fault_row(code, count, log["remaining"].get(code, 0)) for code, count in log["found"].items()],
        named=[fault for fault in log["faults"] if not fault["repaired"]][:NAMED],
        problems=log["problems"],
    )


def _fault_row(code: str, count: int, left: int) -> FaultRow:
    words = fault_words(code)
    return FaultRow(
        code=code,
        count=format_number(count),
        meaning=str(words.meaning),
        left=format_number(left) if left else "",
        remedy=str(words.remedy) if left else "",
    )


def _differing(index: dict[str, Any]) -> int:
    return int(index["missing"] + index["outdated"] + index["extra"])


def _index_words(index: dict[str, Any]) -> str:
    alike = {"alike": format_number(index["alike"]), "different": format_number(_differing(index))}
    return _("%(alike)s records alike, %(different)s different") % alike
