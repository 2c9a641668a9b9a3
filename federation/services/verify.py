"""Proving everything that this node holds, and mending it: `verify_all` reads as the algorithm. When it runs, and where
its outcome is kept, is `services/verify_runs.py`'s.

A log is read, mended and read again until nothing is left or nothing changes: what is called repaired was found whole
by a later reading.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import OperationalError
from django.utils import timezone, translation

from core.errors import HavenlinkError
from core.jobs import CATCH_UP_INDEX, wake
from core.node import this_node
from core.records.damaged_text import read_leniently
from core.records.models import Entry, Log
from core.records.selectors.logs import log_get, logs
from core.records.services.mend import log_cut_to_checkpoint, log_mend
from core.records.services.verify import NAMED, Fault, Findings, Progress, log_verify
from core.records.spans import Spans
from core.search.seam import engine
from core.search.services.catch_up import current_document
from core.search.services.compare import Comparison, compare
from core.search.services.lease import LeaseHeld, lease
from core.search.vectors.records import with_known_vectors
from federation.models import Peer, VerifyRun
from federation.services.refetch import checkpoint_refetch, entries_refetch, holders

logger = logging.getLogger(__name__)

# Readings of a log that is being mended; a fault may hide another behind it.
MOST_READINGS = 6
# Somebody else writes to the index for seconds at a time.
INDEX_PATIENCE_SECONDS = 60.0
INDEX_PAGE = 500

Verdict = VerifyRun.Verdict


@dataclass(slots=True)
class LogReport:
    """What was found in one log: `found` counts by code, `remaining` those that are still there. `faults` are named, at
    most 100; `problems` say what kept peers from helping.
    """

    origin: str
    entries: int
    checkpoint_size: int
    records: int
    verdict: str
    found: dict[str, int] = field(default_factory=dict)
    remaining: dict[str, int] = field(default_factory=dict)
    faults: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class IndexReport:
    """How the index compares with the records; `code` names what is wrong, `error` why it could not be looked at."""

    verdict: str
    code: str = ""
    alike: int = 0
    behind: int = 0
    others: int = 0
    missing: int = 0
    outdated: int = 0
    extra: int = 0
    rewritten: int = 0
    error: str = ""


@dataclass(slots=True)
class Report:
    """`index` is None when only one origin was verified."""

    node: str
    at: str
    repair: bool
    seconds: float
    verdict: str
    logs: list[LogReport]
    index: IndexReport | None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def verify_all(
    *, origin: str = "", repair: bool = False, on_progress: Progress = lambda origin, done, total: None
) -> Report:
    """Verify one origin's log, or all logs and the index. Raises NotFound `unknown_origin`."""
    started = time.monotonic()
    at = timezone.now().isoformat()
    # What is reported is read by operators of any language, and by machines: one language, English.
    with translation.override("en"):
        reports, rewritten = [], 0
        for log in [log_get(origin)] if origin else logs():
            try:
                report, mended = _verify_log(log, repair, on_progress)
                log.refresh_from_db()
            except Log.DoesNotExist:
                # It was forgotten meanwhile.
                continue
            reports.append(report)
            rewritten += _index_anew(log, mended)
        index = None if origin else _verify_index(repair, rewritten)
    verdicts = [report.verdict for report in reports] + ([index.verdict] if index else [])
    return Report(this_node().id, at, repair, round(time.monotonic() - started, 3), _worst(verdicts), reports, index)


def _worst(verdicts: list[str]) -> str:
    order = (Verdict.BAD, Verdict.UNKNOWN, Verdict.REPAIRED, Verdict.GOOD)
    return str(next((one for one in order if one in verdicts), Verdict.GOOD))


def _verify_log(log: Log, repair: bool, on_progress: Progress) -> tuple[LogReport, Spans]:
    """The report, and the entries whose record must be indexed anew."""
    try:
        return _read_and_mend(log, repair, on_progress)
    except OperationalError as error:
        if "decode" not in str(error).lower():
            raise
        with read_leniently():
            return _read_and_mend(log, repair, on_progress)


def _read_and_mend(log: Log, repair: bool, on_progress: Progress) -> tuple[LogReport, Spans]:
    first = last = log_verify(log, on_progress)
    readings = [first]
    problems: list[str] = []
    mended = Spans()
    for reading in range(1, MOST_READINGS) if repair and first.counts else ():
        before = last
        problems = _mend(before, reading)
        for places in (before.wanted, before.leaves, before.unfolded):
            for span in places:
                mended.add(*span)
        last = log_verify(Log.objects.get(id=log.id), on_progress)
        readings.append(last)
        if not last.counts or (reading > 2 and last.counts == before.counts):
            break
    return _log_report(readings, problems), mended


