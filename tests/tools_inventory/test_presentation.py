"""A document as a reader sees it: every type of value, in the reader's language, with what is known of its text."""

import pytest
from django.utils import translation
from uuid6 import uuid7

from core.errors import NotFound, Withdrawn
from core.node import this_node
from core.records.selectors.records import record_get, records
from core.records.services.append import NewRevision, entries_append, record_url
from i18n.texts import as_source, as_translation
from tools_inventory.selectors.nodes import node_names
from tools_inventory.selectors.presentation import (
    Part,
    briefs,
    document_groups,
    link_text,
    view_of,
)


@pytest.fixture(autouse=True)
def reading_english():
    with translation.override("en"):
        yield


def shown(language="en", held=frozenset(), **fields):
    """{field: its row} for a tool or programme with these fields."""
    document = {"kind": "programme", "language": "nl", **fields}
    return {row.field: row for group in document_groups(document, language, held) for row in group.rows}


def test_every_field_has_a_row_in_the_definitions_order_also_when_not_stated():
    groups = document_groups({"kind": "organisation", "language": "nl"}, "en")
    assert [(group.name, [row.field for row in group.rows]) for group in groups] == [
        ("what", ["title", "organisation_kind", "sectors"]),
        ("when_where", ["region", "location"]),
        ("with_whom", ["contact"]),
        ("terms", ["url", "same_as"]),
    ]
    assert not any(row.stated for group in groups for row in group.rows)


def test_a_kind_that_is_not_known_has_no_rows():
    assert document_groups({"kind": "ship", "language": "nl"}, "en") == ()


def test_codes_are_read_in_the_readers_language_and_lead_to_a_search():
    row = shown("fr", sectors=["port_logistics", "from_a_newer_node"])["sectors"]
    assert row.kind == "codes"
    assert row.parts[0].search == (("sector", "port_logistics"),)
    assert row.parts[0].text != "port_logistics"
    assert (row.parts[1].text, row.parts[1].code) == ("from_a_newer_node", "from_a_newer_node")


def test_a_translation_shows_its_original_beside_it():
    texts = {"nl": as_source("gratis"), "en": as_translation("free", source_text="gratis", method="machine")}
    part = shown(cost=texts)["cost"].parts[0]
    assert (part.text, part.language, part.method, part.outdated) == ("free", "en", "machine", False)
    assert part.is_translation
    assert part.original == Part("gratis", language="nl", method="source")
    texts["nl"] = as_source("10 euro")
    assert shown(cost=texts)["cost"].parts[0].outdated


def test_a_text_in_its_own_language_is_its_own_original():
    part = shown("nl", cost={"nl": as_source("gratis")})["cost"].parts[0]
    assert (part.text, part.original, part.is_translation, part.direction) == ("gratis", None, False, "ltr")


@pytest.mark.parametrize(
    ("ages", "text", "search"),
    [
        ({"min": 12, "max": 14}, "12–14", "12"),
        ({"min": 16, "max": 16}, "16", "16"),
        ({"min": 16}, "from 16", "16"),
        ({"max": 12}, "up to 12", "12"),
        ({"min": 0, "max": 6}, "0–6", "0"),
    ],
)
def test_ages_in_words(ages, text, search):
    assert shown(ages=ages)["ages"].parts == (Part(text, search=(("age", search),)),)


def test_a_place_in_words():
    row = shown("nl", location={"city": "Gent", "country": "BE", "nuts": "BE234"})["location"]
    assert row.parts == (Part("Gent, België", code="BE", search=(("country", "BE"),), note="NUTS BE234"),)
    assert shown(location={"nuts": "BE234"})["location"].parts[0].text == "NUTS BE234"


def test_references_lead_to_records_that_are_held_and_only_to_those():
    here, gone = uuid7(), uuid7()
    row = shown(
        partners=[
            {"name": "BASF", "id": f"https://hamburg.example/records/{here}", "role": "host"},
            {"name": "VDAB", "id": f"https://hamburg.example/records/{gone}"},
            {"name": "Stad", "id": "https://example.org/stad"},
        ],
        held=frozenset([here]),
    )["partners"]
    assert [(part.text, part.record) for part in row.parts] == [("BASF", here), ("VDAB", None), ("Stad", None)]
    assert row.parts[0].note == "Host"


