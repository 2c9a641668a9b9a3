"""The operator's pages: who may see them, what they show, that every step is the command's and is written down."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.accounts.roles import OPERATOR, Role
from core.accounts.services.accounts import account_create
from core.errors import NotPermitted
from core.node import this_node
from core.records.models import Log, Record
from federation.models import Action, Peer, VerifyRun
from federation.services.actions import action_record
from federation.services.admission import peer_admit
from federation.services.describe import node_describe
from federation.services.due import peer_pull
from federation.services.poke import PULL_DUE_PEERS
from federation.services.steps import STEPS, everything_verify, node_admit, node_look_up, step_take
from federation.services.verify_runs import verify_asked
from federation.web.step_words import STEP_WORDS
from tests.federation.fakes import FakePeer

pytestmark = pytest.mark.django_db

PASSWORD = "a long tide table"
HAMBURG = "hamburg.havenlink.localhost"
PAGES = (
    "operate",
    "admit",
    "actions",
    "verification",
    f"origins/{HAMBURG}",
    *(f"origins/{HAMBURG}/{step}" for step in STEPS),
)


def signed_in(role: Role) -> Client:
    # With the check that browsers meet: a form without its token is refused.
    client = Client(enforce_csrf_checks=True)
    client.force_login(account_create(by=OPERATOR, name=role.value, role=role, password=PASSWORD))
    return client


@pytest.fixture
def administrator() -> Client:
    return signed_in(Role.ADMINISTRATOR)


@pytest.fixture
def held(hamburg: FakePeer, hamburg_peer: Peer) -> Peer:
    """Hamburg's three tools are held here, and this node has described itself."""
    node_describe()
    peer_pull(peer=hamburg_peer)
    return hamburg_peer


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    for module in ("operate", "verify_runs"):
        monkeypatch.setattr(f"federation.services.{module}.wake", found.append)
    return found


def page(client: Client, path: str, **options: Any) -> str:
    answer = client.get(f"/en/network/{path}", **options)
    assert answer.status_code == 200, path
    return answer.content.decode()


def text(html: str) -> str:
    """What is read, without marks and in one line."""
    main = html.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def send(client: Client, path: str, **fields: str) -> Any:
    """As a browser without a script does: load the page that has the form, send it with its token."""
    form = client.get(f"/en/network/{path}")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.content.decode())
    assert token, f"no form on {path}"
    return client.post(f"/en/network/{path}", {"csrfmiddlewaretoken": token[1], **fields})


def trail() -> list[tuple[str, str, str, str]]:
    return [(row.by, row.verb, row.origin, row.detail) for row in Action.objects.order_by("id")]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("role", [Role.EDITOR, Role.PUBLISHER, Role.COORDINATOR])
def test_other_roles_are_refused_and_change_nothing(held: Peer, role: Role, path: str) -> None:
    client = signed_in(role)
    client.handler.enforce_csrf_checks = False

    assert client.get(f"/en/network/{path}").status_code == 403
    assert client.post(f"/en/network/{path}", {"reason": "because"}).status_code in (403, 405)
    assert client.post("/en/network/verification/anew").status_code == 403

    assert trail() == []
    assert Peer.objects.get().state == Peer.State.ADMITTED
    assert not VerifyRun.objects.exists()


@pytest.mark.parametrize("path", PAGES)
def test_who_is_not_signed_in_is_led_to_sign_in(held: Peer, path: str) -> None:
    for answer in (Client().get(f"/en/network/{path}"), Client().post(f"/en/network/{path}")):
        assert answer.status_code in (302, 405)
        assert answer.status_code == 405 or answer["Location"].startswith("/en/sign-in?next=/en/network/")
    assert trail() == []


@pytest.mark.parametrize("path", PAGES)
def test_an_administrator_sees_every_page_and_no_cache_keeps_it(held: Peer, administrator: Client, path: str) -> None:
    answer = administrator.get(f"/en/network/{path}")

    assert answer.status_code == 200
    assert "private" in answer["Cache-Control"]


def test_a_form_without_its_token_is_refused(held: Peer, administrator: Client) -> None:
    assert administrator.post(f"/en/network/origins/{HAMBURG}/forget").status_code == 403
    assert Log.objects.filter(origin=HAMBURG).exists()


