"""The cast: this node is Antwerp; Hamburg and Rotterdam are peers in memory, reached through the real HTTP client."""

from collections.abc import Iterator

import httpx
import pytest
from django.conf import settings

from core import http
from core.records.keys import signing_key_create
from federation.models import Peer
from federation.services.admission import peer_admit
from federation.services.ask import heads_forget
from tests.federation.fakes import FakeNetwork, FakePeer


@pytest.fixture(autouse=True)
def antwerp_key() -> None:
    signing_key_create(settings.SIGNING_KEY_FILE)


@pytest.fixture(autouse=True)
def fresh_process() -> None:
    """What an earlier test's peers answered is not remembered."""
    heads_forget()


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeNetwork]:
    """Nothing leaves this process: the client's transport is the network in memory."""
    found = FakeNetwork()
    with httpx.Client(transport=httpx.MockTransport(found)) as client:
        monkeypatch.setattr(http, "_client", lambda _process: client)
        yield found


@pytest.fixture
def hamburg(network: FakeNetwork) -> FakePeer:
    """A peer in memory with three tools, not yet admitted."""
    peer = network.add("hamburg")
    for title in ("Hafenrallye", "Girls' Day", "Schnuppertag"):
        peer.log.publish(title)
    return peer


@pytest.fixture
def rotterdam(network: FakeNetwork) -> FakePeer:
    peer = network.add("rotterdam")
    peer.log.publish("Havendag")
    return peer


@pytest.fixture
def hamburg_peer(hamburg: FakePeer) -> Peer:
    return peer_admit(url=hamburg.url, verifier_key=hamburg.key)


@pytest.fixture
def rotterdam_peer(rotterdam: FakePeer) -> Peer:
    return peer_admit(url=rotterdam.url, verifier_key=rotterdam.key)
