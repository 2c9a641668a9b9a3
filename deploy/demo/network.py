"""The demo network, declared: its nodes, whose records each publishes, where each listens and keeps its state."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from deploy.demo.refusal import Refusal

BASE_DIR = Path(__file__).resolve().parents[2]
DATA_DIR = Path(__file__).resolve().parent / "data"
LEMMA_DIR = BASE_DIR / "var" / "lemmas"
VECTOR_DIR = BASE_DIR / "var" / "vectors"

HOST = "127.0.0.1"
FIRST_PORT = 8001
# Started unless NODES names others; NODES=all takes every declared node.
DEFAULT_NODES = ("antwerp", "rotterdam", "hamburg", "dunkirk", "liverpool")
# How soon a node sees what another published, in seconds.
PULL_INTERVAL_SECONDS = 2
# How soon a saved search is told of it, instead of the next morning.
ALERT_INTERVAL_SECONDS = 20
PAUSED_FILE = "paused"


@dataclass(frozen=True, slots=True)
class City:
    """A node of the demo. `regions` are the inventory's regions whose records it publishes, its own first."""

    name: str
    title: str
    language: str
    regions: tuple[str, ...]

    @property
    def id(self) -> str:
        return f"{self.name}.havenlink.localhost"


CITIES = (
    City("antwerp", "Antwerp", "nl", ("antwerp", "ghent", "leuven", "zeebrugge")),
    City("rotterdam", "Rotterdam", "nl", ("rotterdam", "noord-holland")),
    City("hamburg", "Hamburg", "de", ("hamburg", "bremen")),
    City(
        "dunkirk",
        "Dunkirk",
        "fr",
        ("dunkirk", "boulogne-sur-mer", "le-havre", "brest", "lorient", "nantes", "marseille"),
    ),
    City(
        "liverpool",
        "Liverpool",
        "en",
        ("liverpool", "southampton", "portsmouth", "portland", "plymouth", "dublin", "cork", "galway"),
    ),
    City(
        "gothenburg",
        "Gothenburg",
        "sv",
        ("gothenburg", "frederikshavn", "hirtshals", "aarhus", "odense", "gdansk", "gdynia", "szczecin"),
    ),
    City(
        "genoa",
        "Genoa",
        "it",
        (
            "genoa",
            "savona",
            "barcelona",
            "valencia",
            "a-coruna",
            "gijon",
            "lisbon",
            "setubal",
            "leixoes",
            "viana-do-castelo",
            "peniche",
            "funchal",
            "piraeus",
        ),
    ),
)


# Beside the settings. One arena for all threads: the interpreter lets only one of them allocate at a time, and an arena
# for each keeps room that no other uses. systemd's units say the same.
PROCESS_ENVIRONMENT = {"MALLOC_ARENA_MAX": "1"}


def web_command(port: int) -> list[str]:
    """Serves a node's pages and its peers: one process, which the smallest machine has memory for."""
    return [
        str(Path(sys.executable).with_name("granian")),
        "--interface=wsgi",
        f"--host={HOST}",
        f"--port={port}",
        "--workers=1",
        "--blocking-threads=4",
        "--http=1",
        "--no-ws",
        "--log-level=warning",
        "deploy.wsgi:application",
    ]


@dataclass(frozen=True, slots=True)
class Place:
    """A city's node at its address, with its folder."""

    city: City
    port: int
    state_dir: Path

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def programs(self) -> dict[str, list[str]]:
        """A node's processes by name, as commands."""
        return {"web": web_command(self.port), "worker": [sys.executable, "-m", "deploy.worker"]}

    def log_file(self, process: str) -> Path:
        return self.state_dir / f"{process}.log"

    @property
    def paused_file(self) -> Path:
        """While this file exists the node is kept stopped (`make stop NODE=…`)."""
        return self.state_dir / PAUSED_FILE

    def environment(self, secret_key: str) -> dict[str, str]:
        """The node's settings (deploy/settings/environment.py), whatever the terminal's own environment holds.

        Empty means the default, which lies in the node's STATE_DIR.
        """
        return {
            "DJANGO_SETTINGS_MODULE": "deploy.settings",
            "NODE_ID": self.city.id,
            "NODE_URL": self.url,
            "NODE_NAME": self.city.title,
            "NODE_LANGUAGES": self.city.language,
            "NODE_REGION": self.city.regions[0],
            "SECRET_KEY": secret_key,
            "STATE_DIR": str(self.state_dir),
            "LEMMA_DIR": str(LEMMA_DIR),
            "VECTOR_DIR": str(VECTOR_DIR),
            "VECTORS": "on",
            "GLOSSARY_FILE": "",
            "MAX_DELETED_SHARE": "0.3",
            "ALLOW_PRIVATE_PEERS": "on",
            "PULL_INTERVAL_SECONDS": str(PULL_INTERVAL_SECONDS),
            "ALERT_INTERVAL_SECONDS": str(ALERT_INTERVAL_SECONDS),
            "LOG_LEVEL": "WARNING",
            "TIME_ZONE": "Europe/Brussels",
            # Nothing leaves the machine: the node's mails lie in this folder, one file each.
            "EMAIL_URL": f"file://{self.state_dir / 'mail'}",
            **PROCESS_ENVIRONMENT,
            **dict.fromkeys(
                (
                    "DATABASE_URL",
                    "SEARCH_URL",
                    "BROKER_URL",
                    "EMAIL_FROM",
                    "SIGNING_KEY_FILE",
                    "ALLOWED_HOSTS",
                    "DEBUG",
                ),
                "",
            ),
        }


def chosen_cities(names: str) -> tuple[City, ...]:
    """The cities that NODES names ("" for the default five, "all", or a comma list), in the order named."""
    by_name = {city.name: city for city in CITIES}
    wanted = [name.strip().lower() for name in names.split(",") if name.strip()]
    if not wanted:
        wanted = list(DEFAULT_NODES)
    elif wanted == ["all"]:
        wanted = list(by_name)
    unknown = [name for name in wanted if name not in by_name]
    if unknown:
        raise Refusal(f"NODES names no such node: {', '.join(unknown)}.", f"Choose from {', '.join(by_name)}, or all.")
    return tuple(by_name[name] for name in dict.fromkeys(wanted))


def first_port(value: str) -> int:
    if not value:
        return FIRST_PORT
    if not value.isascii() or not value.isdigit() or not 1024 <= int(value) <= 65000:
        raise Refusal(f"PORT must be a number from 1024 to 65000, not {value!r}.", "Try PORT=9001.")
    return int(value)


def state_root(cities: tuple[City, ...], port: int) -> Path:
    """Where a network of these nodes at these ports keeps its state; DEMO_DIR names another folder.

    A record's id holds its node's address, so each arrangement of nodes and ports keeps a state of its own: `var/demo`
    for the usual one, a folder named for the port and the nodes for another.
    """
    if os.environ.get("DEMO_DIR"):
        return Path(os.environ["DEMO_DIR"]).resolve()
    usual = cities == CITIES[: len(cities)]
    parts = ["demo"] + [str(port)] * (port != FIRST_PORT) + [city.name for city in cities] * (not usual)
    return BASE_DIR / "var" / "-".join(parts)


def places(cities: tuple[City, ...], port: int) -> tuple[Place, ...]:
    """Each city at its port, counted from `port`."""
    root = state_root(cities, port)
    return tuple(Place(city, port + number, root / city.name) for number, city in enumerate(cities))
