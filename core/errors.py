"""Every error that Havenlink raises on purpose, and what each edge needs to show it.

HavenlinkError
├── InvalidInput            400  what was sent cannot be read or is not allowed
│   ├── InvalidRecord       422  a document does not fit its kind's schema
│   └── RequestTooLarge     413  a body, a query or a cost above the limit
├── NotFound                404  no such record, origin, page
├── Withdrawn               410  it was published, and its origin withdrew it
├── NotPermitted            403  the person may not do this
├── Conflict                409  somebody else changed it, or its state forbids the step
│   └── HeldForConfirmation 409  a pull would delete so much that a person must confirm it
├── TooManyRequests         429  slow down, then try again
├── Unavailable             503  a part of this node is down for now (retryable)
│   └── PeerUnavailable     503  a peer does not answer, or not in time (retryable)
└── VerificationFailed      502  what a peer served does not verify; refused whole
    └── ForkDetected        502  an origin signed two different histories; it is frozen

`code` is stable and documented; `message` says what is wrong and `remedy` what to do, both lazily translated.
Edges map these errors once: `core.web.errors`, `core.api.errors`, `core.graphql.errors`.
"""

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Message = str | Promise


class HavenlinkError(Exception):
    """Base of the tree. `field` names the parameter or form field at fault, where there is one."""

    code: ClassVar[str] = "error"
    http_status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False
    default_message: ClassVar[Message] = _("Something went wrong.")
    default_remedy: ClassVar[Message] = _("Try again; if it happens again, tell the node's operator.")

    def __init__(
        self,
        message: Message | None = None,
        *,
        remedy: Message | None = None,
        field: str | None = None,
        code: str | None = None,
    ) -> None:
        self.message: Message = message or self.default_message
        self.remedy: Message = remedy or self.default_remedy
        self.field = field
        self.reason = code or self.code
        super().__init__(str(self.message))

    def __str__(self) -> str:
        return f"{self.reason}: {self.message}"


class InvalidInput(HavenlinkError):
    code = "invalid_input"
    http_status = 400
    default_message = _("This request cannot be understood.")
    default_remedy = _("Check what was sent against the documentation.")


class InvalidRecord(InvalidInput):
    code = "invalid_record"
    http_status = 422
    default_message = _("The record does not fit the definition of its kind.")
    default_remedy = _("Correct the fields named and publish again.")


class RequestTooLarge(InvalidInput):
    code = "too_large"
    http_status = 413
    default_message = _("The request is larger than this node accepts.")
    default_remedy = _("Send less at a time.")


class NotFound(HavenlinkError):
    code = "not_found"
    http_status = 404
    default_message = _("There is nothing at this address.")
    default_remedy = _("Check the address, or search for it.")


class Withdrawn(HavenlinkError):
    code = "withdrawn"
    http_status = 410
    default_message = _("This record was withdrawn by the node that published it.")
    default_remedy = _("Search for a similar one.")


class NotPermitted(HavenlinkError):
    code = "not_permitted"
    http_status = 403
    default_message = _("You may not do this.")
    default_remedy = _("Sign in with an account that has the role, or ask the node's administrator.")


class Conflict(HavenlinkError):
    code = "conflict"
    http_status = 409
    default_message = _("This was changed in the meantime.")
    default_remedy = _("Load it again and repeat your change.")


class HeldForConfirmation(Conflict):
    code = "mass_deletion"
    default_message = _("The origin deletes so many of its records that a person must confirm it.")
    default_remedy = _("Ask the origin's operator; then confirm, or leave what is held as it is.")


class TooManyRequests(HavenlinkError):
    code = "too_many_requests"
    http_status = 429
    retryable = True
    default_message = _("Too many requests.")
    default_remedy = _("Wait a minute, then try again.")


class Unavailable(HavenlinkError):
    code = "unavailable"
    http_status = 503
    retryable = True
    default_message = _("A part of this node is not available at the moment.")
    default_remedy = _("Try again in a minute.")


class PeerUnavailable(Unavailable):
    code = "peer_unavailable"
    default_message = _("The peer does not answer.")
    default_remedy = _("It is tried again by itself; if this lasts, ask its operator.")


class VerificationFailed(HavenlinkError):
    code = "verification_failed"
    http_status = 502
    default_message = _("What the peer served does not verify and was refused.")
    default_remedy = _("Tell the peer's operator; pull from another peer meanwhile.")


class ForkDetected(VerificationFailed):
    code = "fork_detected"
    default_message = _("The origin signed two different histories of its log. It is frozen on this node.")
    default_remedy = _("Ask the origin's operator what happened before releasing it.")
