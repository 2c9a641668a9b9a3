"""Saving, confirming, managing, unsubscribing: through the pages, without an account, a cookie or a script."""

import time

import pytest
from django.core.cache import cache

from core.search.services.catch_up import catch_up
from tests.tools_inventory.saved_searches.conftest import JO
from tools_inventory.models import SavedSearch, Subscriber
from tools_inventory.services.alerts import send_due_mails


def states():
    return sorted(SavedSearch.objects.values_list("parameters", "state"))


def manage(jo, **posted):
    return jo.client.post(jo.link("manage"), posted)


@pytest.fixture
def with_link(jo):
    """Jo has asked for the link to the saved searches."""

    def ask():
        jo.client.post("/en/saved-searches/", {"email": JO})
        send_due_mails()
        return jo.link("manage")

    return ask


# Saving


def test_a_search_page_offers_to_save_what_it_shows(client, published):
    published("Bezoek aan de haven")
    catch_up()
    markup = client.get("/nl/programmes?q=haven&country=BE&age=14&sort=title&page=1").content.decode()
    assert (
        'href="/nl/saved-searches/new?scope=programmes&amp;q=haven&amp;country=BE&amp;age=14&amp;sort=title"' in markup
    )
    markup = client.get("/nl/search?q=xyzzyqwrt").content.decode()
    assert 'href="/nl/saved-searches/new?q=xyzzyqwrt"' in markup


def test_the_form_shows_the_search_and_says_what_is_kept(client):
    response = client.get("/en/saved-searches/new?q=haven&activity=company_visit&age=14")

    assert response.context["line"] == "“haven” · Activity: Company visit · Age: 14"
    assert "What happens with your address" in response.content.decode()
    assert response.cookies == {}


def test_saving_sends_one_mail_that_asks_and_nothing_else(jo, published, clock, server):
    response = jo.save("q=haven&activity=company_visit")
    assert (response.status_code, response["Location"]) == (302, "/en/saved-searches/sent")
    send_due_mails()
    published("Bezoek aan de haven")
    catch_up()
    clock.pass_(hours=47)
    send_due_mails()

    assert [(mail.to, mail.subject) for mail in server.mails] == [(JO, "Confirm your saved search")]
    assert states() == [("q=haven&activity=company_visit", "unconfirmed")]


def test_an_address_that_did_not_confirm_gets_no_link_either(jo, server):
    jo.save("q=haven")
    response = jo.client.post("/en/saved-searches/", {"email": JO})
    send_due_mails()

    assert response.status_code == 302
    assert [mail.subject for mail in server.mails] == ["Confirm your saved search"]


def test_a_strangers_words_are_not_sent_to_an_address_that_did_not_confirm(jo, server):
    jo.save("q=BUY+http%3A%2F%2Fevil.example+NOW")
    send_due_mails()

    assert "evil" not in server.mails[-1].raw.decode()


def test_looking_at_the_link_confirms_nothing_and_the_button_does(jo):
    jo.save("q=haven")
    send_due_mails()
    path = jo.link("confirm")
    seen = [jo.client.get(path).status_code, jo.client.head(path).status_code]
    assert (seen, states()) == ([200, 200], [("q=haven", "unconfirmed")])

    response = jo.client.post(path)
    assert (response.context["confirmed"], states()) == (True, [("q=haven", "active")])
    assert jo.client.post(path).status_code == 200, "again is no error"


def test_what_nobody_confirms_is_gone_after_two_days_address_and_all(jo, clock):
    jo.save("q=haven")
    send_due_mails()
    path = jo.link("confirm")
    clock.pass_(hours=48)
    send_due_mails()

    assert (SavedSearch.objects.count(), Subscriber.objects.count()) == (0, 0)
    response = jo.client.post(path)
    assert (response.status_code, "unknown_link" in response.content.decode()) == (404, True)


def test_the_same_search_confirmed_again_replaces_the_first(jo):
    jo.follow("q=haven", frequency="daily")
    jo.follow("q=haven", frequency="weekly")

    assert list(SavedSearch.objects.values_list("frequency", "state")) == [("weekly", "active")]


