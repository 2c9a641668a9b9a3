"""Signing in and out, the account page, the password, and who gets into Django's admin."""

import pytest
from django.conf import settings

from core.accounts.models import User
from core.accounts.roles import Role
from tests.core.accounts.conftest import PASSWORD


def sign_in(client, name, password=PASSWORD, **extra):
    return client.post("/en/sign-in", {"username": name, "password": password, **extra})


def test_signing_in_leads_to_where_one_wanted(client, people):
    answer = sign_in(client, "editor", next="/en/account")
    assert answer.status_code == 302
    assert answer["Location"] == "/en/account"


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_signing_in_never_leads_away_from_this_node(client, people, address):
    assert sign_in(client, "editor", next=address)["Location"] == "/en/workbench/"


def test_a_wrong_password_is_said_in_words(client, people):
    answer = sign_in(client, "editor", "wrong")
    assert answer.status_code == 200
    assert 'class="error-summary"' in answer.text
    assert "_auth_user_id" not in client.session


def test_too_many_failures_lock_the_account_out_for_a_while(client, people):
    for _attempt in range(settings.AXES_FAILURE_LIMIT - 1):
        assert sign_in(client, "editor", "wrong").status_code == 200
    locked = sign_in(client, "editor", "wrong")
    assert locked.status_code == 429
    assert "locked_out" in locked.text
    assert locked["Retry-After"] == "900"
    assert sign_in(client, "editor").status_code == 429
    assert "_auth_user_id" not in client.session
    assert sign_in(client, "publisher").status_code == 302


def test_failures_before_a_success_are_forgotten(client, people):
    for _time in range(2):
        for _attempt in range(settings.AXES_FAILURE_LIMIT - 1):
            assert sign_in(client, "editor", "wrong").status_code == 200
        assert sign_in(client, "editor").status_code == 302
        client.post("/en/sign-out")


def test_signing_out_needs_a_post_and_ends_the_session(client, people):
    client.force_login(people[Role.EDITOR])
    assert client.get("/en/sign-out").status_code == 405
    assert client.post("/en/sign-out").status_code == 302
    assert "_auth_user_id" not in client.session


def test_the_account_page_names_the_role(client, people):
    assert client.get("/en/account").status_code == 302
    client.force_login(people[Role.PUBLISHER])
    answer = client.get("/en/account")
    assert "<dd>publisher</dd>" in answer.text
    assert "<dd>Publisher</dd>" in answer.text


def test_a_password_is_changed_by_who_knows_it(client, people):
    client.force_login(people[Role.EDITOR])
    new = "another long tide table"
    refused = client.post("/en/account/password", {"old_password": "wrong", "new_password1": new, "new_password2": new})
    assert refused.status_code == 200
    assert User.objects.get(username="editor").check_password(PASSWORD)
    changed = client.post(
        "/en/account/password", {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    )
    assert changed["Location"] == "/en/account"
    assert User.objects.get(username="editor").check_password(new)


@pytest.mark.parametrize("role", [Role.EDITOR, Role.PUBLISHER, Role.COORDINATOR])
def test_the_admin_is_shut_for_all_but_administrators(client, people, role):
    client.force_login(people[role])
    assert client.get("/admin/").status_code == 302
    assert client.get("/admin/accounts/user/").status_code == 302


def test_an_administrator_gives_roles_in_the_admin(client, people):
    client.force_login(people[Role.ADMINISTRATOR])
    editor = people[Role.EDITOR]
    address = f"/admin/accounts/user/{editor.pk}/change/"
    assert client.get(address).status_code == 200
    form = {
        "username": "editor",
        "role": "publisher",
        "is_active": "on",
        "language": "",
        "first_name": "",
        "last_name": "",
        "email": "",
        "date_joined_0": "2026-11-22",
        "date_joined_1": "08:00:00",
        "last_login_0": "",
        "last_login_1": "",
    }
    answer = client.post(address, form)
    assert answer.status_code == 302, answer.text
    assert set(User.objects.get(pk=editor.pk).groups.values_list("name", flat=True)) == {"publisher"}


def test_an_administrator_makes_an_account_in_the_admin(client, people):
    client.force_login(people[Role.ADMINISTRATOR])
    answer = client.post(
        "/admin/accounts/user/add/",
        {"username": "anna", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert answer.status_code == 302, answer.text
    assert not User.objects.get(username="anna").is_staff
