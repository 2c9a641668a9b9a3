import hashlib
from datetime import UTC, datetime
from uuid import UUID

import pytest

from core.records.models import Entry, Log, Record
from core.records.services.append import NewRevision, entries_append
from core.search.services.catch_up import catch_up
from i18n.texts import as_source, as_translation
from tests.tools_inventory.published import (
    INTERNSHIP,
    PORT_AUTHORITY,
    PORT_VISIT,
    RALLY,
    UNKNOWN,
    WITHDRAWN,
    content,
)
from tests.tools_inventory.web.reading import facts, get, seen

EXCHANGE = UUID("0192f0c1-0000-7000-8000-0000000000e1")


@pytest.fixture
def exchange(indexed):
    """A programme with everything: two translations, editions, hosts, roles, the same elsewhere."""
    summary, description = "Leerlingen ruilen een week.", "Elke dag een ander bedrijf."
    fields = content("Ruilweek", summary, "nl", activity="job_tasting", region="antwerp")
    fields["title"]["de"] = as_translation("Tauschwoche", source_text="Ruilweek", method="human")
    fields["summary"]["de"] = as_translation("Eine Woche Tausch.", source_text=summary, method="human")
    fields["description"] = {
        "nl": as_source(description),
        "de": as_translation("Jeden Tag ein anderer Betrieb.", source_text="Vroeger", method="machine"),
    }
    fields |= {
        "stages": ["be-secondary-grade-3"],
        "phases": [{"title": {"nl": as_source("Kennismaken")}}, {"title": {"nl": as_source("Ruilen")}}],
        "editions": [{"label": "2024–2025", "places": 48, "reached": 41}, {"label": "2025–2026", "places": 60}],
        "hosts": [{"name": "Havenbedrijf", "id": f"http://127.0.0.1:8001/records/{PORT_AUTHORITY}"}],
        "partners": [
            {"name": "VDAB", "role": "funder"},
            {"name": "Havenbedrijf", "id": f"http://127.0.0.1:8001/records/{PORT_AUTHORITY}"},
            {"name": "Stedelijk Lyceum"},
        ],
        "outcome": {"nl": as_source("41 van 48 maakten de week af.")},
        "source_date": "2025-03",
        "sources": [{"url": "https://example.org/ruilweek", "date": "2025-03"}],
        "same_as": [f"http://127.0.0.1:8001/records/{PORT_VISIT}", "https://elsewhere.example/records/x"],
    }
    entries_append([NewRevision(EXCHANGE, "programme", "nl", fields)])
    catch_up()


# What the page shows


def test_a_translation_stands_beside_its_original_with_who_made_it(client, exchange):
    response = get(client, EXCHANGE, "de")
    page = response.context["page"]

    sides = [[(side.first.language, side.first.method, side.first.outdated) for side in b.sides] for b in page.blocks]
    assert sides == [
        [("de", "human", False), ("nl", "source", False)],
        [("de", "machine", True), ("nl", "source", False)],
    ]
    markup = response.content.decode()
    assert '<div class="prose"><p>Eine Woche Tausch.</p></div>' in markup
    assert '<div class="prose" lang="nl" dir="ltr"><p>Leerlingen ruilen een week.</p></div>' in markup
    assert '<span lang="nl" dir="ltr">Ruilweek</span>' in markup


def test_in_its_own_language_the_text_stands_once(client, exchange):
    (block,) = get(client, EXCHANGE, "nl").context["page"].blocks

    (side,) = block.sides
    assert [part.text for part in side.texts] == ["Leerlingen ruilen een week.", "Elke dag een ander bedrijf."]


def test_a_text_in_another_language_says_so(client, indexed):
    markup = get(client, RALLY, "nl").content.decode()

    assert '<span lang="de" dir="ltr">Hafenrallye</span>' in markup
    assert markup.count('<span aria-hidden="true">de</span>') == 4  # title, text, the whole route, a description in it


def test_hosts_and_partners_stand_by_role_or_by_what_they_are(client, exchange):
    page = get(client, EXCHANGE, "en").context["page"]

    assert [(group.role, [part.text for part in group.parts]) for group in page.partners] == [
        ("Hosts", ["Havenbedrijf"]),
        ("Funder", ["VDAB"]),
        ("Public agency", ["Havenbedrijf"]),
        ("Partners", ["Stedelijk Lyceum"]),
    ]


