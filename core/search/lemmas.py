"""Dictionaries of lemmas as files: built once per machine, mapped into memory by every process that looks words up.

simplemma's dictionaries would take 1 GB in each process as dicts; as tries they are 60 MB of shared pages. Building
them takes 20 seconds and, for Polish, 400 MB: never in a request. Knows nothing of Django, so that builders can run as
bare processes:

    python -m core.search.lemmas DIRECTORY LANGUAGE ...
"""

import fcntl
import logging
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from marisa_trie import BytesTrie
from simplemma.strategies.dictionaries import TrieDictionaryFactory
from simplemma.strategies.dictionaries.dictionary_factory import DictionaryFactory
from simplemma.strategies.dictionaries.trie_dictionary_factory import SIMPLEMMA_VERSION, TrieWrapDict

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]


class MappedDictionaries(DictionaryFactory):
    """The built dictionaries of a directory. One that is not built is empty: words keep their form."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory / SIMPLEMMA_VERSION
        self._open: dict[str, Mapping[str, str]] = {}
        self._missed: set[str] = set()

    def get_dictionary(self, lang: str) -> Mapping[str, str]:
        if lang in self._open:
            return self._open[lang]
        path = self._directory / f"{lang}.dic"
        if not path.exists():
            if lang not in self._missed:
                self._missed.add(lang)
                logger.warning(
                    "There are no lemmas of %s in %s: run `manage.py search prepare`.", lang, self._directory
                )
            return {}
        self._open[lang] = TrieWrapDict(BytesTrie().mmap(str(path)))
        return self._open[lang]


def missing(directory: Path, languages: Iterable[str]) -> list[str]:
    return [language for language in languages if not (directory / SIMPLEMMA_VERSION / f"{language}.dic").exists()]


def prepare(directory: Path, languages: Iterable[str]) -> Iterator[str]:
    """Build what is missing, as many at a time as there are processors; yields each language when it is there."""
    with _only_one(directory):
        todo = missing(directory, languages)
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            yield from pool.map(lambda language: _build_apart(directory, language), todo)


def _build_apart(directory: Path, language: str) -> str:
    """In a process of its own, which gives the memory back."""
    command = [sys.executable, "-m", "core.search.lemmas", str(directory), language]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return language


@contextmanager
def _only_one(directory: Path) -> Iterator[None]:
    """Nodes of one machine that share the directory build it once: the others wait, then find it there."""
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(directory: Path, language: str) -> None:
    """Written beside and moved into place: a reader never maps half a file."""
    target = directory / SIMPLEMMA_VERSION
    beside = target / f"building-{language}-{os.getpid()}"
    TrieDictionaryFactory(disk_cache_dir=str(beside)).get_dictionary(language)
    (beside / f"{language}.dic").replace(target / f"{language}.dic")
    beside.rmdir()


if __name__ == "__main__":
    for _language in sys.argv[2:]:
        _build(Path(sys.argv[1]), _language)
