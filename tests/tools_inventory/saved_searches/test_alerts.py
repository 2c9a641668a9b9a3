"""What is told, when, once; and what happens when a mail server, the index or a worker fails."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from core.records.models import Log, Record
from core.search.models import IndexPosition
from core.search.seam import Query
from core.search.services.catch_up import catch_up
from core.search.services.rebuild import rebuild
from tools_inventory import tasks
from tools_inventory.models import SavedSearch, Subscriber
from tools_inventory.services import alerts
from tools_inventory.services.alerts import back_off_seconds, send_due_mails
from tools_inventory.services.saved_searches import next_due


@pytest.fixture
def told(clock, server):
    """Index, let a day pass, send: the titles of each mail that left."""

    def tell(*, days=1):
        catch_up()
        before = len(server.mails)
        clock.pass_(days=days)
        send_due_mails()
        return [_titles(mail) for mail in server.mails[before:]]

    return tell


def _titles(mail):
    return sorted(line[2:] for line in mail.text().splitlines() if line.startswith("* "))


# What is new


def test_what_was_there_when_it_was_saved_is_not_told(jo, published, told, server):
    published("Bezoek aan de haven")
    catch_up()
    jo.follow("q=haven")

    assert told() == []
    assert [mail.subject for mail in server.mails] == ["Confirm your saved search"]


def test_what_is_published_later_is_told_once(jo, published, told):
    jo.follow("q=haven")
    published("Bezoek aan de haven")
    published("Windmolens")

    assert told() == [["Bezoek aan de haven [nl]"]]
    assert told() == []


def test_what_is_published_between_saving_and_confirming_is_told_at_once(jo, published, server, clock):
    jo.save("q=haven")
    send_due_mails()
    published("Bezoek aan de haven")
    catch_up()
    clock.pass_(hours=5)
    jo.client.post(jo.link("confirm"))

    assert send_due_mails() == 1
    assert _titles(server.mails[-1]) == ["Bezoek aan de haven [nl]"]


def test_a_revision_that_comes_to_match_is_told_and_a_further_one_is_not(jo, published, revised, told):
    jo.follow("activity=workshop")
    uuid = published("Bezoek aan de haven")
    assert told() == []

    revised(uuid, "Bezoek aan de haven", activity="workshop")
    assert told() == [["Bezoek aan de haven [nl]"]]

    revised(uuid, "Bezoek aan de haven, nu met lunch", activity="workshop")
    assert told() == []


def test_a_revision_of_what_matched_all_along_is_not_told(jo, published, revised, told):
    uuid = published("Bezoek aan de haven")
    catch_up()
    jo.follow("q=haven")
    revised(uuid, "Bezoek aan de haven met lunch")

    assert told() == []


def test_what_is_withdrawn_before_the_mail_is_not_told(jo, published, withdrawn, told):
    jo.follow("q=haven")
    gone = published("Bezoek aan de haven")
    published("Dag in de haven")
    catch_up()
    # The index still has it: only the database knows.
    withdrawn(gone)
    IndexPosition.objects.update(size=Log.objects.get().size)

    assert told() == [["Dag in de haven [nl]"]]


def test_an_old_record_that_arrives_late_is_told(jo, published, told):
    """A replica's place in the log counts, not the day on which its origin published it."""
    jo.follow("q=haven")
    Record.objects.filter(uuid=published("Bezoek aan de haven")).update(published_at=datetime(2019, 1, 1, tzinfo=UTC))

    assert told() == [["Bezoek aan de haven [nl]"]]


def test_what_only_a_better_index_finds_is_no_news(jo, published, told, monkeypatch):
    published("Windmolens")
    catch_up()
    jo.follow("q=haven")
    assert told() == []
    assert told() == []
    monkeypatch.setattr("tools_inventory.selectors.new_matches.saved_query", _everything)

    assert told() == []
    published("Sluizen")
    assert told() == [["Sluizen [nl]"]]


def _everything(scope, parameters, language):
    return Query(language=language)


