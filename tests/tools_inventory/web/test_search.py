import pytest
from django.test import override_settings

from tools_inventory.web.search_page import page_numbers


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


def test_a_search_without_words_lists_everything(client, inventory):
    page = page_of(client, "/en/search")

    assert (page.total, page.total_words, page.pages, len(page.rows)) == (214, "214 results", 11, 20)


def test_a_filter_narrows_and_stands_in_a_chip_that_takes_it_away(client, inventory):
    page = page_of(client, "/en/search?country=BE&activity=company_visit")

    assert [(chip.label, chip.value, chip.address) for chip in page.chips] == [
        ("Activity", "Company visit", "/en/search?country=BE"),
        ("Country", "Belgium", "/en/search?activity=company_visit"),
    ]
    assert page.clear_address == "/en/search"
    assert page.total == sum(point["count"] for point in page.points)


def test_facets_are_labelled_in_the_readers_language(client, inventory):
    assert counts(page_of(client, "/de/search"), "country")["BE"] == ("Belgien", "37")
    assert counts(page_of(client, "/nl/search"), "activity")["company_visit"] == ("Bedrijfsbezoek", "35")


def test_a_facet_with_a_choice_still_counts_the_others(client, inventory):
    page = page_of(client, "/en/search?country=BE")

    assert counts(page, "country")["DE"] == ("Germany", "29")
    assert panel(page, "country").chosen == 1
    assert panel(page, "country").open


def test_long_facets_fold_their_rest_and_keep_a_choice_in_sight(client, inventory):
    page = page_of(client, "/en/search?country=GR")

    assert [value.code for value in panel(page, "country").values] == ["BE", "DE", "NL", "FR", "GB", "IE", "ES", "GR"]
    assert len(panel(page, "country").more) == 5


def test_national_school_stages_stand_under_their_level_this_country_first(client, inventory):
    levels = panel(page_of(client, "/en/search"), "stage").levels

    assert [level.value.code for level in levels] == [
        "isced-0",
        "isced-1",
        "isced-2",
        "isced-3",
        "isced-5-8",
        "adult",
    ]
    upper = levels[3]
    assert (upper.value.label, upper.value.number) == ("Upper secondary education", "81")
    assert [stage.code for stage in upper.stages][:4] == [
        "be-secondary-grade-2",
        "be-secondary-year-4",
        "be-secondary-grade-3",
        "be-secondary-year-6",
    ]
    assert not upper.open


def test_a_stage_of_one_country_finds_those_of_others(client, inventory):
    page = page_of(client, "/en/search?stage=be-secondary-grade-3")

    assert {"BE", "NL", "FR", "DE"} <= set(counts(page, "country"))
    assert panel(page, "stage").levels[3].open


def test_every_hit_is_on_the_map_not_only_those_of_the_page(client, inventory):
    page = page_of(client, "/en/search")

    assert len(page.points) == 44
    assert sum(point["count"] for point in page.points) == 214
    antwerp = next(point for point in page.points if point["label"] == "Antwerp")
    assert (antwerp["count"], antwerp["url"]) == (16, "/en/search?region=antwerp")


def test_a_chosen_region_alone_is_on_the_map(client, inventory):
    page = page_of(client, "/en/search?region=ghent&kind=tool")

    assert [(point["label"], point["url"]) for point in page.points] == [("Ghent", "/en/search?kind=tool&region=ghent")]


# Narrowed pages


def test_programmes_are_a_search_of_their_own(client, inventory):
    page = page_of(client, "/en/programmes?kind=tool&country=BE")

    assert page.address == "/en/programmes?country=BE"
    assert {row.kind for row in page.rows} == {"programme"}
    assert "kind" not in [panel.name for panel in page.panels]


def test_programmes_are_counted_as_such(client, inventory):
    assert page_of(client, "/en/programmes").total_words == "28 programmes"


def test_without_opportunities_the_page_says_so_and_leads_on(client, inventory):
    content = client.get("/en/opportunities").content.decode()

    assert "No opportunity is published yet" in content
    assert 'href="/en/offer"' in content
    assert 'href="/en/search?audience=employers"' in content


# Nothing found


def test_a_search_that_finds_nothing_says_what_to_drop_and_what_is_near(client, inventory):
    page = page_of(client, "/en/search?q=bordspel+kaartspel&country=PL")

    assert page.total == 0
    assert page.nothing.words == ("bordspel", "kaartspel")
    assert ("Themes", "Serious game") in [(each.label, each.value) for each in page.nothing.mentioned]
    assert [(chip.label, chip.value, chip.address) for chip in page.nothing.drops] == [
        ("Words", "bordspel kaartspel", "/en/search?country=PL"),
        ("Country", "Poland", "/en/search?q=bordspel+kaartspel"),
    ]
    assert page.nothing.drops[0].count == "9 results"
    assert len(page.nothing.near) == 3


# What was searched besides the words


def test_the_page_says_what_was_also_searched_and_how_to_search_the_words_alone(client, inventory):
    page = page_of(client, "/nl/search?q=Betriebsbesichtigung&country=PL")
    (concept,) = page.also_searched.concepts

    assert concept.label == "Bedrijfsbezoek"
    assert concept.names == (("Visite d’entreprise", "fr"), ("Betriebsbesichtigung", "de"), ("Company visit", "en"))
    assert page.also_searched.address == "/nl/search?q=Betriebsbesichtigung&country=PL&concepts=off"
    assert page.total > 0


