"""Finding the nearest of many vectors in mapped files."""

import numpy as np
import pytest

from core.search.vectors import neighbours
from core.search.vectors.neighbours import Neighbours, add


def directions(count, seed=1):
    drawn = np.random.default_rng(seed).normal(size=(count, 384)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def test_the_nearest_come_first_with_their_cosines(tmp_path):
    vectors = directions(50)
    assert add(tmp_path, vectors[:20]) == 0
    assert add(tmp_path, vectors[20:]) == 20
    rows, cosines = Neighbours(tmp_path).of(vectors[30]).nearest(5)
    exact = vectors @ vectors[30]
    assert rows.tolist() == np.argsort(-exact)[:5].tolist()
    assert cosines == pytest.approx(exact[rows], abs=0.01)


def test_nothing_is_near_in_an_empty_folder(tmp_path):
    rows, cosines = Neighbours(tmp_path).of(directions(1)[0]).nearest(5)
    assert (len(rows), len(cosines)) == (0, 0)


def test_among_some_rows_only(tmp_path):
    vectors = directions(50)
    add(tmp_path, vectors)
    rows, _cosines = Neighbours(tmp_path).of(vectors[30]).nearest(3, np.array([3, 7, 11, 30, 999]))
    assert rows[0] == 30
    assert set(rows.tolist()) < {3, 7, 11, 30}


def test_more_rows_than_are_compared_at_a_time_are_all_compared(tmp_path, monkeypatch):
    monkeypatch.setattr(neighbours, "COMPARED", 7)
    vectors = directions(50)
    add(tmp_path, vectors)
    among = np.arange(1, 50, 2)
    rows, cosines = Neighbours(tmp_path).of(vectors[30]).nearest(25, among)
    exact = vectors @ vectors[30]
    assert rows.tolist() == among[np.argsort(-exact[among])].tolist()
    assert cosines == pytest.approx(exact[rows], abs=0.01)


def test_a_row_that_a_killed_writer_left_half_done_is_written_over(tmp_path):
    vectors = directions(3)
    add(tmp_path, vectors[:1])
    with open(tmp_path / "rows.bin", "ab") as file:
        file.write(b"half")
    assert add(tmp_path, vectors[1:]) == 1
    found = Neighbours(tmp_path)
    assert found.count == 3
    assert [found.of(vector).nearest(1)[0].tolist() for vector in vectors] == [[0], [1], [2]]


def test_signs_find_candidates_across_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(neighbours, "BLOCK", 16)
    monkeypatch.setattr(neighbours, "BLOCK_BYTES", 16 * 6 * 8)
    monkeypatch.setattr(neighbours, "MIN_CANDIDATES", 5)
    monkeypatch.setattr(neighbours, "CANDIDATES", 1)
    vectors = directions(100)
    for start in range(0, 100, 30):
        add(tmp_path, vectors[start : start + 30])
    found = Neighbours(tmp_path)
    assert [found.of(vector).nearest(1)[0].tolist() for vector in vectors] == [[row] for row in range(100)]


def alike(count, seed=1):
    """Vectors that have most in common, as texts of one field have: their mean is 0.9 long."""
    common = directions(1, seed=9)[0]
    drawn = 0.9 * common + 0.44 * directions(count, seed)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def test_the_nearest_of_many_that_are_alike_are_found(tmp_path):
    """The hardest case: beside what all have in common there is nothing but chance, so that hardly one is nearer than
    another. Those found instead are as near to the third decimal.
    """
    vectors = alike(20_000)
    for start in range(0, 20_000, 1_500):
        add(tmp_path, vectors[start : start + 1_500])
    found = Neighbours(tmp_path)
    known, lost = [], []
    for query in directions(20, seed=2) + vectors[:20] / 2:
        exact = vectors @ query
        best = np.argsort(-exact)[:100]
        rows, _cosines = found.of(query).nearest(100)
        known.append(len(np.intersect1d(best, rows)))
        lost.append(np.mean(exact[best]) - np.mean(exact[rows]))
    assert np.mean(known) > 94
    assert np.mean(lost) < 0.001


def test_the_nearest_among_many_rows_are_found_as_among_all(tmp_path):
    vectors = alike(20_000)
    add(tmp_path, vectors)
    found, among = Neighbours(tmp_path), np.arange(0, 20_000, 2)
    query = directions(1, seed=2)[0] + vectors[0] / 2
    best = among[np.argsort(-(vectors[among] @ query))[:100]]
    rows, _cosines = found.of(query).nearest(100, among)
    assert set(rows.tolist()) <= set(among.tolist())
    assert len(np.intersect1d(best, rows)) > 94


def test_signs_are_made_of_rows_that_had_none_also_after_a_kill(tmp_path, monkeypatch):
    monkeypatch.setattr(neighbours, "MIN_CANDIDATES", 5)
    monkeypatch.setattr(neighbours, "CANDIDATES", 1)
    vectors = alike(60)
    add(tmp_path, vectors[:4])
    assert not (tmp_path / "signs.bin").exists()
    (tmp_path / "signs.bin").write_bytes(b"what a process that was killed left")
    add(tmp_path, vectors[4:30])
    add(tmp_path, vectors[30:])
    found = Neighbours(tmp_path)
    assert [found.of(vector).nearest(1)[0].tolist() for vector in vectors] == [[row] for row in range(60)]


def test_a_vector_of_nothing_is_near_to_nothing(tmp_path):
    add(tmp_path, np.zeros((1, 384), np.float32))
    _rows, cosines = Neighbours(tmp_path).of(directions(1)[0]).nearest(1)
    assert cosines.tolist() == [0.0]
