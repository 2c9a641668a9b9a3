"""Setting up the nodes of the demo network, once: keys, databases, records, peers, index.

Killed half-way and run again, it goes on where it was; what is set up already is left alone.
"""

import asyncio
import contextlib
import hashlib
import json
import os
import secrets
import shutil
import sys
from pathlib import Path
from typing import Any

from deploy.demo.network import BASE_DIR, DATA_DIR, Place
from deploy.demo.processes import end_with_parent, kill_group
from deploy.demo.refusal import Refusal
from deploy.demo.terminal import say

# The sign-ins of the demo, for everybody to read: these nodes listen on this machine only.
PASSWORD = "north-sea-lighthouse"
# Two at a time: what the smallest machine has cores for.
AT_A_TIME = 2


async def set_up(places: tuple[Place, ...]) -> None:
    """Raises Refusal when a step fails, with what the step said."""
    plans = {place: _plan(place, places) for place in places}
    waiting = [place for place in places if not _is_done(place, plans[place])]
    if not waiting:
        return
    root = places[0].state_dir.parent
    say(f"Setting up {', '.join(place.city.title for place in waiting)} in {_shown(root)}")
    keys = await _make_template(root, places)
    slots = asyncio.Semaphore(AT_A_TIME)
    async with asyncio.TaskGroup() as group:
        for place in waiting:
            group.create_task(_set_up_node(place, places, keys, plans[place], slots))


def secret_key(place: Place) -> str:
    """The node's SECRET_KEY, made at first use; in a file that only its owner reads."""
    file = place.state_dir / "secret-key"
    place.state_dir.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_urlsafe(48))
    key = file.read_text()
    if not key:  # killed between making and writing
        file.unlink()
        return secret_key(place)
    return key


def _plan(place: Place, places: tuple[Place, ...]) -> str:
    """A digest of what a node's set-up depends on: when it differs from the one kept, the steps run again."""
    digest = hashlib.sha256()
    for package in ("core", "i18n", "tools_inventory", "federation"):
        for file in sorted((BASE_DIR / package).glob("**/migrations/*.py")):
            digest.update(file.name.encode())
    for file in (*sorted(DATA_DIR.glob("*.jsonl")), Path(__file__).with_name("node_setup.py")):
        digest.update(file.read_bytes())
    digest.update(repr([(other.city, other.url) for other in places]).encode())
    return digest.hexdigest()


def _is_done(place: Place, plan: str) -> bool:
    with contextlib.suppress(OSError):
        return _done_file(place).read_text() == plan
    return False


def _done_file(place: Place) -> Path:
    return place.state_dir / "set-up"


async def _make_template(root: Path, places: tuple[Place, ...]) -> dict[str, str]:
    """A migrated database beside the nodes' folders, and {node id: verifier key} of all of them."""
    keys_file = root / "keys.json"
    orders = {
        "password": PASSWORD,
        "keys": str(keys_file),
        "nodes": [{"id": place.city.id, "key_file": str(place.state_dir / "keys" / "signing.key")} for place in places],
    }
    environment = places[0].environment(secret_key(places[0])) | {"DATABASE_URL": f"sqlite:///{_template(root)}"}
    await _run("template", orders, environment, root, about="")
    say("Database migrated, accounts and keys made")
    keys: dict[str, str] = json.loads(keys_file.read_text(encoding="utf-8"))
    return keys


def _template(root: Path) -> Path:
    return root / "template.sqlite3"


async def _set_up_node(
    place: Place, places: tuple[Place, ...], keys: dict[str, str], plan: str, slots: asyncio.Semaphore
) -> None:
    async with slots:
        database = place.state_dir / "node.sqlite3"
        if not database.exists():
            copy = database.with_suffix(".new")
            shutil.copy(_template(place.state_dir.parent), copy)
            copy.rename(database)
        orders = {
            "records": str(DATA_DIR / "records.jsonl"),
            "organisations": str(DATA_DIR / "organisations.jsonl"),
            "regions": list(place.city.regions),
            "peers": [
                {"name": other.city.title, "url": other.url, "verifier_key": keys[other.city.id]}
                for other in places
                if other is not place
            ],
        }
        environment = place.environment(secret_key(place))
        await _run("node", orders, environment, place.state_dir, about=place.city.title)
        _done_file(place).write_text(plan)


async def _run(step: str, orders: dict[str, Any], environment: dict[str, str], folder: Path, *, about: str) -> None:
    """Run a step of node_setup.py to its end, its lines going to the terminal. It ends when the runner is cancelled."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{step}-orders.json"
    file.write_text(json.dumps(orders), encoding="utf-8")
    parent = os.getpid()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "deploy.demo.node_setup",
        step,
        str(file),
        cwd=BASE_DIR,
        env={**os.environ, **environment},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=lambda: end_with_parent(parent),
    )
    assert process.stdout is not None, "asked for above"
    said = []
    try:
        async for line in process.stdout:
            text = line.decode(errors="replace").rstrip()
            said.append(text)
            if text:
                say(text, about=about)
        if await process.wait() != 0:
            raise Refusal(
                f"Setting up {about or 'the network'} failed (exit code {process.returncode}): see above.",
                "Mend what it names and run it again: it goes on where it was.",
            )
    finally:
        kill_group(process)
        await process.wait()


def _shown(folder: Path) -> Path:
    return folder.relative_to(BASE_DIR) if folder.is_relative_to(BASE_DIR) else folder
