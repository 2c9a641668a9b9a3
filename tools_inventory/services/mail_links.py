"""The links in mails, each good for one purpose. Nothing of them is stored.

A token is the random id of a row, a time and a signature under the node's SECRET_KEY, salted by purpose: it cannot be
guessed, or used for another purpose, and is worth nothing once the row is gone. After a change of SECRET_KEY old links
no longer work; a new one is sent from the page of saved searches.
"""

import base64
import binascii
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from django.core.signing import BadSignature, TimestampSigner
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from core.errors import NotFound
from core.node import this_node


class Purpose(StrEnum):
    """Also the name of the page that the link leads to."""

    CONFIRM = "confirm"
    UNSUBSCRIBE = "unsubscribe"
    MANAGE = "manage"


# Unsubscribing must work from the oldest mail.
MAX_AGE = {Purpose.CONFIRM: timedelta(hours=48), Purpose.MANAGE: timedelta(days=90), Purpose.UNSUBSCRIBE: None}


def link(purpose: Purpose, row_id: UUID, language: str) -> str:
    """The absolute address of the page, in that language."""
    with translation.override(language):
        return this_node().url + reverse(f"inventory:saved_search_{purpose}", args=[token(purpose, row_id)])


def token(purpose: Purpose, row_id: UUID) -> str:
    """73 characters of A-Z a-z 0-9 . _ -"""
    return _signer(purpose).sign(base64.urlsafe_b64encode(row_id.bytes).decode().rstrip("="))


def token_read(purpose: Purpose, value: str) -> UUID:
    """Raises NotFound `unknown_link` for what this node did not sign for this purpose, or too long ago."""
    try:
        signed = _signer(purpose).unsign(value[:200], max_age=MAX_AGE[purpose])
        return UUID(bytes=base64.urlsafe_b64decode(f"{signed}=="))
    except (BadSignature, ValueError, binascii.Error) as error:
        raise unknown_link() from error


def unknown_link() -> NotFound:
    return NotFound(
        _("This link is no longer good."),
        remedy=_(
            "Perhaps it is too old, or what it was for is deleted. You can ask for a new one under Saved searches."
        ),
        code="unknown_link",
    )


def _signer(purpose: Purpose) -> TimestampSigner:
    return TimestampSigner(salt=f"saved-search.{purpose}", sep=".")