def test_an_address_has_fifty_saved_searches_at_most(jo, monkeypatch):
    monkeypatch.setattr("tools_inventory.services.saved_searches.MAX_SAVED", 1)
    jo.follow("q=haven")
    jo.save("q=dag")
    send_due_mails()
    response = jo.client.post(jo.link("confirm"))

    assert (response.status_code, "too_many_saved_searches" in response.content.decode()) == (409, True)
    assert states() == [("q=dag", "unconfirmed"), ("q=haven", "active")]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "jo",
        "jo@",
        "@example.org",
        "jo@localhost",
        "jo@[127.0.0.1]",
        "jo@example.org\nBcc: all@example.org",
        "jo@example.org\r\nBcc: all@example.org",
        '"jo\nBcc: all@example.org"@example.org',
        "jo@exam\x00ple.org",
        "jo@example.org, ada@example.org",
        "jo@@example.org",
        "jo <jo@example.org>",
        "jö@example.org",
        "jo\u202e@example.org",
        "j" * 65 + "@example.org",
        "jo@" + "x" * 64 + ".org",
        "jo@" + ".".join(["x" * 60] * 5) + ".org",
        "x" * 5000,
    ],
)
def test_what_is_no_address_is_refused_and_kept_in_the_form(jo, address):
    response = jo.save("q=haven", address=address)

    assert response.status_code == 400
    assert list(response.context["form"].errors) == ["email"]
    assert Subscriber.objects.count() == 0


@pytest.mark.parametrize(
    ("typed", "to"),
    [
        ("jo@hafen-köln.de", "jo@xn--hafen-kln-67a.de"),
        # Not "strasse.de", as an older standard had it: somebody else lives there.
        ("jo@straße.de", "jo@xn--strae-oqa.de"),
        ("  Jo.O'Neil+tag@Example.ORG ", "Jo.O'Neil+tag@example.org"),
        ("jo@λιμάνι.example", "jo@xn--hxazbfgh.example"),
        (
            "j" * 64 + "@" + ".".join(["x" * 62] * 2) + ".example.org",
            "j" * 64 + "@" + ".".join(["x" * 62] * 2) + ".example.org",
        ),
    ],
)
def test_addresses_in_other_letters_and_long_ones_get_their_mail(jo, server, typed, to):
    jo.save("q=haven", address=typed)
    send_due_mails()

    assert [mail.to for mail in server.mails] == [to]


def test_two_spellings_are_one_address(jo):
    jo.save("q=haven", address="Jo@Example.org")
    jo.save("q=dag", address="jo@example.ORG")

    assert list(Subscriber.objects.values_list("email", "email_key")) == [("Jo@example.org", "jo@example.org")]


@pytest.mark.parametrize(
    ("search", "status", "code"),
    [
        ("sector=whaling", 400, "search_invalid"),
        ("node=atlantis.example.org", 400, "search_invalid"),
        ("age=old", 400, "bad_age"),
        ("scope=desk", 404, "not_found"),
        ("&".join(f"region={'x' * 78}{number}" for number in range(50)), 400, "query_too_long"),
    ],
)
def test_a_search_that_cannot_be_followed_is_not_saved(jo, search, status, code):
    for response in (jo.client.get(f"/en/saved-searches/new?{search}"), jo.save(search)):
        assert (response.status_code, code in response.content.decode()) == (status, True)
    assert SavedSearch.objects.count() == 0


def test_a_search_that_finds_nearly_everything_is_not_saved(jo, published, monkeypatch):
    published("Bezoek aan de haven")
    catch_up()
    monkeypatch.setattr("tools_inventory.services.saved_searches.MAX_MATCHES", 0)

    assert "search_too_wide" in jo.save("q=haven").content.decode()


def test_a_frequency_that_is_none_is_refused(jo):
    response = jo.save("q=haven", frequency="hourly")

    assert (response.status_code, list(response.context["form"].errors)) == (400, ["frequency"])


# Not to be abused


def test_the_answer_does_not_tell_whether_an_address_is_known(jo, with_link):
    jo.follow("q=haven")

    def answers(address):
        cache.clear()
        saved = jo.save("q=dag", address=address)
        asked = jo.client.post("/en/saved-searches/", {"email": address})
        pages = [jo.client.get(each["Location"]).content for each in (saved, asked)]
        return [(each.status_code, each["Location"]) for each in (saved, asked)], pages

    assert answers(JO) == answers("nobody@example.org")


