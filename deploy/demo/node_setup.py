"""What has to be done inside a node before it can start. The runner starts it as a process with that node's settings:

    python -m deploy.demo.node_setup template ORDERS   a migrated database with the demo accounts, to be copied, and
                                                       every node's key
    python -m deploy.demo.node_setup node ORDERS       one node's description, records, peers and index

Each step may be run again and does only what is missing. What it prints is shown on the terminal, line by line.
"""

import json
import sys
from pathlib import Path
from typing import Any

import django

django.setup()

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: E402
from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from core.accounts.models import User  # noqa: E402
from core.accounts.roles import ACCOUNT_ROLES, OPERATOR  # noqa: E402
from core.accounts.services.accounts import account_create  # noqa: E402
from core.records.checkpoint import verifier_key  # noqa: E402
from core.records.keys import signing_key_create  # noqa: E402
from core.search.services.catch_up import catch_up  # noqa: E402
from deploy.celery import app as celery_app  # noqa: E402
from federation.services.admission import peer_admit  # noqa: E402
from federation.services.describe import node_describe  # noqa: E402
from tools_inventory.services.importing.inventory import inventory_import  # noqa: E402

# Publishing wakes workers through it.
__all__ = ["celery_app"]


def template(orders: dict[str, Any]) -> None:
    """Orders: {"password", "nodes": [{"id", "key_file"}], "keys": where to write {id: verifier key}}"""
    call_command("migrate", verbosity=0, interactive=False)
    for role in ACCOUNT_ROLES:
        if not User.objects.filter(username=role.value).exists():
            account_create(by=OPERATOR, name=role.value, role=role, password=orders["password"])
    connection.close()
    keys = {node["id"]: _verifier_key(node["id"], Path(node["key_file"])) for node in orders["nodes"]}
    Path(orders["keys"]).write_text(json.dumps(keys, indent=1), encoding="utf-8")


def node(orders: dict[str, Any]) -> None:
    """Orders: {"records", "organisations", "regions": [slugs], "peers": [{"name", "url", "verifier_key"}]}"""
    call_command("migrate", verbosity=0, interactive=False)
    node_describe()
    report = inventory_import(
        by=OPERATOR,
        records_file=Path(orders["records"]),
        organisations_file=Path(orders["organisations"]),
        only=orders["regions"],
        publish=True,
    )
    print(f"{report.published} records published, {report.unchanged} were there")
    for problem in report.refused:
        print(f"not taken: {problem}")
    for peer in orders["peers"]:
        peer_admit(url=peer["url"], verifier_key=peer["verifier_key"], name=peer["name"])
    print(f"{catch_up()} entries indexed")


def _verifier_key(node_id: str, key_file: Path) -> str:
    signing_key_create(key_file)
    private = load_pem_private_key(key_file.read_bytes(), password=None)
    assert isinstance(private, Ed25519PrivateKey), "signing_key_create makes no other"
    return str(verifier_key(node_id, private))


if __name__ == "__main__":
    step, file = sys.argv[1:]
    {"template": template, "node": node}[step](json.loads(Path(file).read_text(encoding="utf-8")))
