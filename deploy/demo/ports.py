"""The ports of a demo network: free when it starts, and taken by no other demo network that starts meanwhile.

The web server shares a port with any other that listens there in the same manner, without a word: two networks would
answer in turns. So ports are held from the check to the end.
"""

import contextlib
import socket
import sys
from collections.abc import Iterable, Iterator

from deploy.demo.network import HOST
from deploy.demo.refusal import Refusal


@contextlib.contextmanager
def held(ports: Iterable[int]) -> Iterator[None]:
    """Raises Refusal if a port is in use, or held by another demo network of this machine."""
    with contextlib.ExitStack() as stack:
        for port in ports:
            try:
                if sys.platform == "linux":
                    # A name without a file: the kernel frees it when the process ends, however it ends.
                    stack.enter_context(socket.socket(socket.AF_UNIX)).bind(f"\0havenlink-demo-port-{port}")
                _check(port)
            except OSError as error:
                raise Refusal(
                    f"Port {port} on {HOST} is in use.",
                    "Stop what listens there, or choose another first port, such as: make run PORT=9001",
                ) from error
        yield


def _check(port: int) -> None:
    with socket.socket() as listener:
        # What has just been stopped may still be remembered by the kernel; that does not count.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
