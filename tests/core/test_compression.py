"""Answers are compressed as the client prefers, and only when it pays."""

import gzip

import pytest
import zstandard
from django.http import HttpResponse
from django.test import RequestFactory

from core.compression import BULK_BYTES, MIN_BYTES, ZSTD_BULK_LEVEL, ZSTD_LEVEL, compress

BODY = b'{"title": "Havenbezoek"}' * 200


def answer(header: str, body: bytes = BODY) -> HttpResponse:
    request = RequestFactory().get("/", headers={"Accept-Encoding": header} if header else {})
    return compress(request, HttpResponse(body))


@pytest.mark.parametrize("header", ["zstd", "gzip, deflate, br, zstd", "ZSTD;q=0.5", "gzip;q=1.0, zstd;q=0.1"])
def test_zstd_where_it_is_taken(header: str) -> None:
    response = answer(header)
    assert response["Content-Encoding"] == "zstd"
    assert response["Content-Length"] == str(len(response.content))
    assert zstandard.ZstdDecompressor().decompress(response.content) == BODY


@pytest.mark.parametrize("header", ["gzip", "gzip, deflate, br", "zstd;q=0, gzip"])
def test_gzip_where_zstd_is_not(header: str) -> None:
    response = answer(header)
    assert response["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.content) == BODY


@pytest.mark.parametrize("header", ["", "identity", "br", "gzip;q=0", "gzip; q=0.000"])
def test_neither_where_neither_is_taken(header: str) -> None:
    response = answer(header)
    assert not response.has_header("Content-Encoding")
    assert response.content == BODY


def test_small_answers_stay_as_they_are_and_say_that_others_vary() -> None:
    response = answer("zstd", b"x" * (MIN_BYTES - 1))
    assert not response.has_header("Content-Encoding")
    assert response["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(("size", "level"), [(BULK_BYTES - 24, ZSTD_LEVEL), (BULK_BYTES, ZSTD_BULK_LEVEL)])
def test_a_page_of_a_log_is_packed_less_tightly(size: int, level: int) -> None:
    body = b"".join(b"%024d" % (number * 7919 % 99991) for number in range(size // 24 + 1))[:size]
    packed = answer("zstd", body).content
    assert packed == zstandard.ZstdCompressor(level=level).compress(body)
    assert packed != zstandard.ZstdCompressor(level=ZSTD_LEVEL + ZSTD_BULK_LEVEL - level).compress(body)
