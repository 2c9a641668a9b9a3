"""The fast form of a header is the RFC 8785 form."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from core.records.canonical import canonical, canonical_header

text = st.text(st.characters(codec="utf-8"))


@given(
    index=st.integers(0, 2**52),
    record_id=text,
    kind=text,
    revision=st.integers(1, 2**31 - 1),
    deleted=st.booleans(),
    published=text,
    sha256=text,
)
def test_a_header_is_canonical(index, record_id, kind, revision, deleted, published, sha256):
    header = {
        "index": index,
        "id": record_id,
        "kind": kind,
        "revision": revision,
        "deleted": deleted,
        "published": published,
        "sha256": sha256,
    }
    assert canonical_header(header) == rfc8785.dumps(header)


def test_a_document_is_canonical():
    # The example of RFC 8785, section 3.2.3, shortened: sorted keys, shortest numbers, minimal escapes.
    value = {"numbers": [333333333.33333329, 1e30, 4.50, 2e-3], "literals": [None, True, False], "string": '€$\n"\\'}
    assert (
        canonical(value)
        == (
            '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002],"string":"€$\\n\\"\\\\"}'
        ).encode()
    )


def test_what_json_cannot_hold_is_refused():
    with pytest.raises(ValueError, match=r"NaN|nan|float"):
        canonical({"a": float("nan")})
