"""The workbench's pages: what they show, what they refuse, and that typing is never lost."""

import pytest
from uuid6 import uuid7

from core.records.models import Record
from i18n.texts import as_source
from tools_inventory.models import Draft
from tools_inventory.services.drafts import draft_update
from tools_inventory.services.publishing import draft_publish, draft_withdraw

TYPED = {
    "title__nl": "Havenbezoek",
    "summary__nl": "Leerlingen bezoeken de haven.",
    "activity": "company_visit",
    "sectors": ["port_logistics"],
    "partners-count": "1",
    "partners-0-name": "BASF",
    "language": "nl",
}
PAGES = ["", "/preview", "/publish", "/withdraw", "/discard", "/history"]


@pytest.fixture
def as_editor(client, editor):
    client.force_login(editor)
    return client


@pytest.fixture
def as_publisher(client, publisher):
    client.force_login(publisher)
    return client


def address(draft, page="", language="en"):
    return f"/{language}/workbench/{draft.id}{page}"


def stored(draft):
    return Draft.objects.get(pk=draft.pk)


@pytest.mark.parametrize("page", ["/en/workbench/", "/en/workbench/new/tool"])
def test_who_is_not_signed_in_is_led_to_sign_in(client, db, page):
    answer = client.get(page)
    assert (answer.status_code, answer["Location"]) == (302, f"/en/sign-in?next={page}")


@pytest.mark.parametrize("page", PAGES)
def test_who_is_not_signed_in_changes_nothing(client, draft, page):
    one = draft()
    assert client.post(address(one, page), TYPED).status_code in (302, 405)
    assert (stored(one).title, stored(one).state, Record.objects.count()) == ("Port Xpert", "draft", 0)


@pytest.mark.parametrize(("page", "status"), [("", 403), ("/publish", 403), ("/withdraw", 403), ("/discard", 403)])
def test_a_coordinator_looks_and_changes_nothing(client, coordinator, draft, page, status):
    client.force_login(coordinator)
    one = draft()
    assert client.get("/en/workbench/").status_code == 200
    assert client.get(address(one, "/preview")).status_code == 200
    assert client.get(address(one, page)).status_code == status
    assert client.post(address(one, page), {**TYPED, "version": "1"}).status_code == status
    assert client.post("/en/workbench/new/tool", TYPED).status_code == 403
    assert (Draft.objects.count(), stored(one).title, stored(one).state) == (1, "Port Xpert", "draft")


def test_an_editor_publishes_and_withdraws_nothing(as_editor, draft, publisher):
    one, public = draft(), draft("Public")
    draft_publish(by=publisher, draft_id=public.id)
    assert as_editor.post(address(one, "/publish"), {"version": "1"}).status_code == 403
    assert as_editor.post(address(public, "/withdraw"), {"version": "2"}).status_code == 403
    assert (stored(one).state, stored(public).state) == ("draft", "published")


def test_the_list_is_narrowed_by_kind_state_and_words(as_editor, draft, publisher):
    draft("Havenrondvaart")
    public = draft("Meidendag")
    draft_publish(by=publisher, draft_id=public.id)
    draft("Job tasting", kind="programme")

    def titles(query):
        page = as_editor.get(f"/en/workbench/?{query}").text
        return {title for title in ("Havenrondvaart", "Meidendag", "Job tasting") if title in page}

    assert titles("") == {"Havenrondvaart", "Meidendag", "Job tasting"}
    assert titles("kind=programme") == {"Job tasting"}
    assert titles("state=published") == {"Meidendag"}
    assert titles("q=rondvaart") == {"Havenrondvaart"}
    assert titles("q=submarine") == set()
    assert titles("kind=nonsense&state=nonsense&page=-7") == {"Havenrondvaart", "Meidendag", "Job tasting"}


@pytest.mark.parametrize("query", ["page=99999999999999", "page=x", "q=%00", "q=" + "x" * 5000])
def test_a_list_survives_nonsense(as_editor, draft, query):
    draft()
    assert as_editor.get(f"/en/workbench/?{query}").status_code == 200


def test_the_list_takes_as_many_queries_for_many_as_for_one(as_editor, draft, django_assert_num_queries):
    draft()
    with django_assert_num_queries(100, exact=False) as one:
        as_editor.get("/en/workbench/")
    for number in range(12):
        draft(f"Tool {number}")
    with django_assert_num_queries(len(one)):
        as_editor.get("/en/workbench/")


