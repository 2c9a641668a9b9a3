"""The records that the doors' tests read: published on this node, Antwerp, and found by its index."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from uuid6 import uuid7

from core.records.keys import signing_key_create
from core.records.services.append import NewRevision, entries_append
from core.search.services.catch_up import catch_up
from i18n.texts import as_source, as_translation
from tools_inventory.selectors.facet_sets import facet_reader

PORT_VISIT = UUID("0192f0c1-0000-7000-8000-000000000001")
GIRLS_DAY = UUID("0192f0c1-0000-7000-8000-000000000002")
RALLY = UUID("0192f0c1-0000-7000-8000-000000000003")
INTERNSHIP = UUID("0192f0c1-0000-7000-8000-000000000004")
PORT_AUTHORITY = UUID("0192f0c1-0000-7000-8000-000000000005")
WITHDRAWN = UUID("0192f0c1-0000-7000-8000-000000000006")
UNKNOWN = UUID("0192f0c1-0000-7000-8000-0000000000ff")
URL = "http://127.0.0.1:8001/records/"


def content(title: str, summary: str, language: str, **fields: Any) -> dict[str, Any]:
    return {"title": {language: as_source(title)}, "summary": {language: as_source(summary)}, **fields}


def cast() -> list[NewRevision]:
    visit = content(
        "Havenbezoek",
        "Leerlingen bezoeken de haven.",
        "nl",
        activity="company_visit",
        region="antwerp",
        stages=["be-secondary-grade-3"],
        sectors=["port_logistics"],
        ages={"min": 16, "max": 18},
        location={"city": "Antwerpen", "country": "BE", "nuts": "BE211", "nuts_version": "2021"},
        organiser={"name": "Havenbedrijf", "id": f"{URL}{PORT_AUTHORITY}"},
        partners=[{"name": "VDAB", "role": "partner"}, {"name": "Stad Antwerpen"}],
        url="https://example.org/havenbezoek",
    )
    visit["title"]["de"] = as_translation("Hafenbesuch", source_text="Havenbezoek", method="human")
    visit["title"]["fr"] = as_translation("Visite du port", source_text="Havendag", method="machine")
    rally = content("Hafenrallye", "Eine Rallye durch den Hafen.", "de", activity="company_visit", region="hamburg")
    rally["phases"] = [
        {"title": {"de": as_source("Anmeldung")}},
        {"title": {"de": as_source("Rallye")}, "description": {"de": as_source("Vier Stationen.")}},
    ]
    return [
        NewRevision(PORT_VISIT, "tool", "nl", visit),
        NewRevision(GIRLS_DAY, "tool", "de", content("Girls' Day", "Ein Tag.", "de", activity="event")),
        NewRevision(RALLY, "programme", "de", rally),
        NewRevision(
            INTERNSHIP,
            "opportunity",
            "nl",
            content("Stage in het magazijn", "Twee weken.", "nl", activity="internship", direction="offer", places=2),
        ),
        NewRevision(
            PORT_AUTHORITY,
            "organisation",
            "nl",
            {"title": {"nl": as_source("Havenbedrijf")}, "organisation_kind": "public_agency"},
        ),
        NewRevision(WITHDRAWN, "tool", "nl", content("Oud", "Voorbij.", "nl", activity="event")),
    ]


def more_tools(count: int) -> list[NewRevision]:
    return [
        NewRevision(uuid7(), "tool", "nl", content(f"Les {number}", "Een les.", "nl", activity="workshop"))
        for number in range(count)
    ]


@pytest.fixture
def published(db: None, settings: Any, tmp_path: Path) -> None:
    """The cast, published; WITHDRAWN was withdrawn."""
    settings.SEARCH_URL = f"tantivy://{tmp_path}/index"
    signing_key_create(django_settings.SIGNING_KEY_FILE)
    facet_reader.forget()
    for revision in cast():
        entries_append([revision])
    entries_append([NewRevision(WITHDRAWN, "tool", "nl", deleted=True)])


@pytest.fixture
def indexed(published: None) -> None:
    """The cast, published and found by search."""
    catch_up()
