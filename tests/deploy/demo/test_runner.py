"""What `make run` says when it cannot start, and what it asks of running nodes."""

import asyncio
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from deploy.demo import __main__ as runner
from deploy.demo import pause
from deploy.demo.lock import is_locked, locked
from deploy.demo.network import PAUSED_FILE, chosen_cities, places
from deploy.demo.ports import held
from deploy.demo.probe import holding, lags, not_ready
from deploy.demo.refusal import Refusal


@pytest.fixture
def demo_dir(tmp_path, monkeypatch):
    monkeypatch.setenv("DEMO_DIR", str(tmp_path))
    monkeypatch.setenv("NODES", "antwerp")
    monkeypatch.setattr("sys.argv", ["deploy.demo"])
    return tmp_path


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@contextmanager
def _serving(answers):
    """A server on a free port: {path: (status, body)}; yields its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = answers[self.path]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def _place(port):
    return places(chosen_cities("antwerp"), port)[0]


def test_a_port_in_use_is_named_with_a_remedy(demo_dir, taken_port, monkeypatch, capsys):
    monkeypatch.setenv("PORT", str(taken_port))
    assert runner.main() == 1
    said = capsys.readouterr().out
    assert f"Port {taken_port} on 127.0.0.1 is in use." in said
    assert "make run PORT=9001" in said
    assert list(demo_dir.glob("antwerp/*")) == []


def test_a_port_that_another_network_is_about_to_use_is_not_shared(taken_port):
    port = taken_port + 1
    with held([port]), pytest.raises(Refusal, match=f"Port {port} on 127.0.0.1 is in use"), held([port]):
        pass


def test_a_network_that_runs_is_not_started_again(demo_dir, monkeypatch, capsys):
    monkeypatch.setenv("PORT", "9001")
    with locked(demo_dir):
        assert is_locked(demo_dir)
        assert runner.main() == 1
    assert "This demo network runs already" in capsys.readouterr().out
    assert not is_locked(demo_dir)


def test_an_unknown_node_ends_it_without_a_traceback(demo_dir, monkeypatch, capsys):
    monkeypatch.setenv("NODES", "atlantis")
    assert runner.main() == 1
    assert capsys.readouterr().out.startswith("\nNODES names no such node: atlantis.")


def test_one_node_is_stopped_and_started_by_a_file(demo_dir, capsys):
    (demo_dir / "antwerp").mkdir()
    (demo_dir / "antwerp" / "secret-key").touch()
    pause.main("stop", "antwerp")
    assert (demo_dir / "antwerp" / PAUSED_FILE).exists()
    pause.main("start", "antwerp")
    assert not (demo_dir / "antwerp" / PAUSED_FILE).exists()
    with pytest.raises(Refusal, match="NODE names no node of the running network: 'atlantis'"):
        pause.main("stop", "atlantis")


def test_what_keeps_a_node_from_being_ready_is_said(demo_dir, taken_port):
    body = (
        '{"ready": false, "parts": {"database": {"ok": true, "detail": ""}, '
        '"index": {"ok": false, "detail": "it is being built"}}}'
    )
    with _serving({"/readyz": (503, body)}) as port:
        assert asyncio.run(not_ready(_place(port))) == "index: it is being built"
    with _serving({"/readyz": (200, "{}")}) as port:
        assert asyncio.run(not_ready(_place(port))) == ""
    assert asyncio.run(not_ready(_place(port))) == "does not answer yet"


def test_what_a_node_holds_is_read_from_its_metrics(demo_dir):
    metrics = (
        "# TYPE havenlink_log_entries gauge\n"
        'havenlink_log_entries{origin="antwerp.havenlink.localhost"} 115\n'
        'havenlink_log_entries{origin="hamburg.havenlink.localhost"} 87\n'
        'havenlink_index_lag_entries{origin="hamburg.havenlink.localhost"} 3\n'
        'havenlink_records{kind="tool"} 150\n'
        "havenlink_index_up 1\n"
    )
    with _serving({"/metrics": (200, metrics)}) as port:
        held = asyncio.run(holding(_place(port)))
    assert held is not None
    assert held.entries == {"antwerp.havenlink.localhost": 115, "hamburg.havenlink.localhost": 87}
    assert held.index_lag == {"hamburg.havenlink.localhost": 3}


def test_who_lags_is_said(demo_dir):
    antwerp = 'havenlink_log_entries{origin="antwerp.havenlink.localhost"} 115\n'
    rotterdam = (
        'havenlink_log_entries{origin="antwerp.havenlink.localhost"} 100\n'
        'havenlink_log_entries{origin="rotterdam.havenlink.localhost"} 74\n'
        'havenlink_index_lag_entries{origin="rotterdam.havenlink.localhost"} 4\n'
    )
    with _serving({"/metrics": (200, antwerp)}) as first, _serving({"/metrics": (200, rotterdam)}) as second:
        cities = chosen_cities("antwerp,rotterdam")
        network = (places(cities, first)[0], places(cities, second - 1)[1])
        assert asyncio.run(lags(network)) == [
            "Antwerp holds 0 of Rotterdam's 74 entries",
            "Rotterdam holds 100 of Antwerp's 115 entries",
            "Rotterdam has yet to index 4 of Rotterdam's entries",
        ]
