"""Records in a shared index that this node's logs do not have: found, and to be read where they were published."""

from dataclasses import replace
from uuid import UUID

import pytest

from core.search.documents import index_document
from core.search.seam import engine
from core.search.services.catch_up import catch_up
from tests.contracts.conftest import record
from tests.engines import index_address, needs_elasticsearch
from tests.tools_inventory.published import PORT_VISIT, WITHDRAWN

pytestmark = needs_elasticsearch

ELSEWHERE = UUID("0192f0c1-0000-7000-8000-0000000000aa")
ADDRESS = f"https://hamburg.example/records/{ELSEWHERE}"


@pytest.fixture
def shared(published, settings, tmp_path):
    """An index in which Antwerp and another node wrote."""
    with index_address("elasticsearch", tmp_path) as settings.SEARCH_URL:
        catch_up()
        document = record(1, "de", "Hafenerkundung", activity="company_visit", origin="hamburg.example", id=ADDRESS)
        bring(index_document(document))
        yield


def bring(*documents):
    engine().index(documents)
    engine().commit()


def rows(client, text):
    page = client.get("/nl/search", {"q": text}).context["page"]
    return {row.uuid: row for row in page.rows}, page.total


def test_a_record_of_another_log_has_a_row_that_leads_to_its_own_node(client, shared):
    found, total = rows(client, "Hafenerkundung")
    row = found[ELSEWHERE]
    assert total == len(found)
    assert (row.title.text, row.origin, row.activity, row.address) == (
        "Hafenerkundung",
        "hamburg.example",
        "company_visit",
        ADDRESS,
    )
    assert any(marked for _piece, marked in row.title.pieces)
    assert f'<a href="{ADDRESS}">' in client.get("/nl/search?q=Hafenerkundung").content.decode()


def test_what_this_node_holds_is_read_here_and_what_was_withdrawn_here_is_not_shown(client, shared):
    document = index_document(record(1, "nl", "Oud", activity="event", id=f"https://x.example/records/{WITHDRAWN}"))
    bring(replace(document, revision=9))
    found, _total = rows(client, "oud havenbezoek")
    assert found[PORT_VISIT].address == ""
    assert WITHDRAWN not in found


def test_an_address_that_is_no_web_address_leads_nowhere(client, shared):
    bring(index_document(record(1, "nl", "Sluizen", id=f"javascript:alert(1)//{UUID(int=9)}")))
    found, _total = rows(client, "sluizen")
    assert found == {}


def test_a_title_from_elsewhere_is_suggested_as_a_search(client, shared):
    found = client.get("/nl/search/suggest?q=hafener").json()["suggestions"]
    assert [(each["text"], each["url"]) for each in found] == [("Hafenerkundung", "/nl/search?q=Hafenerkundung")]