def test_editions_are_a_table_with_gaps_named(client, exchange):
    editions = get(client, EXCHANGE, "en").context["page"].editions

    assert editions.columns == ("Places", "Reached")
    assert [(row.label, [cell.text if cell else None for cell in row.cells]) for row in editions.rows] == [
        ("2024–2025", ["48", "41"]),
        ("2025–2026", ["60", None]),
    ]


def test_the_same_thing_described_elsewhere_is_linked(client, exchange):
    page = get(client, EXCHANGE).context["page"]

    assert [brief.uuid for brief in page.same] == [PORT_VISIT]
    assert [part.href for part in page.same_elsewhere] == ["https://elsewhere.example/records/x"]


def test_an_opportunity_has_its_own_facts(client, indexed):
    page = get(client, INTERNSHIP, "en").context["page"]

    assert facts(page, "what") == {"direction": ["Offer"]}
    assert facts(page, "effort") == {"places": ["2"]}


# Where it comes from


def test_the_provenance_names_node_entry_revision_and_date(client, exchange):
    text = seen(get(client, EXCHANGE, "en"))

    assert "Antwerp entry 8 of its log revision 1 verified as described by its source, March 2025" in text


def test_the_proof_shows_what_can_be_computed_elsewhere(client, indexed):
    entry = Entry.objects.get(record__uuid=PORT_VISIT)
    text = seen(get(client, PORT_VISIT, "en"))

    assert hashlib.sha256(entry.document.encode()).hexdigest() in text
    assert bytes(entry.leaf_hash).hex() in text
    for line in Log.objects.get().checkpoint.split("\n\n")[0].splitlines():
        assert line in text
    assert "Entry 1 (index 0)" in text


def test_a_tampered_document_is_shown_as_not_verified(client, indexed):
    entry = Entry.objects.get(record__uuid=PORT_VISIT)
    forged = entry.document.replace("Leerlingen bezoeken de haven.", "Leerlingen betalen voor de haven.")
    Entry.objects.filter(id=entry.id).update(document=forged)

    response = get(client, PORT_VISIT, "en")

    text = seen(response)
    assert response.status_code == 200
    assert "Not verified: what is shown here cannot be proved to be what Antwerp published." in text
    assert "The text stored on this node is not the one that was signed." in text
    assert 'class="verified"' not in response.content.decode()
    assert (response.context["page"].verification.reason, entry.sha256 in text) == ("document", True)


def test_a_document_that_is_damaged_beyond_reading_is_refused_not_a_crash(client, indexed):
    Entry.objects.filter(record__uuid=PORT_VISIT).update(document='{"title": [')

    response = get(client, PORT_VISIT, "en")

    assert (response.status_code, response.context["error"].reason) == (502, "damaged")


def test_a_frozen_origin_is_named(client, indexed):
    Log.objects.update(state=Log.State.FROZEN, state_reason="two histories")

    assert "origin frozen: it signed two histories" in seen(get(client, PORT_VISIT, "en"))


# Citing and downloading


def test_the_document_comes_byte_by_byte_as_it_was_hashed(client, indexed):
    response = client.get(f"/en/records/{PORT_VISIT}/document")

    assert hashlib.sha256(response.content).hexdigest() == Entry.objects.get(record__uuid=PORT_VISIT).sha256
    assert response["Content-Disposition"] == 'attachment; filename="havenlink-havenbezoek-00000001.json"'


@pytest.mark.parametrize(
    ("form", "media_type", "begins"),
    [
        ("bib", "application/x-bibtex; charset=utf-8", "@misc{havenlink-"),
        ("ris", "application/x-research-info-systems; charset=utf-8", "TY  - ELEC\r\n"),
        ("json", "application/vnd.citationstyles.csl+json", "[\n"),
    ],
)
def test_the_citation_as_a_file(client, indexed, form, media_type, begins):
    response = client.get(f"/en/records/{PORT_VISIT}/citation.{form}")

    assert (response.status_code, response["Content-Type"]) == (200, media_type)
    assert response.content.decode().startswith(begins)


def test_a_citation_of_another_form_is_not_found(client, indexed):
    response = client.get(f"/en/records/{PORT_VISIT}/citation.docx")

    assert (response.status_code, response.context["error"].field) == (404, "form")


