import pytest

from tools_inventory.web.home import DOORS, EXAMPLES
from tools_inventory.web.scopes import filters_address


def test_it_tells_how_much_there_is_and_where(client, inventory):
    context = client.get("/en/").context

    assert context["total_words"] == "214 tools, programmes and opportunities, from 44 ports and cities"
    assert [(kind.code, kind.count) for kind in context["home"].kinds] == [
        ("tool", 186),
        ("programme", 28),
        ("opportunity", 0),
        ("organisation", 518),
    ]
    antwerp = next(point for point in context["points"] if point["label"] == "Antwerp")
    assert (antwerp["count"], antwerp["note"], antwerp["url"]) == (16, "16 records", "/en/search?region=antwerp")


def test_activities_lead_to_their_search(client, inventory):
    activities = client.get("/en/").context["activities"]

    assert activities[:2] == [
        ("event", 44, "/en/search?activity=event"),
        ("company_visit", 35, "/en/search?activity=company_visit"),
    ]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.icon)
def test_a_door_counts_what_its_search_finds(client, inventory, door):
    shown = next(each for each in client.get("/en/").context["doors"] if each["icon"] == door.icon)
    total = client.get(filters_address(door.filters)).context["page"].total

    assert shown["count"] == f"{total} records"
    assert 20 < total < 150


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_finds_something(client, inventory, example):
    assert client.get("/en/search", {"q": str(example)}).context["page"].total > 0


def test_the_pulse_tells_of_every_log(client, inventory):
    pulse = client.get("/en/").context["pulse"]

    assert [(beat["origin"], beat["own"], beat["records"], beat["entries"], beat["frozen"]) for beat in pulse] == [
        ("antwerp.havenlink.localhost", True, "732 records", "732 entries in its log", False)
    ]


def test_what_is_new_is_in_the_readers_format(client, inventory):
    newest = client.get("/nl/").context["newest"]

    assert len(newest) == 6
    assert newest[0][1].startswith("/nl/records/")


def test_queries_are_few(client, inventory, django_assert_num_queries):
    client.get("/en/")
    with django_assert_num_queries(6):
        client.get("/en/")


@pytest.mark.parametrize("language", ["nl", "fr", "de", "en"])
def test_it_is_there_in_every_language(client, inventory, language):
    response = client.get(f"/{language}/")

    assert response.status_code == 200
    assert f'<html lang="{language}"' in response.content.decode()
