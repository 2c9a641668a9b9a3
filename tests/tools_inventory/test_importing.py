"""Bringing in an inventory: the real one, again, changed, and files that are broken in every way."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from core.accounts.roles import OPERATOR
from core.errors import NotPermitted
from core.records.models import Record
from core.records.services.append import record_url
from tools_inventory.models import Draft
from tools_inventory.services.drafts import draft_update
from tools_inventory.services.importing.inventory import inventory_import
from tools_inventory.services.importing.lines import MAX_LINE_BYTES
from tools_inventory.services.publishing import draft_withdraw

DATA = Path(__file__).resolve().parents[2] / "deploy" / "demo" / "data"
RECORDS, ORGANISATIONS = DATA / "records.jsonl", DATA / "organisations.jsonl"

ROW = {
    "id": "antwerp-001",
    "node": "antwerp",
    "language": "nl",
    "kind": "company_visit",
    "title": "Port Xpert",
    "summary": "Leerlingen bezoeken de haven.",
    "organiser": "Havencentrum",
    "partners": ["BASF"],
    "target_groups": ["secondary 3rd grade (BE)"],
    "sectors": ["port_logistics"],
    "themes": ["stem"],
    "location": {"city": "Antwerpen", "country": "BE"},
    "source_url": "https://example.org/bron",
    "source_date": "2025-03",
    "additional_sources": ["https://example.org/meer"],
    "source": "De Havenkrant",
}
PLACES = [
    {"name": "Havencentrum", "kind": "education_centre", "country": "BE", "city": "Antwerpen"},
    {"name": "BASF", "kind": "employer", "country": "BE"},
    {"name": "BASF", "kind": "employer", "country": "DE"},
    {"name": "Nobody's", "kind": "employer", "country": "BE"},
]


@pytest.fixture
def bring_in(db, tmp_path):
    """Imports rows (objects, or lines as they are) and organisations."""

    def run(*rows, organisations=PLACES, **options):
        records_file, organisations_file = tmp_path / "records.jsonl", tmp_path / "organisations.jsonl"
        records_file.write_bytes(b"\n".join(line(row) for row in rows))
        organisations_file.write_bytes(b"\n".join(line(row) for row in organisations))
        return inventory_import(
            by=OPERATOR, records_file=records_file, organisations_file=organisations_file, **options
        )

    return run


def line(row):
    return row if isinstance(row, bytes) else json.dumps(row, ensure_ascii=False).encode()


def said(problems):
    return [(problem.line, problem.column) for problem in problems]


def row(**changes):
    return {name: value for name, value in {**ROW, **changes}.items() if value is not None}


def test_a_row_becomes_a_draft(bring_in):
    report = bring_in(row(), publish=False)
    assert (report.created, report.organisations, report.refused, report.notes) == (3, 2, [], [])
    draft = Draft.objects.get(import_key="records:antwerp-001")
    basf = Draft.objects.get(import_key="organisations:BE:BASF")
    assert (draft.kind, draft.language, draft.state, draft.owner) == ("tool", "nl", "draft", None)
    assert draft.content["activity"] == "company_visit"
    assert draft.content["region"] == "antwerp"
    assert draft.content["stages"] == ["be-secondary-grade-3"]
    assert draft.content["target_groups"] == ["secondary 3rd grade (BE)"]
    assert draft.content["partners"] == [{"name": "BASF", "id": record_url(basf.id)}]
    assert draft.content["sources"] == [
        {"url": "https://example.org/bron", "date": "2025-03"},
        {"url": "https://example.org/meer"},
        {"text": "De Havenkrant", "date": "2025-03"},
    ]


def test_a_row_with_phases_becomes_a_programme(bring_in):
    bring_in(row(phases=["voorbereiding", "bezoek"]))
    draft = Draft.objects.get(kind="programme")
    assert [phase["title"]["nl"]["text"] for phase in draft.content["phases"]] == ["voorbereiding", "bezoek"]


def test_only_organisations_that_are_named_come_along(bring_in):
    bring_in(row())
    keys = Draft.objects.filter(kind="organisation").values_list("import_key", flat=True)
    assert set(keys) == {"organisations:BE:Havencentrum", "organisations:BE:BASF"}


def test_one_name_in_two_countries_is_two_organisations(bring_in):
    bring_in(row(), row(id="hamburg-002", node="hamburg", location={"country": "DE"}))
    assert Draft.objects.filter(kind="organisation", title="BASF").count() == 2
    german = Draft.objects.get(import_key="organisations:DE:BASF")
    assert Draft.objects.get(import_key="records:hamburg-002").content["partners"] == [
        {"name": "BASF", "id": record_url(german.id)}
    ]


def test_a_name_that_could_be_either_is_named_without_a_link(bring_in):
    report = bring_in(row(location={"country": "FR"}))
    assert said(report.notes) == [(1, "partners")]
    assert Draft.objects.get(kind="tool").content["partners"] == [{"name": "BASF"}]


def test_only_the_regions_asked_for_are_imported(bring_in):
    report = bring_in(row(), row(id="ghent-001", node="ghent"), row(id="hamburg-1", node="hamburg"), only=["ghent"])
    assert (report.elsewhere, report.created) == (2, 3)
    assert Draft.objects.get(kind="tool").import_key == "records:ghent-001"


def test_running_again_imports_nothing_twice(bring_in):
    bring_in(row(), publish=True)
    report = bring_in(row(), publish=True)
    assert (report.created, report.updated, report.unchanged, report.published) == (0, 0, 3, 0)
    assert (Draft.objects.count(), Record.objects.count()) == (3, 3)


def test_running_again_updates_what_changed(bring_in):
    bring_in(row(), publish=True)
    report = bring_in(row(title="Port Xpert 2"), publish=True)
    assert (report.created, report.updated, report.unchanged, report.published) == (0, 1, 2, 1)
    draft = Draft.objects.get(kind="tool")
    assert (draft.title, draft.state, draft.published_revision) == ("Port Xpert 2", "published", 2)


def test_what_people_changed_since_is_kept(bring_in, tool_content):
    bring_in(row())
    draft = Draft.objects.get(kind="tool")
    draft_update(by=OPERATOR, draft_id=draft.id, version=1, content=tool_content("Ours"))
    assert bring_in(row()).notes == []
    report = bring_in(row(title="Theirs"))
    assert [str(note) for note in report.notes] == [
        "records.jsonl:1: changed both in the file and on this node; this node's text was kept"
    ]
    assert Draft.objects.get(kind="tool").title == "Ours"


def test_what_was_withdrawn_stays_withdrawn(bring_in):
    bring_in(row(), publish=True)
    draft_withdraw(by=OPERATOR, draft_id=Draft.objects.get(kind="tool").id)
    assert bring_in(row(), publish=True).published == 0
    assert bring_in(row(title="Changed"), publish=True).published == 0
    assert Draft.objects.get(kind="tool").state == "withdrawn"


@pytest.mark.parametrize(
    ("broken", "columns"),
    [
        (b"{not json", [""]),
        (b'{"id": "x", "title": "\xff\xfe"}', [""]),
        (b'["a list"]', [""]),
        (b"null", [""]),
        (b'{"id": "' + b"x" * 1_000_000 + b'"}', [""]),
        (b'{"title": "\\ud800"}', [""]),
        (row(id=None), ["id"]),
        (row(id="  "), ["id"]),
        (row(title=None, summary=None), ["title", "summary"]),
        (row(title=["a", "list"]), ["title"]),
        (row(title=7), ["title"]),
        (row(partners="BASF"), ["partners"]),
        (row(partners=["BASF", 7]), ["partners"]),
        (row(partners=["BASF", ""]), ["partners"]),
        (row(location="Antwerpen"), ["location"]),
        (row(location={"country": "Belgium"}), ["location"]),
        (row(ages={"min": "ten"}), ["ages"]),
        (row(kind="boat_trip"), ["kind"]),
        (row(node="atlantis"), ["node"]),
        (row(language="klingon"), ["language"]),
        (row(url="javascript:alert(1)"), ["url"]),
        (row(source_url="not an address"), ["source_url"]),
        (row(additional_sources=["https://example.org", "nowhere"]), ["additional_sources"]),
        (row(source="x" * 1001), ["source"]),
        (row(source_date="spring"), ["source_date"]),
        (row(languages_offered=["xx"]), ["languages_offered"]),
        (row(title="x" * 301), ["title"]),
    ],
)
def test_a_broken_row_is_named_and_the_others_are_taken(bring_in, broken, columns):
    report = bring_in(broken, row(id="antwerp-002"))
    assert said(report.refused) == [(1, column) for column in columns]
    assert all(problem.message for problem in report.refused)
    assert report.refused_rows == 1
    assert list(Draft.objects.filter(kind="tool").values_list("import_key", flat=True)) == ["records:antwerp-002"]


def test_what_is_left_out_of_a_taken_row_is_named(bring_in):
    report = bring_in(
        row(colour="blue", target_groups=["sea dogs"], sectors=["port_logistics", "piracy"], partners=["Unheard Of"])
    )
    assert said(report.notes) == [(1, "colour"), (1, "target_groups"), (1, "sectors"), (1, "partners")]
    content = Draft.objects.get(kind="tool").content
    assert content["target_groups"] == ["sea dogs"]
    assert content["sectors"] == ["port_logistics"]
    assert content["partners"] == [{"name": "Unheard Of"}]


def test_a_row_with_an_id_that_was_there_before_is_refused(bring_in):
    report = bring_in(row(), row(title="Again"))
    assert [str(problem) for problem in report.refused] == ["records.jsonl:2, id: the same as in row 1"]
    assert Draft.objects.get(kind="tool").title == "Port Xpert"


@pytest.mark.parametrize(
    ("broken", "column"),
    [
        ({"name": "X", "kind": "pirates", "country": "BE"}, "kind"),
        ({"name": "X", "kind": "employer"}, "country"),
        ({"name": "X", "kind": "employer", "country": "Belgium"}, "location"),
        ({"kind": "employer", "country": "BE"}, "name"),
        (PLACES[1], "name"),
        (b"nonsense", ""),
    ],
)
def test_a_broken_organisation_is_named(bring_in, broken, column):
    report = bring_in(row(), organisations=[*PLACES[:2], broken])
    assert said(report.refused) == [(3, column)]
    assert report.refused[0].file == "organisations.jsonl"
    assert Draft.objects.filter(kind="tool").count() == 1


def test_a_line_at_the_limit_is_read(bring_in):
    text = row(outcome="")
    text["outcome"] = "x" * 20_000
    assert bring_in(text).refused == []
    assert bring_in(line(row()) + b" " * (MAX_LINE_BYTES - len(line(row())))).refused == []


def test_a_byte_order_mark_and_blank_lines_do_no_harm(bring_in):
    report = bring_in(b"\xef\xbb\xbf" + line(row()), b"", b"  ", line(row(id="antwerp-2")) + b"\r")
    assert report.refused == []
    assert Draft.objects.filter(kind="tool").count() == 2


def test_who_is_no_administrator_imports_nothing(publisher):
    with pytest.raises(NotPermitted):
        inventory_import(by=publisher, records_file=RECORDS)
    assert Draft.objects.count() == 0


def test_the_real_inventory_is_taken_whole(db):
    report = inventory_import(by=OPERATOR, records_file=RECORDS, organisations_file=ORGANISATIONS, publish=True)
    assert (report.refused, report.notes) == ([], [])
    assert (report.created, report.published, report.organisations) == (732, 732, 518)
    kinds = {kind: Record.objects.filter(kind=kind).count() for kind in ("tool", "programme", "organisation")}
    assert kinds == {"tool": 186, "programme": 28, "organisation": 518}


def test_the_command_reports_in_words(db, tmp_path):
    out, progress = io.StringIO(), io.StringIO()
    call_command(
        "inventory", "import", str(RECORDS), "--organisations", str(ORGANISATIONS), "--only", "antwerp,ghent",
        "--publish", stdout=out, stderr=progress,
    )  # fmt: skip
    assert "188 rows of other regions; 0 not taken" in out.getvalue()
    assert "drafts written: 26 of 26" in progress.getvalue()


def test_the_command_fails_when_a_row_was_refused(db, tmp_path):
    file = tmp_path / "records.jsonl"
    file.write_bytes(b"{broken\n" + line(row()))
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 rows could not be taken") as failure:
        call_command("inventory", "import", str(file), "--json", stdout=out, stderr=io.StringIO())
    assert failure.value.returncode == 1
    report = json.loads(out.getvalue())
    assert report["refused"][0]["line"] == 1
    assert report["created"] == 1


def test_the_command_names_a_file_that_is_not_there(db, tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("inventory", "import", str(tmp_path / "nothing.jsonl"))
