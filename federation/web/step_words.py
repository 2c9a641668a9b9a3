"""What an operator's steps are called on pages, what they ask before, and what they say afterwards."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class StepWords(NamedTuple):
    """`question` and `done` have `%(name)s`; `follows` says what comes of it."""

    label: Promise
    icon: str
    question: Promise
    follows: Promise
    done: Promise


STEP_WORDS: dict[str, StepWords] = {
    "pull": StepWords(
        _("Pull now"),
        "refresh",
        _("Pull from %(name)s now?"),
        _("It is asked at once whether it has something new, whatever went wrong before."),
        _("%(name)s is asked now; in a few seconds the page shows what came of it."),
    ),
    "verify": StepWords(
        _("Verify its log anew"),
        "verified",
        _("Verify the log of %(name)s anew?"),
        _("Every entry that is held is read and proven again. The node works on meanwhile."),
        _("The log of %(name)s is being verified."),
    ),
    "pause": StepWords(
        _("Pause"),
        "time",
        _("Pause %(name)s?"),
        _("It is asked nothing until you resume it. Its records still come by way of other nodes."),
        _("%(name)s is paused."),
    ),
    "resume": StepWords(
        _("Resume"),
        "refresh",
        _("Resume %(name)s?"),
        _("It is pulled from again, at once, as if it had never failed."),
        _("%(name)s is pulled from again."),
    ),
    "freeze": StepWords(
        _("Freeze"),
        "lock",
        _("Freeze the log of %(name)s?"),
        _("Nothing more is taken of its log, from anybody. What is held stays readable and is served on."),
        _("The log of %(name)s is frozen."),
    ),
    "release": StepWords(
        _("Release"),
        "check",
        _("Release the log of %(name)s?"),
        _(
            "It is followed again from where it stands. If it still does not continue what is held here, it freezes "
            "anew. Ask its operator first what happened."
        ),
        _("The log of %(name)s is followed again."),
    ),
    "confirm": StepWords(
        _("Take the deletions"),
        "delete",
        _("Take the deletions of %(name)s?"),
        _("The records that it deletes disappear from searches here. Ask its operator first whether it means to."),
        _("The deletions of %(name)s are taken with the next pull."),
    ),
    "remove": StepWords(
        _("Remove"),
        "minus",
        _("Remove %(name)s?"),
        _("It is asked nothing any more and its log is followed no longer. What is held of it stays readable."),
        _("%(name)s is removed. What is held of it stays."),
    ),
    "forget": StepWords(
        _("Forget"),
        "delete",
        _("Forget all of %(name)s?"),
        _(
            "All that is held of it is deleted here: its records, its log and the peer. "
            "Admitted again, it is pulled anew from its first entry, if some node still holds it."
        ),
        _("%(name)s is forgotten."),
    ),
}

# What the audit trail's verbs are called; those above are called the same.
VERB_WORDS: dict[str, Promise] = {verb: words.label for verb, words in STEP_WORDS.items()} | {
    "admit": _("Admit"),
    "init": _("Set up this node"),
    "rotate-key": _("New signing key"),
    "drop-old-key": _("Drop the old key"),
    "retire": _("Retire this node"),
    "restored": _("A backup was put back"),
    "recover": _("Pull this node's log back"),
    "accept-loss": _("Publish again despite a loss"),
    "erase": _("Erase documents"),
    "verify": _("Verify anew"),
}


def verb_words(verb: str) -> str:
    """As it is written, for verbs that a newer version wrote."""
    return str(VERB_WORDS.get(verb, verb))
