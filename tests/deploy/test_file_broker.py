"""The folder as a broker: messages arrive whole, once, in order, whoever writes and reads at the same time."""

import subprocess
import sys
import threading
import time
import uuid
from queue import Empty

import pytest
from kombu import Connection

from deploy import file_broker
from deploy.arrivals import Arrivals
from deploy.demo.network import BASE_DIR
from deploy.settings.background import broker as broker_settings

WRITER = """
import sys
from kombu import Connection
folder, queue, name, count = sys.argv[1:]
options = {"data_folder_in": folder, "data_folder_out": folder, "control_folder": folder + "/control"}
transport = "deploy.file_broker:Transport"
with Connection("filesystem://localhost//", transport=transport, transport_options=options) as broker:
    queue = broker.SimpleQueue(queue)
    for number in range(int(count)):
        queue.put([name, number])
    queue.close()
"""

# Only the kernel's word can be quicker.
PATIENT = {"polling_interval": 60}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "queue"


@pytest.fixture
def broker(folder):
    folder.mkdir()
    options = {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.001,
    }
    transport = "deploy.file_broker:Transport"
    with Connection("filesystem://localhost//", transport=transport, transport_options=options) as connection:
        yield connection


@pytest.fixture
def queue(broker):
    # Kombu remembers bindings by process, not by folder: each test has a queue of its own.
    return broker.SimpleQueue(f"work-{uuid.uuid4()}")


def _taken(queue):
    message = queue.get_nowait()
    message.ack()
    return message.payload


def test_the_settings_choose_it(tmp_path):
    assert broker_settings(f"filesystem://{tmp_path}")["CELERY_BROKER_TRANSPORT"] == "deploy.file_broker:Transport"


def test_messages_come_in_order_and_once(queue):
    for number in range(5):
        queue.put(number)
    assert [_taken(queue) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(Empty):
        queue.get_nowait()


def test_nothing_is_lost_or_doubled_between_processes(queue, folder):
    command = [sys.executable, "-c", WRITER, str(folder), queue.queue.name]
    writers = [subprocess.Popen([*command, name, "200"], cwd=BASE_DIR) for name in ("a", "b")]
    received: list[tuple[str, int]] = []
    while len(received) < 400:
        message = queue.get(timeout=30)
        message.ack()
        name, number = message.payload
        received.append((name, number))
    assert [writer.wait(10) for writer in writers] == [0, 0]
    for name in ("a", "b"):
        assert [number for writer, number in received if writer == name] == list(range(200))


def test_a_file_that_is_no_message_stops_nobody(queue, folder, caplog):
    torn = f"0_torn.{queue.queue.name}.msg"
    (folder / torn).write_text("")
    queue.put("whole")
    assert _taken(queue) == "whole"
    with pytest.raises(Empty):
        queue.get_nowait()
    assert f"a message that cannot be read was dropped: {torn}" in caplog.text


def test_a_message_ends_the_wait_for_it(folder):
    folder.mkdir()
    arrivals = Arrivals(folder)
    started = time.monotonic()
    writer = threading.Timer(0.2, file_broker._write_whole, [folder / "1.work.msg", "{}"])
    writer.start()

    arrivals.wait(30)

    waited = time.monotonic() - started
    writer.join()
    arrivals.close()
    assert 0.1 < waited < 10
    assert (folder / "1.work.msg").exists()


def test_what_arrived_before_the_wait_ends_it_at_once_and_once(folder):
    folder.mkdir()
    arrivals = Arrivals(folder)
    file_broker._write_whole(folder / "1.work.msg", "{}")
    started = time.monotonic()

    arrivals.wait(30)
    assert time.monotonic() - started < 10
    started = time.monotonic()
    arrivals.wait(0.2)
    assert time.monotonic() - started >= 0.2
    arrivals.close()


def test_a_folder_that_cannot_be_watched_is_looked_into_at_intervals(tmp_path, caplog):
    arrivals = Arrivals(tmp_path / "not there")
    started = time.monotonic()

    arrivals.wait(0.2)

    assert time.monotonic() - started >= 0.2
    assert "is looked into at intervals: No such file or directory" in caplog.text


def test_a_worker_gets_a_message_long_before_its_next_look(tmp_path):
    folder = tmp_path / "queue"
    folder.mkdir()
    options = {"data_folder_in": str(folder), "data_folder_out": str(folder), "control_folder": str(folder / "control")}
    transport = "deploy.file_broker:Transport"
    with Connection("filesystem://localhost//", transport=transport, transport_options=options | PATIENT) as broker:
        queue = broker.SimpleQueue(f"work-{uuid.uuid4()}")
        sender = threading.Timer(0.2, queue.put, ["now"])
        sender.start()
        started = time.monotonic()
        message = queue.get(timeout=60)
        waited = time.monotonic() - started
        sender.join()
        message.ack()
        with pytest.raises(Empty):
            queue.get(timeout=0.1)
    assert message.payload == "now"
    assert waited < 20


def test_a_binding_is_kept_once_and_can_be_undone(broker):
    channel = broker.channel()
    for _ in range(2):
        channel._queue_bind("news", "key", "", "first")
    channel._queue_bind("news", "key", "", "second")
    assert [row.queue for row in channel.get_table("news")] == ["second", "first"]
    channel._delete("second", "news", "key", "")
    assert [row.queue for row in channel.get_table("news")] == ["first"]
    assert channel.get_table("unknown") == []
