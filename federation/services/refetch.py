"""Having entries of a log anew from peers: those that verification found damaged or missing.

Whoever serves them, what counts is the origin's signature, as in a pull; and that they stand in the very log of which
the rest is held here: an entry is taken if it has the leaf hash that is held, or if the peer's tree is shown to go on
from the signed root that is held.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.errors import HavenlinkError, VerificationFailed
from core.records.checkpoint import Checkpoint
from core.records.merkle import CompactRange
from core.records.models import Entry, Log
from core.records.page import Page, PageEntry, VerifiedPage, page_verify
from core.records.services.mend import checkpoint_put, entries_replace
from core.records.services.verify import checkpoint_keys
from core.records.spans import Spans
from federation import wire
from federation.models import Peer
from federation.services.ask import ask_heads, ask_page

Span = tuple[int, int]


def holders(origin: str) -> list[Peer]:
    """The admitted peers that may hold this log: its origin first, then who reported the most of it."""
    peers = Peer.objects.filter(state=Peer.State.ADMITTED)
    found = [peer for peer in peers if peer.origin == origin or peer.reported_size(origin) is not None]
    return sorted(found, key=lambda peer: (peer.origin != origin, -(peer.reported_size(origin) or 0), peer.origin))


def entries_refetch(log: Log, wanted: Spans, signed: Checkpoint | None) -> list[str]:
    """Ask one peer after the other until every wanted entry is back; what kept them from helping, in words.

    `signed` is the checkpoint of the log that is held and trusted.
    """
    left, problems = list(wanted), []
    for peer in holders(log.origin):
        if not left:
            break
        source = _Source(peer, log, signed)
        try:
            left = source.fetch(left)
        except HavenlinkError as error:
            problems.append(f"{peer.origin}: {error.message} ({error.reason})")
    if not problems and left:
        problems.append("No admitted peer holds them." if holders(log.origin) else "No admitted peer holds this log.")
    return problems


def checkpoint_refetch(log: Log) -> list[str]:
    """A checkpoint of what is held, from the first peer that shows one; what kept them from helping, in words."""
    problems = []
    for peer in holders(log.origin):
        try:
            head = ask_heads(peer.url, frozenset({log.origin})).heads.get(log.origin)
            if head is not None and checkpoint_put(log.id, head.checkpoint):
                return []
            problems.append(f"{peer.origin}: its checkpoint is not of what is held here")
        except HavenlinkError as error:
            problems.append(f"{peer.origin}: {error.message} ({error.reason})")
    return problems or ["No admitted peer holds this log."]


@dataclass(slots=True)
class _Source:
    """One peer that is asked. `linked` are roots of its checkpoints that were shown to continue the signed one."""

    peer: Peer
    log: Log
    signed: Checkpoint | None
    linked: set[bytes] = field(default_factory=set)

    def fetch(self, spans: Sequence[Span]) -> list[Span]:
        """Take what the peer has of these; the spans that it could not give, or without their document."""
        left = Spans()
        for first, last in spans:
            after = first
            while after < last:
                page = ask_page(
                    self.peer.url,
                    origin=self.log.origin,
                    after=after,
                    first=min(last - after, wire.PAGE_ENTRIES),
                )
                taken = self._take(page, after, last)
                for entry in taken:
                    if entry.document is None:
                        left.add(entry.index)
                if not taken:
                    left.add(after, last)
                    break
                after = taken[-1].index + 1
        return list(left)

    def _take(self, page: Page, after: int, last: int) -> list[PageEntry]:
        """The page's entries, up to the first that cannot be shown to stand in this log; they are put in place."""
        verified = self._verified(page, after)
        ids = [self.log.entry_id(entry.index) for entry in verified.entries]
        held = {key: bytes(leaf) for key, leaf in Entry.objects.filter(id__in=ids).values_list("id", "leaf_hash")}
        taken: list[PageEntry] = []
        for key, entry, leaf in zip(ids, verified.entries, verified.leaf_hashes, strict=True):
            if entry.index >= last or (held.get(key) != leaf and not self._continues(verified.checkpoint)):
                break
            taken.append(entry)
        entries_replace(self.log, taken)
        return taken

    def _continues(self, checkpoint: Checkpoint) -> bool:
        """Whether the peer's tree begins with the tree that was signed and is held here."""
        if self.signed is None:
            return True
        if checkpoint.size == self.signed.size:
            return checkpoint.root == self.signed.root
        if checkpoint.size > self.signed.size and checkpoint.root not in self.linked:
            proof = ask_page(self.peer.url, origin=self.log.origin, after=self.signed.size, first=1)
            proven = self._verified(proof, self.signed.size)
            if CompactRange(proof.first, list(proof.left)).root() == self.signed.root:
                self.linked.add(proven.checkpoint.root)
        return checkpoint.root in self.linked

    def _verified(self, page: Page, after: int) -> VerifiedPage:
        if page.first != after:
            raise VerificationFailed(f"The page begins at {page.first}; {after} was asked for.", code="gap")
        try:
            left = CompactRange(page.first, list(page.left))
        except ValueError as error:
            raise VerificationFailed(f"The page's proof is malformed: {error}.", code="bad_proof") from error
        refused: VerificationFailed | None = None
        for key in checkpoint_keys(self.log):
            try:
                return page_verify(page, key, left)
            except VerificationFailed as error:
                refused = refused or error
        raise refused or VerificationFailed(f"{self.log.origin} has no key here.", code="bad_key")
