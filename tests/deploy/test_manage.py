"""The command line, run as an operator runs it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("SECRET_KEY", "", "SECRET_KEY is missing: a long random text"),
        ("NODE_URL", "ftp://antwerp.example", "NODE_URL must be an http or https address"),
        ("PULL_INTERVAL_SECONDS", "often", "PULL_INTERVAL_SECONDS must be a number"),
        ("ALLOW_PRIVATE_PEERS", "perhaps", "ALLOW_PRIVATE_PEERS must be on or off"),
        ("DATABASE_URL", "mysql://host/name", "DATABASE_URL must begin with"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named_without_a_stack_trace(variable, value, told):
    environment = {**os.environ, variable: value}
    run = subprocess.run(
        [sys.executable, str(MANAGE), "check"], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 1
    assert told in run.stderr
    assert "Traceback" not in run.stderr
