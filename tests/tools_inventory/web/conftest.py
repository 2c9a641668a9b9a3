"""A node that holds the real inventory, imported, published and indexed once for a module's tests."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import override_settings

from core.accounts.roles import OPERATOR
from core.records.keys import signing_key_create
from core.search.services.catch_up import catch_up
from tests.tools_inventory.published import indexed, published
from tools_inventory.services.importing.inventory import inventory_import

__all__ = ["indexed", "inventory", "published", "whole_inventory"]

DATA = Path(__file__).resolve().parents[3] / "deploy" / "demo" / "data"


@pytest.fixture(scope="module")
def whole_inventory(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """In a transaction around the module's tests, whose own are savepoints in it."""
    index = tmp_path_factory.mktemp("index")
    with django_db_blocker.unblock(), override_settings(SEARCH_URL=f"tantivy://{index}/index"), transaction.atomic():
        signing_key_create(settings.SIGNING_KEY_FILE)
        inventory_import(
            by=OPERATOR,
            records_file=DATA / "records.jsonl",
            organisations_file=DATA / "organisations.jsonl",
            publish=True,
        )
        catch_up()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def inventory(whole_inventory: None, db: None) -> None:
    """214 tools and programmes and 518 organisations, all of them Antwerp's."""
