"""Pages, GraphQL and REST of a real node over HTTP: `python -m tests.benchmarks.pages [--records 100000]`.

Clients in another process ask over 1 and 4 connections that they keep, for searches and records that none asked before
(over the real inventory there are fewer than that). Beside them, of the same server, stand a static file and a page
without query or template: what a request costs before the node has done anything. Records have made-up vectors, and
every query one of the model's. Where ELASTICSEARCH_URL names a server, searches are asked for on it too.
"""

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.benchmarks import dataset

# isort: split
from core.search.parameters import to_parameters
from core.search.seam import Query
from deploy.demo.network import DATA_DIR
from tests.benchmarks.figures import Figure, cpu_seconds, latency, own_mb, peak_mb, rate, table
from tests.engines import ELASTICSEARCH_URL, index_address
from tests.nodes import ROOT, NodeProcess, Nodes, wait_until

CLIENTS = (1, 4)
PAGE_LANGUAGES = ("nl", "fr", "de", "en")
STATIC = "/static/web/vendor/leaflet/leaflet.css"
LEAST = "/robots.txt"
SEARCH_TARGET = 25
# Of a search by meaning, the query's vector included.
MEANING_TARGET = 40
VISIBLE_TARGET = 1000
VISIBLE_SECONDS = 30
PUBLISHED = 40
MEMORY_TARGET = 200
# One of each is not measured: templates, vocabularies and dictionaries are read once a process.
WARM_UP = 40

BROWSER = {"Accept": "text/html", "Accept-Encoding": "gzip, zstd", "User-Agent": "bench"}
HTMX = BROWSER | {"HX-Request": "true"}
GRAPHQL = {"Content-Type": "application/json", "Accept-Encoding": "gzip, zstd"}

SEARCH_DOCUMENT = """
query($query: String!, $language: String!, $filters: SearchFilters) {
  search(query: $query, language: $language, filters: $filters, first: 20) {
    total
    facets { name values { code label count } }
    edges { score node { id kind origin title(language: $language) } why { field code words } }
  }
}
"""

Request = dict[str, Any]


class Asked:
    """Requests to a node, none of them twice."""

    def __init__(self, queries: Iterator[Query], uuids: Iterator[str]) -> None:
        self._queries = queries
        self._uuids = uuids
        self._turn = 0

    def search_page(self) -> Request:
        return _get(f"/{self._language()}/search?{urlencode(to_parameters(next(self._queries)))}", BROWSER)

    def search_page_by_words(self) -> Request:
        query = replace(next(self._queries), concepts=False, meaning=False)
        return _get(f"/{self._language()}/search?{urlencode(to_parameters(query))}", BROWSER)

    def search_fragment(self) -> Request:
        return _get(f"/{self._language()}/search?{urlencode(to_parameters(next(self._queries)))}", HTMX)

    def search_graphql(self) -> Request:
        query = next(self._queries)
        variables = {
            "query": query.text,
            "language": self._language(),
            "filters": {facet: list(codes) for facet, codes in query.filters.items()},
        }
        body = json.dumps({"query": SEARCH_DOCUMENT, "variables": variables})
        return {"method": "POST", "path": "/graphql", "body": body, "headers": GRAPHQL}

    def suggestions(self) -> Request:
        """What has been typed of a query's first words."""
        query = next(query for query in self._queries if query.text)
        return _get(f"/{self._language()}/search/suggest?{urlencode({'q': query.text[:5]})}", BROWSER)

    def record_page(self) -> Request:
        return _get(f"/{self._language()}/records/{next(self._uuids)}", BROWSER)

    def record_rest(self) -> Request:
        return _get(f"/api/v1/records/{next(self._uuids)}", {"Accept": "application/json"})

    def home_page(self) -> Request:
        return _get(f"/{self._language()}/", BROWSER)

    def nothing(self) -> Request:
        return _get(LEAST, BROWSER)

    def static_file(self) -> Request:
        return _get(STATIC, BROWSER)

    def _language(self) -> str:
        self._turn += 1
        return PAGE_LANGUAGES[self._turn % len(PAGE_LANGUAGES)]


Door = tuple[str, Callable[[], Request], float | None]


def searches(asked: Asked) -> list[Door]:
    return [
        ("search page", asked.search_page, MEANING_TARGET),
        ("search page, by words alone", asked.search_page_by_words, SEARCH_TARGET),
        ("search page, results alone (htmx)", asked.search_fragment, MEANING_TARGET),
        ("search by GraphQL", asked.search_graphql, MEANING_TARGET),
        ("suggestions while typing", asked.suggestions, None),
    ]


def others(asked: Asked) -> list[Door]:
    return [
        ("record page", asked.record_page, None),
        ("record by REST", asked.record_rest, None),
        ("home page", asked.home_page, None),
        ("no query, no template (robots.txt)", asked.nothing, None),
    ]


