"""The steps that an operator can take from a page: which are open in which state, and taking one.

Each is the service that the command of the same name calls; here the person's permission is asked.
"""

from django.utils.translation import gettext as _

from core.accounts.roles import Permission, Person, require
from core.errors import Conflict, InvalidInput, NotFound
from core.node import this_node
from core.records.models import Log
from federation.models import Peer, VerifyRun
from federation.selectors.peers import peer_get
from federation.services import operate
from federation.services.ask import ask_description
from federation.services.verify_runs import verify_ask
from federation.wire import NodeDescription

STEPS = ("pull", "verify", "pause", "resume", "freeze", "release", "confirm", "remove", "forget")
# They lose something, or let something happen that cannot be undone: a page asks first.
ASKED_FIRST = frozenset({"freeze", "release", "confirm", "remove", "forget"})
# Those who come after must know why.
REASONED = frozenset({"freeze"})

_LOG_STEPS = {Log.State.FROZEN: ("release",), Log.State.HELD: ("confirm", "freeze")}
_PEER_STEPS = {
    Peer.State.ADMITTED: ("pull", "pause", "remove"),
    Peer.State.PAUSED: ("resume", "remove"),
    Peer.State.REMOVED: ("resume",),
}


def steps_open(log: Log | None, peer: Peer | None) -> list[str]:
    """The steps that can be taken with this origin now, in the order in which they are shown."""
    found: set[str] = set()
    if log is not None:
        found |= {"verify", *_LOG_STEPS.get(Log.State(log.state), ("freeze",))}
    if peer is not None:
        found |= set(_PEER_STEPS[Peer.State(peer.state)])
    if (log is None or log.origin != this_node().id) and (log or peer):
        found.add("forget")
    return [step for step in STEPS if step in found]


def step_take(*, person: Person, by: str, step: str, origin: str, reason: str = "", repair: bool = False) -> None:
    """Take one step with an origin. `by` is how the audit trail names the person.

    Raises NotPermitted; NotFound for an unknown step, origin or peer; InvalidInput if a reason is missing; Conflict if
    the state does not allow it.
    """
    require(person, Permission.ADMINISTER)
    if step not in STEPS:
        raise NotFound()
    if step in REASONED and not reason:
        raise InvalidInput(_("Say why, for those who come after."), field="reason", code="missing_reason")
    match step:
        case "pull":
            operate.peer_pull_now(by=by, peer=peer_get(origin), reason=reason)
        case "pause" | "resume" | "remove":
            operate.peer_step(by=by, verb=step, peer=peer_get(origin), reason=reason)
        case "freeze":
            operate.origin_freeze(by=by, origin=origin, reason=reason)
        case "release":
            operate.origin_release(by=by, origin=origin, reason=reason)
        case "confirm":
            operate.deletions_confirm(by=by, origin=origin, reason=reason)
        case "forget":
            operate.origin_forget(by=by, origin=origin, reason=reason)
        case "verify":
            verify_ask(by=by, origin=origin, repair=repair, reason=reason)


def everything_verify(*, person: Person, by: str, repair: bool) -> VerifyRun:
    """All logs and the index. Raises NotPermitted, Conflict `verify_under_way`."""
    require(person, Permission.ADMINISTER)
    return verify_ask(by=by, repair=repair)


def node_look_up(*, person: Person, url: str) -> NodeDescription:
    """What the node at this address says of itself, for a person to compare. Raises NotPermitted, PeerUnavailable,
    VerificationFailed, Conflict `own_node`.
    """
    require(person, Permission.ADMINISTER)
    if url == this_node().url:
        raise Conflict(_("A node cannot be its own peer."), field="url", code="own_node")
    return ask_description(url)


def node_admit(*, person: Person, by: str, url: str, verifier_key: str, name: str, reason: str = "") -> Peer:
    """Admit the node whose key the person has compared. Raises NotPermitted, and as `admission.peer_admit` does."""
    require(person, Permission.ADMINISTER)
    return operate.node_admit(by=by, url=url, verifier_key=verifier_key, name=name, reason=reason)