def test_an_address_gets_five_unasked_mails_a_day_at_most(jo, clock, server):
    jo.follow("q=haven")
    for number in range(7):
        cache.clear()
        jo.save(f"q=haven+{number}")
        jo.client.post("/en/saved-searches/", {"email": JO})
        send_due_mails()
    assert len(server.mails) == 5

    clock.pass_(hours=25)
    cache.clear()
    jo.save("q=schip")
    send_due_mails()
    assert len(server.mails) == 6


def test_a_network_can_send_ten_forms_an_hour(jo):
    answers = [jo.save(f"q={number}", address=f"jo{number}@example.org").status_code for number in range(12)]

    assert answers == [302] * 10 + [429] * 2
    assert Subscriber.objects.count() == 10
    assert jo.save("q=haven", REMOTE_ADDR="192.0.2.7").status_code == 302


def test_a_form_on_another_site_is_refused(jo):
    response = jo.save("q=haven", HTTP_ORIGIN="https://evil.example")

    assert (response.status_code, "foreign_form" in response.content.decode()) == (403, True)
    assert Subscriber.objects.count() == 0
    assert jo.save("q=haven", HTTP_ORIGIN="http://testserver").status_code == 302


@pytest.mark.parametrize("purpose", ["confirm", "unsubscribe", "manage"])
def test_a_link_is_good_for_its_own_purpose_and_as_it_was_signed(jo, purpose, with_link):
    jo.follow("q=haven")
    with_link()
    jo.save("q=dag")
    send_due_mails()
    links = {"confirm": jo.link("confirm"), "manage": jo.link("manage", mail=-2)}
    for other, path in links.items():
        token = path.rpartition("/")[2]
        forged = [token[:-1] + _other(token[-1]), _other(token[0]) + token[1:], token[:22], "x" * 9000]
        tried = forged if other == purpose else [token, *forged]
        for each in tried:
            response = jo.client.post(f"/en/saved-searches/{purpose}/{each}", {"step": "delete_all"})
            assert response.status_code == 404, (purpose, other, each)
    assert states() == [("q=dag", "unconfirmed"), ("q=haven", "active")]


def _other(letter):
    return "A" if letter != "A" else "B"


def test_no_token_is_stored(jo, with_link):
    jo.follow("q=haven")
    tokens = [with_link().rpartition("/")[2], jo.link("confirm", mail=0).rpartition("/")[2]]
    rows = [*SavedSearch.objects.values_list(), *Subscriber.objects.values_list()]
    stored = " ".join(str(value) for row in rows for value in row)

    assert [token for token in tokens if token in stored or token.rpartition(".")[2] in stored] == []


# Unsubscribing


@pytest.fixture
def alerted(jo, published, clock):
    """Jo has had a mail with matches."""
    jo.follow("q=haven")
    published("Bezoek aan de haven")
    catch_up()
    clock.pass_(days=1)
    send_due_mails()
    return jo


