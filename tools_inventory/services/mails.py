"""The mails about saved searches: what they say, in the reader's language, as plain text and as simple HTML.

Nothing in them is fetched from anywhere, and nothing tells whether they were opened. A mail that its receiver did not
confirm to want holds no word that whoever asked for it typed: nobody can have this node send their text to a stranger.
"""

from email.utils import formataddr
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import InvalidInput
from core.node import this_node
from i18n.languages import text_direction
from i18n.vocabularies.vocabulary import vocabulary
from tools_inventory.models import SavedSearch, Subscriber
from tools_inventory.selectors.hits import HitRow
from tools_inventory.selectors.new_matches import Look
from tools_inventory.selectors.saved_searches import search_line, search_page_address
from tools_inventory.services.mail_links import Purpose, link

SUBJECT_LETTERS = 70


def confirmation_mail(saved: SavedSearch) -> EmailMultiAlternatives:
    with translation.override(saved.language):
        subject = _("Confirm your saved search")
        context = {"confirm": link(Purpose.CONFIRM, saved.id, saved.language)}
        return _mail("confirmation", saved.subscriber.email, subject, saved.language, context, saved.id.hex)


def link_mail(subscriber: Subscriber) -> EmailMultiAlternatives:
    with translation.override(subscriber.language):
        subject = _("Your saved searches")
        context = {"manage": link(Purpose.MANAGE, subscriber.id, subscriber.language)}
        key = f"{subscriber.id.hex}.{len(subscriber.asked_at)}"
        return _mail("link", subscriber.email, subject, subscriber.language, context, key)


def matches_mail(saved: SavedSearch, found: Look) -> EmailMultiAlternatives:
    with translation.override(saved.language):
        line = search_line(saved.scope, saved.parameters, saved.language)
        subject = ngettext("%(count)s new: %(search)s", "%(count)s new: %(search)s", found.new_count)
        context = {
            "saved": saved,
            "line": line,
            "count": found.new_count,
            "rows": [(row, _record_address(row.uuid), _facts(row, saved.language)) for row in found.rows],
            "more": found.new_count - len(found.rows),
            "all": search_page_address(saved.scope, saved.parameters, saved.language, sort="newest"),
            "total": found.total,
        }
        subject = subject % {"count": found.new_count, "search": line}
        return _about_search("matches", saved, subject, context)


def stopped_mail(saved: SavedSearch, why: InvalidInput) -> EmailMultiAlternatives:
    with translation.override(saved.language):
        line = search_line(saved.scope, saved.parameters, saved.language)
        context = {
            "saved": saved,
            "line": line,
            "why": str(why.message),
            "remedy": str(why.remedy),
            "search": search_page_address("search", "", saved.language),
        }
        subject = _("No longer followed: %(search)s") % {"search": line}
        return _about_search("stopped", saved, subject, context)


def _about_search(template: str, saved: SavedSearch, subject: str, context: dict[str, Any]) -> EmailMultiAlternatives:
    unsubscribe = link(Purpose.UNSUBSCRIBE, saved.id, saved.language)
    links = {"unsubscribe": unsubscribe, "manage": link(Purpose.MANAGE, saved.subscriber_id, saved.language)}
    # The same for the same mail sent again after a worker died: mailboxes show it once.
    key = f"{saved.id.hex}.{saved.sent_count}"
    mail = _mail(template, saved.subscriber.email, subject, saved.language, context | links, key)
    # RFC 8058: the mail program itself offers to unsubscribe, in one step.
    mail.extra_headers["List-Unsubscribe"] = f"<{unsubscribe}>"
    mail.extra_headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.extra_headers["List-Id"] = f"<saved-searches.{this_node().id}>"
    return mail


def _mail(
    template: str, email: str, subject: str, language: str, context: dict[str, Any], key: str
) -> EmailMultiAlternatives:
    node = this_node()
    subject = " ".join(subject.split())
    if len(subject) > SUBJECT_LETTERS:
        subject = f"{subject[: SUBJECT_LETTERS - 2].rstrip()} …"
    context = context | {
        "node": node,
        "subject": subject,
        "language": language,
        "direction": text_direction(language),
        "saved_searches": node.url + reverse("inventory:saved_searches"),
    }
    mail = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string(f"tools_inventory/mail/{template}.txt", context).strip() + "\n",
        from_email=formataddr((f"Havenlink {node.name}", settings.DEFAULT_FROM_EMAIL)),
        to=[email],
        headers={
            "Message-ID": f"<{sha256(f'{template}.{key}'.encode()).hexdigest()[:24]}@{node.id}>",
            "Content-Language": language,
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(render_to_string(f"tools_inventory/mail/{template}.html", context), "text/html")
    return mail


def _record_address(uuid: UUID) -> str:
    return this_node().url + reverse("inventory:record", args=[uuid])


def _facts(row: HitRow, language: str) -> str:
    """ "Hamburg · Betriebsbesichtigung · Hamburg, Deutschland"."""
    activity = vocabulary("activities").label(row.activity, language) if row.activity else ""
    return " · ".join(part for part in (row.node_name, activity, row.place) if part)