def _mend(found: Findings, reading: int) -> list[str]:
    """One round: what is at hand first, then what only peers have; returns what kept them from helping."""
    log_mend(found)
    wanted = Spans()
    for span in found.wanted:
        wanted.add(*span)
    # A header or leaf that could not be mended from the other is had from a peer.
    if reading > 1 or not (found.headers_hold or found.leaves_hold):
        for span in found.leaves:
            wanted.add(*span)
    # Nothing tells where a forgery lies: the whole log is compared with a peer's.
    if reading > 2 and found.counts["root_damaged"]:
        wanted.add(0, found.size)
    problems = entries_refetch(found.log, wanted, found.checkpoint) if wanted else []
    if found.counts["checkpoint_damaged"] and found.checkpoint is None:
        problems += checkpoint_refetch(found.log)
    if reading > 2 and found.counts["tree_damaged"]:
        _pull_anew_beyond_checkpoint(found)
    return problems


def _pull_anew_beyond_checkpoint(found: Findings) -> None:
    """What is held beyond the checkpoint can be proven by nothing that is held: it is let go, if a peer has it."""
    log = found.log
    held_elsewhere = any((peer.reported_size(log.origin) or 0) >= log.size for peer in holders(log.origin))
    if held_elsewhere and log_cut_to_checkpoint(log.id):
        Peer.objects.filter(state=Peer.State.ADMITTED).update(next_pull_at=timezone.now())


def _log_report(readings: list[Findings], problems: list[str]) -> LogReport:
    """What the last reading found remains; what only earlier ones found is repaired."""
    first, last = readings[0], readings[-1]
    verdict = Verdict.GOOD
    if last.counts:
        verdict = Verdict.BAD
    elif first.counts:
        verdict = Verdict.REPAIRED
    found: Counter[str] = Counter()
    repaired: dict[tuple[str, int | None], Fault] = {}
    for reading in readings:
        found |= reading.counts
        repaired |= {(fault.code, fault.index): fault for fault in reading.faults}
    faults = [_named(fault, False) for fault in last.faults]
    still = {(fault.code, fault.index) for fault in last.faults}
    faults += [_named(fault, True) for place, fault in repaired.items() if place not in still]
    return LogReport(
        origin=last.log.origin,
        entries=last.size,
        checkpoint_size=last.checkpoint.size if last.checkpoint else 0,
        records=last.record_count,
        verdict=str(verdict),
        found=_counted(found),
        remaining=_counted(last.counts),
        faults=faults[:NAMED],
        problems=problems if last.counts else [],
    )


def _counted(counts: Counter[str]) -> dict[str, int]:
    return {code: counts[code] for code in sorted(counts) if counts[code]}


def _named(fault: Fault, repaired: bool) -> dict[str, Any]:
    return {
        "code": fault.code,
        "entry": fault.index,
        "record": fault.record,
        "detail": fault.detail,
        "repaired": repaired,
    }


def _verify_index(repair: bool, rewritten: int) -> IndexReport:
    deadline = time.monotonic() + INDEX_PATIENCE_SECONDS
    while True:
        try:
            return _index_report(compare(repair=repair), repair, rewritten)
        except LeaseHeld:
            if time.monotonic() > deadline:
                return IndexReport(
                    str(Verdict.UNKNOWN), code="index_unverified", error="Another process is writing to the index."
                )
            threading.Event().wait(1.0)
        except HavenlinkError as error:
            return IndexReport(str(Verdict.UNKNOWN), code="index_unverified", error=f"{error.message} ({error.reason})")


def _index_report(found: Comparison, repair: bool, rewritten: int) -> IndexReport:
    counts: dict[str, Any] = {
        "alike": found.alike,
        "behind": found.behind,
        "others": found.others,
        "missing": len(found.missing),
        "outdated": len(found.outdated),
        "extra": len(found.extra),
        "rewritten": rewritten,
    }
    if found.different and not repair:
        return IndexReport(str(Verdict.BAD), code="index_differs", **counts)
    return IndexReport(str(Verdict.REPAIRED if found.different else Verdict.GOOD), **counts)


def _index_anew(log: Log, places: Spans) -> int:
    """Records whose document was mended, whatever the index holds of their revision: it may have read the damage.

    What it has yet to read is the catch-up's business, and so is what cannot be written now: the comparison says so.
    """
    count = 0
    try:
        for entries in _current(log, places):
            with lease() as held:
                documents = [document for entry in entries if (document := current_document(entry))]
                engine().index(with_known_vectors(documents)[0])
                held.renew()
                engine().commit()
            count += len(documents)
    except (LeaseHeld, HavenlinkError) as error:
        logger.warning("records of %s that were mended are not indexed anew: %s", log.origin, error)
    if count or places:
        wake(CATCH_UP_INDEX)
    return count


def _current(log: Log, places: Spans) -> Iterator[list[Entry]]:
    for first, last in places:
        for start in range(first, last, INDEX_PAGE):
            end = min(start + INDEX_PAGE, last)
            ids = {"id__gte": log.entry_id(start), "id__lt": log.entry_id(end)}
            rows = Entry.objects.filter(**ids, record__deleted=False).select_related("record")
            if found := list(rows):
                yield found
