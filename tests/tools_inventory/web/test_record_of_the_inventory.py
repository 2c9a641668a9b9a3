import orjson

from core.records.models import Entry
from tests.tools_inventory.web.reading import facts, get, named, seen


def test_a_programme_of_the_inventory_with_its_route_partners_and_facts(client, inventory):
    record = named("Port Xpert Industrie")

    response = get(client, record.uuid)
    page = response.context["page"]

    assert response.status_code == 200
    assert [phase.text for phase in page.phases] == [
        "voorbereiding in de klas",
        "klasuitstap naar Fort Liefkenshoek in Kallo (vanaf voorjaar 2026 naar Havenwereld)",
        "interactief bedrijfsbezoek bij een partnerbedrijf",
        "speeddate met medewerkers: ingenieurs, laboranten, procesoperatoren",
    ]
    assert [(group.role, len(group.parts)) for group in page.partners] == [
        ("Vormings- of bezoekerscentrum", 1),
        ("Werkgever", 12),
        ("School of hogeschool", 1),
    ]
    assert facts(page, "for_whom")["stages"] == ["3e graad secundair onderwijs (BE)"]
    assert facts(page, "with_whom") == {"organiser": ["Voka - Kamer van Koophandel Antwerpen-Waasland"]}
    assert [source.href for source in page.sources] == [
        "https://pers.aw.voka.be/industrie-maakt-scholieren-warm-voor-stem-jobs-met-port-xpert",
        "https://www.havencentrum.be/voor-scholen/over-ons-kerngebied.html",
    ]
    assert response.context["points"] == [{"label": "Antwerpen", "lat": 51.2194, "lon": 4.4025}]


def test_what_is_not_stated_is_named(client, inventory):
    page = get(client, named("Port Xpert Industrie").uuid, "en").context["page"]

    unstated = {group.name: group.unstated for group in page.facts}
    assert unstated["effort"] == ("Duration", "Capacity", "Cost")
    assert unstated["unstated"] == ("Outcome", "Status", "Policy stage")
    assert "Not stated: Duration, Capacity, Cost" in seen(get(client, named("Port Xpert Industrie").uuid, "en"))


def test_a_stage_has_its_level_and_usual_ages_beside_it(client, inventory):
    text = seen(get(client, named("Port Xpert Industrie").uuid, "en"))

    assert "School stages secondary 3rd grade (BE) (ISCED 3, ages 16–18)" in text


def test_more_like_this_is_a_search(client, inventory):
    page = get(client, named("Port Xpert Industrie").uuid).context["page"]

    assert page.more_like_this == "/nl/search?activity=company_visit&stage=be-secondary-grade-3"


def test_an_organisation_of_the_inventory(client, inventory):
    roles = get(client, named("Havencentrum Antwerpen").uuid).context["roles"]

    assert [(role.field, role.count) for role in roles] == [("organiser", 11), ("partners", 1)]


def test_a_page_takes_nine_queries_however_much_it_shows(client, inventory, django_assert_num_queries):
    uuid = named("Port Xpert Industrie").uuid
    get(client, uuid)

    with django_assert_num_queries(9):
        response = get(client, uuid)

    assert orjson.loads(Entry.objects.get(record__uuid=uuid).document)["kind"] == "programme"
    assert len(response.content) < 28_000
