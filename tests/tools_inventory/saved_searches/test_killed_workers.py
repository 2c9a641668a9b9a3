"""Real worker processes, killed at the worst moments: at most one mail comes twice, and none is lost."""

import os
from collections import Counter

import pytest

from tests.nodes import Nodes, wait_until
from tests.smtp_server import SmtpServer

READERS = [f"reader{number}@example.org" for number in range(6)]


@pytest.fixture
def antwerp(tmp_path):
    database_url, calls = os.environ.get("DATABASE_URL", ""), "tests.tools_inventory.saved_searches.calls"
    with SmtpServer() as server, Nodes(tmp_path, database_url, calls=calls) as nodes:
        node = nodes.make("antwerp", EMAIL_URL=server.url)
        node.call("follow", addresses=READERS)
        node.call("publish", count=2)
        node.call("make_due")
        server.mails.clear()
        yield node, server


def told(server):
    return Counter(mail.to for mail in server.mails)


def test_killed_while_the_server_has_the_mail_and_has_not_said_so(antwerp):
    """The worst moment: the mail is out, and nobody here knows. It comes twice, with one and the same Message-ID."""
    node, server = antwerp
    server.hold.set()
    node.begin("send")
    wait_until(server.holding.is_set, 30, "the first mail")
    node.kill_helper()
    server.hold.clear()
    assert sum(told(server).values()) == 1

    assert node.call("send") == len(READERS) - 1, "the others do not wait for the dead worker's lease"
    node.call("free")
    assert node.call("send") == 1

    twice = [address for address, count in told(server).items() if count == 2]
    assert told(server) == Counter({**dict.fromkeys(READERS, 1), twice[0]: 2})
    assert len({mail.message["Message-ID"] for mail in server.mails if mail.to == twice[0]}) == 1
    node.call("free")
    assert node.call("send") == 0


def test_killed_again_and_again_at_any_moment(antwerp):
    node, server = antwerp
    kills = 0
    for mails in (1, 3, 4):
        node.begin("send")
        wait_until(lambda mails=mails: len(server.mails) >= mails, 30, f"{mails} mails")
        node.kill_helper()
        kills += 1
        node.call("free")
    node.call("send")

    assert sorted(told(server)) == READERS
    assert len(server.mails) <= len(READERS) + kills
    assert node.call("send") == 0


def test_two_workers_at_once_send_each_mail_once(antwerp):
    node, server = antwerp
    commands = [node.manage_begin("alerts", "send") for _worker in range(2)]
    assert [command.wait(60) for command in commands] == [0, 0]

    assert told(server) == Counter(READERS)
