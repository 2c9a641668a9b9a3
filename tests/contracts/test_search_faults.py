"""A search server that is down, silent, full, emptied or another: pages say so and go on, and the index catches up.

A server of these tests' own is stopped and paused; what needs no such thing is done to an index on the shared one.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from elastic_transport import Urllib3HttpNode
from uuid6 import uuid7

from core.errors import Unavailable
from core.records.services.append import NewRevision, entries_append
from core.search import elasticsearch_engine, tasks
from core.search.seam import Query, engine
from core.search.selectors.status import index_status
from core.search.services.catch_up import catch_up
from tests.engines import ELASTICSEARCH_URL, index_address, needs_elasticsearch, opened_engine, remove_indexes
from tests.nodes import ROOT, Nodes, wait_until
from tests.tools_inventory.published import PORT_VISIT, content, published

__all__ = ["published"]

pytestmark = [pytest.mark.django_db, needs_elasticsearch, pytest.mark.xdist_group("search_faults")]

SCRIPT = ROOT / "tests" / "elasticsearch_server.sh"
# How long the server may keep a reader, and what a busy machine may add to a wait that has ended.
PATIENCE = elasticsearch_engine.READ_SECONDS + 1


class Server:
    """An Elasticsearch of the tests' own."""

    def __init__(self, folder):
        self.folder = folder
        self.url = self.start()

    def start(self):
        done = subprocess.run([SCRIPT, "start", self.folder], check=True, capture_output=True, text=True, timeout=300)
        return done.stdout.strip()

    def stop(self):
        subprocess.run([SCRIPT, "stop", self.folder], check=True, timeout=60)

    def remove(self):
        subprocess.run([SCRIPT, "remove", self.folder], check=True, timeout=60)

    @contextmanager
    def paused(self):
        pid = int((self.folder / "pid").read_text())
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)


@pytest.fixture(scope="module")
def server():
    # The server's user must be able to reach it, which folders of pytest's own forbid.
    folder = Path(tempfile.mkdtemp(prefix="havenlink-faults-", dir="/tmp"))
    made = None
    try:
        made = Server(folder)
        yield made
    finally:
        if made:
            made.remove()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def node(settings, published, tmp_path):
    """This node, whose records stand in an index on the shared server."""
    with index_address("elasticsearch", tmp_path) as settings.SEARCH_URL:
        catch_up()
        yield settings


@pytest.fixture
def node_on(settings, published, server):
    """This node, whose records stand in an index on a server that can be stopped."""
    settings.SEARCH_URL = f"{server.url.replace('http', 'elasticsearch', 1)}/node-{uuid7().hex}"
    catch_up()
    return server


def publish(title="Sluizen"):
    (stored,) = entries_append(
        [NewRevision(uuid7(), "tool", "nl", content(title, "Een les.", "nl", activity="workshop"))]
    )
    return stored.uuid


def found(text):
    return [hit.uuid for hit in engine().search(Query(text, "nl", concepts=False)).hits]


@pytest.fixture
def waits(monkeypatch):
    """The seconds that each request to a server took, in order: what a page does besides is not the server's."""
    seconds = []
    perform_request = Urllib3HttpNode.perform_request

    def timed(*arguments, **named):
        start = time.monotonic()
        try:
            return perform_request(*arguments, **named)
        finally:
            seconds.append(time.monotonic() - start)

    monkeypatch.setattr(Urllib3HttpNode, "perform_request", timed)
    return seconds


def check_that_the_node_goes_on(client, code):
    """Without its index: pages that need it say so, with a code, and list what the database has; others are whole."""
    page = client.get("/nl/search?q=havenbezoek")
    assert (page.status_code, page.context["error"].reason) == (503, code)
    assert page.context["rows"][0].uuid == PORT_VISIT
    assert client.get("/nl/search?q=havenbezoek", headers={"HX-Request": "true"}).status_code == 503
    answer = client.get("/api/v1/records?q=havenbezoek")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, code)
    asked = client.post(
        "/graphql", {"query": '{ search(query: "haven") { total } }'}, content_type="application/json"
    ).json()
    assert asked["errors"][0]["extensions"]["code"] == code
    for address in ("/nl/", f"/nl/records/{PORT_VISIT}", "/nl/coverage", "/nl/network", "/api/v1/records"):
        assert client.get(address).status_code == 200, address
    assert client.get("/nl/search/suggest?q=bedrijfsb").json()["suggestions"]
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["parts"]["index"]["ok"]) == (503, False)
    assert "havenlink_index_up 0" in client.get("/metrics").content.decode()


def test_a_server_that_is_down_and_comes_back(client, node_on):
    node_on.stop()
    try:
        check_that_the_node_goes_on(client, "index_unreachable")
        stored = publish()
        assert tasks.catch_up() == 0
        assert index_status().health.ok is False
    finally:
        node_on.start()
    wait_until(lambda: engine().health().ok, 10, "the engine asks again")
    assert found("sluizen") == []
    assert tasks.catch_up() == 1
    assert found("sluizen") == [stored]
    assert client.get("/nl/search?q=sluizen").status_code == 200


def test_a_server_that_does_not_answer_is_waited_for_once(client, node_on, waits, monkeypatch):
    monkeypatch.setattr(elasticsearch_engine, "WRITE_SECONDS", 1)
    waits.clear()
    with node_on.paused():
        page = client.get("/nl/search?q=havenbezoek")
        assert (page.status_code, page.context["error"].reason) == (503, "index_unreachable")
        assert [wait < PATIENCE for wait in waits] == [True]
        assert client.get("/nl/search?q=havenbezoek").status_code == 503
        assert len(waits) == 1
        stored = publish()
        assert tasks.catch_up() == 0
        assert [wait < PATIENCE for wait in waits[1:]] == [True]
    wait_until(lambda: engine().health().ok, 10, "the engine asks again")
    assert tasks.catch_up() == 1
    assert found("sluizen") == [stored]


