"""Imports go down only, one door to each thing outside, names that say what a file holds."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, imported_modules, kept_files, python_files

EMPTY_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|misc|managers?)$")
# Where the homes of people and build machines lie: a path there means nothing to anybody else.
HOME_PATH = re.compile(r"(?<![\w.:/-])/(?:home|Users|root|work|workspace|builds?|github)/[\w.-]+")
TEXT_SUFFIXES = {
    ".py",
    ".md",
    ".html",
    ".css",
    ".js",
    ".toml",
    ".txt",
    ".yaml",
    ".yml",
    ".json",
    ".po",
    ".sh",
    ".service",
}


def test_layers_hold():
    linted = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert linted.returncode == 0, linted.stdout


@pytest.mark.parametrize(
    ("module", "only"),
    [
        ("httpx", ["core/http.py"]),
        ("tantivy", [f"core/search/tantivy_{part}.py" for part in ("engine", "index", "searches")]),
        ("elasticsearch", ["core/search/elasticsearch_engine.py"]),
    ],
)
def test_one_room_alone_knows(module, only):
    assert sorted(path for path, tree in python_files().items() if module in imported_modules(tree)) == only


def test_only_the_environment_module_reads_the_environment():
    """Apart from it: where Django's settings module is named, the demo's runner, and a password that is no setting."""
    readers = {
        path
        for path, tree in python_files().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    }
    assert {path for path in readers if not path.startswith("deploy/")} == {
        "core/accounts/management/commands/account.py"
    }


def test_files_are_named_for_what_they_hold():
    parts = {(path.relative_to(ROOT), part) for path in kept_files() for part in path.relative_to(ROOT).parts}
    assert [str(path) for path, part in parts if EMPTY_NAMES.search(part.split(".")[0])] == []


def test_every_test_folder_is_a_package():
    folders = {
        path.parent for path in kept_files() if path.relative_to(ROOT).parts[0] == "tests" and path.suffix == ".py"
    }
    assert [str(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_nothing_depends_on_somebodys_machine():
    found = []
    for path in kept_files():
        if path.suffix in TEXT_SUFFIXES or path.name in ("Makefile", "run"):
            text = path.read_text(encoding="utf-8", errors="replace")
            found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in HOME_PATH.finditer(text)]
    assert found == []


def test_pages_name_no_other_site_to_load_from():
    """Everything a page loads comes from its own node: no template or style of ours names another host for it."""
    loading = re.compile(r"""(?:src|srcset|action)=["'](?:https?:)?//|url\(["']?(?:https?:)?//|@import\s+["']?http""")
    found = []
    for path in kept_files():
        if path.suffix in (".html", ".css") and path.relative_to(ROOT).parts[0] != "tests":
            text = path.read_text(encoding="utf-8", errors="replace")
            found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in loading.finditer(text)]
    assert found == []
