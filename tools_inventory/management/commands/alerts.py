"""manage.py alerts: what is due to be sent for saved searches, and sending it now. Shows no address."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations

from tools_inventory.selectors.saved_searches import mails_due
from tools_inventory.services.alerts import send_due_mails

SEND_SECONDS = 3600.0


class Command(BaseCommand):
    help = "Looks after the mails of saved searches: status or send."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("status", help="show how many saved searches there are, what is due and what fails")
        verbs.add_parser("send", help="send what is due now; exit code 1 if something is left that could not be sent")

    @no_translations
    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        {"status": self.status, "send": self.send}[verb]()

    def status(self) -> None:
        due = mails_due()
        states = ", ".join(f"{count} {state}" for state, count in sorted(due.states.items())) or "none"
        self.stdout.write(f"saved searches: {states}; of {due.subscribers} addresses")
        for reason, count in sorted(due.stopped.items()):
            self.stdout.write(f"stopped because {reason}: {count}")
        since = f", the oldest since {due.oldest_due_at:%Y-%m-%d %H:%M} UTC" if due.oldest_due_at else ""
        self.stdout.write(f"due now: {due.due}{since}")
        for code, count in sorted(due.failing.items()):
            self.stdout.write(f"put off by {code}: {count}")

    def send(self) -> None:
        sent = send_due_mails(seconds=SEND_SECONDS)
        due = mails_due()
        self.stdout.write(f"{sent} mails sent, {due.due} still due, {sum(due.failing.values())} put off")
        if due.failing:
            raise CommandError("Some could not be sent; `manage.py alerts status` says by what.", returncode=1)