def test_a_new_draft_is_made_when_it_is_saved(as_editor, editor):
    assert as_editor.get("/en/workbench/new/tool").status_code == 200
    assert Draft.objects.count() == 0
    answer = as_editor.post("/en/workbench/new/tool", TYPED)
    draft = Draft.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, address(draft))
    assert draft.owner == editor
    assert draft.content == {
        "title": {"nl": as_source("Havenbezoek")},
        "summary": {"nl": as_source("Leerlingen bezoeken de haven.")},
        "activity": "company_visit",
        "sectors": ["port_logistics"],
        "partners": [{"name": "BASF"}],
    }


def test_saving_may_lead_to_the_preview(as_editor):
    answer = as_editor.post("/en/workbench/new/tool", {**TYPED, "preview": "1"})
    assert answer["Location"] == address(Draft.objects.get(), "/preview")


@pytest.mark.parametrize("kind", ["nonsense", "node"])
def test_there_is_no_form_for_other_kinds(as_editor, kind):
    assert as_editor.get(f"/en/workbench/new/{kind}").status_code == 404


def test_a_draft_that_is_not_there_is_not_found(as_publisher):
    for page in PAGES:
        assert as_publisher.get(f"/en/workbench/{uuid7()}{page}").status_code == 404


def test_what_was_refused_comes_back_as_it_was_typed(as_editor):
    answer = as_editor.post("/en/workbench/new/tool", {**TYPED, "url": "no address", "cost__nl": "3 euro"})
    assert answer.status_code == 422
    assert Draft.objects.count() == 0
    for value in ("no address", "3 euro", "Havenbezoek", "BASF"):
        assert f'value="{value}"' in answer.text
    assert 'href="#id_url"' in answer.text
    assert 'class="error-summary"' in answer.text


def test_a_row_is_added_without_a_script_and_nothing_is_lost(as_editor):
    answer = as_editor.post("/en/workbench/new/tool", {**TYPED, "add": "partners", "title__nl": ""})
    assert answer.status_code == 200
    assert Draft.objects.count() == 0
    assert 'name="partners-1-name"' in answer.text
    assert 'value="BASF"' in answer.text
    assert "error-summary" not in answer.text


def test_the_buttons_of_rows_keep_the_focus_when_the_rows_are_drawn_anew(as_editor):
    """htmx gives the focus back to the element of the same id."""
    phases = {"phases-count": "2", "phases-0-title__nl": "Een", "phases-1-title__nl": "Twee"}
    answer = as_editor.post("/en/workbench/new/programme", {**TYPED, **phases, "up": "phases-1"})
    assert answer.text.index('value="Twee"') < answer.text.index('value="Een"')
    assert '<button class="button quiet small" id="up-phases-1"' in answer.text
    assert 'id="add-phases"' in answer.text


def test_a_language_is_added_without_a_script(as_editor):
    answer = as_editor.post("/en/workbench/new/tool", {**TYPED, "translate": "1", "translation": "fr"})
    assert 'name="title__fr"' in answer.text
    assert 'name="translations" value="fr"' in answer.text
    saved = as_editor.post("/en/workbench/new/tool", {**TYPED, "translations": "fr", "title__fr": "Visite"})
    assert saved.status_code == 302
    assert Draft.objects.get().content["title"]["fr"]["method"] == "human"


def test_the_slower_editor_keeps_the_text_and_sees_the_other(as_editor, draft, publisher, tool_content):
    one = draft()
    draft_update(by=publisher, draft_id=one.id, version=1, content=tool_content("Theirs"))
    answer = as_editor.post(address(one), {**TYPED, "title__nl": "Mine", "version": "1"})
    assert answer.status_code == 409
    assert stored(one).title == "Theirs"
    assert 'value="Mine"' in answer.text
    assert "Theirs" in answer.text
    assert 'name="version" value="2"' in answer.text
    again = as_editor.post(address(one), {**TYPED, "title__nl": "Mine", "version": "2"})
    assert again.status_code == 302
    assert stored(one).title == "Mine"


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999999999"])
def test_a_form_without_its_version_overwrites_nothing(as_editor, draft, version):
    one = draft()
    assert as_editor.post(address(one), {**TYPED, "version": version}).status_code == 409
    assert stored(one).title == "Port Xpert"