def test_what_the_index_finds_a_look_later_is_still_told(jo, published, told, monkeypatch):
    """Vectors are computed in the background: a record can be found after the look that passed its place in the log."""
    jo.follow("q=haven")
    published("Bezoek aan de haven")
    with monkeypatch.context() as patched:
        patched.setattr("tools_inventory.selectors.new_matches._all_hits", lambda query: ([], None))
        assert told() == []

    assert told() == [["Bezoek aan de haven [nl]"]]


def test_an_index_that_lags_delays_and_loses_nothing(jo, published, clock, server, told):
    jo.follow("q=haven")
    published("Bezoek aan de haven")
    for _day in range(3):
        clock.pass_(days=1)
        assert send_due_mails() == 0

    assert told() == [["Bezoek aan de haven [nl]"]]


def test_a_rebuilt_index_makes_nothing_new(jo, published, told):
    published("Bezoek aan de haven")
    catch_up()
    jo.follow("q=haven")
    published("Dag in de haven")
    assert told() == [["Dag in de haven [nl]"]]

    rebuild()

    assert told() == []


def test_twenty_rows_and_a_link_to_all(jo, published, clock, server):
    jo.follow("q=haven")
    for number in range(23):
        published(f"Bezoek aan de haven {number}")
    catch_up()
    clock.pass_(days=1)
    send_due_mails()

    text = server.mails[-1].text()
    assert server.mails[-1].subject == "23 new: “haven”"
    assert (len(_titles(server.mails[-1])), "And 3 more." in text) == (20, True)
    assert "All 23 results, the newest first:\nhttp://127.0.0.1:8001/en/search?q=haven&sort=newest\n" in text


def test_only_the_scope_and_filters_saved_count(jo, published, told):
    jo.follow("scope=programmes&q=haven")
    published("Bezoek aan de haven")
    published("Programma in de haven", kind="programme")

    assert told() == [["Programma in de haven [nl]"]]


# When


@pytest.mark.parametrize(
    ("frequency", "after", "due"),
    [
        ("daily", (2026, 11, 25, 4, 59), (2026, 11, 25, 5, 0)),
        ("daily", (2026, 11, 25, 5, 0), (2026, 11, 26, 5, 0)),
        ("weekly", (2026, 11, 25, 12, 0), (2026, 11, 30, 5, 0)),
        ("weekly", (2026, 11, 30, 4, 0), (2026, 11, 30, 5, 0)),
        ("weekly", (2026, 11, 30, 5, 0), (2026, 12, 7, 5, 0)),
        # Summer time begins on 28 March 2027: six o'clock is an hour earlier.
        ("daily", (2027, 3, 27, 12, 0), (2027, 3, 28, 4, 0)),
        ("daily", (2027, 10, 30, 12, 0), (2027, 10, 31, 5, 0)),
    ],
)
def test_mails_come_at_six_in_the_morning_by_the_clock_on_the_wall(frequency, after, due):
    assert next_due(frequency, datetime(*after, tzinfo=UTC)).astimezone(UTC) == datetime(*due, tzinfo=UTC)


def test_a_test_bed_need_not_wait_for_the_morning(settings):
    settings.ALERT_INTERVAL_SECONDS = 20.0
    assert next_due("weekly", datetime(2026, 11, 25, 12, 0, tzinfo=UTC)) == datetime(
        2026, 11, 25, 12, 0, 20, tzinfo=UTC
    )


def test_a_weekly_one_waits_for_monday(jo, published, clock, told):
    jo.follow("q=haven", frequency="weekly")
    published("Bezoek aan de haven")

    assert [told() for _day in range(5)] == [[], [], [], [], [["Bezoek aan de haven [nl]"]]]
    assert clock.now.strftime("%A") == "Monday"


# When something fails


