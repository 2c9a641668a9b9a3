"""Records of a peer skip our forms. Some fit the schema and are made to break a page, or to speak in one."""

from typing import Any

import pytest
from django.test import Client

from core.records.page import Page, entries_parse
from core.records.services.replicate import log_admit, page_store
from core.search.services.catch_up import catch_up
from tests.federation.fakes import FakeLog
from tests.tools_inventory.published import PORT_VISIT, indexed, published

__all__ = ["indexed", "published"]

SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
NO_ADDRESSES = ("http://[", "http://a]b/", "https://x:99999999/", "http://a:b:c@d/", "https://a\u0000b.org")


def _source(text: str) -> dict[str, Any]:
    return {"text": text, "method": "source"}


def _everywhere(address: str) -> dict[str, Any]:
    return {
        "url": address,
        "sources": [{"url": address}],
        "contact": {"role": "desk", "url": address},
        "same_as": [address],
        "organiser": {"name": "x", "id": address},
    }


CHANGES: dict[str, dict[str, Any]] = {
    "the century's last moment": {"published": "2099-12-31T23:59:59.999999Z"},
    "the century's first moment": {"published": "2000-01-01T00:00:00.000000Z"},
    "no such date": {"source_date": "2018-02-31", "sources": [{"date": "2018-02-30"}]},
    "no such year": {"source_date": "0000"},
    "a script everywhere": {
        "title": {"de": _source(SCRIPT)},
        "summary": {"de": _source(SCRIPT)},
        "target_groups": [SCRIPT],
        "organiser": {"name": SCRIPT, "role": "x.y"},
        "location": {"city": SCRIPT, "country": "ZZ"},
        "contact": {"role": SCRIPT},
        "sources": [{"text": SCRIPT}],
        "licence": SCRIPT,
    },
    "no known language": {"title": {"zz-99999999-aaaaaaaa": {"text": "x", "method": "machine"}}},
    "ages as floats": {"ages": {"min": 12.0, "max": 1e2}},
    "ages upside down": {"ages": {"min": 120, "max": 0}},
    "no known code": {
        "activity": "zz.top",
        "stages": ["x_-.y"],
        "sectors": ["A-"],
        "region": "nowhere",
        "languages_offered": ["qqq", "x.y"],
        "policy_stage": "0",
    },
    "a place without a name": {"location": {"nuts_version": "2021"}},
    "a partner without a name": {"partners": [{"name": " ", "role": "0"}]},
    "no record's id": {"same_as": [f"http://x/records/{'0' * 36}", f"http://x/records/{'-' * 36}"]},
    "control characters": {"title": {"de": _source("a\u0000b")}, "period": {"de": _source("\u0000")}},
    "nothing to be seen": {"title": {"de": _source("\u200b\u202e")}, "summary": {"de": _source(" ")}},
    "fields of another version": {"phases": [{}], "unknown": [[[[[[[]]]]]]]},
    **{f"no address: {address!r}": _everywhere(address) for address in NO_ADDRESSES},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_peers_record_breaks_no_page_and_speaks_in_none(indexed, change):
    hostile = FakeLog("hamburg")
    uuid = hostile.publish("Hafen", at=change.get("published", ""), change=change).rpartition("/")[2]
    entries = entries_parse(hostile.entries)
    page_store(log_admit(key=hostile.key).id, Page(hostile.checkpoint(1), 0, entries, [], []))
    catch_up()
    client = Client(raise_request_exception=False)
    pair = f"id={uuid}&id={PORT_VISIT}"
    answers = {
        address: client.get(address)
        for address in (
            "/en/",
            "/nl/search",
            "/de/search?sort=title",
            f"/nl/records/{uuid}",
            f"/en/records/{uuid}/document",
            f"/en/records/{uuid}/citation.bib",
            f"/en/records/{uuid}/citation.ris",
            f"/en/compare?{pair}",
            f"/en/compare.csv?{pair}",
            f"/en/compare.xlsx?{pair}",
            "/en/coverage",
            "/en/network",
            f"/records/{uuid}",
            "/api/v1/records?facets=true",
            f"/api/v1/records/{uuid}",
            f"/api/v1/compare?{pair}",
            "/api/v1/coverage",
            "/graphql?query={tools(first:9){edges{node{title published ages{min max} url}}}}",
        )
    }
    assert {address: answer.status_code for address, answer in answers.items()} == dict.fromkeys(answers, 200)
    pages = [answer.content for answer in answers.values() if answer["Content-Type"].startswith("text/html")]
    assert len(pages) == 7
    assert not any(b"<script>alert" in page or b"<img src=x" in page for page in pages)