def test_a_server_that_hangs_for_a_moment_costs_a_moment(client, node_on):
    with node_on.paused():
        timer = threading.Timer(0.5, os.kill, [int((node_on.folder / "pid").read_text()), signal.SIGCONT])
        timer.start()
        page = client.get("/nl/search?q=havenbezoek")
        timer.join()
    assert (page.status_code, page.context["page"].total) == (200, 3)


@pytest.mark.parametrize("block", ["read_only_allow_delete", "read_only", "write"])
def test_a_full_or_read_only_index_is_searched_and_catches_up_when_it_takes_changes_again(client, node, block):
    """`read_only_allow_delete` is what a server sets when its disk is full: it answers 429."""
    index = engine().name().partition(":")[0]
    set_block(index, block, True)
    try:
        stored = publish()
        with pytest.raises(Unavailable) as refused:
            catch_up()
        assert refused.value.reason == "index_read_only"
        assert tasks.catch_up() == 0
        assert client.get("/nl/search?q=havenbezoek").status_code == 200
        assert (index_status().health.ok, index_status().behind) == (True, 1)
    finally:
        set_block(index, block, None)
    assert tasks.catch_up() == 1
    assert found("sluizen") == [stored]


def set_block(index, block, value):
    answer = httpx.put(f"{ELASTICSEARCH_URL}/{index}/_settings", json={f"index.blocks.{block}": value}, timeout=30)
    assert answer.status_code == 200, answer.text


def test_an_index_that_is_deleted_under_it_is_filled_again(client, node):
    remove_indexes(node.SEARCH_URL.rpartition("/")[2])
    check_that_the_node_goes_on(client, "no_index")
    publish()
    # Everything in the log, withdrawals and all.
    assert tasks.catch_up() == index_status().logs[0].size
    assert found("havenbezoek") == [PORT_VISIT]


def test_an_index_that_is_deleted_while_it_is_written_is_not_made_anew_without_its_mapping(node):
    writer = engine()
    remove_indexes(node.SEARCH_URL.rpartition("/")[2])
    with pytest.raises(Unavailable) as refused:
        writer.remove([(PORT_VISIT, 2)])
    assert refused.value.reason == "no_index"
    assert engine().health().ok is False


@contextmanager
def answering(status, body, headers):
    """A server that answers everything alike."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = answer

        def log_message(self, *_arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"elasticsearch://127.0.0.1:{server.server_port}/havenlink"
    finally:
        server.shutdown()
        server.server_close()


ELASTIC = {"Content-Type": "application/json", "X-Elastic-Product": "Elasticsearch"}
COMPATIBLE = {**ELASTIC, "Content-Type": "application/vnd.elasticsearch+json;compatible-with=8"}
OLD = b'{"error":{"type":"media_type_header_exception","reason":"Invalid media-type value on headers"},"status":400}'
BUSY = b'{"error":{"type":"es_rejected_execution_exception","reason":"rejected execution"},"status":429}'
WHO = b'{"error":{"type":"security_exception","reason":"missing authentication credentials"},"status":401}'


@pytest.mark.parametrize(
    ("status", "body", "headers", "code"),
    [
        pytest.param(400, OLD, ELASTIC, "index_unsupported", id="version 7"),
        pytest.param(406, b'{"error":"not acceptable","status":406}', ELASTIC, "index_unsupported", id="version 7.10"),
        pytest.param(200, b"{}", {"Content-Type": "application/json"}, "index_unsupported", id="another product"),
        pytest.param(200, b"<html>", {"Content-Type": "text/html"}, "index_unsupported", id="a web site"),
        pytest.param(200, b"{]", COMPATIBLE, "index_unsupported", id="broken"),
        pytest.param(429, BUSY, COMPATIBLE, "index_busy", id="too much to do"),
        pytest.param(401, WHO, COMPATIBLE, "index_denied", id="nobody known"),
        pytest.param(500, b'{"error":"oops","status":500}', COMPATIBLE, "index_broken", id="broken inside"),
        pytest.param(503, b"upstream", {"Content-Type": "text/plain"}, "index_broken", id="a proxy"),
    ],
)
def test_a_server_of_another_kind_or_temper_is_named(client, settings, published, status, body, headers, code):
    with answering(status, body, headers) as settings.SEARCH_URL:
        check_that_the_node_goes_on(client, code)
        with pytest.raises(Unavailable) as refused:
            catch_up()
        assert refused.value.reason == code
        assert tasks.catch_up() == 0


def test_nothing_listens(client, settings, published):
    settings.SEARCH_URL = "elasticsearch://127.0.0.1:9/havenlink"
    check_that_the_node_goes_on(client, "index_unreachable")
    assert opened_engine(settings.SEARCH_URL).health().ok is False


def test_pulling_goes_on_without_a_search_server(tmp_path):
    with Nodes(tmp_path) as nodes:
        antwerp = nodes.make("antwerp", language="nl")
        antwerp.serve()
        hamburg = nodes.make("hamburg", language="de", SEARCH_URL="elasticsearch://127.0.0.1:9/havenlink")
        hamburg.admit(antwerp)
        antwerp.call("publish", count=2)
        hamburg.call("pull")
        assert hamburg.call("titles", origin=antwerp.id) == ["Girls' day 0", "Girls' day 1"]
        with pytest.raises(RuntimeError, match="index_unreachable"):
            hamburg.call("manage_search", verb="catch-up")
