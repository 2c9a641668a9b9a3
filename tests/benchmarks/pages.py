"""Pages, GraphQL and REST of a real node over HTTP: `python -m tests.benchmarks.pages [--records 100000]`.

Clients in another process ask over 1 and 4 connections that they keep, for searches and records that none asked before
(over the real inventory there are fewer than that). Beside them, of the same server, stand a static file and a page
without query or template: what a request costs before the node has done anything.
"""

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.benchmarks import dataset

# isort: split
from core.search.parameters import to_parameters
from core.search.seam import Query
from deploy.demo.network import DATA_DIR
from tests.benchmarks.figures import Figure, cpu_seconds, latency, own_mb, peak_mb, table
from tests.nodes import ROOT, NodeProcess, Nodes

CLIENTS = (1, 4)
PAGE_LANGUAGES = ("nl", "fr", "de", "en")
STATIC = "/static/web/vendor/leaflet/leaflet.css"
LEAST = "/robots.txt"
SEARCH_TARGET = 25
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


def measure(
    part: str, node: NodeProcess, asked: Asked, requests: int, clients: Sequence[int] = CLIENTS
) -> list[Figure]:
    """Every door, with each number of clients."""
    doors = [
        ("search page", asked.search_page, SEARCH_TARGET),
        ("search page, results alone (htmx)", asked.search_fragment, SEARCH_TARGET),
        ("search by GraphQL", asked.search_graphql, SEARCH_TARGET),
        ("suggestions while typing", asked.suggestions, None),
        ("record page", asked.record_page, None),
        ("record by REST", asked.record_rest, None),
        ("home page", asked.home_page, None),
        ("no query, no template (robots.txt)", asked.nothing, None),
    ]
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
    own = own_mb(node.web_pid)
    return [
        *figures,
        Figure(part, "memory of the web process and its supervisor, their own", own, "MB", target=MEMORY_TARGET),
        Figure(part, "  resident at its peak, pages of mapped files included", peak_mb(node.web_pid), "MB"),
    ]


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
        data = dataset.write(Path(name) / "records.jsonl", arguments.records)
        with Nodes(Path(name), calls="tests.benchmarks.calls") as nodes:
            node = nodes.make("antwerp", language="nl")
            node.call("publish_rest", path=str(data), first=0, until=arguments.records)
            node.call("index")
            node.call("keep_facet_sets")
            asked = asked_of_data_set(node.call("uuids"))
            node.kill_helper()
            node.serve()
            print(table(measure(f"{arguments.records:,} records", node, asked, arguments.requests)))


if __name__ == "__main__":
    main()
