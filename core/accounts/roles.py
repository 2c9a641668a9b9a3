"""Who may do what: one table. Services ask `require` before they change anything; pages ask `may` for what they show.

A role is a Django group of the same name (made by a migration); a reader has no account. The node administrator is
also Django's superuser, which is what opens Django's admin.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import NotPermitted


class Permission(StrEnum):
    # See the workbench and all of this node's drafts.
    SEE_WORKBENCH = "workbench.see"
    # Make and change drafts; throw away what was never published.
    EDIT_DRAFTS = "drafts.edit"
    # Publish, publish again, withdraw.
    PUBLISH = "drafts.publish"
    # Bring in many drafts at once.
    IMPORT = "drafts.import"
    # Take in and answer what employers and schools offer or ask: the matching desk, which is still to come.
    ANSWER_OPPORTUNITIES = "opportunities.answer"
    # Accounts, peers, keys, the operator's pages of the network, Django's admin.
    ADMINISTER = "node.administer"


class Role(StrEnum):
    READER = "reader"
    EDITOR = "editor"
    PUBLISHER = "publisher"
    COORDINATOR = "coordinator"
    ADMINISTRATOR = "administrator"


_EDITOR = frozenset({Permission.SEE_WORKBENCH, Permission.EDIT_DRAFTS})
PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.READER: frozenset(),
    Role.EDITOR: _EDITOR,
    Role.PUBLISHER: _EDITOR | {Permission.PUBLISH},
    Role.COORDINATOR: frozenset({Permission.SEE_WORKBENCH, Permission.ANSWER_OPPORTUNITIES}),
    Role.ADMINISTRATOR: frozenset(Permission),
}
LABELS: Mapping[Role, Promise] = {
    Role.READER: _("Reader"),
    Role.EDITOR: _("Editor"),
    Role.PUBLISHER: _("Publisher"),
    Role.COORDINATOR: _("Coordinator"),
    Role.ADMINISTRATOR: _("Node administrator"),
}
# Roles that an account can have: a reader needs none.
ACCOUNT_ROLES = tuple(role for role in Role if role is not Role.READER)


class Person(Protocol):
    """Who acts: a User, Django's AnonymousUser, or the operator at the console."""

    @property
    def is_active(self) -> bool: ...

    @property
    def is_superuser(self) -> bool: ...


class Operator:
    """Whoever runs a command on the node's own machine: may do everything, has no account."""

    is_active = True
    is_superuser = True
    is_authenticated = True
    pk = None

    def __str__(self) -> str:
        return "operator"


OPERATOR = Operator()


def roles_of(person: Person) -> frozenset[Role]:
    """The roles of an active account; a reader's for everybody else."""
    if not person.is_active:
        return frozenset({Role.READER})
    if person.is_superuser:
        return frozenset({Role.ADMINISTRATOR})
    names: frozenset[str] = getattr(person, "group_names", frozenset())
    # The administrator's group alone opens nothing: that role is the superuser flag.
    return frozenset(role for role in Role if role in names and role is not Role.ADMINISTRATOR) or frozenset(
        {Role.READER}
    )


def may(person: Person, permission: Permission) -> bool:
    return any(permission in PERMISSIONS[role] for role in roles_of(person))


def require(person: Person, permission: Permission) -> None:
    """Raises NotPermitted, with the roles that may."""
    if may(person, permission):
        return
    allowed = ", ".join(str(LABELS[role]) for role in Role if permission in PERMISSIONS[role])
    raise NotPermitted(
        remedy=_("This needs one of these roles: %(roles)s. Sign in with such an account, or ask the administrator.")
        % {"roles": allowed}
    )
