"""What a record's page shows, arranged for its two columns: texts, route and partners at the start, facts at the end.

Fields with a place of their own are named here; every other field of a kind goes to the facts of its group, so that a
new field needs nothing here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from core.records.models import Record
from core.records.selectors.proofs import Verification, entry_verify
from core.records.selectors.records import records_get
from i18n.vocabularies.vocabulary import vocabulary
from tools_inventory.selectors.citation import Citation, citation
from tools_inventory.selectors.presentation import Brief, Part, RecordView, Row, briefs, view_of
from tools_inventory.web.scopes import search_address

# Shown as running text, each with its original beside it.
TEXTS = ("summary", "description")
# Shown elsewhere on the page than among the facts.
PLACED = frozenset({"title", "activity", "phases", "hosts", "partners", "editions", "same_as", "outcome", "status"})
FACT_GROUPS = ("for_whom", "when_where", "with_whom", "effort", "what", "evidence", "terms")
# "Not stated: cost" is an answer to the question that everybody asks.
ALWAYS_SHOWN = "effort"


class Side(NamedTuple):
    """Texts in one language, by one method; `first` stands for all in the line above them."""

    first: Part
    texts: tuple[Part, ...]


class Block(NamedTuple):
    """Texts that share a language: the text for the reader and, if that is a translation, its original."""

    sides: tuple[Side, ...]


class Facts(NamedTuple):
    """A group of the fact column; `unstated` are the labels of what the record does not say."""

    name: str
    label: str
    rows: tuple[Row, ...]
    unstated: tuple[str, ...]


class Partners(NamedTuple):
    """Those who take part in one role."""

    role: str
    parts: tuple[Part, ...]


class Edition(NamedTuple):
    label: str
    cells: tuple[Part | None, ...]


class Editions(NamedTuple):
    """A table: `columns` are the labels of what the editions state."""

    columns: tuple[str, ...]
    rows: tuple[Edition, ...]


@dataclass(frozen=True, slots=True)
class RecordPage:
    view: RecordView
    blocks: tuple[Block, ...]
    phases: tuple[Part, ...]
    phases_label: str
    route_language: str
    evidence: tuple[Row, ...]
    partners: tuple[Partners, ...]
    editions: Editions | None
    facts: tuple[Facts, ...]
    same: tuple[Brief, ...]
    same_elsewhere: tuple[Part, ...]
    verification: Verification
    citation: Citation
    more_like_this: str

    @property
    def brief(self) -> Brief:
        return self.view.brief

    @property
    def unsourced(self) -> bool:
        """Organisations and nodes are described by nobody but the node."""
        return not self.sources

    @property
    def sources(self) -> tuple[Part, ...]:
        return self.view.provenance.sources


def record_page(record: Record, language: str) -> RecordPage:
    """For a record with `entry` and `log` selected. Five queries at most."""
    record.entry.log = record.log
    verification = entry_verify(record.entry)
    view = view_of(record, language)
    known = _known(view)
    same = view.row("same_as")
    return RecordPage(
        view=view,
        blocks=_blocks(view),
        phases=_parts(view, "phases"),
        phases_label=row.label if (row := view.row("phases")) else "",
        route_language=_shared_language(_parts(view, "phases")),
        evidence=tuple(row for name in ("outcome", "status") if (row := view.row(name)) and row.stated),
        partners=_partners(view, known, language),
        editions=_editions(view.row("editions")),
        facts=_facts(view, language),
        same=tuple(briefs([known[part.record] for part in same.parts if part.record in known], language))
        if same
        else (),
        same_elsewhere=tuple(part for part in same.parts if part.record not in known) if same else (),
        verification=verification,
        citation=citation(view, language),
        more_like_this=_more_like_this(record),
    )


def _parts(view: RecordView, name: str) -> tuple[Part, ...]:
    row = view.row(name)
    return row.parts if row else ()


def _known(view: RecordView) -> dict[UUID, Record]:
    """The records held here that hosts, partners and `same_as` lead to. One query."""
    wanted = [
        part.record
        for name in ("hosts", "partners", "same_as")
        for part in _parts(view, name)
        if part.record is not None
    ]
    return {record.uuid: record for record in records_get(wanted)} if wanted else {}


def _blocks(view: RecordView) -> tuple[Block, ...]:
    """Texts that follow each other in the same language and by the same hand stand together."""
    blocks: list[list[Part]] = []
    for part in (part for name in TEXTS for part in _parts(view, name)):
        if blocks and _hand(blocks[-1][0]) == _hand(part):
            blocks[-1].append(part)
        else:
            blocks.append([part])
    return tuple(_block(parts) for parts in blocks)


def _hand(part: Part) -> tuple[str, str, bool, bool]:
    return part.language, part.method, part.outdated, part.original is None


def _block(parts: Sequence[Part]) -> Block:
    sides = [Side(parts[0], tuple(parts))]
    originals = tuple(part.original for part in parts if part.original)
    if originals:
        sides.append(Side(originals[0], originals))
    return Block(tuple(sides))


def _shared_language(parts: Sequence[Part]) -> str:
    """The language of all of them, said once above; "" where they differ."""
    languages = {part.language for part in parts}
    return languages.pop() if len(languages) == 1 else ""


def _partners(view: RecordView, known: Mapping[UUID, Record], language: str) -> tuple[Partners, ...]:
    """By the role stated; those without one by what kind of organisation they are, where that is known."""
    roles: dict[str, list[Part]] = {}
    for name in ("hosts", "partners"):
        row = view.row(name)
        for part in row.parts if row else ():
            role = part.note or (
                str(row.label) if row and name == "hosts" else _organisation_kind(part, known, language)
            )
            roles.setdefault(role, []).append(replace(part, note=""))
    return tuple(Partners(role, tuple(parts)) for role, parts in roles.items())


def _organisation_kind(part: Part, known: Mapping[UUID, Record], language: str) -> str:
    record = known.get(part.record) if part.record else None
    code = record.document.get("organisation_kind") if record else None
    return vocabulary("organisation_kinds").label(code, language) if code else _("Partners")


def _editions(row: Row | None) -> Editions | None:
    if row is None or not row.parts:
        return None
    columns = tuple(dict.fromkeys(inner.label for part in row.parts for inner in part.rows))
    return Editions(columns, tuple(_edition(part, columns) for part in row.parts))


def _edition(part: Part, columns: Iterable[str]) -> Edition:
    stated = {row.label: row.parts[0] for row in part.rows if row.parts}
    return Edition(part.text, tuple(stated.get(column) for column in columns))


def _facts(view: RecordView, language: str) -> tuple[Facts, ...]:
    """Groups in the order in which people decide; of those with nothing to say, the labels together at the end."""
    groups = {group.name: group for group in view.groups}
    facts = []
    nothing_stated: list[str] = []
    for name in FACT_GROUPS:
        if name not in groups:
            continue
        rows = [row for row in groups[name].rows if row.field not in PLACED and row.field not in TEXTS]
        stated = tuple(_with_notes(row, language) for row in rows if row.stated)
        unstated = tuple(row.label for row in groups[name].rows if not row.stated and row.field not in ("same_as",))
        if stated or (name == ALWAYS_SHOWN and unstated):
            facts.append(Facts(name, groups[name].label, stated, unstated))
        else:
            nothing_stated.extend(unstated)
    if nothing_stated:
        facts.append(Facts("unstated", "", (), tuple(nothing_stated)))
    return tuple(facts)


def _with_notes(row: Row, language: str) -> Row:
    """School stages are read by people of other systems: their level and usual ages stand beside them."""
    if row.field != "stages":
        return row
    return replace(row, parts=tuple(replace(part, note=_stage_note(part.code)) for part in row.parts))


def _stage_note(code: str) -> str:
    concept = vocabulary("school_stages").get(code)
    if concept is None or concept.broader is None:
        return ""
    levels = "–".join(str(level) for level in (min(concept.isced), max(concept.isced))) if concept.isced else ""
    if concept.isced and min(concept.isced) == max(concept.isced):
        levels = str(concept.isced[0])
    ages = concept.ages
    words = [_("ISCED %(level)s") % {"level": levels}] if levels else []
    if ages and ages.min is not None and ages.max is not None:
        words.append(_("ages %(ages)s") % {"ages": f"{ages.min}–{ages.max}" if ages.min != ages.max else ages.min})
    return ", ".join(words)


def _more_like_this(record: Record) -> str:
    """A search for the same activity at the same stages, wherever."""
    document = record.document
    filters = {"activity": (document["activity"],)} if document.get("activity") else {}
    stages = tuple(document.get("stages", ()))
    if stages:
        filters["stage"] = stages
    return search_address(**filters) if filters else ""
