"""Reading a file of JSON lines that may hold anything. Every line becomes an object or a problem with its number."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from django.utils.translation import gettext as _

# The longest real row has 3 KB. A line above this is a broken file, and is not read into memory whole.
MAX_LINE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be taken: line number from 1, column ("" for the whole row), and why."""

    file: str
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        column = f", {self.column}" if self.column else ""
        return f"{self.file}:{self.line}{column}: {self.message}"


@dataclass(frozen=True, slots=True)
class Line:
    file: str
    number: int
    row: dict[str, Any]

    def problem(self, column: str, message: str) -> Problem:
        return Problem(self.file, self.number, column, message)


def read_lines(path: Path) -> Iterator[Line | Problem]:
    """Blank lines are passed over. Raises OSError if the file cannot be read."""
    with path.open("rb") as file:
        for number, line in enumerate(_bounded_lines(file), 1):
            if line is None:
                message = _("the line is longer than %(limit)s KB") % {"limit": MAX_LINE_BYTES // 1024}
                yield Problem(path.name, number, "", message)
            elif line.strip():
                yield _parsed(path.name, number, line)


def _bounded_lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Lines, None for one that is too long; a byte order mark at the start is taken off."""
    first = True
    while line := file.readline(MAX_LINE_BYTES + 1):
        too_long = len(line) > MAX_LINE_BYTES and not line.endswith(b"\n")
        rest = line
        while too_long and rest and not rest.endswith(b"\n"):
            rest = file.readline(MAX_LINE_BYTES)
        yield None if too_long else line.removeprefix(b"\xef\xbb\xbf") if first else line
        first = False


def _parsed(file: str, number: int, line: bytes) -> Line | Problem:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        return Problem(file, number, "", _("not UTF-8: byte %(byte)s of the line") % {"byte": error.start + 1})
    try:
        row = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return Problem(file, number, "", _("not JSON: %(reason)s") % {"reason": error})
    if not isinstance(row, dict):
        return Problem(file, number, "", _("not a JSON object"))
    return Line(file, number, row)
