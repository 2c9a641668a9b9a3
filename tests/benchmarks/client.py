"""Clients in a process of their own: each asks its share of requests, one after the other, over a connection it keeps.

    python -m tests.benchmarks.client < {"port", "clients", "requests": [{"method", "path", "body", "headers"}]}

Prints `{"seconds", "milliseconds": [of each answer], "bytes": [of each]}`; ends with 1 and a line when one is refused.
"""

import http.client
import json
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

TIMEOUT_SECONDS = 60


class Client(threading.Thread):
    def __init__(self, port: int, requests: Sequence[dict[str, Any]]) -> None:
        super().__init__()
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
        self.requests = requests
        self.milliseconds: list[float] = []
        self.sizes: list[int] = []
        self.problem = ""

    def run(self) -> None:
        self.connection.connect()
        for request in self.requests:
            body = request["body"].encode() if request["body"] else None
            started = time.perf_counter()
            self.connection.request(request["method"], request["path"], body, request["headers"])
            response = self.connection.getresponse()
            answer = response.read()
            self.milliseconds.append((time.perf_counter() - started) * 1000)
            self.sizes.append(len(answer))
            # A GraphQL request that fails is answered with 200 as well.
            if response.status != 200 or answer.startswith(b'{"errors"'):
                self.problem = f"{response.status} for {request['path']}: {answer[:300]!r}"
                return


def main() -> int:
    order = json.load(sys.stdin)
    count = order["clients"]
    clients = [Client(order["port"], order["requests"][place::count]) for place in range(count)]
    started = time.perf_counter()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    seconds = time.perf_counter() - started
    for client in clients:
        if client.problem:
            print(client.problem, file=sys.stderr)
            return 1
    answers = {
        "seconds": seconds,
        "milliseconds": [each for client in clients for each in client.milliseconds],
        "bytes": [each for client in clients for each in client.sizes],
    }
    print(json.dumps(answers))
    return 0


if __name__ == "__main__":
    sys.exit(main())