def test_phases_and_editions_are_items_with_rows():
    rows = shown(
        phases=[{"title": {"nl": as_source("voorbereiding")}, "description": {"nl": as_source("in de klas")}}],
        editions=[{"label": "2024-2025", "places": 1200}],
    )
    phase, edition = rows["phases"].parts[0], rows["editions"].parts[0]
    assert (phase.text, phase.language) == ("voorbereiding", "nl")
    assert [(row.label, row.parts[0].text) for row in phase.rows] == [("Description", "in de klas")]
    assert [(row.label, row.parts[0].text) for row in edition.rows] == [("Places", "1,200")]


def test_links_dates_and_contacts():
    rows = shown(
        url="https://www.example.org/a/",
        source_date="2018-09",
        contact={"role": "Desk", "url": "https://example.org/desk"},
        same_as=["https://example.org/other"],
    )
    assert rows["url"].parts == (Part("example.org/a", href="https://www.example.org/a/"),)
    assert rows["source_date"].parts[0].text == "September 2018"
    assert rows["contact"].parts == (Part("Desk", href="https://example.org/desk"),)
    assert rows["same_as"].parts[0].href == "https://example.org/other"


def test_addresses_as_people_read_them():
    assert link_text("https://www.example.org/path/") == "example.org/path"
    assert link_text("nonsense") == "nonsense"


def test_a_records_page_has_all_it_shows(published):
    organiser = published("Havencentrum")
    uuid = published(
        "Port Xpert",
        region="ghent",
        location={"city": "Gent", "country": "BE"},
        organiser={"name": "Havencentrum", "id": record_url(organiser)},
        sources=[{"url": "https://example.org/bron", "date": "2025-03"}],
        source_date="2025-03",
    )
    view = view_of(record_get(uuid), "en")
    assert (view.brief.title.text, view.brief.activity_label, view.brief.region_label) == (
        "Port Xpert",
        "Company visit",
        "Ghent",
    )
    assert view.row("organiser").parts[0].record == organiser
    assert (view.place.label, view.place.lat, view.place.lon) == ("Gent", 51.0543, 3.7174)
    assert view.languages == ("nl",)
    assert (view.provenance.node_name, view.provenance.number, view.provenance.size) == ("Antwerp", 2, 2)
    assert view.provenance.verified
    assert not view.provenance.frozen
    assert view.provenance.source_date == "March 2025"
    assert view.provenance.sources == (Part("example.org/bron", href="https://example.org/bron", note="March 2025"),)


def test_what_is_not_there_or_not_any_more_is_said(published, withdrawn):
    with pytest.raises(NotFound):
        view_of(record_get(uuid7()), "en")
    uuid = published()
    withdrawn(uuid)
    with pytest.raises(Withdrawn):
        view_of(record_get(uuid), "en")


def test_a_page_takes_the_same_queries_however_much_it_refers_to(published, django_assert_num_queries):
    partners = [{"name": f"P{number}", "id": record_url(published(f"P{number}"))} for number in range(8)]
    one, many = published("One", partners=partners[:1]), published("Many", partners=partners)
    node_names()
    with django_assert_num_queries(3):
        view_of(record_get(one), "en")
    with django_assert_num_queries(3):
        view = view_of(record_get(many), "en")
    assert all(part.record for part in view.row("partners").parts)


def test_a_list_takes_the_same_queries_however_long(published, django_assert_num_queries):
    for number in range(6):
        published(f"Tool {number}")
    node_names()
    with django_assert_num_queries(2):
        found = briefs(records().order_by("published_at"), "en")
    assert [brief.title.text for brief in found] == [f"Tool {number}" for number in range(6)]


def test_a_node_is_called_what_it_calls_itself(published):
    uuid = published()
    name = {"nl": as_source("Antwerpen aan de Schelde")}
    entries_append(
        [
            NewRevision(
                uuid=uuid7(),
                kind="node",
                language="nl",
                content={"title": name, "languages": ["nl"], "url": this_node().url},
            )
        ]
    )
    assert view_of(record_get(uuid), "en").brief.node_name == "Antwerpen aan de Schelde"