def test_a_mail_server_that_is_down_is_tried_again_later_and_later(jo, published, clock, server, settings, caplog):
    saved = jo.follow("q=haven")
    published("Bezoek aan de haven")
    catch_up()
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9
    clock.pass_(days=1)

    waits = []
    for _attempt in range(3):
        assert send_due_mails() == 0
        saved.refresh_from_db()
        waits.append((saved.due_at - clock.now).total_seconds())
        clock.now = saved.due_at
    assert (saved.attempt_count, saved.error_code, saved.lease_until) == (3, "ConnectionRefusedError", None)
    assert waits[0] < 151 < waits[1] < 301 < waits[2]
    with pytest.raises(CommandError, match="could not be sent"):
        call_command("alerts", "send")

    settings.EMAIL_PORT = port
    saved.refresh_from_db()
    clock.now = saved.due_at
    tasks.send_due_mails()
    saved.refresh_from_db()
    assert _titles(server.mails[-1]) == ["Bezoek aan de haven [nl]"]
    assert (saved.attempt_count, saved.error_code, saved.sent_count) == (0, "", 1)


def test_a_server_that_is_down_is_asked_once_a_run(jo, published, clock, settings, monkeypatch):
    jo.follow("q=haven")
    jo.follow("q=dag")
    published("Dag in de haven")
    catch_up()
    clock.pass_(days=1)
    settings.EMAIL_PORT = 9
    send_due_mails()

    assert sorted(SavedSearch.objects.values_list("attempt_count", flat=True)) == [0, 1]


@pytest.mark.parametrize("answer", [(450, "later"), (451, "greylisted")])
def test_an_address_that_is_refused_for_now_waits(jo, published, clock, server, answer):
    saved = jo.follow("q=haven")
    published("Bezoek aan de haven")
    catch_up()
    server.refuse["jo@example.org"] = answer
    clock.pass_(days=1)
    assert send_due_mails() == 0

    saved.refresh_from_db()
    assert (saved.state, saved.attempt_count, saved.error_code) == ("active", 1, f"smtp_{answer[0]}")
    server.refuse.clear()
    clock.now = saved.due_at
    assert send_due_mails() == 1


def test_an_address_that_is_refused_for_good_stops_its_search_and_no_other(jo, published, clock, server, caplog):
    gone = jo.follow("q=haven", address="gone@example.org")
    jo.follow("q=haven")
    published("Bezoek aan de haven")
    catch_up()
    server.refuse["gone@example.org"] = (550, "gone@example.org: no such mailbox")
    clock.pass_(days=1)
    assert send_due_mails() == 1

    gone.refresh_from_db()
    assert (gone.state, gone.stopped_because, gone.due_at) == ("stopped", "refused", None)
    assert server.mails[-1].to == "jo@example.org"
    assert "gone@" not in caplog.text


def test_a_refused_message_is_not_held_against_the_address(jo, published, clock, server):
    saved = jo.follow("q=haven")
    published("Bezoek aan de haven")
    catch_up()
    server.refuse_data = (554, "looks like spam")
    clock.pass_(days=1)
    send_due_mails()

    saved.refresh_from_db()
    assert (saved.state, saved.error_code) == ("active", "smtp_554")


def test_a_dead_index_delays_and_loses_nothing(jo, published, clock, server, settings, tmp_path):
    saved = jo.follow("q=haven")
    published("Bezoek aan de haven")
    catch_up()
    alive, settings.SEARCH_URL = settings.SEARCH_URL, f"tantivy://{tmp_path}/none"
    clock.pass_(days=1)
    assert send_due_mails() == 0
    saved.refresh_from_db()
    assert (saved.attempt_count, saved.error_code) == (1, "no_index")

    settings.SEARCH_URL = alive
    clock.now = saved.due_at
    assert send_due_mails() == 1


def test_a_search_can_be_saved_and_confirmed_while_the_index_is_dead(jo, published, clock, server, settings, tmp_path):
    published("Dag in de haven")
    catch_up()
    alive, settings.SEARCH_URL = settings.SEARCH_URL, f"tantivy://{tmp_path}/none"
    saved = jo.follow("q=haven")
    settings.SEARCH_URL = alive
    published("Bezoek aan de haven")
    catch_up()
    clock.pass_(days=1)
    send_due_mails()

    assert saved.state == "active"
    assert _titles(server.mails[-1]) == ["Bezoek aan de haven [nl]"]


