import pytest

from core.search.services.catch_up import catch_up
from core.search.tasks import compute_vectors
from tests.tools_inventory.published import INTERNSHIP


def page_of(client, address, **headers):
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    return response.context["page"]


def panel(page, name):
    return next(panel for panel in page.panels if panel.name == name)


def counts(page, name):
    found = panel(page, name)
    return {value.code: (value.label, value.number) for value in (*found.values, *found.more)}


# What is found


def test_words_that_match_are_marked_in_their_own_inflection(client, indexed):
    content = client.get("/en/search?q=Leerling").content.decode()

    assert "<mark>Leerlingen</mark> bezoeken de haven." in content


def test_a_row_says_which_code_answered_for_the_words(client, indexed):
    page = page_of(client, "/en/search?q=Betriebsbesichtigung")

    assert [(why.label, why.value, why.words) for why in page.rows[0].why] == [
        ("Activity", "Company visit", "Betriebsbesichtigung")
    ]


def test_a_row_says_which_words_it_lacks(client, indexed):
    page = page_of(client, "/en/search?q=havenbezoek+Rallye")
    rows = {row.title.text: row.missing for row in page.rows}

    assert rows["Hafenrallye"] == ()
    assert rows["Havenbezoek"] == ("Rallye",)


def test_a_title_is_shown_in_the_readers_language_with_who_translated_it(client, indexed):
    titles = {row.title.text: row.title.method for row in page_of(client, "/fr/search").rows}

    assert titles["Visite du port"] == "machine"


def test_a_text_in_another_language_is_marked_with_it(client, indexed):
    content = client.get("/en/search?q=Rallye").content.decode()

    assert '<h3 lang="de" dir="ltr">' in content
    assert ">Rallye</mark> durch den Hafen." in content


def test_what_was_typed_is_escaped(client, indexed):
    content = client.get("/en/search", {"q": '<script>alert(1)</script>"'}).content.decode()

    assert "<script>alert" not in content
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot;" in content


# Narrowed pages


def test_opportunities_are_listed_with_their_direction(client, indexed):
    page = page_of(client, "/en/opportunities")

    assert [row.uuid for row in page.rows] == [INTERNSHIP]
    assert page.total_words == "1 opportunity"


# Nothing found


def test_a_slip_of_the_finger_is_mended(client, indexed):
    page = page_of(client, "/en/search?q=Havenbezoke")

    assert (page.did_you_mean, page.did_you_mean_address) == ("havenbezoek", "/en/search?q=havenbezoek")


def test_an_unknown_code_finds_nothing_and_can_be_dropped(client, indexed):
    page = page_of(client, "/en/search?activity=moon_landing")

    assert [(chip.value, chip.count) for chip in page.nothing.drops] == [("moon_landing", "4 results")]


# Addresses, paging


def test_a_page_says_that_it_differs_for_htmx_and_is_not_kept_by_others(client, indexed):
    response = client.get("/en/search")

    assert {"HX-Request", "Cookie", "Accept-Encoding"} <= {name.strip() for name in response["Vary"].split(",")}
    assert response["Cache-Control"] == "private, no-cache"


# Suggestions


def test_a_title_is_suggested_with_its_language_and_address(client, indexed):
    found = client.get("/nl/search/suggest?q=hafenr").json()["suggestions"]

    assert [(each["text"], each["language"]) for each in found] == [("Hafenrallye", "de")]
    assert found[0]["url"] == "/nl/records/0192f0c1-0000-7000-8000-000000000003"


@pytest.mark.parametrize("typed", ["", " ", "h", "\x00", "%%%", "😀", "سلام"])
def test_suggestions_for_little_or_strange_text(client, indexed, typed):
    response = client.get("/nl/search/suggest", {"q": typed})

    assert response.status_code == 200
    assert response["Cache-Control"] == "public, max-age=60"


# Bad input


@pytest.mark.parametrize("path", ["search", "programmes", "opportunities"])
@pytest.mark.parametrize(
    ("parameters", "status", "code"),
    [
        ({"page": "0"}, 400, "bad_page"),
        ({"page": "-1"}, 400, "bad_page"),
        ({"page": "two"}, 400, "bad_page"),
        ({"page": "9" * 40}, 400, "bad_page"),
        ({"page": "5001"}, 400, "bad_page"),
        ({"page": "²"}, 400, "bad_page"),
        ({"sort": "shuffle"}, 400, "bad_sort"),
        ({"age": "old"}, 400, "bad_age"),
        ({"age": "121"}, 400, "bad_age"),
        ({"country": "B" * 81}, 400, "bad_filter"),
        ({"country": "B\x00E"}, 400, "bad_filter"),
        ({"country": [f"c{number}" for number in range(51)]}, 400, "bad_filter"),
        ({"q": "haven " * 100}, 400, "query_too_long"),
        ({"q": "h" * 65_536}, 400, "query_too_long"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_a_code(client, indexed, path, parameters, status, code):
    response = client.get(f"/en/{path}", parameters)

    assert response.status_code == status
    assert f"<code>{status} {code}</code>" in response.content.decode()


def test_a_page_after_the_last_is_not_there(client, indexed):
    response = client.get("/en/search?page=2")

    assert response.status_code == 404
    assert "404 no_such_page" in response.content.decode()


def test_a_refusal_is_as_small_as_any_page_whatever_was_sent(client, indexed):
    assert len(client.get("/en/search", {"q": "h" * 65_536}).content) < 20_000


@pytest.mark.parametrize(
    "typed",
    [
        "😀👨‍👩‍👧‍👦",
        "\u202eسلام مدرسه",
        "haven\x00\x07bezoek",
        "\ufffd\ufeff",
        '"(:*^~AND OR NOT',
        "' OR 1=1 --",
        "{{ node }}{% url %}",
        "ẞßſ ﬁ Å",
        "-" * 300,
        "ha ven " * 60,
    ],
)
def test_any_text_is_a_search(client, indexed, typed):
    response = client.get("/en/search", {"q": typed})

    assert response.status_code == 200


def test_bytes_that_are_no_text_are_a_search(client, indexed):
    assert client.get("/en/search?q=%ff%fe%00%80&country=%ff").status_code == 200


def test_parameters_that_are_none_of_searchs_are_left_alone(client, indexed):
    assert page_of(client, "/en/search?utm_source=x&q=haven").address == "/en/search?q=haven"


def test_htmx_gets_a_notice_for_bad_input(client, indexed):
    response = client.get("/en/search?page=0", headers={"HX-Request": "true"})

    assert (response.status_code, response["HX-Retarget"]) == (400, "#notices")
    assert "bad_page" in response.content.decode()


def test_a_search_is_read_only(client, indexed):
    assert client.post("/en/search").status_code == 405


def test_a_row_that_only_means_alike_says_so(client, published, settings):
    settings.VECTORS = True
    catch_up()
    compute_vectors()
    catch_up()
    page = page_of(client, "/en/search?q=sightseeing")

    first = page.rows[0]
    assert (first.by_meaning, first.why, first.elsewhere, first.missing) == (True, (), (), ())
    assert "<span>similar in meaning</span>" in client.get("/en/search?q=sightseeing").content.decode()
    assert not page_of(client, "/en/search?q=Rallye").rows[0].by_meaning
