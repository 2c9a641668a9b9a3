"""The locks hold what pyproject.toml pins, with hashes, and nothing that belongs to somebody's own machine."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[^]]*\])?==(?P<version>[^ ;\\]+)", re.MULTILINE)


def _normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def _pins(lines):
    return {_normal(match["name"]): match["version"] for line in lines if (match := PIN.match(line))}


@pytest.fixture
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _locked(name):
    return _pins((ROOT / name).read_text(encoding="utf-8").splitlines())


def test_every_dependency_is_pinned_exactly(project):
    declared = project["dependencies"] + project["optional-dependencies"]["dev"]
    assert [line for line in declared if not PIN.match(line)] == []


def test_the_lock_holds_what_the_project_pins(project):
    locked = _locked("requirements.txt")
    pinned = _pins(project["dependencies"])
    assert {name: locked.get(name) for name in pinned} == pinned, "run: make lock"


def test_the_development_lock_holds_both(project):
    locked = _locked("requirements-dev.txt")
    pinned = _pins(project["dependencies"] + project["optional-dependencies"]["dev"])
    assert {name: locked.get(name) for name in pinned} == pinned, "run: make lock"


def test_both_locks_agree():
    run, develop = _locked("requirements.txt"), _locked("requirements-dev.txt")
    assert {name: develop.get(name) for name in run} == run, "run: make lock"


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_locked_file_has_its_hash(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", "\n".join(line for line in text.splitlines() if not line.startswith("#")))
    without = [entry.split("==")[0] for entry in entries if entry.strip() and "--hash=sha256:" not in entry]
    assert without == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_no_registry_is_named(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.findall(r"https?://\S+|--(?:extra-)?index-url|--find-links|--trusted-host|file:", text) == []
