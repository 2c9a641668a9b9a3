"""Bad input over REST: always a 4xx that names the parameter and a remedy, never a 500."""

import base64

import pytest
from django.test import Client

from core.cursors import encode
from tests.tools_inventory.published import PORT_VISIT, RALLY

OTHER_LIST = encode("others", [1])
OTHER_SEARCH = encode("search 1", [1])
LONG = "x" * 501

BAD = [
    ("records?x=1", "x", "unknown_parameter"),
    ("records?page=2", "page", "unknown_parameter"),
    ("records?format=xml", "format", "unknown_parameter"),
    ("tools?kind=programme", "kind", "unknown_parameter"),
    (f"records?q={LONG}", "q", "too_many_values"),
    ("records?" + "&".join(["activity=event"] * 51), "activity", "too_many_values"),
    (f"records?activity={'x' * 81}", "activity", "bad_filter"),
    ("records?activity=a%00b", "activity", "bad_filter"),
    ("records?age=-1", "age", "bad_age"),
    ("records?age=121", "age", "bad_age"),
    ("records?age=%C2%BD", "age", "bad_age"),
    ("records?sort=best", "sort", "bad_sort"),
    ("records?first=0", "first", "bad_page_size"),
    ("records?first=101", "first", "bad_page_size"),
    ("records?first=-5", "first", "bad_page_size"),
    ("records?first=ten", "first", "bad_page_size"),
    ("records?first=99999999999999999999", "first", "bad_page_size"),
    ("records?first=%D9%A3", "first", "bad_page_size"),
    ("records?facets=perhaps", "facets", "bad_flag"),
    ("records?labels=xx", "labels", "unknown_language"),
    ("records?labels=..%2F..%2Fetc", "labels", "unknown_language"),
    ("records?after=nonsense", "after", "bad_cursor"),
    ("records?after=%00", "after", "bad_cursor"),
    (f"records?after={OTHER_LIST}", "after", "bad_cursor"),
    (f"records?q=haven&after={OTHER_SEARCH}", "after", "bad_cursor"),
    (f"records?after={'A' * 400}", "after", "bad_cursor"),
    (f"records?after={base64.urlsafe_b64encode(b'[' * 100).decode()}", "after", "bad_cursor"),
    ("records/nonsense", "id", "bad_id"),
    (f"records/{PORT_VISIT}x", "id", "bad_id"),
    (f"records/{PORT_VISIT}?language=xx", "language", "unknown_language"),
    (f"records/{PORT_VISIT}?x=1", "x", "unknown_parameter"),
    ("compare", "id", "too_few_records"),
    (f"compare?id={PORT_VISIT}", "id", "too_few_records"),
    (f"compare?id={PORT_VISIT}&id={PORT_VISIT}", "id", "too_few_records"),
    ("compare?" + "&".join(f"id=0192f0c1-0000-7000-8000-00000000000{n}" for n in range(6)), "id", "too_many_records"),
    (f"compare?id={PORT_VISIT}&id=x", "id", "bad_id"),
    (f"compare?id={PORT_VISIT}&id={RALLY}&language=", None, None),
    (f"compare?id={PORT_VISIT}&id={RALLY}&language=%F0%9F%9A%A2", "language", "unknown_language"),
    ("coverage?rows=nothing", "rows", "unknown_facet"),
    ("coverage?rows=activity", "columns", "same_facet"),
    ("coverage?home=antwerp", "home", "unknown_home"),
    ("coverage?home=stage:isced-3", "home", "unknown_home"),
    ("coverage?kind=x", "kind", "unknown_kind"),
    ("coverage?language=q", "language", "unknown_language"),
    ("coverage?x=1", "x", "unknown_parameter"),
]


@pytest.mark.parametrize(("address", "field", "code"), BAD)
@pytest.mark.django_db
def test_bad_input_is_refused_by_name(client: Client, indexed: None, address: str, field: str, code: str) -> None:
    response = client.get(f"/api/v1/{address}")
    if code is None:
        assert response.status_code == 200
        return
    assert response.status_code == 400, response.content
    error = response.json()["error"]
    assert (error["field"], error["code"]) == (field, code)
    assert error["message"]
    assert error["remedy"]


@pytest.mark.parametrize(
    "address",
    [
        "records?q=%22%27%5C%3B--%20OR%201%3D1%20AND%20title%3A%2A%5E%7E",
        "records?q=%F0%9F%9A%A2",
        "records?q=%00%01",
        "records?q=%ED%A0%80",
        "records?activity=%27",
        "coverage?rows_under=x&home=region:x",
    ],
)
def test_odd_input_that_means_something_is_answered(client: Client, indexed: None, address: str) -> None:
    assert client.get(f"/api/v1/{address}").status_code == 200
