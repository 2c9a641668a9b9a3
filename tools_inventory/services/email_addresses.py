"""What may be an e-mail address here: one that every mail server takes, and that cannot smuggle a header."""

from dataclasses import dataclass

import idna
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from core.errors import InvalidInput

# RFC 5321, 4.5.3.1
MAX_ADDRESS = 254
MAX_LOCAL = 64


@dataclass(frozen=True, slots=True)
class Address:
    """`email` is to be written to, its domain in ASCII; `key` is the same for all spellings of the address."""

    email: str
    key: str


def address_checked(typed: str) -> Address:
    """Raises InvalidInput `bad_email`. "jo@hafen-köln.de" is written to as "jo@xn--hafen-kln-67a.de"."""
    local, _at, domain = typed.strip().rpartition("@")
    try:
        email = f"{local}@{idna.encode(domain, uts46=True, std3_rules=True).decode('ascii').lower()}"
        # Names without a dot are machines of the node's own network; quoted names may hold anything.
        if "." not in domain or '"' in local or len(local) > MAX_LOCAL or len(email) > MAX_ADDRESS:
            raise ValidationError("")
        validate_email(email)
    except (idna.IDNAError, ValidationError) as error:
        raise InvalidInput(
            _("This is not an e-mail address that mails can be sent to."),
            remedy=_("Write it like name@example.org; before the @ only letters without accents."),
            field="email",
            code="bad_email",
        ) from error
    return Address(email, email.lower())


def address_shown(email: str) -> str:
    """As people write it: the domain in its own letters."""
    local, _at, domain = email.rpartition("@")
    try:
        return f"{local}@{idna.decode(domain)}"
    except idna.IDNAError:
        return email
