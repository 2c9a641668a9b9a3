"""Verification on real nodes, whose database others write to meanwhile and whose peers answer over HTTP."""

import json
import os
from collections.abc import Iterator

import pytest

from tests.nodes import NodeProcess, Nodes


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    with Nodes(tmp_path_factory.mktemp("nodes"), os.environ.get("DATABASE_URL", "")) as found:
        yield found


@pytest.fixture(scope="module")
def antwerp(nodes: Nodes) -> NodeProcess:
    node = nodes.make("antwerp", language="nl")
    node.call("publish", count=3_000)
    node.serve()
    return node


@pytest.fixture(scope="module")
def hamburg(nodes: Nodes, antwerp: NodeProcess) -> NodeProcess:
    """Holds Antwerp's log, 3,001 entries, and has indexed it."""
    node = nodes.make("hamburg", language="de")
    node.admit(antwerp)
    node.call("pull")
    node.manage("search", "catch-up")
    return node


def test_damage_is_mended_from_a_peer_over_http(antwerp: NodeProcess, hamburg: NodeProcess) -> None:
    first = f"(SELECT id FROM records_log WHERE origin = '{antwerp.id}') * {2**40}"
    before = hamburg.call("heads")
    titles = hamburg.call("titles", origin=antwerp.id)
    for statement in (
        f"UPDATE records_entry SET document = replace(document, 'Schüler', 'Xchüler') WHERE id = {first} + 17",
        f"DELETE FROM records_record WHERE entry_id IN ({first} + 100, {first} + 2900)",
        f"DELETE FROM records_entry WHERE id >= {first} + 2500 AND id < {first} + 2600",
        f"UPDATE records_record SET revision = 9 WHERE entry_id = {first} + 40",
    ):
        assert hamburg.call("damage", statement=statement) > 0

    found = hamburg.manage("federation", "verify", "--json", check=False)
    repaired = hamburg.manage("federation", "verify", "--repair", "--json", check=False)
    again = hamburg.manage("federation", "verify")

    assert (found.returncode, repaired.returncode, again.returncode) == (2, 1, 0), repaired.stderr
    log = next(one for one in json.loads(repaired.stdout)["logs"] if one["origin"] == antwerp.id)
    assert (log["found"]["document_damaged"], log["found"]["entry_missing"], log["remaining"]) == (1, 100, {})
    assert hamburg.call("heads") == before
    assert sorted(hamburg.call("titles", origin=antwerp.id)) == sorted(titles)
    assert "verify" in hamburg.manage("federation", "actions").stdout


def test_nothing_is_wrong_while_others_publish_and_pull(antwerp: NodeProcess, hamburg: NodeProcess) -> None:
    """What is appended, superseded and withdrawn during the reading is no fault; nor is anything found afterwards."""
    verdicts = []
    for _round in range(4):
        antwerp.call("publish", count=400)
        pulling = hamburg.manage_begin("federation", "pull")
        antwerp.begin("publish", count=400, batch=20)
        verdicts += [one["verdict"] for one in hamburg.call("verify")["logs"]]
        verdicts += [one["verdict"] for one in hamburg.call("verify", origin=antwerp.id)["logs"]]
        antwerp.answer()
        assert pulling.wait(timeout=120) == 0

    own = antwerp.call("publish", count=1)
    antwerp.begin("publish", count=600, batch=10)
    reading = antwerp.manage("federation", "verify", "--origin", antwerp.id, check=False)
    antwerp.answer()

    assert set(verdicts) == {"good"}
    assert (reading.returncode, reading.stderr.count("ERROR")) == (0, 0), reading.stdout
    assert own["uuids"]


def test_who_cannot_be_reached_cannot_help_and_is_named(antwerp: NodeProcess, hamburg: NodeProcess) -> None:
    first = f"(SELECT id FROM records_log WHERE origin = '{antwerp.id}') * {2**40}"
    hamburg.call("damage", statement=f"UPDATE records_entry SET document = '{{}}' WHERE id = {first} + 18")
    antwerp.stop()

    refused = hamburg.manage("federation", "verify", "--origin", antwerp.id, "--repair", check=False)
    antwerp.serve()
    mended = hamburg.manage("federation", "verify", "--origin", antwerp.id, "--repair", check=False)

    assert refused.returncode == 2
    assert "document_damaged entry 18" in refused.stdout
    assert f"not had from a peer: {antwerp.id}: " in refused.stdout
    assert mended.returncode == 1, mended.stdout
