"""Making accounts, and the command that does it from the console."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from core.accounts.models import User
from core.accounts.roles import OPERATOR, Permission, Role, may
from core.accounts.services.accounts import account_create, account_set_password, account_set_role
from core.errors import Conflict, InvalidInput, NotPermitted
from tests.core.accounts.conftest import PASSWORD


def test_only_an_administrator_makes_accounts(people):
    with pytest.raises(NotPermitted):
        account_create(by=people[Role.PUBLISHER], name="mine", role=Role.ADMINISTRATOR, password=PASSWORD)
    assert not User.objects.filter(username="mine").exists()


def test_a_name_is_given_once(people):
    with pytest.raises(Conflict) as refusal:
        account_create(by=OPERATOR, name="editor", role=Role.ADMINISTRATOR, password=PASSWORD)
    assert refusal.value.reason == "account_exists"
    assert not User.objects.get(username="editor").is_superuser


@pytest.mark.parametrize("password", ["short", "password1234", "editor-editor"])
def test_weak_passwords_are_refused(db, password):
    with pytest.raises(InvalidInput) as refusal:
        account_create(by=OPERATOR, name="editor-editor", role=Role.EDITOR, password=password)
    assert refusal.value.field == "password"
    assert User.objects.count() == 0


@pytest.mark.parametrize("name", ["", "a b", "x" * 151])
def test_names_that_cannot_be_typed_are_refused(db, name):
    with pytest.raises(InvalidInput) as refusal:
        account_create(by=OPERATOR, name=name, role=Role.EDITOR, password=PASSWORD)
    assert refusal.value.reason == "bad_account"


def test_a_reader_needs_no_account(db):
    with pytest.raises(InvalidInput) as refusal:
        account_create(by=OPERATOR, name="anna", role=Role.READER, password=PASSWORD)
    assert refusal.value.reason == "bad_role"


def test_another_role_replaces_the_one_before(people):
    administrator = people[Role.ADMINISTRATOR]
    account_set_role(by=OPERATOR, user=administrator, role=Role.EDITOR)
    administrator = User.objects.get(username="administrator")
    assert not administrator.is_superuser
    assert not administrator.is_staff
    assert may(administrator, Permission.EDIT_DRAFTS)
    assert not may(administrator, Permission.PUBLISH)


def test_an_editor_makes_nobody_a_publisher(people):
    with pytest.raises(NotPermitted):
        account_set_role(by=people[Role.EDITOR], user=people[Role.EDITOR], role=Role.PUBLISHER)
    with pytest.raises(NotPermitted):
        account_set_password(by=people[Role.EDITOR], user=people[Role.PUBLISHER], password=PASSWORD + "!")
    assert not may(User.objects.get(username="editor"), Permission.PUBLISH)
    assert User.objects.get(username="publisher").check_password(PASSWORD)


def test_the_command_makes_an_account(db, monkeypatch):
    monkeypatch.setenv("ACCOUNT_PASSWORD", PASSWORD)
    out = io.StringIO()
    call_command("account", "create", "anna", "--role", "publisher", stdout=out)
    assert out.getvalue() == "anna may sign in as publisher\n"
    assert User.objects.get(username="anna").check_password(PASSWORD)


def test_the_command_reads_a_password_from_standard_input(db, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\nrest\n"))
    call_command("account", "create", "anna", "--role", "editor", "--password-stdin", stdout=io.StringIO())
    assert User.objects.get(username="anna").check_password(PASSWORD)


def test_the_command_fails_in_words(people, monkeypatch):
    monkeypatch.setenv("ACCOUNT_PASSWORD", PASSWORD)
    with pytest.raises(CommandError, match="already"):
        call_command("account", "create", "editor", "--role", "editor")
    with pytest.raises(CommandError, match="no account"):
        call_command("account", "role", "nobody", "--role", "editor")


def test_the_command_speaks_english_whatever_the_nodes_language(people, monkeypatch):
    monkeypatch.setenv("ACCOUNT_PASSWORD", "short")
    with translation.override("nl"), pytest.raises(CommandError, match=r"too short.*Choose a longer password"):
        call_command("account", "password", "editor")


def test_the_command_leaves_an_account_alone_when_asked(people, monkeypatch):
    monkeypatch.setenv("ACCOUNT_PASSWORD", "something else entirely")
    call_command("account", "create", "editor", "--role", "administrator", "--if-missing", stdout=io.StringIO())
    assert User.objects.get(username="editor").check_password(PASSWORD)
    assert not User.objects.get(username="editor").is_superuser


def test_the_command_asks_nobody_when_nobody_is_there(db, monkeypatch):
    monkeypatch.delenv("ACCOUNT_PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(CommandError, match="nobody to ask"):
        call_command("account", "create", "anna", "--role", "editor")


def test_the_command_changes_role_and_password(people, monkeypatch):
    monkeypatch.setenv("ACCOUNT_PASSWORD", "another long tide table")
    call_command("account", "role", "editor", "--role", "publisher", stdout=io.StringIO())
    call_command("account", "password", "editor", stdout=io.StringIO())
    editor = User.objects.get(username="editor")
    assert may(editor, Permission.PUBLISH)
    assert editor.check_password("another long tide table")