def measure(part: str, node: NodeProcess, doors: Sequence[Door], asked: Asked, requests: int) -> list[Figure]:
    """Each door, with each number of clients; then the memory of the web process."""
    for _name, make, _target in doors:
        load(node, [make() for _ in range(WARM_UP)], 1)
    figures = []
    for number in CLIENTS:
        said = "1 client" if number == 1 else f"{number} clients"
        static = load(node, [asked.static_file() for _ in range(requests)], number)
        figures.append(latency(part, f"static file, {said}", static["milliseconds"], cpu=static["cpu_ms"]))
        beside = {"yardstick": "static file", "yardstick_value": figures[-1].value}
        for name, make, target in doors:
            answered = load(node, [make() for _ in range(requests)], number)
            figures.append(
                latency(
                    part,
                    f"{name}, {said}",
                    answered["milliseconds"],
                    cpu=answered["cpu_ms"],
                    target=target if number == 1 else None,
                    **beside,
                )
            )
            if number > 1:
                figures.append(Figure(part, "  of these", requests / answered["seconds"], "requests/s"))
    own = own_mb(node.web_pid)
    return [
        *figures,
        Figure(part, "memory of the web process and its supervisor, their own", own, "MB", target=MEMORY_TARGET),
        Figure(part, "  resident at its peak, pages of mapped files included", peak_mb(node.web_pid), "MB"),
    ]


def measure_visible(part: str, node: NodeProcess, data: Path, first: int) -> Figure:
    """From publishing a record until search finds it; records from line `first` of the data set, one by one."""
    node.work()
    waits = []
    for number, document in enumerate(dataset.read(data, first, first + PUBLISHED + 1), start=first):
        uuid, (title,) = str(dataset.uuid_of(document)), document["title"].values()
        path = f"/api/v1/records?{urlencode({'q': title['text'], 'kind': document['kind'], 'concepts': 'off'})}"
        started = time.perf_counter()
        node.call("publish_drafts", path=str(data), first=number, until=number + 1)
        wait_until(partial(_finds, node, path, uuid), VISIBLE_SECONDS, f"{uuid} in a search")
        waits.append((time.perf_counter() - started) * 1000)
    node.stop_work()
    # The first waits for the worker to be there.
    return latency(part, "from publishing until search finds it", waits[1:], target=VISIBLE_TARGET)


def _finds(node: NodeProcess, path: str, uuid: str) -> bool:
    with urllib.request.urlopen(node.url + path) as response:
        return any(record["uuid"] == uuid for record in json.load(response)["results"])


def asked_of_data_set(uuids: Sequence[str]) -> Asked:
    """Queries in the data set's words, without end, and these records, over and over if they are few."""
    records = dataset.Records()
    queries = (query for _round in itertools.count() for _name, query in records.queries(1000))
    return Asked(queries, itertools.cycle(uuids))


def asked_of_inventory(uuids: Sequence[str]) -> Asked:
    """The 70 judged queries over the real inventory, over and over: unlike the others, these come again."""
    lines = (DATA_DIR / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["query"] for line in lines]
    return Asked(map(Query, itertools.cycle(texts)), itertools.cycle(uuids))


def load(node: NodeProcess, requests: list[Request], clients: int) -> dict[str, Any]:
    """Adds `cpu_ms`, what the web process used for an answer. Raises RuntimeError when one was refused."""
    order = {"port": node.port, "clients": clients, "requests": requests}
    used = cpu_seconds(node.web_pid)
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.client"],
        cwd=ROOT,
        input=json.dumps(order),
        text=True,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers | {"cpu_ms": (cpu_seconds(node.web_pid) - used) / len(requests) * 1000}


def _get(path: str, headers: dict[str, str]) -> Request:
    return {"method": "GET", "path": path, "body": "", "headers": headers}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000, help="how many the node holds (100000)")
    parser.add_argument("--requests", type=int, default=400, help="how many of each kind (400)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="havenlink-bench-") as name:
        data = dataset.write(Path(name) / "records.jsonl", arguments.records + 2 * PUBLISHED + 2)
        with Nodes(Path(name), calls="tests.benchmarks.calls") as nodes:
            node = nodes.make("antwerp", language="nl", VECTORS="on", VECTOR_DIR=str(Path(name) / "vectors"))
            node.call("publish_rest", path=str(data), first=0, until=arguments.records)
            node.call("give_vectors")
            part = f"over HTTP, {arguments.records:,} records"
            print(table(_served(part, node, data, arguments.records, arguments.requests, searches, others)))
            if not ELASTICSEARCH_URL:
                print("LEFT OUT: Elasticsearch: ELASTICSEARCH_URL names no server")
                return
            with index_address("elasticsearch", Path(name)) as node.environment["SEARCH_URL"]:
                first = arguments.records + PUBLISHED + 1
                print(table(_served(f"{part}, on Elasticsearch", node, data, first, arguments.requests, searches)))


def _served(
    part: str, node: NodeProcess, data: Path, first: int, requests: int, *doors: Callable[[Asked], list[Door]]
) -> list[Figure]:
    """What of the data set comes after line `first` is published meanwhile."""
    node.kill_helper()
    cost = node.call("index")
    node.call("keep_facet_sets")
    asked = asked_of_data_set(node.call("uuids"))
    node.kill_helper()
    node.serve()
    figures = [
        rate(part, "build the index", first, cost),
        *measure(part, node, [door for each in doors for door in each(asked)], asked, requests),
        measure_visible(part, node, data, first),
    ]
    node.stop()
    return figures


if __name__ == "__main__":
    main()
