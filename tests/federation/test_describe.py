"""This node's description of itself: in its log and at its well-known address."""

import tomllib
from pathlib import Path

import pytest
from django.test import Client

from core.node import SOFTWARE_VERSION, this_node
from core.records.keys import own_verifier_key
from core.records.models import Record
from core.records.services.append import own_log
from federation.services.describe import node_describe
from federation.wire import description_parse

pytestmark = pytest.mark.django_db


def test_the_description_is_published_once() -> None:
    assert node_describe() is True
    assert node_describe() is False

    document = Record.objects.select_related("entry").get(kind="node").document
    assert document["title"] == {"nl": {"text": "Antwerp", "method": "source"}}
    assert document["languages"] == ["nl"]
    assert document["area"] == ["antwerp"]
    assert document["url"] == this_node().url
    assert document["verifier_keys"] == [str(own_verifier_key())]
    assert document["endpoints"] == [f"{this_node().url}/graphql", f"{this_node().url}/federation/poke"]


def test_a_changed_description_is_a_new_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    node_describe()
    first = Record.objects.get(kind="node").uuid
    monkeypatch.setattr("federation.services.describe.own_verifier_key", lambda: "another+key")

    assert node_describe() is True

    record = Record.objects.get(kind="node")
    assert (record.uuid, record.revision) == (first, 2)
    assert own_log().size == 2


def test_the_well_known_address_describes_the_node() -> None:
    response = Client().get("/.well-known/havenlink.json")

    value = response.json()
    assert response.status_code == 200
    assert description_parse(value).key == own_verifier_key()
    assert value["fingerprint"] == own_verifier_key().fingerprint
    assert value["endpoints"]["graphql"] == "http://127.0.0.1:8001/graphql"
    assert value["software"] == {"name": "havenlink", "version": SOFTWARE_VERSION}


def test_the_software_version_is_the_projects() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())

    assert project["project"]["version"] == SOFTWARE_VERSION
