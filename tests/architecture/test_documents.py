"""Documents are held to the code: settings, error codes, commands, make targets, all of them and no others."""

import argparse
import re

import pytest
from django.core.management import get_commands, load_command_class

from deploy.settings.environment import REQUIRED, variable_names
from tests.architecture.codes import error_codes
from tests.architecture.source import PACKAGES, ROOT

CODE = re.compile(r"`([a-z_]+)`")


def _text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def _table_rows(text, heading):
    """The rows of the first table below a heading, each a list of cells."""
    section = text.split(heading, 1)[1]
    table = re.search(r"(?:^\|.*\n)+", section, re.MULTILINE)
    assert table, f"no table below {heading}"
    rows = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table.group().splitlines()]
    return rows[2:]


def _own_commands():
    return {
        name: load_command_class(app, name) for name, app in get_commands().items() if app.split(".")[0] in PACKAGES
    }


def _verbs(command):
    """{verb: its help} of a command that has verbs."""
    for action in command.create_parser("manage.py", "x")._actions:
        if isinstance(action, argparse._SubParsersAction):
            described = {choice.dest: choice.help for choice in action._choices_actions}
            return {verb: described.get(verb) for verb in action.choices}
    return {}


def test_every_setting_is_documented():
    rows = _table_rows(_text("deploy/install.md"), "## Settings")
    assert sorted(row[0].strip("`") for row in rows) == sorted(variable_names())
    assert {row[0].strip("`") for row in rows if row[1] == "required"} == set(REQUIRED)


def test_every_error_code_is_documented():
    documented = {
        code
        for line in _text("docs/errors.md").splitlines()
        if line.startswith("|")
        for code in CODE.findall(line.split("|")[1])
    }
    assert documented == error_codes()


@pytest.mark.parametrize("name", sorted(_own_commands()))
def test_every_command_is_documented(name):
    text = _text("deploy/install.md") + _text("CONTRIBUTING.md")
    missing = [verb for verb in _verbs(_own_commands()[name]) if f"manage.py {name} {verb}" not in text]
    assert missing == []


@pytest.mark.parametrize("name", sorted(_own_commands()))
def test_every_command_and_verb_explains_itself(name):
    command = _own_commands()[name]
    assert command.help
    assert [verb for verb, text in _verbs(command).items() if not text] == []


def test_every_make_target_is_documented():
    targets = set(re.findall(r"^([a-z]+):.*##", _text("Makefile"), re.MULTILINE)) - {"help"}
    text = _text("README.md") + _text("CONTRIBUTING.md")
    assert sorted(target for target in targets if f"make {target}" not in text) == []


def test_links_between_documents_lead_somewhere():
    broken = []
    for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "FEDERATION.md", "deploy/install.md"):
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", _text(name)):
            if not ((ROOT / name).parent / target).exists():
                broken.append(f"{name}: {target}")
    assert broken == []
