"""The process that `services/fetch_process.py` starts: `python -m federation.fetcher`. Not for people."""

import sys

import django

django.setup()

from federation.services.fetch_process import fetch  # noqa: E402  Django must be set up before its models are imported

if __name__ == "__main__":
    fetch(sys.stdin.buffer, sys.stdout.buffer)
