"""Making accounts and giving them a role."""

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core.accounts.models import User
from core.accounts.roles import ACCOUNT_ROLES, Permission, Person, Role, require
from core.errors import Conflict, InvalidInput


@transaction.atomic
def account_create(*, by: Person, name: str, role: Role, password: str, language: str = "") -> User:
    """Raises NotPermitted, InvalidInput (name, role or password), Conflict (the name is taken)."""
    require(by, Permission.ADMINISTER)
    if User.objects.filter(username=name).exists():
        raise Conflict(
            _("There is an account “%(name)s” already.") % {"name": name},
            remedy=_("Choose another name, or change that account's role or password."),
            field="name",
            code="account_exists",
        )
    user = User(username=name, language=language)
    user.is_staff = user.is_superuser = _role(role) is Role.ADMINISTRATOR
    _set_password(user, password)
    try:
        user.full_clean()
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), field="name", code="bad_account") from error
    user.save()
    user.groups.set([Group.objects.get(name=role.value)])
    return user


@transaction.atomic
def account_set_role(*, by: Person, user: User, role: Role) -> None:
    """The account then has this role and no other. Raises NotPermitted, InvalidInput."""
    require(by, Permission.ADMINISTER)
    user.is_staff = user.is_superuser = _role(role) is Role.ADMINISTRATOR
    user.save(update_fields=["is_staff", "is_superuser"])
    user.groups.set([Group.objects.get(name=role.value)])
    user.__dict__.pop("group_names", None)


@transaction.atomic
def account_set_password(*, by: Person, user: User, password: str) -> None:
    """Raises NotPermitted, InvalidInput (the password is too weak)."""
    require(by, Permission.ADMINISTER)
    _set_password(user, password)
    user.save(update_fields=["password"])


def _role(role: Role) -> Role:
    if role not in ACCOUNT_ROLES:
        raise InvalidInput(_("A reader needs no account."), field="role", code="bad_role")
    return role


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput(
            " ".join(error.messages), remedy=_("Choose a longer password."), field="password", code="weak_password"
        ) from error
    user.set_password(password)
