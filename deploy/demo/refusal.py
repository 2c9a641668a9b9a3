"""Why the demo network does not start, and what to do about it."""


class Refusal(Exception):
    """Shown on the terminal without a traceback; the exit code is 1."""

    def __init__(self, message: str, remedy: str) -> None:
        self.message = message
        self.remedy = remedy
        super().__init__(f"{message} {remedy}")
