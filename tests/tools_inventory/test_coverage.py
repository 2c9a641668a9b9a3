"""The matrix, its holes and who fills them; the counts of the home page, which come from the same sets."""

import pytest
from django.utils import translation

from core.errors import InvalidInput
from core.records.services.append import NewRevision, entries_append
from tools_inventory.selectors.coverage import coverage
from tools_inventory.selectors.facet_sets import facet_reader, facet_sets
from tools_inventory.selectors.home import home
from tools_inventory.selectors.nodes import node_names


@pytest.fixture(autouse=True)
def reading_english():
    with translation.override("en"):
        yield


@pytest.fixture
def inventory(published):
    """Ghent: one visit for Belgian third graders. Hamburg and Bremen: events, two and one, for German ninth graders."""
    published("Visit", activity="company_visit", stages=["be-secondary-grade-3"], region="ghent")
    for title, region in (("A", "hamburg"), ("B", "hamburg"), ("C", "bremen")):
        published(title, activity="event", stages=["isced-3", "isced-2"], region=region, language="de")
    published("Nobody's", activity="event")
    published("Organisation", kind="organisation", organisation_kind="employer", region="hamburg")


def cell(matrix, row, column):
    place = [header.code for header in matrix.columns].index(column)
    return next(one for one in matrix.rows if one.header.code == row).cells[place]


def test_cells_count_what_a_search_would_find(inventory):
    matrix = coverage(language="en")
    assert matrix.total == 5
    assert cell(matrix, "isced-3", "company_visit").count == 1
    assert cell(matrix, "isced-3", "event").count == 3
    assert cell(matrix, "isced-2", "company_visit").count == 0
    assert cell(matrix, "isced-3", "event").search == (("stage", "isced-3"), ("activity", "event"))
    assert matrix.hole_count == 0


def test_holes_at_home_and_who_fills_them(inventory):
    matrix = coverage(language="en", home=("region", "ghent"))
    hole = cell(matrix, "isced-3", "event")
    assert (matrix.home_label, matrix.home_total) == ("Ghent", 1)
    assert (hole.hole, hole.count, hole.home_count, hole.level) == (True, 3, 0, 0)
    assert [(filler.code, filler.label, filler.count) for filler in hole.fillers] == [
        ("hamburg", "Hamburg", 2),
        ("bremen", "Bremen", 1),
    ]
    assert hole.fillers[0].search == (("stage", "isced-3"), ("activity", "event"), ("region", "hamburg"))
    full = cell(matrix, "isced-3", "company_visit")
    assert (full.hole, full.home_count, full.level, full.fillers) == (False, 1, 5, ())
    assert full.home_search[-1] == ("region", "ghent")
    assert matrix.hole_count == 2


def test_a_header_counts_each_record_once(inventory):
    matrix = coverage(language="en")
    event = next(header for header in matrix.columns if header.code == "event")
    assert event.count == 4


def test_empty_rows_and_columns_are_there_too(inventory):
    matrix = coverage(language="en")
    assert [row.header.code for row in matrix.rows][:3] == ["isced-0", "isced-1", "isced-2"]
    assert len(matrix.columns) == 16


def test_a_row_opens_into_what_is_narrower(inventory):
    matrix = coverage(language="en", rows_under="isced-3")
    codes = {row.header.code: row.cells for row in matrix.rows}
    assert "be-secondary-grade-3" in codes
    assert "isced-3" not in codes


def test_any_two_facets(inventory):
    matrix = coverage(language="en", rows="region", columns="language", home=("node", "antwerp.havenlink.localhost"))
    assert [header.label for header in matrix.columns] == ["Dutch", "German"]
    assert cell(matrix, "hamburg", "de").count == 2
    nodes = coverage(language="en", rows="node", columns="kind", kinds=["organisation"])
    assert [(row.header.label, row.cells[0].count) for row in nodes.rows] == [("Antwerp", 1)]
    assert nodes.rows[0].cells[0].search[-1] == ("kind", "organisation")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"rows": "colour"}, "unknown_facet"),
        ({"columns": "q"}, "unknown_facet"),
        ({"rows": "activity"}, "same_facet"),
        ({"home": ("sector", "energy")}, "unknown_home"),
        ({"kinds": ["ship"]}, "unknown_kind"),
    ],
)
def test_what_cannot_be_asked_is_said(db, options, code):
    with pytest.raises(InvalidInput) as refusal:
        coverage(language="en", **options)
    assert refusal.value.reason == code


