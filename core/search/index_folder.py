"""A folder with indexes of which one is current; any process may look, and notices when another was put in its place.

FOLDER/current-VERSION     the name of the current one
FOLDER/VERSION-xxxxxxxx/   that index; while one is rebuilt, another beside it
"""

import os
import shutil
from pathlib import Path
from uuid import uuid4

# A file's identity, time and size: changes whenever it is replaced.
FileState = tuple[int, ...]


class IndexFolder:
    def __init__(self, folder: Path, version: str) -> None:
        self._folder = folder
        self._version = version
        self.pointer = folder / f"current-{version}"

    def current(self) -> str | None:
        try:
            return self.pointer.read_text().strip() or None
        except FileNotFoundError:
            return None

    def path(self, name: str) -> Path:
        return self._folder / name

    def meta(self, name: str) -> Path:
        """The file that every commit replaces."""
        return self._folder / name / "meta.json"

    def create(self) -> str:
        """A new folder for an index, not current yet."""
        name = f"{self._version}-{uuid4().hex[:8]}"
        self.path(name).mkdir(parents=True)
        return name

    def point_to(self, name: str) -> None:
        beside = self.pointer.with_suffix(f".{uuid4().hex[:8]}")
        beside.write_text(name)
        beside.replace(self.pointer)

    def remove_others(self, name: str) -> None:
        for path in self._folder.iterdir():
            if path.is_dir() and path.name != name:
                shutil.rmtree(path, ignore_errors=True)


def file_state(path: Path | str) -> FileState:
    """() while there is no such file."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return ()
    return found.st_ino, found.st_mtime_ns, found.st_size
