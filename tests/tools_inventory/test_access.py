"""Who gets where: every address that is not public, by role. What is denied changed nothing."""

from typing import Any

import pytest

from core.accounts.models import User
from core.accounts.roles import OPERATOR, Role
from core.accounts.services.accounts import account_create
from core.records.models import Entry
from tools_inventory.models import Draft

ROLES = (None, Role.EDITOR, Role.PUBLISHER, Role.COORDINATOR, Role.ADMINISTRATOR)
# Who is not signed in is led to sign in (302), and so is who may not enter Django's admin.
EVERYBODY = (302, 200, 200, 200, 200)
EDITORS = (302, 200, 200, 403, 200)
PUBLISHERS = (302, 403, 200, 403, 200)
ADMINISTRATORS = (302, 302, 302, 302, 200)

SEEN = {
    "/en/account": EVERYBODY,
    "/en/account/password": EVERYBODY,
    "/en/workbench/": EVERYBODY,
    "/en/workbench/new/tool": EDITORS,
    "/en/workbench/{draft}": EDITORS,
    "/en/workbench/{draft}/preview": EVERYBODY,
    "/en/workbench/{draft}/publish": PUBLISHERS,
    "/en/workbench/{draft}/withdraw": PUBLISHERS,
    "/en/workbench/{draft}/discard": EDITORS,
    "/en/workbench/{draft}/history": EVERYBODY,
    "/admin/": ADMINISTRATORS,
    "/admin/accounts/user/": ADMINISTRATORS,
    "/admin/accounts/user/add/": ADMINISTRATORS,
    "/admin/tools_inventory/draft/": ADMINISTRATORS,
    "/admin/tools_inventory/draft/{draft}/change/": ADMINISTRATORS,
}
# Roles whose request would change something, and is refused.
DENIED = {
    "/en/workbench/new/tool": (None, Role.COORDINATOR),
    "/en/workbench/{draft}": (None, Role.COORDINATOR),
    "/en/workbench/{draft}/publish": (None, Role.EDITOR, Role.COORDINATOR),
    "/en/workbench/{draft}/withdraw": (None, Role.EDITOR, Role.COORDINATOR),
    "/en/workbench/{draft}/discard": (None, Role.COORDINATOR),
    "/admin/accounts/user/add/": ROLES[:-1],
    "/admin/tools_inventory/draft/{draft}/delete/": ROLES,
}
TYPED = {
    "title__nl": "Overgenomen",
    "version": "1",
    "username": "intruder",
    "password1": "a long tide table",
    "password2": "a long tide table",
    "usable_password": "true",
    "post": "yes",
}


@pytest.fixture
def signed_in(client, db) -> Any:
    """The client, signed in with an account of the role; None is nobody."""

    def sign_in(role: Role | None) -> Any:
        client.logout()
        if role is not None:
            name = f"the-{role.value}"
            client.force_login(
                User.objects.filter(username=name).first()
                or account_create(by=OPERATOR, name=name, role=role, password="a long tide table")
            )
        return client

    return sign_in


def _state() -> tuple[Any, ...]:
    drafts = list(Draft.objects.order_by("pk").values_list("pk", "title", "state", "version"))
    return drafts, Entry.objects.count(), User.objects.filter(username="intruder").exists()


@pytest.mark.parametrize("address", SEEN)
def test_each_role_sees_exactly_what_is_its_own(signed_in, draft, address):
    place = address.format(draft=draft().pk)
    answers = [signed_in(role).get(place) for role in ROLES]
    assert tuple(answer.status_code for answer in answers) == SEEN[address]
    caching = [answer.get("Cache-Control", "") for answer in answers if answer.status_code == 200]
    if address.startswith(("/en/workbench", "/admin")):
        assert all("private" in header for header in caching)


@pytest.mark.parametrize("address", DENIED)
def test_what_is_denied_changed_nothing(signed_in, draft, address):
    place = address.format(draft=draft().pk)
    for role in DENIED[address]:
        person = signed_in(role)
        before = _state()
        assert person.post(place, TYPED).status_code in (302, 403)
        assert _state() == before
