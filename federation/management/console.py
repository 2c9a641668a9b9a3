"""Who runs a command: an account of the machine, as the audit trail names it."""

import getpass
import socket


def console_account() -> str:
    return f"{getpass.getuser()}@{socket.gethostname()}"
