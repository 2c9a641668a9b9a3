"""The import as a whole: read, refuse, match organisations, write drafts, publish. Run again, it changes only what
changed in the files, and never what people of this node changed since.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.accounts.roles import Permission, Person, require
from core.records.canonical import canonical, sha256_hex
from core.records.services.append import record_url
from tools_inventory.models import Draft
from tools_inventory.services.content import Content, content_tidied, content_title
from tools_inventory.services.importing.lines import Line, Problem, read_lines
from tools_inventory.services.importing.rows import OrganisationRow, RecordRow, read_organisation, read_record
from tools_inventory.services.publishing import drafts_publish

# (what is being done, done, of how many; 0 when not known)
Progress = Callable[[str, int, int], None]

Row = TypeVar("Row", RecordRow, OrganisationRow)

BATCH = 500
# A line of progress every so many rows.
STEP = 1000


@dataclass(slots=True)
class ImportReport:
    """Counts are of drafts. `refused` rows were not taken; `notes` say what of a taken row was left out."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    published: int = 0
    elsewhere: int = 0
    organisations: int = 0
    refused: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    @property
    def refused_rows(self) -> int:
        return len({(problem.file, problem.line) for problem in self.refused})


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A draft as the files want it."""

    line: Line
    import_key: str
    kind: str
    language: str
    content: Content

    @property
    def hash(self) -> str:
        return sha256_hex(canonical(self.content))


def inventory_import(
    *,
    by: Person,
    records_file: Path,
    organisations_file: Path | None = None,
    only: Sequence[str] = (),
    publish: bool = False,
    progress: Progress = lambda what, done, total: None,
) -> ImportReport:
    """Import rows of the regions in `only` (all, if empty) and the organisations that they name, in one transaction.

    Raises NotPermitted, and OSError for a file that cannot be read. What is wrong with rows is in the report.
    """
    require(by, Permission.IMPORT)
    report = ImportReport()
    rows = _read_records(records_file, only, report, progress)
    organisations = _read_organisations(organisations_file, report) if organisations_file else {}
    with transaction.atomic():
        named = _organisations_named(rows, organisations, report)
        ids = _write(named, by, report, progress)
        report.organisations = len(named)
        wanted = [_wanted_record(row, organisations, ids) for row in rows]
        ids |= _write(wanted, by, report, progress)
        if publish:
            report.published = _publish(list(ids.values()), by, progress)
    return report


def _read_records(path: Path, only: Sequence[str], report: ImportReport, progress: Progress) -> list[RecordRow]:
    rows = []
    seen: dict[str, int] = {}
    for line in read_lines(path):
        if isinstance(line, Problem):
            report.refused.append(line)
            continue
        if line.number % STEP == 0:
            progress(_("rows read"), line.number, 0)
        if only and isinstance(line.row.get("node"), str) and line.row["node"] not in only:
            report.elsewhere += 1
            continue
        row, problems = read_record(line)
        row = _first_of_its_key(line, row, problems, seen)
        (report.notes if row else report.refused).extend(problems)
        if row:
            rows.append(row)
    return rows


def _read_organisations(path: Path, report: ImportReport) -> dict[str, list[OrganisationRow]]:
    """By name; one name may stand for organisations in several countries."""
    by_name: dict[str, list[OrganisationRow]] = {}
    seen: dict[str, int] = {}
    for line in read_lines(path):
        if isinstance(line, Problem):
            report.refused.append(line)
            continue
        row, problems = read_organisation(line)
        row = _first_of_its_key(line, row, problems, seen)
        (report.notes if row else report.refused).extend(problems)
        if row:
            by_name.setdefault(row.name, []).append(row)
    return by_name


def _first_of_its_key(line: Line, row: Row | None, problems: list[Problem], seen: dict[str, int]) -> Row | None:
    if row is None:
        return None
    first = seen.setdefault(row.import_key, line.number)
    if first == line.number:
        return row
    column = "id" if isinstance(row, RecordRow) else "name"
    problems[:] = [line.problem(column, _("the same as in row %(row)s") % {"row": first})]
    return None


def _organisations_named(
    rows: Iterable[RecordRow], organisations: dict[str, list[OrganisationRow]], report: ImportReport
) -> list[_Wanted]:
    """Those that the rows name, each once, in the language of the first row that does."""
    wanted: dict[str, _Wanted] = {}
    for row in rows:
        for name in row.organisations:
            organisation = _organisation_meant(row, organisations.get(name, []))
            if organisation is None:
                message = _("“%(name)s” is not in the file of organisations; named without a link") % {"name": name}
                column = "organiser" if name == row.values.get("organiser") else "partners"
                report.notes.append(row.line.problem(column, message))
                continue
            content = organisation.content(row.language)
            wanted.setdefault(
                organisation.import_key,
                _Wanted(organisation.line, organisation.import_key, "organisation", row.language, content),
            )
    return list(wanted.values())


def _organisation_meant(row: RecordRow, candidates: list[OrganisationRow]) -> OrganisationRow | None:
    """The one in the row's own country, or the only one there is; two abroad cannot be told apart."""
    at_home = [candidate for candidate in candidates if candidate.country == row.country]
    if at_home:
        return at_home[0]
    return candidates[0] if len(candidates) == 1 else None


