"""The table of roles, and how an account comes by one."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group

from core.accounts.models import User
from core.accounts.roles import OPERATOR, Permission, Role, may, require, roles_of
from core.errors import NotPermitted

EXPECTED = {
    Role.EDITOR: {Permission.SEE_WORKBENCH, Permission.EDIT_DRAFTS},
    Role.PUBLISHER: {Permission.SEE_WORKBENCH, Permission.EDIT_DRAFTS, Permission.PUBLISH},
    Role.COORDINATOR: {Permission.SEE_WORKBENCH, Permission.ANSWER_OPPORTUNITIES},
    Role.ADMINISTRATOR: set(Permission),
}


@pytest.mark.parametrize("role", EXPECTED)
def test_each_role_may_exactly_what_the_table_says(people, role):
    assert {permission for permission in Permission if may(people[role], permission)} == EXPECTED[role]


def test_a_reader_may_nothing_that_needs_a_role():
    assert {permission for permission in Permission if may(AnonymousUser(), permission)} == set()


def test_the_operator_may_everything():
    assert {permission for permission in Permission if may(OPERATOR, permission)} == set(Permission)


def test_an_account_that_was_shut_may_nothing(people):
    administrator = people[Role.ADMINISTRATOR]
    administrator.is_active = False
    assert roles_of(administrator) == {Role.READER}
    assert not may(administrator, Permission.SEE_WORKBENCH)


def test_two_groups_add_up(people):
    person = User.objects.create_user("two", password="x")
    person.groups.set(Group.objects.filter(name__in=["publisher", "coordinator"]))
    assert may(person, Permission.PUBLISH)
    assert may(person, Permission.ANSWER_OPPORTUNITIES)


def test_the_administrators_group_alone_opens_nothing(db):
    person = User.objects.create_user("almost", password="x")
    person.groups.set(Group.objects.filter(name="administrator"))
    assert {permission for permission in Permission if may(person, permission)} == set()


def test_a_group_that_is_no_role_means_nothing(db):
    person = User.objects.create_user("guest", password="x")
    person.groups.add(Group.objects.create(name="harbour choir"))
    assert roles_of(person) == {Role.READER}


def test_a_refusal_names_the_roles_that_may(people):
    with pytest.raises(NotPermitted) as refusal:
        require(people[Role.EDITOR], Permission.PUBLISH)
    assert "Publisher, Node administrator" in str(refusal.value.remedy)


def test_roles_are_read_once_an_account(people, django_assert_num_queries):
    editor = User.objects.get(username="editor")
    with django_assert_num_queries(1):
        for permission in Permission:
            may(editor, permission)
