"""The engines that tests run on, each with an index of its own that is removed afterwards.

Elasticsearch is the server that ELASTICSEARCH_URL names (`tests/elasticsearch_server.sh` starts one).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from django.utils.module_loading import import_string

from core.search import seam

ELASTICSEARCH_URL = os.environ.get("ELASTICSEARCH_URL", "").rstrip("/")

needs_elasticsearch = pytest.mark.skipif(
    not ELASTICSEARCH_URL,
    reason="needs Elasticsearch: set ELASTICSEARCH_URL=$(tests/elasticsearch_server.sh start /tmp/elasticsearch)",
)

ENGINES = ["tantivy", pytest.param("elasticsearch", marks=needs_elasticsearch)]


def opened_engine(search_url: str) -> seam.Engine:
    """Another instance at every call, as another process would have it."""
    made: seam.Engine = import_string(seam.ENGINES[urlsplit(search_url).scheme])(search_url)
    return made


@contextmanager
def index_address(engine: str, folder: Path) -> Iterator[str]:
    """A SEARCH_URL of nobody else's."""
    if engine == "tantivy":
        yield f"tantivy://{folder}/index"
        return
    name = f"havenlink-test-{uuid4().hex[:12]}"
    try:
        yield f"{ELASTICSEARCH_URL.replace('http', 'elasticsearch', 1)}/{name}"
    finally:
        remove_indexes(name)


def remove_indexes(name: str) -> None:
    """All that stands on the server under a name; servers refuse to delete by a pattern."""
    with httpx.Client(base_url=ELASTICSEARCH_URL, timeout=30) as client:
        for index in client.get(f"/{name}-*/_settings/index.uuid").json():
            client.delete(f"/{index}")
        client.delete(f"/_index_template/{name}-*")


def stored_bytes(search_url: str) -> int:
    """How much an index takes on the server's disk."""
    with httpx.Client(base_url=ELASTICSEARCH_URL, timeout=30) as client:
        stats = client.get(f"/{search_url.rpartition('/')[2]}-*/_stats/store").json()
    return int(stats["_all"]["primaries"]["store"]["size_in_bytes"])