def test_the_preview_shows_what_a_reader_will_see(as_editor, draft):
    one = draft(sectors=["port_logistics"], sources=[{"url": "https://example.org/bron"}])
    page = as_editor.get(address(one, "/preview", "de")).text
    assert "Hafen und Logistik" in page
    assert "example.org/bron" in page
    assert 'lang="nl"' in page


def test_publishing_asks_first_and_then_does_it(as_publisher, draft):
    one = draft()
    assert as_publisher.get(address(one, "/publish")).status_code == 200
    assert stored(one).state == "draft"
    answer = as_publisher.post(address(one, "/publish"), {"version": "1"})
    assert answer["Location"] == address(one, "/preview")
    assert stored(one).state == "published"
    assert Record.objects.get(uuid=one.id).revision == 1


def test_what_is_missing_is_said_before_publishing(as_publisher):
    one = Draft.objects.create(kind="tool", language="nl", title="Half", content={"title": {"nl": as_source("Half")}})
    page = as_publisher.get(address(one, "/publish")).text
    assert f"{address(one)}#id_summary__nl" in page
    answer = as_publisher.post(address(one, "/publish"), {"version": "1"})
    assert answer.status_code == 422
    assert stored(one).state == "draft"


def test_what_changed_after_one_looked_is_not_published(as_publisher, draft, publisher, tool_content):
    one = draft()
    draft_update(by=publisher, draft_id=one.id, version=1, content=tool_content("Unseen"))
    assert as_publisher.post(address(one, "/publish"), {"version": "1"}).status_code == 409
    assert stored(one).state == "draft"


def test_withdrawing_asks_first_and_then_does_it(as_publisher, draft, publisher):
    one = draft()
    draft_publish(by=publisher, draft_id=one.id)
    assert as_publisher.get(address(one, "/withdraw")).status_code == 200
    assert as_publisher.post(address(one, "/withdraw"), {"version": "2"}).status_code == 302
    assert stored(one).state == "withdrawn"
    assert as_publisher.post(address(one, "/withdraw"), {"version": "3"}).status_code == 409


def test_throwing_away_asks_first_and_then_does_it(as_editor, draft):
    one = draft()
    assert as_editor.get(address(one, "/discard")).status_code == 200
    assert as_editor.post(address(one, "/discard")).status_code == 302
    assert Draft.objects.count() == 0


def test_the_history_tells_what_changed(as_publisher, draft, publisher, tool_content):
    one = draft()
    assert "Not published yet" in as_publisher.get(address(one, "/history")).text
    draft_publish(by=publisher, draft_id=one.id)
    draft_update(by=publisher, draft_id=one.id, version=2, content=tool_content("Port Xpert 2"))
    draft_publish(by=publisher, draft_id=one.id)
    draft_withdraw(by=publisher, draft_id=one.id)
    page = as_publisher.get(address(one, "/history")).text
    assert page.index("withdrawn</td>") < page.index(">Title</td>") < page.index("first published</td>")


@pytest.mark.parametrize("language", ["nl", "fr", "de", "en"])
@pytest.mark.parametrize("kind", ["tool", "programme", "opportunity", "organisation"])
def test_forms_speak_every_language(as_editor, language, kind):
    assert as_editor.get(f"/{language}/workbench/new/{kind}").status_code == 200


def test_employers_are_led_to_the_form(client, coordinator, editor):
    form = "/en/workbench/new/opportunity"
    assert f"/en/sign-in?next={form}" in client.get("/en/offer").text
    client.force_login(coordinator)
    assert form not in client.get("/en/offer").text
    client.force_login(editor)
    assert f'href="{form}"' in client.get("/en/offer").text


def test_the_admin_shows_drafts_to_look_at(admin_client, draft):
    one = draft()
    assert admin_client.get("/admin/tools_inventory/draft/?q=Port").status_code == 200
    assert admin_client.get(f"/admin/tools_inventory/draft/{one.id}/change/").status_code == 200
    assert admin_client.post(f"/admin/tools_inventory/draft/{one.id}/delete/", {"post": "yes"}).status_code == 403
    assert Draft.objects.count() == 1
