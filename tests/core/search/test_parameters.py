"""Parameters become a query and come back; what cannot be read is named."""

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.search.parameters import filters, page_number, parse, to_parameters, toggled
from core.search.seam import Query


def test_parameters_become_a_query():
    query = parse(
        QueryDict("q=haven+bezoek&country=BE&country=DE&stage=isced-3&age=14&sort=newest&page=3&view=map"), "nl"
    )
    assert query == Query(
        text="haven bezoek",
        language="nl",
        filters={"stage": ("isced-3",), "country": ("BE", "DE")},
        age=14,
        sort="newest",
        offset=40,
        limit=20,
    )


def test_a_query_becomes_parameters_in_a_fixed_order():
    query = parse(QueryDict("page=3&country=DE&q=haven&country=BE&activity=workshop"), "nl")
    assert to_parameters(query) == [
        ("q", "haven"),
        ("activity", "workshop"),
        ("country", "DE"),
        ("country", "BE"),
        ("page", "3"),
    ]


def test_concepts_can_be_switched_off():
    assert parse(QueryDict("q=haven&concepts=off"), "nl") == Query(
        text="haven", language="nl", concepts=False, meaning=False
    )
    assert to_parameters(parse(QueryDict("q=haven&concepts=off&sort=title"), "nl")) == [
        ("q", "haven"),
        ("concepts", "off"),
        ("sort", "title"),
    ]
    assert parse(QueryDict("q=haven&concepts=on"), "nl") == Query(text="haven", language="nl")


def test_defaults_and_empty_values_are_left_out():
    assert to_parameters(parse(QueryDict("q=&country=&page=1&sort=relevance&age="), "nl")) == []


def test_a_mapping_does_as_well():
    assert parse({"q": "haven", "country": ["BE", "BE"], "page": "2"}, "nl") == Query(
        text="haven", language="nl", filters={"country": ("BE",)}, offset=20
    )


@pytest.mark.parametrize(
    ("parameters", "field", "reason"),
    [
        ("q=" + "a" * 501, "q", "query_too_long"),
        ("country=" + "B" * 81, "country", "bad_filter"),
        ("country=B%00E", "country", "bad_filter"),
        ("theme=%0A", "theme", "bad_filter"),
        ("&".join(f"theme=t{number}" for number in range(51)), "theme", "bad_filter"),
        ("age=121", "age", "bad_age"),
        ("concepts=no", "concepts", "bad_concepts"),
        ("age=-1", "age", "bad_age"),
        ("age=14.5", "age", "bad_age"),
        ("age=%C2%BD", "age", "bad_age"),
        ("age=" + "9" * 5000, "age", "bad_age"),
        ("page=0", "page", "bad_page"),
        ("page=5001", "page", "bad_page"),
        ("page=two", "page", "bad_page"),
        ("sort=random", "sort", "bad_sort"),
    ],
)
def test_what_cannot_be_read_is_named_with_a_remedy(parameters, field, reason):
    with pytest.raises(InvalidInput) as refused:
        parse(QueryDict(parameters), "nl")
    assert (refused.value.field, refused.value.reason) == (field, reason)
    assert str(refused.value.remedy)


def test_a_filter_that_does_not_exist_is_refused():
    with pytest.raises(InvalidInput) as refused:
        filters({"colour": ["red"]})
    assert (refused.value.field, refused.value.reason) == ("colour", "unknown_filter")


def test_toggling_a_code_chooses_it_or_takes_it_back_and_returns_to_the_first_page():
    query = Query(filters={"country": ("BE",)}, offset=60, limit=20)
    assert page_number(query) == 4
    chosen = toggled(query, "country", "DE")
    assert (chosen.filters, page_number(chosen)) == ({"country": ("BE", "DE")}, 1)
    assert toggled(toggled(query, "country", "BE"), "activity", "workshop").filters == {"activity": ("workshop",)}


NAMES = ["q", "country", "stage", "age", "page", "sort", "kind", "concepts"]


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=600)))
def test_whatever_arrives_is_a_query_or_invalid_input(parameters):
    try:
        query = parse(parameters, "nl")
    except InvalidInput:
        return
    assert parse(dict(to_parameters(query)), "nl") == query