def test_the_words_alone_are_searched_when_the_reader_says_so(client, inventory):
    response = client.get("/en/search?q=Hafen&country=DE&concepts=off")
    page = response.context["page"]

    assert page.also_searched.concepts == ()
    assert page.also_searched.address == "/en/search?q=Hafen&country=DE"
    # Kept by the next filter and by the form that is sent without a script.
    assert page.chips[0].address == "/en/search?q=Hafen&concepts=off"
    assert '<input type="hidden" name="concepts" value="off" form="search-form">' in response.content.decode()


def test_a_glossary_entry_is_named_in_the_readers_language(client, inventory):
    page = page_of(client, "/en/search?q=kraanmachinist")

    assert [concept.label for concept in page.also_searched.concepts] == ["crane operator"]
    assert ("Subject", "crane operator", "kraanmachinist") in {
        (why.label, why.value, why.words) for row in page.rows for why in row.why
    }


def test_words_that_name_nothing_leave_the_line_out(client, inventory):
    assert page_of(client, "/en/search?q=Maasvlakte2").also_searched is None
    assert page_of(client, "/en/search").also_searched is None


# Addresses, paging


def test_htmx_gets_the_results_alone_and_the_address_to_show(client, inventory):
    response = client.get("/en/search?sort=&age=&country=BE&q=haven", headers={"HX-Request": "true"})
    content = response.content.decode()

    assert "<html" not in content
    assert 'id="hits"' in content
    assert content.count('hx-swap-oob="innerHTML"') == 3
    assert response["HX-Push-Url"] == "/en/search?q=haven&country=BE"


def test_the_second_page_goes_on_where_the_first_ended(client, inventory):
    first, second = (page_of(client, f"/en/search?sort=title&page={number}") for number in (1, 2))

    assert not {row.uuid for row in first.rows} & {row.uuid for row in second.rows}
    assert second.numbers == (1, 2, 3, None, 11)
    assert len(page_of(client, "/en/search?page=11").rows) == 14


@pytest.mark.parametrize(
    ("page", "pages", "numbers"),
    [
        (1, 1, (1,)),
        (1, 3, (1, 2, 3)),
        (1, 9, (1, 2, None, 9)),
        (4, 9, (1, 2, 3, 4, 5, None, 9)),
        (5, 9, (1, None, 4, 5, 6, None, 9)),
        (9, 9, (1, None, 8, 9)),
    ],
)
def test_page_numbers(page, pages, numbers):
    assert page_numbers(page, pages) == numbers


def test_queries_do_not_grow_with_the_hits(client, inventory, django_assert_num_queries):
    client.get("/en/search")
    with django_assert_num_queries(2):
        assert len(client.get("/en/search").context["page"].rows) == 20
    with django_assert_num_queries(2):
        assert len(client.get("/en/search?region=portland").context["page"].rows) == 1


def test_the_page_is_compressed_for_who_takes_it(client, inventory):
    response = client.get("/en/search", headers={"Accept-Encoding": "gzip"})

    assert response["Content-Encoding"] == "gzip"
    assert len(response.content) < 20_000


# Suggestions


def test_suggestions_lead_to_a_search_or_a_record(client, inventory):
    found = client.get("/de/search/suggest?q=betriebsb").json()["suggestions"]

    assert found[0] == {
        "text": "Betriebsbesichtigung",
        "language": "de",
        "note": "Aktivität",
        "url": "/de/search?activity=company_visit",
    }


# The index is down


@pytest.fixture
def index_down(inventory, tmp_path):
    with override_settings(SEARCH_URL=f"tantivy://{tmp_path}/nowhere/index"):
        yield


def test_without_the_index_the_page_says_so_and_offers_what_works(client, index_down):
    response = client.get("/en/search?q=haven")
    content = response.content.decode()

    assert (response.status_code, response["Retry-After"], response["Cache-Control"]) == (503, "30", "no-store")
    assert "Search is down for the moment" in content
    assert content.count('<li class="hit">') == 20
    assert 'href="/en/network"' in content


def test_without_the_index_narrowed_pages_list_their_own_kind(client, index_down):
    response = client.get("/en/programmes")

    assert {row.kind for row in response.context["rows"]} == {"programme"}


def test_without_the_index_htmx_keeps_what_is_on_the_page(client, index_down):
    response = client.get("/en/search?q=haven", headers={"HX-Request": "true"})

    assert (response.status_code, response["HX-Retarget"]) == (503, "#notices")


def test_without_the_index_the_newest_are_still_searched_and_narrowed(client, index_down):
    response = client.get("/en/search?q=scheepswerf&country=NL")

    assert "Among the newest, these meet your search" in response.content.decode()
    assert response.context["rows"]
    assert {row.place.rpartition(", ")[2] for row in response.context["rows"]} == {"Netherlands"}
    assert any(
        found for row in response.context["rows"] for text in (row.title, row.summary) for _, found in text.pieces
    )


def test_without_the_index_a_search_that_none_of_the_newest_meets_says_so(client, index_down):
    response = client.get("/en/search?q=zonnepaneel")

    assert "None of the newest records meets your search." in response.content.decode()
    assert len(response.context["rows"]) == 20


def test_without_the_index_labels_are_still_suggested(client, index_down):
    found = client.get("/de/search/suggest?q=betriebsb").json()["suggestions"]

    assert found[0]["url"] == "/de/search?activity=company_visit"