@pytest.mark.parametrize(
    ("parameters", "what"),
    [
        ("q=haven&sector=port_logistics&sector=whaling", "Sectors “whaling”"),
        ("q=haven&colour=red", "colour"),
        ("node=atlantis.example.org", "Node “atlantis.example.org”"),
        ("kind=vessel", "Kind “vessel”"),
    ],
)
def test_a_search_that_has_become_invalid_says_so_once(jo, clock, server, parameters, what):
    saved = jo.follow("q=haven")
    SavedSearch.objects.update(parameters=parameters)
    clock.pass_(days=1)
    assert send_due_mails() == 1
    clock.pass_(days=30)
    assert send_due_mails() == 0

    saved.refresh_from_db()
    assert (saved.state, saved.stopped_because) == ("stopped", "invalid")
    assert f"This search cannot be followed (any more): {what}." in server.mails[-1].text()
    assert server.mails[-1].subject.startswith("No longer followed: ")


def test_a_search_that_has_grown_too_wide_says_so_once(jo, published, clock, server, monkeypatch):
    saved = jo.follow("q=haven")
    monkeypatch.setattr("tools_inventory.selectors.new_matches.MAX_MATCHES", 1)
    published("Bezoek aan de haven")
    published("Dag in de haven")
    catch_up()
    clock.pass_(days=1)
    send_due_mails()

    saved.refresh_from_db()
    assert (saved.state, saved.stopped_because) == ("stopped", "too_wide")


def test_a_row_that_cannot_be_handled_blocks_no_other(jo, published, clock, server, monkeypatch, caplog):
    bad, good = jo.follow("q=haven"), jo.follow("q=dag", address="ada@example.org")
    published("Dag in de haven")
    catch_up()
    clock.pass_(days=1)
    real = alerts.look

    def look(saved):
        if saved.pk == bad.pk:
            raise RuntimeError(f"{saved.subscriber.email} is cursed")
        return real(saved)

    monkeypatch.setattr(alerts, "look", look)
    assert send_due_mails() == 1

    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.error_code, good.sent_count) == ("RuntimeError", 1)
    assert "in look" in caplog.text
    assert "jo@" not in caplog.text


def test_a_leased_row_is_left_alone_until_the_lease_is_over(jo, published, clock):
    saved = jo.follow("q=haven")
    published("Bezoek aan de haven")
    catch_up()
    clock.pass_(days=1)
    assert alerts.work_lease().pk == saved.pk
    assert send_due_mails() == 0

    clock.pass_(seconds=301)
    assert send_due_mails() == 1


def test_who_unsubscribes_while_the_mail_is_made_gets_none(jo, published, clock, server, monkeypatch):
    saved = jo.follow("q=haven")
    published("Bezoek aan de haven")
    catch_up()
    clock.pass_(days=1)
    real = alerts.look

    def look(row):
        found = real(row)
        Subscriber.objects.all().delete()
        return found

    monkeypatch.setattr(alerts, "look", look)
    assert send_due_mails() == 0
    assert len(server.mails) == 1
    assert not SavedSearch.objects.filter(pk=saved.pk).exists()


def test_back_off_doubles_up_to_six_hours():
    assert [back_off_seconds(count, uniform=lambda low, high: 1.0) for count in (1, 2, 3, 30)] == [
        120.0,
        240.0,
        480.0,
        21600.0,
    ]


def test_the_command_shows_what_is_due_and_no_address(jo, clock, capsys):
    jo.follow("q=haven")
    jo.save("q=dag")
    clock.now += timedelta(days=1)
    call_command("alerts", "status")

    assert capsys.readouterr().out == (
        "saved searches: 1 active, 1 unconfirmed; of 1 addresses\ndue now: 2, the oldest since 2026-11-25 09:00 UTC\n"
    )
    call_command("alerts", "send")
    assert capsys.readouterr().out == "1 mails sent, 0 still due, 0 put off\n"
