"""A real SMTP server for tests, on a port of its own: keeps what it takes, and refuses as told.

with SmtpServer() as server:
    server.refuse["gone@example.org"] = (550, "no such mailbox")
    …
    server.mails[0].to, server.mails[0].message["Subject"]
"""

import email
import email.policy
import socketserver
import threading
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any


@dataclass
class Received:
    sender: str
    to: str
    raw: bytes
    message: EmailMessage = field(init=False)

    def __post_init__(self) -> None:
        parsed = email.message_from_bytes(self.raw, policy=email.policy.SMTP)
        assert isinstance(parsed, EmailMessage)
        self.message = parsed

    def text(self, kind: str = "plain") -> str:
        part = self.message.get_body((kind,))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")

    @property
    def subject(self) -> str:
        return str(self.message["Subject"]).strip()


class SmtpServer(socketserver.ThreadingTCPServer):
    """`refuse` answers RCPT for an address, `refuse_data` every DATA, with (code, words).

    While `hold` is set, the server takes a mail and does not say so: who sent it is kept waiting until it dies.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Session)
        self.mails: list[Received] = []
        self.refuse: dict[str, tuple[int, str]] = {}
        self.refuse_data: tuple[int, str] | None = None
        self.hold = threading.Event()
        self.holding = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> "SmtpServer":
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.shutdown()
        self.server_close()


class _Session(socketserver.StreamRequestHandler):
    server: SmtpServer

    def handle(self) -> None:
        self._say(220, "ready")
        sender = ""
        recipients: list[str] = []
        while line := self.rfile.readline().decode().strip():
            verb, _space, rest = line.partition(" ")
            match verb.upper():
                case "EHLO" | "HELO" | "NOOP":
                    self._say(250, "yes")
                case "RSET":
                    sender, recipients = "", []
                    self._say(250, "yes")
                case "MAIL":
                    sender, recipients = _address(rest), []
                    self._say(250, "yes")
                case "RCPT":
                    refused: Any = self.server.refuse.get(_address(rest))
                    if refused:
                        self._say(*refused)
                    else:
                        recipients.append(_address(rest))
                        self._say(250, "yes")
                case "DATA":
                    self._data(sender, recipients)
                case "QUIT":
                    self._say(221, "bye")
                    return
                case _:
                    self._say(502, "no")

    def _data(self, sender: str, recipients: list[str]) -> None:
        if self.server.refuse_data:
            self._say(*self.server.refuse_data)
            return
        self._say(354, "go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.server.mails += [Received(sender, to, b"".join(lines)) for to in recipients]
        if self.server.hold.is_set():
            self.server.holding.set()
            self.rfile.readline()
            return
        self._say(250, "taken")

    def _say(self, code: int, words: str) -> None:
        self.wfile.write(f"{code} {words}\r\n".encode())
        self.wfile.flush()


def _address(rest: str) -> str:
    return rest[rest.index("<") + 1 : rest.index(">")]
