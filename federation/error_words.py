"""What a pull's error code means, for a person: one sentence a code, in the reader's language.

The text stored beside the code names the detail (which host, which entry) in English, for the operator.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_UNREACHABLE = _("It cannot be reached.")
_NOT_GENUINE = _("What it served does not verify and was refused.")
_UNREADABLE = _("Its answer cannot be read.")

WORDS: dict[str, Promise] = {
    "unreachable": _UNREACHABLE,
    "unresolved": _("Its address cannot be found."),
    "timeout": _("It did not answer in time."),
    "broken_off": _("It broke off its answer."),
    "bad_certificate": _("Its certificate is not valid."),
    "private_address": _("Its address is a private one, which this node does not ask."),
    "peer_unavailable": _UNREACHABLE,
    "peer_error": _("It reports an error of its own."),
    "peer_refused": _("It refused to answer."),
    "refused": _("It refused to answer."),
    "redirected": _("It has moved to another address."),
    "not_json": _UNREADABLE,
    "bad_reply": _UNREADABLE,
    "bad_encoding": _UNREADABLE,
    "answer_too_large": _("Its answer is too large."),
    "other_protocol": _("It speaks another version of the protocol."),
    "wrong_node": _("Another node answers at its address."),
    "key_changed": _("It shows another key than the one that was admitted. Nothing is pulled from it."),
    "bad_key": _("Its key cannot be read."),
    "bad_checkpoint": _NOT_GENUINE,
    "bad_signature": _NOT_GENUINE,
    "bad_entry": _NOT_GENUINE,
    "bad_page": _NOT_GENUINE,
    "bad_document": _NOT_GENUINE,
    "bad_proof": _NOT_GENUINE,
    "gap": _NOT_GENUINE,
    "empty_page": _("It served nothing where it claims to hold more."),
    "fork_detected": _("An origin signed two different histories. It is frozen here until an operator decides."),
    "frozen": _("Nothing more is taken from it until an operator decides."),
    "mass_deletion": _("It deletes so many of its records that a person must confirm it."),
    "log_damaged": _("What is stored of a log here is damaged: it must be verified and repaired first."),
    "disk_full": _("This node's disk is full: nothing more can be stored until there is room."),
    "database_failed": _("This node's database failed. Its log says how."),
    "internal": _("Something went wrong on this node. Its log says what."),
    "log_behind": _("This node's log is being brought back from its peers. Until then nothing can be published."),
}


def error_words(code: str) -> str:
    """The sentence for a code; a general one for codes that a newer version brought, nothing for none."""
    return str(WORDS.get(code, _("Something went wrong."))) if code else ""
