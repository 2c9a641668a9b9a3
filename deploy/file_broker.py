"""The folder as a message broker, safe for several processes at once.

Kombu's own file system transport writes a message into the file that readers look for: a reader that comes between
the making of the file and the writing finds it empty, and the worker ends. Here a file gets its name when it is whole,
and a worker that waits for one is woken by it (deploy/arrivals.py).
"""

import fcntl
import logging
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from time import monotonic, time_ns
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

from deploy.arrivals import Arrivals

logger = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    """A message is a file `<time>_<uuid>.<queue>.msg`; an exchange is a file that lists the queues bound to it."""

    def get_table(self, exchange: str) -> list[filesystem.exchange_queue_t]:
        try:
            rows = loads(self._exchange_file(exchange).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return []
        return [filesystem.exchange_queue_t(*row) for row in rows]

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        bound = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._control_locked():
            table = self.get_table(exchange)
            if bound not in table:
                _write_whole(self._exchange_file(exchange), dumps([bound, *table]))

    def _delete(self, queue: str, exchange: str, routing_key: str, pattern: str, *args: Any, **kwargs: Any) -> None:
        self._purge(queue)
        unbound = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._control_locked():
            table = self.get_table(exchange)
            if unbound in table:
                _write_whole(self._exchange_file(exchange), dumps([row for row in table if row != unbound]))

    # Kombu's own classes disagree on the second name.
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        # Wall time: unlike the monotonic clock it keeps the order across restarts of the machine.
        _write_whole(Path(self.data_folder_out) / f"{time_ns():020}_{uuid.uuid4()}.{queue}.msg", dumps(payload))

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        folder = Path(self.data_folder_in)
        for name in sorted(os.listdir(folder)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = folder / f".{name}.taken"
            try:
                (folder / name).rename(taken)
            except FileNotFoundError:
                continue  # another worker was quicker
            text = taken.read_text(encoding="utf-8")
            taken.unlink()
            try:
                return loads(text)
            except ValueError:
                logger.warning("a message that cannot be read was dropped: %s", name)
        raise Empty

    @contextmanager
    def _control_locked(self) -> Iterator[None]:
        self.control_folder.mkdir(parents=True, exist_ok=True)
        with (self.control_folder / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


class Transport(filesystem.Transport):
    """Kombu's sleeps between two looks at the folder; here a message that arrives ends the wait."""

    Channel = Channel
    _arrivals: Arrivals | None = None

    # Kombu's own classes disagree on what else it takes.
    def drain_events(self, connection: Any, timeout: float | None = None) -> None:  # type: ignore[override]
        assert self.client is not None
        assert self.cycle is not None
        if self._arrivals is None:
            self._arrivals = Arrivals(Path(self.client.transport_options["data_folder_in"]))
        deadline = None if timeout is None else monotonic() + timeout
        while True:
            try:
                return self.cycle.get(self._deliver, timeout=timeout)
            except Empty:
                left = self.polling_interval if deadline is None else deadline - monotonic()
                if left <= 0:
                    raise TimeoutError from None
                self._arrivals.wait(min(left, self.polling_interval))

    def close_connection(self, connection: Any) -> None:
        super().close_connection(connection)
        if self._arrivals is not None:
            self._arrivals.close()
            self._arrivals = None


def _write_whole(file: Path, text: str) -> None:
    """Readers see the file as it was, or as it will be."""
    unfinished = file.with_name(f".{uuid.uuid4()}.new")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(file)