# Organisations and nodes


def test_an_organisation_shows_what_it_does(client, exchange):
    response = get(client, PORT_AUTHORITY, "en")

    assert [(role.field, [one.uuid for one in role.records], role.count) for role in response.context["roles"]] == [
        ("hosts", [EXCHANGE], 1),
        ("organiser", [PORT_VISIT], 1),
        ("partners", [EXCHANGE], 1),
    ]
    assert "Organises 1" in seen(response)


def test_a_node_shows_what_it_publishes(client, indexed):
    node = UUID("0192f0c1-0000-7000-8000-0000000000d1")
    described = {
        "title": {"nl": as_source("Antwerp")},
        "languages": ["nl"],
        "area": ["antwerp", "ghent"],
        "url": "http://127.0.0.1:8001",
    }
    entries_append([NewRevision(node, "node", "nl", described)])

    response = get(client, node, "en")

    assert response.context["holds"] == [
        ("node", 1),
        ("opportunity", 1),
        ("organisation", 1),
        ("programme", 1),
        ("tool", 2),
    ]
    assert facts(response.context["page"], "when_where") == {"area": ["Antwerp", "Ghent"]}


# What is not there


def test_a_withdrawn_record_says_who_withdrew_it_and_when(client, indexed):
    Record.objects.filter(uuid=WITHDRAWN).update(published_at=datetime(2026, 11, 22, 5, 50, tzinfo=UTC))

    response = get(client, WITHDRAWN, "en")

    assert response.status_code == 410
    assert "Antwerp withdrew it on 22 November 2026." in seen(response)
    assert "410 withdrawn" in seen(response)
    assert "Voorbij" not in response.content.decode()


def test_an_unknown_record_is_not_found(client, indexed):
    response = get(client, UNKNOWN, "en")

    assert (response.status_code, response.context["error"].reason) == (404, "unknown_record")
    assert f"No node known here has published a record {UNKNOWN}." in seen(response)


@pytest.mark.parametrize(
    "value", ["zzz", "0192f0c1-0000", "%00", "-", "1" * 400, "0192f0c1-0000-7000-8000-00000000000g"]
)
def test_what_is_no_id_is_refused_with_a_remedy(client, db, value):
    response = client.get(f"/en/records/{value}")

    assert (response.status_code, response.context["error"].reason) == (400, "bad_id")
    assert "copy the whole address, or search for the record" in seen(response)


def test_an_id_written_otherwise_leads_to_the_one_address(client, indexed):
    for value in (str(PORT_VISIT).upper().replace("-", ""), f"{{{PORT_VISIT}}}", f"urn:uuid:{PORT_VISIT}"):
        response = client.get(f"/en/records/{value}")
        assert (response.status_code, response["Location"]) == (301, f"/en/records/{PORT_VISIT}")


def test_what_a_record_says_is_text_never_markup(client, indexed):
    uuid = UUID("0192f0c1-0000-7000-8000-0000000000a1")
    evil = '<script>alert("x")</script>'
    fields = content(evil, evil, "nl", activity="event", partners=[{"name": evil}], target_groups=[evil])
    fields["cost"] = {"de": {"text": evil, "method": "source"}}
    entries_append([NewRevision(uuid, "tool", "nl", fields)])

    markup = get(client, uuid).content.decode()

    assert "<script>alert" not in markup
    assert markup.count("&lt;script&gt;alert") >= 6


def test_an_unknown_code_is_shown_as_it_is(client, indexed):
    uuid = UUID("0192f0c1-0000-7000-8000-0000000000a2")
    fields = content("Nieuw", "Nieuw.", "nl", activity="event", region="antwerp", stages=["isced-2"])
    entries_append([NewRevision(uuid, "tool", "nl", fields)])
    # As a peer with newer vocabularies would send it.
    entry = Entry.objects.get(record__uuid=uuid)
    for known, newer in (("event", "space_travel"), ("antwerp", "atlantis"), ("isced-2", "xx-9")):
        entry.document = entry.document.replace(f'"{known}"', f'"{newer}"')
    entry.save(update_fields=["document"])

    response = get(client, uuid)

    assert response.status_code == 200
    assert "space_travel" in seen(response)
    assert response.context["points"] == []


# Cost
