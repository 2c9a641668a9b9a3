"""Vectors kept between processes and runs."""

import multiprocessing
import sqlite3

import numpy as np

from core.search.vectors.store import VectorStore


def vector(first):
    return np.array([first] + [0.0] * 383, np.float32)


def test_what_was_put_is_there_by_name_and_text(tmp_path):
    VectorStore(tmp_path).put("model passage", {"haven": vector(0.5), "sluis": vector(0.25)})
    again = VectorStore(tmp_path)
    found = again.get("model passage", ["haven", "kraan", "sluis"])
    assert {text: each[0] for text, each in found.items()} == {"haven": 0.5, "sluis": 0.25}
    assert again.get("model query", ["haven"]) == {}


def test_more_texts_than_a_statement_has_room_for(tmp_path):
    store = VectorStore(tmp_path)
    texts = [f"tekst {number}" for number in range(1200)]
    store.put("model", {text: vector(1.0) for text in texts})
    assert len(store.get("model", texts)) == 1200


def test_what_is_no_vector_is_passed_over(tmp_path):
    store = VectorStore(tmp_path)
    store.put("model", {"haven": vector(1.0)})
    with sqlite3.connect(tmp_path / "vectors.sqlite3") as connection:
        connection.execute("UPDATE vectors SET vector = x'00'")
    assert store.get("model", ["haven"]) == {}


def _take_turn(folder, order):
    with VectorStore(folder).turn():
        order.put("other")


def test_one_process_computes_at_a_time(tmp_path):
    context = multiprocessing.get_context("spawn")
    order = context.Queue()
    other = context.Process(target=_take_turn, args=(tmp_path, order))
    with VectorStore(tmp_path).turn():
        other.start()
        order.put("this")
    other.join()
    assert [order.get(timeout=5), order.get(timeout=5)] == ["this", "other"]
