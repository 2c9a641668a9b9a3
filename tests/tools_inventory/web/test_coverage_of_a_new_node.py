"""Before anything is published; and what is refused, which needs no records."""

import pytest


def test_a_node_without_records_has_an_empty_matrix(client, db):
    response = client.get("/en/coverage")

    assert (response.status_code, response.context["coverage"].total) == (200, 0)


# Bad input


@pytest.mark.parametrize(
    ("query", "reason", "field"),
    [
        ("rows=xx", "unknown_facet", "rows"),
        ("columns=kind", "unknown_facet", "columns"),
        ("rows=stage&columns=stage", "same_facet", "columns"),
        ("home=region:atlantis", "unknown_home", "home"),
        ("home=antwerp", "unknown_home", "home"),
        ("home=node:nobody.example", "unknown_home", "home"),
        ("home=sector:ict", "unknown_home", "home"),
        ("kind=spaceship", "unknown_kind", "kind"),
        ("rows_under=xx", "unknown_code", "rows_under"),
        ("columns=node&columns_under=x", "unknown_code", "columns_under"),
        ("cell=isced-2", "unknown_cell", "cell"),
        ("cell=isced-2:xx", "unknown_cell", "cell"),
        ("cell=%00:%00", "unknown_cell", "cell"),
    ],
)
def test_bad_input_has_a_code_and_a_remedy(client, db, query, reason, field):
    for path in ("/en/coverage", "/de/coverage"):
        response = client.get(f"{path}?{query}")
        error = response.context["error"]
        assert (response.status_code, error.reason, error.field) == (400, reason, field)
        assert error.remedy
