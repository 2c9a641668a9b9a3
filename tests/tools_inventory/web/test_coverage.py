import csv
import io

import pytest

from tests.tools_inventory.web.reading import seen
from tools_inventory.selectors.facet_sets import facet_reader

FRAGMENT = {"HX-Request": "true", "HX-Target": "fillers"}


@pytest.fixture(autouse=True)
def nothing_counted_before():
    facet_reader.forget()
    yield
    facet_reader.forget()


def cell(response, row, column):
    coverage = response.context["coverage"]
    place = [header.code for header in coverage.columns].index(column)
    return next(one for one in coverage.rows if one.header.code == row).cells[place]


# The matrix


def test_this_nodes_region_is_home_unless_another_is_named(client, inventory):
    response = client.get("/en/coverage")
    coverage = response.context["coverage"]

    assert (coverage.home, coverage.home_total, coverage.total) == (("region", "antwerp"), 16, 214)
    assert (coverage.row_dimension.name, coverage.column_dimension.name) == ("stage", "activity")
    assert [row.header.code for row in coverage.rows][:3] == ["isced-0", "isced-1", "isced-2"]
    assert "Coverage of Antwerp 16 records at home, and 40 holes that others could fill." in seen(response)


def test_a_count_leads_to_the_search_that_finds_it(client, inventory):
    response = client.get("/en/coverage")

    assert cell(response, "isced-3", "company_visit").home_count == 2
    link = '<a class="heat-4" href="/en/search?stage=isced-3&amp;activity=company_visit&amp;region=antwerp">2</a>'
    assert link in response.content.decode()
    found = client.get("/en/search?stage=isced-3&activity=company_visit&region=antwerp")
    assert found.context["page"].total == 2


def test_a_hole_says_how_many_others_have_it(client, inventory):
    response = client.get("/en/coverage")

    hole = cell(response, "isced-2", "mentoring")
    assert (hole.hole, hole.count, hole.filler_count) == (True, 3, 3)
    assert (
        '<a class="heat-0" hx-boost="true" href="?rows=stage&amp;columns=activity&amp;home=region%3Aantwerp'
        '&amp;cell=isced-2%3Amentoring#fillers" aria-label="none here; had by 3 other regions"><b>+3</b></a>'
    ) in response.content.decode()


def test_the_largest_holes_stand_in_words(client, inventory):
    assert [(hole.column, hole.row, hole.fillers) for hole in client.get("/en/coverage").context["holes"]][:2] == [
        ("Event or fair", "Lower secondary education", 12),
        ("Event or fair", "Upper secondary education", 12),
    ]


def test_a_table_that_can_be_read_out(client, inventory):
    markup = client.get("/en/coverage").content.decode()

    assert markup.count('<th scope="col"') == 17
    assert markup.count('<th scope="row">') == 8
    assert '<div class="heat-frame" tabindex="0" role="region" aria-labelledby="heat-caption">' in markup
    assert "How many records, by School stages and Activity" in markup


def test_other_sides_another_home_one_kind(client, inventory):
    coverage = client.get("/en/coverage?rows=sector&columns=country&home=country:NL&kind=programme").context["coverage"]

    assert (coverage.row_dimension.name, coverage.column_dimension.name) == ("sector", "country")
    assert (coverage.home_label, coverage.total) == ("Netherlands", 28)
    assert coverage.rows[0].cells[0].search[-1] == ("kind", "programme")


def test_without_a_home_the_whole_network_is_counted(client, inventory):
    response = client.get("/en/coverage?home=network")

    assert "Coverage of the network 214 records in the whole network." in seen(response)
    assert response.context["coverage"].hole_count == 0


def test_rows_open_into_what_is_below_them(client, inventory):
    top = client.get("/en/coverage?home=network").content.decode()
    below = client.get("/en/coverage?rows_under=isced-3")

    assert "?rows=stage&amp;columns=activity&amp;rows_under=isced-3&amp;home=network" in top
    assert "be-secondary-grade-3" in [row.header.code for row in below.context["coverage"].rows]
    assert below.context["ups"] == [("Upper secondary education", "?rows=stage&columns=activity&home=region%3Aantwerp")]


# Behind a cell


def test_a_hole_opens_on_whose_records_fill_it(client, inventory):
    behind = client.get("/en/coverage?cell=isced-2:mentoring").context["behind"]

    assert [(place.label, place.count) for place in behind.places] == [
        ("Gothenburg", 1),
        ("Piraeus", 1),
        ("Plymouth", 1),
    ]
    assert [brief.title.text for place in behind.places for brief in place.records] == [
        "Fadderklass i hamnen",
        "Υιοθέτησε ένα πλοίο (Adopt a Ship)",
        "Inspire2INVOLVE",
    ]
    assert behind.everything == "/en/search?stage=isced-2&activity=mentoring"
    assert behind.places[0].more == "/en/search?stage=isced-2&activity=mentoring&region=gothenburg"


def test_htmx_gets_that_part_alone(client, inventory):
    response = client.get("/en/coverage?cell=isced-2:mentoring", headers=FRAGMENT)

    assert response.templates[0].name == "tools_inventory/_fillers.html"
    assert "<table" not in response.content.decode()
    assert response.content.decode().count("data-compare=") == 3
    assert "HX-Request" in response["Vary"]


# As a file


def test_as_csv_with_the_network_below(client, inventory):
    response = client.get("/en/coverage.csv?rows=country&columns=language&home=country:BE")

    table = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    gap = table.index([])
    assert (table[0][0], table[gap + 1][0]) == ("Belgium", "The whole network")
    assert table[gap - 1][0] == "Total"
    assert (table[gap - 1][-1], table[-1][-1]) == ("37", "214")


def test_the_queries_do_not_grow_with_the_matrix(client, inventory, django_assert_num_queries):
    client.get("/en/coverage")

    with django_assert_num_queries(2):
        client.get("/en/coverage")
    with django_assert_num_queries(2):
        client.get("/en/coverage?rows=region&columns=theme")
