"""Records like a given one: what they share, other nodes' first, nothing made up."""

import pytest

from core.records.models import Log, Record
from core.search.services.catch_up import catch_up
from tools_inventory.selectors.facet_sets import facet_reader
from tools_inventory.selectors.similar import similar_records


@pytest.fixture(autouse=True)
def index(db, settings, tmp_path):
    settings.SEARCH_URL = f"tantivy://{tmp_path}/index"


@pytest.fixture
def similar():
    """The titles and what is shared, of records like the one with this uuid."""

    def find(uuid, language="en"):
        catch_up()
        facet_reader.forget()
        record = Record.objects.select_related("entry", "log").get(uuid=uuid)
        return [(each.brief.title.text, dict(each.common)) for each in similar_records(record, language)]

    return find


def test_the_more_is_shared_the_earlier_and_what_is_shared_is_said(published, similar):
    this = published("This", activity="company_visit", sectors=["port_logistics"], stages=["be-secondary-grade-3"])
    published("Visit", activity="company_visit")
    published("Port visit", activity="company_visit", sectors=["port_logistics"])
    published("Workshop", activity="workshop")

    assert similar(this) == [
        ("Port visit", {"Activity": "Company visit", "Sectors": "Port and logistics"}),
        ("Visit", {"Activity": "Company visit"}),
    ]


def test_stages_of_another_school_system_are_shared_too(published, similar):
    this = published("This", activity="event", stages=["be-secondary-grade-3"])
    published("Event", activity="event")
    published("For the same age", activity="event", stages=["isced-3"])

    assert next(title for title, _common in similar(this)) == "For the same age"


def test_other_nodes_come_first_and_none_fills_the_list(published, similar, elsewhere):
    this = published("This", activity="event")
    for number in range(4):
        published(f"Own {number}", activity="event")
    for number in range(3):
        elsewhere("hamburg", published(f"Hamburg {number}", activity="event"))
    elsewhere("genoa", published("Genoa", activity="event"))

    titles = [title for title, _common in similar(this)]
    assert len(titles) == 5
    assert sorted(title.split()[0] for title in titles) == ["Genoa", "Hamburg", "Hamburg", "Own", "Own"]
    assert [title.split()[0] for title in titles][-2:] == ["Own", "Own"]


@pytest.fixture
def elsewhere():
    """As if the record had come from another node."""

    def move(name, uuid):
        log, _made = Log.objects.get_or_create(origin=f"{name}.havenlink.localhost")
        Record.objects.filter(uuid=uuid).update(log=log)

    return move


def test_labels_are_the_readers(published, similar):
    this = published("This", activity="company_visit")
    published("Other", activity="company_visit")

    assert similar(this, "de") == [("Other", {"Activity": "Betriebsbesichtigung"})]


def test_nothing_like_it_is_nothing_and_so_is_a_dead_index(published, similar, settings, tmp_path):
    this = published("This", activity="company_visit")
    published("Other", activity="workshop")
    assert similar(this) == []

    published("Alike", activity="company_visit")
    assert len(similar(this)) == 1
    settings.SEARCH_URL = f"tantivy://{tmp_path}/none"
    record = Record.objects.select_related("entry", "log").get(uuid=this)
    assert similar_records(record, "en") == ()


def test_withdrawn_ones_are_left_out(published, withdrawn, similar):
    this, gone = published("This", activity="event"), published("Gone", activity="event")
    catch_up()
    withdrawn(gone)

    assert similar(this) == []


def test_it_stands_on_the_page(published, client):
    this, other = published("This", activity="event"), published("Other", activity="event")
    catch_up()
    markup = client.get(f"/en/records/{this}").content.decode()

    section = markup[markup.index('id="similar-title"') :]
    assert f'href="/en/records/{other}"' in section[: section.index("</section>")]
