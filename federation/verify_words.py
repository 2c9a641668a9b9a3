"""What a fault that verification found means, and what an operator does when it cannot be mended by itself."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class FaultWords(NamedTuple):
    meaning: Promise
    remedy: Promise


_REFETCH = _(
    "Verify anew with repair when a node that holds this log answers; admit another that does, or put back a backup."
)
_REPAIR = _("Verify anew with repair.")
_FOLD = _("Verify anew with repair: the record is folded from the log again.")

FAULTS: dict[str, FaultWords] = {
    "entry_missing": FaultWords(_("Entries are missing."), _REFETCH),
    "entry_extra": FaultWords(
        _("Entries stand after the log's end."),
        _("Verify anew with repair. In this node's own log: “manage.py node recover”, and look into a backup."),
    ),
    "entry_misfiled": FaultWords(_("An entry is filed under another log."), _REPAIR),
    "leaf_damaged": FaultWords(_("An entry's header and its leaf hash do not fit together."), _REFETCH),
    "document_damaged": FaultWords(_("A document's bytes are not those that were hashed."), _REFETCH),
    "document_missing": FaultWords(_("A current record's document is missing."), _REFETCH),
    "tree_damaged": FaultWords(_("The tree stored is not the one that the entries make."), _REPAIR),
    "root_damaged": FaultWords(_("The entries do not lead to the root that was signed."), _REFETCH),
    "checkpoint_damaged": FaultWords(_("The checkpoint stored is not one that its origin signed."), _REFETCH),
    "record_missing": FaultWords(_("A record that the log states is not current."), _FOLD),
    "record_outdated": FaultWords(_("A record is not in its newest revision."), _FOLD),
    "record_damaged": FaultWords(_("A record is not what its entry states."), _FOLD),
    "record_stray": FaultWords(_("A record is current that no entry states."), _FOLD),
    "log_behind": FaultWords(
        _("This node holds less of its own log than it published."),
        _("Run “manage.py node recover”: it pulls the log back from the peers."),
    ),
    "index_differs": FaultWords(
        _("The search index is not what the records state."),
        _("Verify anew with repair, or run “manage.py search rebuild”."),
    ),
    "index_unverified": FaultWords(
        _("The search index could not be looked at."),
        _("“manage.py search status” says what is wrong with it; then verify anew."),
    ),
}


def fault_words(code: str) -> FaultWords:
    """For codes that a newer version wrote too."""
    return FAULTS.get(code, FaultWords(_("Something is not as it should be."), _REPAIR))
