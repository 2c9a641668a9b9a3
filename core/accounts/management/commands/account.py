"""`manage.py account create|role|password NAME`: accounts from the console."""

import getpass
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations

from core.accounts.models import User
from core.accounts.roles import ACCOUNT_ROLES, OPERATOR, Role
from core.accounts.services.accounts import account_create, account_set_password, account_set_role
from core.errors import HavenlinkError

PASSWORD_VARIABLE = "ACCOUNT_PASSWORD"


class Command(BaseCommand):
    help = "Make an account, or change its role or password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="Make an account.")
        role = actions.add_parser("role", help="Give an account another role.")
        password = actions.add_parser("password", help="Give an account another password.")
        for action in (create, role, password):
            action.add_argument("name", help="What the person types to sign in.")
        for action in (create, role):
            action.add_argument("--role", required=True, choices=[role.value for role in ACCOUNT_ROLES])
        create.add_argument(
            "--if-missing", action="store_true", help="Leave an account of that name as it is, without failing."
        )
        for action in (create, password):
            action.add_argument(
                "--password-stdin",
                action="store_true",
                help=f"Read the password from standard input; else from ${PASSWORD_VARIABLE}, else it is asked for.",
            )

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['action']}")(options)
        except HavenlinkError as error:
            raise CommandError(f"{error.message} {error.remedy} ({error.reason})") from error

    def _create(self, options: dict[str, Any]) -> None:
        name, role = options["name"], Role(options["role"])
        if options["if_missing"] and User.objects.filter(username=name).exists():
            self.stdout.write(f"{name} exists")
            return
        account_create(by=OPERATOR, name=name, role=role, password=_password(options))
        self.stdout.write(f"{name} may sign in as {role}")

    def _role(self, options: dict[str, Any]) -> None:
        account_set_role(by=OPERATOR, user=_user(options["name"]), role=Role(options["role"]))
        self.stdout.write(f"{options['name']} is {options['role']} now")

    def _password(self, options: dict[str, Any]) -> None:
        account_set_password(by=OPERATOR, user=_user(options["name"]), password=_password(options))
        self.stdout.write(f"{options['name']} has a new password")


def _user(name: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is no account “{name}”.")
    return user


def _password(options: dict[str, Any]) -> str:
    """Never an argument: those stand in the list of processes and in the shell's history."""
    if options["password_stdin"]:
        return sys.stdin.readline().rstrip("\n")
    if os.environ.get(PASSWORD_VARIABLE):
        return os.environ[PASSWORD_VARIABLE]
    if not sys.stdin.isatty():
        raise CommandError(f"There is nobody to ask for a password: use --password-stdin or ${PASSWORD_VARIABLE}.")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise CommandError("The two passwords differ.")
    return password
