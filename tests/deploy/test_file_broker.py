"""The folder as a broker: messages arrive whole, once, in order, whoever writes and reads at the same time."""

import subprocess
import sys
import uuid
from queue import Empty

import pytest
from kombu import Connection

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


def test_a_binding_is_kept_once_and_can_be_undone(broker):
    channel = broker.channel()
    for _ in range(2):
        channel._queue_bind("news", "key", "", "first")
    channel._queue_bind("news", "key", "", "second")
    assert [row.queue for row in channel.get_table("news")] == ["second", "first"]
    channel._delete("second", "news", "key", "")
    assert [row.queue for row in channel.get_table("news")] == ["first"]
    assert channel.get_table("unknown") == []
