"""Dictionaries of lemmas, and parts of compounds, as files: built once per machine, mapped by every process.

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
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from marisa_trie import BytesTrie
from simplemma.strategies.dictionaries import TrieDictionaryFactory
from simplemma.strategies.dictionaries.dictionary_factory import DictionaryFactory
from simplemma.strategies.dictionaries.trie_dictionary_factory import SIMPLEMMA_VERSION, TrieWrapDict

from core.search.compounds import LANGUAGES as COMPOUNDING
from core.search.compounds import Splitter, file_name
from core.search.compounds import build as build_parts
from core.search.stop_words import WRITTEN_STOP_WORDS

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]

# Those that take longest to build: 5 to 10 s of CPU time.
LARGE = ("pl", "de", "sv", "da", "nb", "fi", "hu")

LOOK_SECONDS = 5.0


class BuildFailed(Exception):
    """A dictionary could not be built, for want of memory or room on the disk."""


class MappedDictionaries(DictionaryFactory):
    """The built dictionaries of a directory. One that is not built is empty: words keep their form.

    Another process may build more at any time: `on_change` is called when that is seen.
    """

    def __init__(self, directory: Path, on_change: Callable[[], None] = lambda: None) -> None:
        self._directory = directory / SIMPLEMMA_VERSION
        self._on_change = on_change
        self._open: dict[str, Mapping[str, str]] = {}
        self._look_again_at = 0.0
        self._built: frozenset[str] = frozenset()

    def built(self) -> frozenset[str]:
        """The languages that are there; looked up every few seconds."""
        now = time.monotonic()
        if now < self._look_again_at:
            return self._built
        self._look_again_at = now + LOOK_SECONDS
        built = frozenset(path.stem for path in self._directory.glob("*.dic"))
        if not built:
            logger.warning("There are no lemmas in %s: run `manage.py search prepare`.", self._directory)
        elif built != self._built and self._built:
            self._built = built
            self._on_change()
        self._built = built
        return built

    def look_again(self) -> None:
        self._look_again_at = 0.0

    def get_dictionary(self, lang: str) -> Mapping[str, str]:
        if lang in self._open:
            return self._open[lang]
        if lang not in self.built():
            return {}
        self._open[lang] = _dictionary(self._directory, lang)
        return self._open[lang]


def splitter(directory: Path, language: str) -> Splitter | None:
    """None for a language that has no compounds, or whose parts are not built."""
    if language not in COMPOUNDING:
        return None
    path = directory / SIMPLEMMA_VERSION / file_name(language)
    return Splitter(BytesTrie().mmap(str(path))) if path.exists() else None


def missing(directory: Path, languages: Iterable[str]) -> list[str]:
    return [language for language in languages if not all(path.exists() for path in _files(directory, language))]


def _files(directory: Path, language: str) -> list[Path]:
    names = [f"{language}.dic", *([file_name(language)] if language in COMPOUNDING else [])]
    return [directory / SIMPLEMMA_VERSION / name for name in names]


def prepare(directory: Path, languages: Iterable[str]) -> Iterator[str]:
    """Build what is missing, as many at a time as there are processors; yields each language when it is there."""
    languages = list(languages)
    if not missing(directory, languages):
        return
    with _only_one(directory):
        # The longest first, so that no processor waits at the end.
        todo = sorted(
            missing(directory, languages),
            key=lambda language: LARGE.index(language) if language in LARGE else len(LARGE),
        )
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            yield from pool.map(lambda language: _build_apart(directory, language), todo)


def _build_apart(directory: Path, language: str) -> str:
    """In a process of its own, which gives the memory back."""
    command = [sys.executable, "-m", "core.search.lemmas", str(directory), language]
    try:
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        raise BuildFailed(f"the lemmas of {language} could not be built: {error.stderr[-500:]}") from error
    return language


@contextmanager
def _only_one(directory: Path) -> Iterator[None]:
    """Nodes of one machine that share the directory build it once: the others wait, then find it there."""
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(directory: Path, language: str) -> None:
    """Written beside and moved into place: a reader never maps half a file. The dictionary last: all is there then."""
    target = directory / SIMPLEMMA_VERSION
    finished = target / f"{language}.dic"
    if finished.exists():
        _build_parts(target, language, target)
        return
    beside = target / f"building-{language}-{os.getpid()}"
    TrieDictionaryFactory(disk_cache_dir=str(beside)).get_dictionary(language)
    _build_parts(target, language, beside)
    (beside / f"{language}.dic").replace(finished)
    beside.rmdir()


def _build_parts(target: Path, language: str, source: Path) -> None:
    """All words are looked at: as a dict they are read in a third of the time."""
    if language not in COMPOUNDING:
        return
    for older in target.glob(f"{language}-*.parts"):
        if older.name != file_name(language):
            older.unlink()
    dictionary = {form: lemma.decode() for form, lemma in _trie(source, language).iteritems()}
    build_parts(language, dictionary, WRITTEN_STOP_WORDS[language], target / file_name(language))


def _dictionary(directory: Path, language: str) -> Mapping[str, str]:
    return TrieWrapDict(_trie(directory, language))


def _trie(directory: Path, language: str) -> BytesTrie:
    return BytesTrie().mmap(str(directory / f"{language}.dic"))


if __name__ == "__main__":
    for _language in sys.argv[2:]:
        _build(Path(sys.argv[1]), _language)
