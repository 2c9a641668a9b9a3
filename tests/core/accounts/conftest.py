"""One account of each role."""

import pytest

from core.accounts.roles import OPERATOR, Role
from core.accounts.services.accounts import account_create

PASSWORD = "a long tide table"


@pytest.fixture
def people(db):
    """{role: account}, each named for its role."""
    return {
        role: account_create(by=OPERATOR, name=role.value, role=role, password=PASSWORD)
        for role in (Role.EDITOR, Role.PUBLISHER, Role.COORDINATOR, Role.ADMINISTRATOR)
    }
