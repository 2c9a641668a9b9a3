"""The tree against RFC 6962's published vectors, an independent implementation and, by Hypothesis, itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from core.records.merkle import CompactRange, leaf_hash, root_hash, root_of_page, subtrees

# The leaves and roots of Certificate Transparency's reference tree (RFC 6962 test data).
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def leaves(count):
    return [leaf_hash(number.to_bytes(4, "big")) for number in range(count)]


@pytest.mark.parametrize("size", range(9))
def test_root_is_that_of_the_published_vectors(size):
    assert root_hash([leaf_hash(leaf) for leaf in LEAVES[:size]]).hex() == ROOTS[size]


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=70))
def test_root_is_that_of_an_independent_implementation(entries):
    other = InmemoryTree(algorithm="sha256")
    for entry in entries:
        other.append_entry(entry)
    assert root_hash([leaf_hash(entry) for entry in entries]) == other.get_root()


@given(st.data())
def test_every_page_leads_to_the_root(data):
    size = data.draw(st.integers(0, 600))
    first = data.draw(st.integers(0, size))
    last = data.draw(st.integers(first, size))
    all_leaves = leaves(size)
    left = CompactRange()
    left.extend(all_leaves[:first])
    right = [root_hash(all_leaves[i << level : (i + 1) << level]) for level, i in subtrees(last, size)]
    assert root_of_page(left, all_leaves[first:last], right, size) == root_hash(all_leaves)


@given(st.integers(0, 2**40), st.integers(0, 2**40))
def test_subtrees_cover_the_range_without_gap_and_aligned(a, b):
    first, last = sorted((a, b))
    position = first
    for level, index in subtrees(first, last):
        assert index << level == position
        position += 1 << level
    assert position == last


@pytest.mark.parametrize("change", ["leaf", "order", "left", "right", "missing"])
def test_a_page_that_was_tampered_with_does_not_lead_to_the_root(change):
    all_leaves = leaves(300)
    left = CompactRange()
    left.extend(all_leaves[:37])
    page = all_leaves[37:200]
    right = [root_hash(all_leaves[i << level : (i + 1) << level]) for level, i in subtrees(200, 300)]
    match change:
        case "leaf":
            page[5] = leaf_hash(b"forged")
        case "order":
            page[5], page[6] = page[6], page[5]
        case "left":
            left.peaks[0] = leaf_hash(b"forged")
        case "right":
            right[0] = leaf_hash(b"forged")
        case "missing":
            page = page[:-1]
            right = [all_leaves[198], *right]
    try:
        root = root_of_page(left, page, right, 300)
    except ValueError:
        return
    assert root != root_hash(all_leaves)


def test_nodes_completed_by_appending_are_the_roots_of_their_leaves():
    all_leaves = leaves(1000)
    tree = CompactRange()
    nodes = tree.extend(all_leaves[:300], from_level=4) + tree.extend(all_leaves[300:], from_level=4)
    expected = [(4, i) for i in range(62)] + [(5, i) for i in range(31)] + [(6, i) for i in range(15)]
    expected += [(7, i) for i in range(7)] + [(8, i) for i in range(3)] + [(9, 0)]
    assert sorted((level, index) for level, index, _node in nodes) == sorted(expected)
    for level, index, node in nodes:
        assert node == root_hash(all_leaves[index << level : (index + 1) << level])


def test_a_range_with_the_wrong_number_of_peaks_is_refused():
    with pytest.raises(ValueError, match="3 leaves has 2 peaks, not 1"):
        CompactRange(3, [leaf_hash(b"")])


@given(st.lists(st.integers(0, 70), max_size=6))
def test_leaves_added_in_any_portions_give_the_same_range(portions):
    tree, one_by_one = CompactRange(), CompactRange()
    all_leaves = leaves(sum(portions))
    for portion in portions:
        tree.extend(all_leaves[tree.size : tree.size + portion])
    for leaf in all_leaves:
        one_by_one.append(leaf)
    assert (tree.size, tree.peaks) == (one_by_one.size, one_by_one.peaks)