@pytest.mark.parametrize("options", [{"home": ("region", "atlantis")}, {"rows_under": "nonsense"}])
def test_what_is_not_there_counts_nothing(inventory, options):
    assert coverage(language="en", **options).total == 5


def test_counts_follow_what_is_published_changed_and_withdrawn(published, withdrawn, tool_content):
    one, other = published("One", activity="event"), published("Other", activity="event")
    assert facet_sets().mask("activity", ["event"]).bit_count() == 2
    entries_append([NewRevision(uuid=other, kind="tool", language="nl", content=tool_content("Other"))])
    assert facet_sets().mask("activity", ["event"]).bit_count() == 1
    assert facet_sets().mask("activity", ["company_visit"]).bit_count() == 1
    withdrawn(one)
    assert facet_sets().mask("activity", ["event"]).bit_count() == 0
    assert facet_sets().mask("node", ["antwerp.havenlink.localhost"]).bit_count() == 1


def test_what_was_read_forward_is_what_is_read_anew(inventory, published, withdrawn):
    facet_sets()
    for number in range(20):
        uuid = published(f"Tool {number}", activity="workshop", sectors=["energy"])
        facet_sets()
        if number % 3 == 0:
            withdrawn(uuid)
    forward = {key: bits for key, bits in facet_sets().sets.items() if bits}
    counts = {key: bits.bit_count() for key, bits in forward.items()}
    facet_reader.forget()
    assert {key: bits.bit_count() for key, bits in facet_sets().sets.items() if bits} == counts


def test_nothing_new_costs_one_query(inventory, django_assert_num_queries):
    facet_sets()
    with django_assert_num_queries(1):
        facet_sets()


def test_codes_that_peers_invent_take_no_memory(published):
    assert facet_sets().sets.keys() == set()
    published("One")
    assert {facet for facet, _value in facet_sets().sets} == {"node", "kind", "language", "activity"}


def test_the_home_page_counts(inventory):
    page = home("en")
    assert page.total == 5
    assert [(one.code, one.count) for one in page.kinds] == [
        ("tool", 5),
        ("programme", 0),
        ("opportunity", 0),
        ("organisation", 1),
    ]
    assert [(one.code, one.label, one.count) for one in page.activities] == [
        ("event", "Event or fair", 4),
        ("company_visit", "Company visit", 1),
    ]
    assert [(one.code, one.count) for one in page.languages] == [("de", 3), ("nl", 2)]
    assert [(port.code, port.count) for port in page.ports] == [("bremen", 1), ("ghent", 1), ("hamburg", 2)]
    assert (page.ports[1].lat, page.ports[1].lon, page.ports[1].country) == (51.0543, 3.7174, "BE")
    assert [brief.title.text for brief in page.newest] == ["Nobody's", "C", "B", "A", "Visit"]
    assert [(beat.name, beat.own, beat.size, beat.records) for beat in page.pulse] == [("Antwerp", True, 6, 6)]


def test_ports_are_sorted_by_their_name_in_the_readers_language(inventory):
    assert [port.label for port in home("fr").ports] == ["Brême", "Gand", "Hambourg"]


def test_a_node_without_anything_has_a_home_page(db):
    page = home("en")
    assert (page.total, page.ports, page.newest, page.activities) == (0, (), (), ())


def test_the_home_page_takes_the_same_queries_however_much_there_is(inventory, published, django_assert_num_queries):
    home("en")
    with django_assert_num_queries(100, exact=False) as queries:
        home("en")
    few = len(queries)
    for number in range(10):
        published(f"Tool {number}", region="antwerp")
    facet_sets()
    node_names()
    with django_assert_num_queries(few):
        home("en")
