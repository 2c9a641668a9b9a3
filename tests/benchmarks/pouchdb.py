"""The yardstick of a cold pull: PouchDB's replication, CouchDB's in JavaScript, of the same documents over HTTP.

It proves less: no order that a signature binds, no history, no schema. Node.js programs under `pouchdb_peer/`,
installed as locked into var/bench/pouchdb/ where npm is at hand.
"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.nodes import ROOT

PEER = Path(__file__).parent / "pouchdb_peer"
INSTALLED = ROOT / "var" / "bench" / "pouchdb"
# Documents a request, as many as a page of a log has.
BATCH = 2048


def available() -> bool:
    return shutil.which("npm") is not None


def pull(folder: Path, data: Path, count: int) -> dict[str, Any]:
    """What it cost an empty database to take the first `count` documents: `seconds`, `cpu_seconds`, `documents`."""
    _install()
    there, here = folder / "pouchdb-served", folder / "pouchdb-pulled"
    there.mkdir()
    here.mkdir()
    with subprocess.Popen(_node("serve.js", there, data, count), stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            port = server.stdout.readline().strip()
            url = f"http://127.0.0.1:{port}/records"
            told = subprocess.run(_node("pull.js", here, url, BATCH), capture_output=True, text=True, check=True)
        finally:
            server.terminate()
    shutil.rmtree(there)
    shutil.rmtree(here)
    return dict(json.loads(told.stdout))


def _install() -> None:
    INSTALLED.mkdir(parents=True, exist_ok=True)
    for file in PEER.iterdir():
        shutil.copy(file, INSTALLED)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=INSTALLED, stdout=subprocess.DEVNULL, check=True)


def _node(script: str, *arguments: object) -> list[str]:
    return ["node", str(INSTALLED / script), *map(str, arguments)]
