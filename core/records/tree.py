"""A log's tree as the database holds it: peaks on the log's row, high nodes in TreeNode, leaves on the entries."""

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext as _

from core.errors import Conflict
from core.records.merkle import CompactRange, root_hash, subtrees
from core.records.models import STORED_LEVEL, Entry, Log, TreeNode

HASH_BYTES = 32


def compact_range(log: Log) -> CompactRange:
    """The compact range of all entries held: what the next ones are hashed onto.

    Raises Conflict `log_damaged` if the log's row contradicts itself: whoever went on from there would sign, or take
    for another's, a history that never was.
    """
    peaks = bytes(log.peaks)
    try:
        tree = CompactRange(log.size, [peaks[i : i + HASH_BYTES] for i in range(0, len(peaks), HASH_BYTES)])
        whole = tree.root() == bytes(log.root)
    except ValueError:
        whole = False
    if not whole:
        raise Conflict(
            _("What is stored of the log of %(origin)s is damaged.") % {"origin": log.origin},
            remedy=_("Run “manage.py federation verify --repair” on the node."),
            code="log_damaged",
        )
    return tree


def packed(tree: CompactRange) -> bytes:
    return b"".join(tree.peaks)


def range_hashes(log: Log, ranges: Iterable[tuple[int, int]]) -> list[list[bytes]]:
    """For each range of entries held, the hashes of its compact range, left to right.

    Reads one query of stored nodes, and the leaves (at most 2 * 2**STORED_LEVEL a range) below them.
    """
    wanted = [subtrees(first, last) for first, last in ranges]
    keys = [TreeNode.key(log.id, level, i) for part in wanted for level, i in part if level >= STORED_LEVEL]
    stored = {node.id: bytes(node.hash) for node in TreeNode.objects.filter(id__in=keys)} if keys else {}
    low = [(level, i) for part in wanted for level, i in part if level < STORED_LEVEL]
    leaves = _leaves(log, low)
    return [
        [
            stored[TreeNode.key(log.id, level, i)]
            if level >= STORED_LEVEL
            else root_hash([leaves[n] for n in range(i << level, (i + 1) << level)])
            for level, i in part
        ]
        for part in wanted
    ]


def root_at(log: Log, size: int) -> bytes:
    """The root that the log had when it had `size` entries, at most those held."""
    if size == log.size:
        return bytes(log.root)
    return CompactRange(size, range_hashes(log, [(0, size)])[0]).root()


def _leaves(log: Log, places: list[tuple[int, int]]) -> dict[int, bytes]:
    """The leaf hashes below low subtrees, in one query; subtrees that lie beside each other are one span of it."""
    spans: list[list[int]] = []
    for first, last in sorted((i << level, (i + 1) << level) for level, i in places):
        if spans and first <= spans[-1][1]:
            spans[-1][1] = max(last, spans[-1][1])
        else:
            spans.append([first, last])
    if not spans:
        return {}
    within = Q()
    for first, last in spans:
        within |= Q(id__gte=log.entry_id(first), id__lt=log.entry_id(last))
    rows = Entry.objects.filter(within).values_list("id", "leaf_hash")
    return {key - log.entry_id(0): bytes(leaf) for key, leaf in rows}