def test_mail_programs_can_unsubscribe_in_one_click(alerted, server, client):
    headers = server.mails[-1].message
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = headers["List-Unsubscribe"].strip()
    assert address == f"<http://127.0.0.1:8001{alerted.link('unsubscribe')}>"

    # RFC 8058: a POST without cookies, with this body alone.
    response = client.post(
        alerted.link("unsubscribe"), "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code == 200
    assert (SavedSearch.objects.count(), Subscriber.objects.count()) == (0, 0)


def test_looking_at_the_unsubscribe_link_changes_nothing(alerted):
    path = alerted.link("unsubscribe")
    response = alerted.client.get(path)
    assert (response.context["done"], states()) == (False, [("q=haven", "active")])

    assert alerted.client.post(path).context["done"]
    assert alerted.client.post(path).context["done"], "twice is no error"
    assert states() == []


def test_unsubscribing_from_one_keeps_the_others(alerted):
    path = alerted.link("unsubscribe")
    alerted.follow("q=dag")
    alerted.client.post(path)

    assert states() == [("q=dag", "active")]
    assert Subscriber.objects.count() == 1


def test_an_old_mails_link_still_unsubscribes(alerted, clock):
    path = alerted.link("unsubscribe")
    clock.pass_(days=4000)

    assert alerted.client.post(path).status_code == 200
    assert states() == []


# Managing


def test_the_page_shows_and_changes_what_was_saved(jo, with_link, clock):
    jo.follow("q=haven")
    page = jo.client.get(with_link())
    (row,) = page.context["rows"]
    assert (row.line, row.state, page.context["email"]) == ("“haven”", "active", JO)

    manage(jo, id=row.id, step="change", frequency="weekly", language="de")
    saved = SavedSearch.objects.get()
    assert (saved.frequency, saved.language, f"{saved.due_at:%A}") == ("weekly", "de", "Monday")


def test_mails_come_in_the_language_of_the_page_and_then_as_changed(jo, published, with_link, clock, server):
    saved = jo.follow("q=haven", language="nl")
    with_link()
    manage(jo, id=saved.id, step="change", frequency="daily", language="de")
    published("Bezoek aan de haven")
    catch_up()
    clock.pass_(days=1)
    send_due_mails()

    languages = [mail.message["Content-Language"] for mail in server.mails]
    assert languages == ["nl", "en", "de"]
    assert "http://127.0.0.1:8001/de/records/" in server.mails[-1].text()


def test_paused_is_silent_and_resumed_begins_anew(jo, published, with_link, clock, server):
    saved = jo.follow("q=haven")
    with_link()
    manage(jo, id=saved.id, step="pause")
    published("Bezoek aan de haven")
    catch_up()
    clock.pass_(days=2)
    assert send_due_mails() == 0

    manage(jo, id=saved.id, step="resume")
    assert send_due_mails() == 0
    published("Dag in de haven")
    catch_up()
    clock.pass_(days=1)
    assert send_due_mails() == 1
    assert [line for line in server.mails[-1].text().splitlines() if line.startswith("*")] == ["* Dag in de haven [nl]"]


def test_a_step_that_the_state_does_not_allow_is_refused(jo, with_link):
    saved = jo.follow("q=haven")
    with_link()
    response = manage(jo, id=saved.id, step="resume")

    assert (response.status_code, "wrong_state" in response.content.decode()) == (409, True)


@pytest.mark.parametrize(
    ("posted", "status", "code"),
    [
        ({"step": "explode"}, 400, "unknown_step"),
        ({"step": "change", "frequency": "hourly", "language": "nl"}, 400, "bad_frequency"),
        ({"step": "change", "frequency": "daily", "language": "xx"}, 400, "unknown_language"),
        ({"step": "pause", "id": "nonsense"}, 404, "unknown_link"),
    ],
)
def test_what_the_page_does_not_offer_is_refused(jo, with_link, posted, status, code):
    saved = jo.follow("q=haven")
    with_link()
    response = manage(jo, **({"id": saved.id} | posted))

    assert (response.status_code, code in response.content.decode()) == (status, True)
    saved.refresh_from_db()
    assert (saved.state, saved.frequency, saved.language) == ("active", "daily", "en")


@pytest.mark.parametrize("step", ["pause", "change", "delete"])
def test_nobody_reaches_the_saved_searches_of_another_address(jo, with_link, step):
    theirs = jo.follow("q=haven", address="ada@example.org")
    jo.follow("q=dag")
    with_link()
    manage(jo, id=theirs.id, step=step, frequency="weekly", language="de")

    theirs.refresh_from_db()
    assert (theirs.state, theirs.frequency) == ("active", "daily")


def test_deleting_everything_leaves_nothing_and_old_links_lead_nowhere(jo, with_link):
    jo.follow("q=haven")
    jo.follow("q=dag")
    path = with_link()
    response = manage(jo, step="delete_all")

    assert (response.status_code, response["Location"]) == (302, "/en/saved-searches/?done=deleted")
    assert (SavedSearch.objects.count(), Subscriber.objects.count()) == (0, 0)
    assert jo.client.get(path).status_code == 404


def test_a_link_to_manage_is_good_for_ninety_days(jo, with_link, monkeypatch):
    jo.follow("q=haven")
    path = with_link()
    assert jo.client.get(path).status_code == 200

    monkeypatch.setattr("django.core.signing.time.time", _in_91_days())
    assert jo.client.get(path).status_code == 404


def _in_91_days():
    then = time.time() + 91 * 24 * 3600
    return lambda: then