def _wanted_record(row: RecordRow, organisations: dict[str, list[OrganisationRow]], ids: dict[str, UUID]) -> _Wanted:
    def lookup(name: str) -> str | None:
        organisation = _organisation_meant(row, organisations.get(name, []))
        return record_url(ids[organisation.import_key]) if organisation else None

    content = content_tidied(kind=row.kind, language=row.language, content=row.content(lookup))
    return _Wanted(row.line, row.import_key, row.kind, row.language, content)


def _write(wanted: Sequence[_Wanted], by: Person, report: ImportReport, progress: Progress) -> dict[str, UUID]:
    """Create what is new, update what changed; returns the drafts' ids by import key."""
    ids: dict[str, UUID] = {}
    for start in range(0, len(wanted), BATCH):
        batch = wanted[start : start + BATCH]
        existing = {
            draft.import_key: draft
            for draft in Draft.objects.select_for_update().filter(import_key__in=[one.import_key for one in batch])
        }
        new = [_new_draft(one, by) for one in batch if one.import_key not in existing]
        changed = [draft for one in batch if (draft := _changed(one, existing.get(one.import_key), report))]
        Draft.objects.bulk_create(new)
        Draft.objects.bulk_update(
            changed, ["kind", "language", "title", "content", "state", "import_hash", "version", "updated_at"]
        )
        report.created += len(new)
        report.updated += len(changed)
        report.unchanged += len(batch) - len(new) - len(changed)
        ids |= {str(draft.import_key): draft.id for draft in [*existing.values(), *new]}
        progress(_("drafts written"), start + len(batch), len(wanted))
    return {one.import_key: ids[one.import_key] for one in wanted}


def _new_draft(wanted: _Wanted, by: Person) -> Draft:
    return Draft(
        kind=wanted.kind,
        language=wanted.language,
        title=content_title(wanted.content, wanted.language),
        content=wanted.content,
        import_key=wanted.import_key,
        import_hash=wanted.hash,
        owner=by if isinstance(by, User) else None,
    )


def _changed(wanted: _Wanted, draft: Draft | None, report: ImportReport) -> Draft | None:
    """The draft with the row's new content; None if it stays as it is."""
    if draft is None:
        return None
    if wanted.kind == "organisation":
        # Its language is that of whichever row named it first; a later import keeps the first answer.
        title = wanted.content["title"][wanted.language]
        content = {**wanted.content, "title": {draft.language: title}}
        wanted = _Wanted(wanted.line, wanted.import_key, wanted.kind, draft.language, content)
    if wanted.hash == draft.import_hash:
        return None
    if sha256_hex(canonical(draft.content)) != draft.import_hash:
        message = _("changed both in the file and on this node; this node's text was kept")
        report.notes.append(wanted.line.problem("", message))
        return None
    draft.kind, draft.language, draft.content = wanted.kind, wanted.language, wanted.content
    draft.title = content_title(wanted.content, wanted.language)
    draft.state = Draft.TRANSITIONS["edit"][draft.state]
    draft.import_hash = wanted.hash
    draft.version += 1
    draft.updated_at = timezone.now()
    return draft


def _publish(draft_ids: Sequence[UUID], by: Person, progress: Progress) -> int:
    """What these files describe and is not published as it is now. What somebody withdrew stays withdrawn."""
    waiting: set[UUID] = set()
    for start in range(0, len(draft_ids), BATCH):
        waiting |= set(
            Draft.objects.filter(
                pk__in=draft_ids[start : start + BATCH], state__in=[Draft.State.DRAFT, Draft.State.CHANGED]
            ).values_list("pk", flat=True)
        )
    published = drafts_publish(by=by, draft_ids=[draft_id for draft_id in draft_ids if draft_id in waiting])
    progress(_("records published"), len(published), len(published))
    return len(published)
