"""The demo network's declaration: who publishes what, where it listens, where its state lies."""

import json
from pathlib import Path

import pytest

from deploy.demo.network import BASE_DIR, CITIES, DATA_DIR, chosen_cities, first_port, places
from deploy.demo.refusal import Refusal
from deploy.settings.environment import variable_names


def _rows(name):
    return [json.loads(line) for line in (DATA_DIR / name).read_text(encoding="utf-8").splitlines()]


def test_every_region_of_the_inventory_belongs_to_one_node():
    owned = [region for city in CITIES for region in city.regions]
    assert len(owned) == len(set(owned))
    assert {row["node"] for row in _rows("records.jsonl")} == set(owned)


def test_the_data_is_whole():
    assert len(_rows("records.jsonl")) == 214
    assert len(_rows("organisations.jsonl")) == 518
    assert len(_rows("queries.jsonl")) == 70


def test_five_nodes_unless_named():
    assert [city.name for city in chosen_cities("")] == ["antwerp", "rotterdam", "hamburg", "dunkirk", "liverpool"]
    assert chosen_cities("all") == CITIES
    assert [city.name for city in chosen_cities(" Hamburg,antwerp,hamburg ")] == ["hamburg", "antwerp"]


def test_an_unknown_node_is_refused_by_name():
    with pytest.raises(Refusal) as refused:
        chosen_cities("antwerp,atlantis")
    assert refused.value.message == "NODES names no such node: atlantis."
    assert refused.value.remedy.startswith("Choose from antwerp, rotterdam")


@pytest.mark.parametrize("value", ["80", "70000", "-1", "abc", "8001.5", "٨٠٠١"])
def test_a_port_that_is_none_is_refused(value):
    with pytest.raises(Refusal, match="PORT must be a number from 1024 to 65000"):
        first_port(value)


def test_ports_are_counted_from_the_first():
    assert [place.url for place in places(chosen_cities("antwerp,hamburg"), first_port("9001"))] == [
        "http://127.0.0.1:9001",
        "http://127.0.0.1:9002",
    ]


@pytest.mark.parametrize(
    ("nodes", "port", "folder"),
    [
        ("", "", "demo"),
        ("all", "", "demo"),
        ("antwerp", "", "demo"),
        ("", "9001", "demo-9001"),
        ("antwerp,hamburg", "", "demo-antwerp-hamburg"),
        ("hamburg,antwerp", "9001", "demo-9001-hamburg-antwerp"),
    ],
)
def test_networks_that_differ_in_addresses_differ_in_state(nodes, port, folder, monkeypatch):
    monkeypatch.delenv("DEMO_DIR", raising=False)
    first = places(chosen_cities(nodes), first_port(port))[0]
    assert first.state_dir == BASE_DIR / "var" / folder / first.city.name


def test_the_state_can_lie_elsewhere(monkeypatch, tmp_path):
    monkeypatch.setenv("DEMO_DIR", str(tmp_path))
    assert places(chosen_cities(""), 8001)[1].state_dir == tmp_path / "rotterdam"


def test_a_nodes_environment_says_every_setting():
    environment = places(chosen_cities("hamburg"), 9001)[0].environment("secret")
    assert set(environment) - {"DJANGO_SETTINGS_MODULE", "MALLOC_ARENA_MAX"} == set(variable_names())
    assert environment["NODE_URL"] == "http://127.0.0.1:9001"
    assert environment["NODE_LANGUAGES"] == "de"
    assert Path(environment["STATE_DIR"]).name == "hamburg"