def test_a_look_changes_nothing(held: Peer, administrator: Client) -> None:
    before = (Log.objects.get(origin=HAMBURG).state, Peer.objects.get().state, Record.objects.count())

    for path in PAGES:
        administrator.get(f"/en/network/{path}")

    assert (Log.objects.get(origin=HAMBURG).state, Peer.objects.get().state, Record.objects.count()) == before
    assert trail() == []


def test_every_service_behind_the_pages_asks_for_the_permission(held: Peer, hamburg: FakePeer) -> None:
    editor = account_create(by=OPERATOR, name="editor", role=Role.EDITOR, password=PASSWORD)
    hamburg.asked.clear()

    for step in STEPS:
        with pytest.raises(NotPermitted):
            step_take(person=editor, by="editor", step=step, origin=HAMBURG, reason="because")
    with pytest.raises(NotPermitted):
        everything_verify(person=editor, by="editor", repair=True)
    with pytest.raises(NotPermitted):
        node_look_up(person=editor, url=hamburg.url)
    with pytest.raises(NotPermitted):
        node_admit(person=editor, by="editor", url=hamburg.url, verifier_key=hamburg.key, name="Hamburg")

    assert (trail(), hamburg.asked) == ([], [])


def test_only_administrators_are_shown_the_way(held: Peer, administrator: Client) -> None:
    assert "/en/network/operate" in administrator.get("/en/network").content.decode()
    assert "/en/network/operate" not in Client().get("/en/network").content.decode()


def test_the_overview_says_how_others_see_this_node(
    held: Peer, hamburg: FakePeer, rotterdam_peer: Peer, administrator: Client
) -> None:
    Peer.objects.filter(pk=held.pk).update(
        reported={this_node().id: {"size": 1, "root": ""}, HAMBURG: {"size": 5, "root": ""}},
        reported_at=timezone.now() - timedelta(minutes=2),
    )
    Log.objects.filter(origin=this_node().id).update(size=3)

    shown = text(page(administrator, "operate"))

    assert "Hamburg holds 1 of our 3 entries. not all yet seen 2 minutes ago" in shown
    assert "rotterdam.havenlink.localhost has not been asked yet. not known" in shown


def test_the_lag_is_shown_in_entries_and_in_time(hamburg: FakePeer, hamburg_peer: Peer, administrator: Client) -> None:
    node_describe()
    hamburg.alter = lambda page: page | {"entries": [{}]}
    peer_pull(peer=hamburg_peer)
    assert hamburg_peer.ahead_since(HAMBURG) is not None
    reported = {HAMBURG: {**hamburg_peer.reported[HAMBURG], "ahead_since": _iso(timedelta(minutes=-3))}}
    Peer.objects.update(reported=reported)

    shown = text(page(administrator, f"origins/{HAMBURG}"))

    assert "Missing here 3 entries known for 3 minutes" in shown
    assert "What it served does not verify and was refused." in shown
    hamburg_peer.refresh_from_db()
    peer_pull(peer=hamburg_peer)
    assert hamburg_peer.reported[HAMBURG]["ahead_since"] == reported[HAMBURG]["ahead_since"], "since it first was"
    hamburg.alter = None
    peer_pull(peer=hamburg_peer)
    assert "ahead_since" not in hamburg_peer.reported[HAMBURG]


def _iso(delta: timedelta) -> str:
    return (timezone.now() + delta).isoformat()


def test_pull_now_makes_the_peer_due_and_wakes_the_worker(held: Peer, administrator: Client, woken: list[str]) -> None:
    Peer.objects.update(next_pull_at=timezone.now() + timedelta(hours=1))

    answer = send(administrator, f"origins/{HAMBURG}/pull")

    assert answer["Location"] == f"/en/network/origins/{HAMBURG}"
    assert Peer.objects.get().next_pull_at <= timezone.now()
    assert woken == [PULL_DUE_PEERS]
    assert trail() == [("administrator", "pull", HAMBURG, "")]
    assert "Hamburg is asked now" in administrator.get(answer["Location"]).content.decode()


