"""The engines that every contract is held against, and a small shelf of documents in six languages."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from core.search import analysis
from core.search.documents import index_document
from core.search.seam import Engine
from tests.engines import ENGINES, index_address, opened_engine


@pytest.fixture(scope="session", autouse=True)
def lemmas():
    for _ in analysis.prepare():
        pass


@pytest.fixture(params=ENGINES)
def search_url(request, tmp_path):
    """Where an engine may keep an index of its own; it is removed afterwards."""
    with index_address(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def empty_engine(search_url) -> Engine:
    """An engine whose index exists and holds nothing."""
    made = opened_engine(search_url)
    made.name()
    return made


def uuid_of(number: int) -> UUID:
    return UUID(int=number)


def record(number, language, title, summary="", *, kind="tool", **fields):
    """A document as published; the higher its number, the later."""
    texts = {"title": title, "summary": summary, "description": fields.pop("description", "")}
    worded = {name: {language: {"text": text, "method": "source"}} for name, text in texts.items() if text}
    published = datetime(2026, 1, number, tzinfo=UTC).isoformat().replace("+00:00", "Z")
    return {
        "id": f"https://antwerp.example/records/{uuid_of(number)}",
        "origin": "antwerp.example",
        "kind": kind,
        "revision": 1,
        "published": published,
        "language": language,
        "licence": "CC-BY-4.0",
        "sources": [],
        **worded,
        **fields,
    }


SHELF = [
    record(
        1,
        "nl",
        "Port Xpert Industrie",
        "Leerlingen bezoeken een havenbedrijf en praten met werknemers.",
        activity="company_visit",
        sectors=["port_logistics", "chemistry_process"],
        stages=["be-secondary-grade-3"],
        region="antwerp",
        organiser={"name": "Havencentrum Lillo"},
    ),
    record(
        2,
        "de",
        "Hafen-Scouts",
        "Schülerinnen erkunden die Häfen und ihre Berufe.",
        activity="workshop",
        sectors=["port_logistics"],
        region="hamburg",
        ages={"min": 9, "max": 11},
        origin="hamburg.example",
    ),
    record(
        3,
        "fr",
        "Cœur de métier",
        "Les élèves découvrent les métiers d'un chantier naval.",
        activity="internship",
        sectors=["shipbuilding"],
        region="dunkirk",
        origin="dunkirk.example",
    ),
    record(
        4,
        "en",
        "Year 8 strengths week",
        "Pupils talk with shipbuilders about their careers.",
        activity="company_visit",
        sectors=["shipbuilding", "port_logistics"],
        region="liverpool",
        ages={"min": 12, "max": 13},
        origin="liverpool.example",
    ),
    record(
        5,
        "pl",
        "Wycieczki szkolne po porcie",
        "Uczniowie poznają żurawie i łodzie.",
        kind="programme",
        activity="company_visit",
        region="gdansk",
        origin="gothenburg.example",
    ),
    record(
        6,
        "el",
        "Επισκέψεις μαθητών σε πλοία",
        "Τα ναυτικά επαγγέλματα από κοντά.",
        activity="company_visit",
        region="piraeus",
        origin="genoa.example",
    ),
    record(7, "nl", "Havencentrum Lillo", kind="organisation", organisation_kind="ngo", region="antwerp"),
]


def filled(engine: Engine) -> Engine:
    engine.name()
    engine.index([index_document(each) for each in SHELF])
    engine.commit()
    return engine


@pytest.fixture(scope="module", params=ENGINES)
def engine(request, tmp_path_factory):
    """An engine that holds the shelf, only to be read: the tests of a module share it."""
    with index_address(request.param, tmp_path_factory.mktemp("shelf")) as url:
        yield filled(opened_engine(url))


@pytest.fixture
def own_engine(search_url) -> Engine:
    """An engine that holds the shelf, for a test that changes it."""
    return filled(opened_engine(search_url))
