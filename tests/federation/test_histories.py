"""Random histories of two to five nodes against a simple model: in the end all replicas equal it.

Each node is a real process with a database of its own; what they say to each other goes over real HTTP, through lines
that can be cut. The model knows what each origin has published, in order, and nothing of logs, trees or pages.
"""

import contextlib
import itertools
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from tests.forked_nodes import ForkedNode, Nursery, Process
from tests.tcp_proxy import Line, line_to

pytestmark = pytest.mark.xdist_group("histories")

NAMES = ("antwerp", "hamburg", "genoa", "dunkirk", "rotterdam")
DATABASE_URL = os.environ.get("DATABASE_URL", "")
EXAMPLES, STEPS, BUSY_STEPS = 8, 12, 40

# A node, by its number among those of the history.
a_node = st.integers(0, len(NAMES) - 1)
# A record of the node's, by its number; a new one beyond them.
a_record = st.integers(0, 7)


@dataclass
class Member:
    """A node as it lives on over all histories; `process` answers its calls and its peers, or it is down."""

    node: ForkedNode
    process: Process | None = None

    def start(self) -> Process:
        if self.process is None:
            self.process = self.node.server()
        return self.process

    def crash(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process = None


@dataclass
class Cast:
    members: list[Member]
    # From the puller to the pulled, by their numbers.
    lines: dict[tuple[int, int], Line]


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    with contextlib.ExitStack() as stack:
        nursery = stack.enter_context(Nursery(tmp_path_factory.mktemp("histories"), DATABASE_URL))
        # Of few records many are withdrawn: nobody is there to confirm that.
        members = [Member(nursery.node(name, MAX_DELETED_SHARE=1.0)) for name in NAMES]
        lines = {
            (puller, pulled): stack.enter_context(line_to(members[pulled].node.port))
            for puller, pulled in itertools.permutations(range(len(NAMES)), 2)
        }
        for member in members:
            stack.callback(member.crash)
            member.start().call("backup_make", name="begin")
        yield Cast(members, lines)


# What happens in a busy time, as often as it stands here.
BUSY = "pull " * 9 + "publish " * 8 + "restore " * 3 + "erase crash start cut heal"


class Histories(RuleBasedStateMachine):
    """`published` is the model: by origin, what it has published and somebody still holds: (uuid, revision, title)."""

    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self.members: list[Member] = []
        self.published: dict[str, list[list[Any]]] = {}
        self.erased: set[str] = set()
        # Who may be behind what it published; of whom there is a backup, by number.
        self.restored: set[str] = set()
        self.kept: set[int] = set()
        self.titles = itertools.count()

    @initialize(count=st.integers(2, len(NAMES)), chance=st.randoms(use_true_random=True))
    def begin(self, count: int, chance: random.Random) -> None:
        """The nodes as they were made, all admitted by all; and a busy time, since histories here are few and dear."""
        self.members = self.cast.members[:count]
        for line in self.cast.lines.values():
            line.clear()
        for member in self.members:
            process = member.start()
            process.call("backup_restore", name="begin", with_files=True)
            self.published[member.node.id] = process.call("history")[member.node.id]
        for puller, pulled in self._pairs():
            other = self.members[pulled].node
            url = self.cast.lines[puller, pulled].url
            self.members[puller].start().call("admit", url=url, verifier_key=other.verifier_key)

        for _ in range(BUSY_STEPS):
            self._something_happens(chance)

    def _something_happens(self, chance: random.Random) -> None:
        one, other = chance.randrange(60), chance.randrange(60)
        match chance.choice(BUSY.split()):
            case "pull":
                self.pull(one, other)
            case "publish":
                self.publish(one, chance.randrange(5), chance.random() < 0.3, chance.random() < 0.3)
            case "restore" if self.kept:
                self.restore(one, chance.random() < 0.3)
            case "erase":
                self.erase(one, other, 0)
            case "crash":
                self.crash(one, chance.random() < 0.5)
            case "start":
                self.start()
            case "cut":
                self.cut(one, other)
            case "heal":
                self.heal()

    def _pairs(self) -> Iterator[tuple[int, int]]:
        return itertools.permutations(range(len(self.members)), 2)

    def _member(self, number: int) -> Member:
        return self.members[number % len(self.members)]

    @rule(number=a_node, record=a_record, withdraw=st.booleans(), back_up=st.booleans())
    def publish(self, number: int, record: int, withdraw: bool, back_up: bool) -> None:
        """A record anew, a revision or a withdrawal; from time to time after a backup, the last of which is kept."""
        member = self._member(number)
        if member.process is None:
            return
        if back_up:
            member.process.call("backup_make", name="kept")
            self.kept.add(number % len(self.members))
        log = self.published[member.node.id]
        uuids = list(dict.fromkeys(uuid for uuid, _revision, _title in log[1:]))
        uuid = uuids[record] if record < len(uuids) else ""
        title = None if uuid and withdraw else f"Titel {next(self.titles)}"
        revision = 1 + max((known for other, known, _title in log if other == uuid), default=0)

        reply = member.process.call("attempt", what="change", uuid=uuid, title=title or "")

        if "code" in reply:
            assert (reply["code"], member.node.id in self.restored) == ("log_behind", True)
        else:
            made, index, number = reply["answer"]
            assert (index, number, made) == (len(log), revision, uuid or made)
            log.append([made, revision, title])

    @rule(puller=a_node, way=a_node)
    def pull(self, puller: int, way: int) -> None:
        puller, pulled = self._pair(puller, way)
        process, other = self.members[puller].process, self.members[pulled]
        if process is None:
            return
        code = process.call("pull_from", origin=other.node.id)
        if other.process is None or self.cast.lines[puller, pulled].cut:
            assert code in ("unreachable", "broken_off")
        else:
            assert code == ""
        for origin, size in process.call("sizes").items():
            assert size <= len(self.published[origin])

    def _pair(self, one: int, way: int) -> tuple[int, int]:
        """Two different nodes."""
        count = len(self.members)
        return one % count, (one + 1 + way % (count - 1)) % count

    @rule(number=a_node, origin=a_node, record=a_record)
    def erase(self, number: int, origin: int, record: int) -> None:
        """Of a withdrawn record, at whichever node."""
        process = self._member(number).process
        log = self.published[self._member(origin).node.id]
        withdrawn = [uuid for uuid, _revision, title in log if title is None]
        if process is not None and record < len(withdrawn) and process.call("erase", uuid=withdrawn[record]):
            self.erased.add(withdrawn[record])

    @rule(number=a_node, for_long=st.booleans())
    def crash(self, number: int, for_long: bool) -> None:
        member = self._member(number)
        member.crash()
        if not for_long or any(other.process is None for other in self.members if other is not member):
            member.start()

    @precondition(lambda self: any(member.process is None for member in self.members))
    @rule()
    def start(self) -> None:
        for member in self.members:
            member.start()

    @rule(one=a_node, way=a_node)
    def cut(self, one: int, way: int) -> None:
        one, other = self._pair(one, way)
        self.cast.lines[one, other].cut = self.cast.lines[other, one].cut = True

    @precondition(lambda self: any(line.cut for line in self.cast.lines.values()))
    @rule()
    def heal(self) -> None:
        for line in self.cast.lines.values():
            line.clear()

    @precondition(lambda self: self.kept)
    @rule(number=a_node, with_files=st.booleans())
    def restore(self, number: int, with_files: bool) -> None:
        """The database alone, or all that a node keeps: then its operator says so, as the manual demands."""
        member = self.members[sorted(self.kept)[number % len(self.kept)]]
        process = member.start()
        process.call("backup_restore", name="kept", with_files=with_files)
        if with_files:
            process.call("recovery_demanded")
        member.crash()
        member.start()
        self.restored.add(member.node.id)
        self._forget_what_nobody_holds()

    def _forget_what_nobody_holds(self) -> None:
        held = [(member.process or member.node).call("sizes") for member in self.members]
        for origin, log in self.published.items():
            del log[max(sizes.get(origin, 0) for sizes in held) :]

    def teardown(self) -> None:
        """All lines are whole, all nodes are up: they converge, equal the model, and all can publish."""
        for line in self.cast.lines.values():
            line.clear()
        for member in self.members:
            member.start()
        self._converge()
        self.restored.clear()
        for number in range(len(self.members)):
            self.publish(number, 99, False, False)
        self._converge()

    def _converge(self) -> None:
        """Twice at least: who was restored goes on when it has heard everybody."""
        sizes = {origin: len(log) for origin, log in self.published.items()}
        for turn in range(5):
            for member in self.members:
                assert member.start().call("pull_all")["problems"] == {}
            if turn and all(member.start().call("sizes") == sizes for member in self.members):
                break
        for member in self.members:
            process = member.start()
            process.call("verify_all")
            found = process.call("history")
            assert {origin: list(map(self._without_erased, log)) for origin, log in found.items()} == {
                origin: list(map(self._without_erased, log)) for origin, log in self.published.items()
            }, member.node.id

    def _without_erased(self, entry: list[Any]) -> list[Any]:
        uuid, revision, title = entry
        return [uuid, revision, "" if uuid in self.erased and title is not None else title]


def test_in_the_end_all_replicas_equal_what_was_published(cast: Cast) -> None:
    class OfThisCast(Histories):
        pass

    OfThisCast.cast = cast
    run_state_machine_as_test(
        OfThisCast,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            # To find a shorter history that fails too would take minutes; what failed is printed.
            phases=[Phase.generate],
            print_blob=True,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