def test_a_peer_is_paused_resumed_and_removed(held: Peer, administrator: Client) -> None:
    states = []
    for step, reason in (("pause", "moving house"), ("resume", ""), ("remove", "it is closed")):
        send(administrator, f"origins/{HAMBURG}/{step}", reason=reason)
        states.append(Peer.objects.get().state)

    assert states == ["paused", "admitted", "removed"]
    assert trail() == [
        ("administrator", "pause", HAMBURG, "moving house"),
        ("administrator", "resume", HAMBURG, ""),
        ("administrator", "remove", HAMBURG, "it is closed"),
    ]


def test_a_log_is_frozen_with_a_reason_and_released(held: Peer, administrator: Client) -> None:
    refused = send(administrator, f"origins/{HAMBURG}/freeze")
    assert refused.status_code == 200
    assert 'aria-invalid="true"' in refused.content.decode()
    assert Log.objects.get(origin=HAMBURG).state == Log.State.ADMITTED

    send(administrator, f"origins/{HAMBURG}/freeze", reason="its operator asked us to")
    assert Log.objects.get(origin=HAMBURG).state_reason == "its operator asked us to"
    send(administrator, f"origins/{HAMBURG}/release")

    assert Log.objects.get(origin=HAMBURG).state == Log.State.ADMITTED
    assert [row[1] for row in trail()] == ["freeze", "release"]


def test_deletions_that_wait_are_taken(held: Peer, administrator: Client) -> None:
    Log.objects.filter(origin=HAMBURG).update(state=Log.State.HELD, held_size=9)

    send(administrator, f"origins/{HAMBURG}/confirm", reason="she said so on the phone")

    assert Log.objects.get(origin=HAMBURG).state == Log.State.ADMITTED
    assert trail() == [("administrator", "confirm", HAMBURG, "up to entry 9 · she said so on the phone")]


def test_an_origin_is_forgotten_after_being_asked(
    held: Peer, administrator: Client, settings: Any, tmp_path: Any
) -> None:
    settings.SEARCH_URL = f"tantivy://{tmp_path}/index"
    assert "All that is held of it is deleted here" in page(administrator, f"origins/{HAMBURG}/forget")

    answer = send(administrator, f"origins/{HAMBURG}/forget", reason="a test node")

    assert answer["Location"] == "/en/network/operate"
    assert not Log.objects.filter(origin=HAMBURG).exists()
    assert trail() == [("administrator", "forget", HAMBURG, "3 records · a test node")]


def test_what_its_state_forbids_is_refused_in_words(held: Peer, administrator: Client) -> None:
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page(administrator, f"origins/{HAMBURG}/pause"))
    assert token

    answer = administrator.post(f"/en/network/origins/{HAMBURG}/release", {"csrfmiddlewaretoken": token[1]})

    assert answer.status_code == 409
    assert f"The log of {HAMBURG} is not frozen." in text(answer.content.decode())
    assert "This cannot be done now" in text(page(administrator, f"origins/{HAMBURG}/release"))
    assert trail() == []


@pytest.mark.parametrize(
    ("origin", "step"), [(HAMBURG, "sing"), ("nowhere.example.org", "pull"), (this_node().id, "sing")]
)
def test_unknown_steps_and_origins_are_not_found(held: Peer, administrator: Client, origin: str, step: str) -> None:
    assert administrator.get(f"/en/network/origins/{origin}/{step}").status_code == 404


def test_this_node_is_frozen_but_never_forgotten(held: Peer, administrator: Client) -> None:
    shown = page(administrator, f"origins/{this_node().id}")

    assert "/freeze" in shown
    assert "/forget" not in shown
    answer = administrator.get(f"/en/network/origins/{this_node().id}/forget")
    assert '<form method="post" class="form"' not in answer.content.decode()


def test_a_node_is_admitted_once_its_fingerprint_was_compared(hamburg: FakePeer, administrator: Client) -> None:
    node_describe()
    shown = send(administrator, "admit", url=f"{hamburg.url}/").content.decode()
    assert hamburg.log.key.fingerprint in shown
    assert not Peer.objects.exists()
    fields = {"url": hamburg.url, "verifier_key": hamburg.key, "name": "Hamburg"}

    refused = send(administrator, "admit", **fields)
    assert "This field is required" in refused.content.decode()
    assert hamburg.log.key.fingerprint in refused.content.decode()
    assert not Peer.objects.exists()
    answer = send(administrator, "admit", **fields, compared="on", reason="met in Rotterdam")

    assert answer["Location"] == f"/en/network/origins/{HAMBURG}"
    assert [(peer.url, peer.verifier_key) for peer in Peer.objects.all()] == [(hamburg.url, hamburg.key)]
    fingerprint = hamburg.log.key.fingerprint
    assert trail() == [("administrator", "admit", HAMBURG, f"{fingerprint} · met in Rotterdam")]


def test_an_address_that_nobody_answers_at_is_said_beside_its_field(hamburg: FakePeer, administrator: Client) -> None:
    hamburg.down = True

    for url, words in (
        (hamburg.url, "hamburg.havenlink.localhost"),
        ("ftp://hamburg.example.org", "This is no web address"),
        (this_node().url, "A node cannot be its own peer."),
    ):
        answer = send(administrator, "admit", url=url)
        assert words in text(answer.content.decode())
        assert url in answer.content.decode(), "what was typed is not lost"
    assert not Peer.objects.exists()


def test_a_key_of_no_form_is_refused(administrator: Client) -> None:
    assert send(administrator, "admit", verifier_key="nonsense", url="http://x", compared="on").status_code == 400


def test_the_trail_is_shown_a_page_at_a_time(administrator: Client) -> None:
    for number in range(60):
        action_record(by="root@harbour", verb="pause", origin=f"node{number}.example.org", detail="why not")

    first = page(administrator, "actions")
    older = re.search(r'href="\?before=(\d+)"', first)
    assert older
    second = page(administrator, f"actions?before={older[1]}")

    assert [first.count("root@harbour"), second.count("root@harbour")] == [50, 10]
    assert "node59.example.org" in first
    assert "node0.example.org" in second
    assert "Pause" in first


def test_everything_is_verified_by_a_worker_and_the_outcome_is_shown(
    held: Peer, administrator: Client, woken: list[str], settings: Any, tmp_path: Any
) -> None:
    settings.SEARCH_URL = f"tantivy://{tmp_path}/index"
    Record.objects.filter(log__origin=HAMBURG, revision=1).first().delete()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page(administrator, "verification"))
    assert token
    form = {"csrfmiddlewaretoken": token[1]}

    assert administrator.post("/en/network/verification/anew", form).status_code == 302
    assert woken == ["federation.tasks.verify_asked"]
    waiting = page(administrator, "verification", headers={"HX-Request": "true"})
    assert 'hx-trigger="every 3s"' in waiting
    assert "<html" not in waiting
    twice = administrator.post("/en/network/verification/anew", form, follow=True)
    assert "A verification is under way." in twice.content.decode()
    assert VerifyRun.objects.count() == 1

    assert verify_asked() is not None
    shown = text(page(administrator, "verification"))
    assert "something is wrong" in shown
    assert "A record that the log states is not current. 1× record_missing Not repaired: 1." in shown

    administrator.post("/en/network/verification/anew", {**form, "repair": "on"})
    assert verify_asked() is not None
    shown = text(page(administrator, "verification"))
    assert "there were faults; all are repaired" in shown
    assert Record.objects.filter(log__origin=HAMBURG).count() == 3
    assert [row[1:] for row in trail()] == [("verify", "", ""), ("verify", "", "with repair")]


def test_one_log_is_verified_from_its_page(held: Peer, administrator: Client, woken: list[str]) -> None:
    answer = send(administrator, f"origins/{HAMBURG}/verify", repair="on", reason="the disk made a noise")

    assert answer["Location"] == "/en/network/verification"
    run = verify_asked()
    assert run is not None
    assert (run.origin, run.verdict, run.repair, run.report["index"]) == (HAMBURG, "good", True, None)
    assert trail() == [("administrator", "verify", HAMBURG, "with repair · the disk made a noise")]


@pytest.mark.parametrize("language", ["nl", "fr", "de"])
def test_pages_in_other_languages(held: Peer, administrator: Client, language: str) -> None:
    for path in PAGES:
        assert administrator.get(f"/{language}/network/{path}").status_code == 200


def test_every_step_has_words() -> None:
    assert set(STEP_WORDS) == set(STEPS)


def test_a_node_that_was_admitted_and_never_answered_has_a_page(hamburg: FakePeer, administrator: Client) -> None:
    peer_admit(url=hamburg.url, verifier_key=hamburg.key)

    assert "not yet asked" in text(page(administrator, f"origins/{HAMBURG}"))
