"""The one door for outbound HTTP: JSON in, JSON out, and nothing that a stranger's server could do to this node.

Every request has a deadline, byte caps before and after decompression, no redirects, no proxy of the environment, and
goes only to addresses that were checked: the name is resolved, checked and connected to in one step, so that a DNS
answer that changes in between changes nothing. The only importer of httpx.
"""

import ipaddress
import os
import re
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from functools import cache
from typing import IO, Any, cast

import httpcore
import httpx
import orjson
import zstandard
from django.conf import settings
from django.utils.translation import gettext as _

from core.errors import InvalidInput, PeerUnavailable, VerificationFailed
from core.node import this_node

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
TOTAL_SECONDS = 60.0
# Of an answer, on the wire and again after decompression. A log page of 4 MB of documents, escaped, stays below it.
MAX_BYTES = 16 * 1024 * 1024
# Of JSON values in an answer, texts counted once. A page of 2,048 entries has 20,000, the heads of 10,000 logs 50,000;
# an object of 8 bytes takes 200 in memory, so without this limit an answer of MAX_BYTES would take 500 MB.
MAX_VALUES = 250_000
# The window that RFC 8878 asks every decoder to support; a larger one would be memory that the peer decides on.
ZSTD_WINDOW_BYTES = 8 * 1024 * 1024
_CHUNK = 64 * 1024
_EMBEDS_IPV4 = ipaddress.ip_network("64:ff9b::/96")

_deadline: ContextVar[float] = ContextVar("deadline", default=float("inf"))


def get_json(
    url: str,
    *,
    timeout: float = TOTAL_SECONDS,
    max_bytes: int = MAX_BYTES,
) -> Any:
    """The JSON that a GET of `url` answers, None for an empty answer; `timeout` in seconds is for all of it.

    Raises InvalidInput for an address that may not be asked, PeerUnavailable when it does not answer (or not now), and
    VerificationFailed when its answer is refused: redirected, too large, not JSON, or a 4xx.
    """
    return _exchange("GET", url, None, timeout, max_bytes)


def post_json(
    url: str,
    payload: Any,
    *,
    timeout: float = TOTAL_SECONDS,
    max_bytes: int = MAX_BYTES,
) -> Any:
    """The JSON that a POST of `payload` as JSON answers. Raises as `get_json` does."""
    return _exchange("POST", url, orjson.dumps(payload), timeout, max_bytes)


def _exchange(method: str, url: str, body: bytes | None, timeout: float, max_bytes: int) -> Any:
    address = _parsed(url)
    token = _deadline.set(time.monotonic() + timeout)
    try:
        with _client(os.getpid()).stream(method, address, content=body, headers=request_headers(body)) as response:
            content = _read(response, max_bytes)
            return _answer(response.status_code, content)
    except httpx.TimeoutException as error:
        raise PeerUnavailable(
            _("%(host)s did not answer within the time allowed.") % {"host": address.host}, code="timeout"
        ) from error
    except httpx.TransportError as error:
        raise _transport_error(address.host, error) from error
    finally:
        _deadline.reset(token)


def request_headers(body: bytes | None) -> dict[str, str]:
    """Beside those that every request has: who asks, and what is sent."""
    headers = {"User-Agent": f"Havenlink (+{this_node().url})"}
    return headers if body is None else headers | {"Content-Type": "application/json"}


def _parsed(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, TypeError, ValueError) as error:
        raise InvalidInput(_("“%(url)s” is not a web address.") % {"url": str(url)[:200]}, field="url") from error
    if address.scheme not in ("http", "https") or not address.host or address.userinfo or len(url) > 2000:
        raise InvalidInput(
            _("“%(url)s” is not an http or https address without a user name.") % {"url": url[:200]}, field="url"
        )
    return address


# What may be read from the answer


def _answer(status: int, content: bytes) -> Any:
    if 300 <= status < 400:
        raise VerificationFailed(
            _("The peer redirects (%(status)s); redirects are not followed.") % {"status": status},
            remedy=_("Enter the address that it redirects to."),
            code="redirected",
        )
    if _has_more_values(content, MAX_VALUES):
        raise VerificationFailed(
            _("The peer's answer has more than %(limit)s values.") % {"limit": MAX_VALUES}, code="answer_too_large"
        )
    try:
        value = orjson.loads(content) if content else None
    except orjson.JSONDecodeError as error:
        if status < 400:
            raise VerificationFailed(_("The peer's answer is not JSON."), code="not_json") from error
        value = None
    if status >= 500 or status == 429:
        raise PeerUnavailable(_("The peer answers with error %(status)s.") % {"status": status}, code="peer_error")
    if status >= 400:
        message = _("The peer refuses the request (%(status)s%(reason)s).")
        raise VerificationFailed(message % {"status": status, "reason": _reason(value)}, code="peer_refused")
    return value


_OPENERS_AND_COMMAS = (b",", b"[", b"{")


def _has_more_values(content: bytes, limit: int) -> bool:
    """Whether the JSON would be read into more values than that. Every value follows a comma or an opening bracket.

    Documents stand in texts and may be full of both: only where there are many is looked at what stands outside.
    """
    if sum(map(content.count, _OPENERS_AND_COMMAS)) <= limit:
        return False
    plain = content.replace(rb"\\", b"").replace(rb"\"", b"")
    if plain.count(b'"') > 4 * limit:
        return True
    outside = b"".join(plain.split(b'"')[::2])
    return sum(map(outside.count, _OPENERS_AND_COMMAS)) > limit


def _reason(value: Any) -> str:
    """The code that a node's REST or GraphQL door put into its error; nothing else of a stranger's is repeated."""
    try:
        code = value["error"]["code"] if "error" in value else value["errors"][0]["extensions"]["code"]
    except (TypeError, KeyError, IndexError):
        return ""
    return f", {code}" if isinstance(code, str) and re.fullmatch(r"[a-z_]{1,40}", code) else ""


def _read(response: httpx.Response, max_bytes: int) -> bytes:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    decode = _DECODERS.get(encoding)
    if decode is None:
        raise VerificationFailed(_("The peer answers in an encoding that was not asked for."), code="bad_encoding")
    try:
        return b"".join(_capped(decode(_capped(response.iter_raw(_CHUNK), max_bytes)), max_bytes))
    except (zlib.error, zstandard.ZstdError) as error:
        raise VerificationFailed(_("The peer's answer cannot be decompressed."), code="bad_encoding") from error


def _capped(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise VerificationFailed(
                _("The peer's answer is larger than %(limit)s bytes.") % {"limit": limit}, code="answer_too_large"
            )
        yield chunk


def _identity(chunks: Iterator[bytes]) -> Iterator[bytes]:
    return chunks


def _gunzip(chunks: Iterator[bytes]) -> Iterator[bytes]:
    decoder = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    for chunk in chunks:
        while chunk:
            yield decoder.decompress(chunk, _CHUNK)
            chunk = decoder.unconsumed_tail
    while rest := decoder.decompress(decoder.unconsumed_tail, _CHUNK):
        yield rest
    if not decoder.eof:
        raise zlib.error("the stream ends early")


def _unzstd(chunks: Iterator[bytes]) -> Iterator[bytes]:
    decoder = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES)
    with decoder.stream_reader(cast(IO[bytes], _Source(chunks)), read_size=_CHUNK) as reader:
        while decoded := reader.read(_CHUNK):
            yield decoded


class _Source:
    """Chunks as the file that the zstd reader reads from; each is at most _CHUNK bytes, as the reader asks."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def read(self, _size: int = -1) -> bytes:
        return next(self._chunks, b"")


_DECODERS: dict[str, Callable[[Iterator[bytes]], Iterator[bytes]]] = {
    "identity": _identity,
    "gzip": _gunzip,
    "zstd": _unzstd,
}


# Where a request may go


def address_is_allowed(address: str) -> bool:
    """Whether this node may connect to an IP address: a public one, with ALLOW_PRIVATE_PEERS a private one too.

    Never a link-local one: no peer lives there, but the services do that hand a cloud machine its credentials.
    """
    try:
        ip: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        ip = _embedded_ipv4(ip) or ip
    if ip.is_multicast or ip.is_unspecified or ip.is_link_local:
        return False
    return bool(settings.ALLOW_PRIVATE_PEERS) or ip.is_global


def _embedded_ipv4(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for: mapped, 6to4, Teredo, NAT64."""
    if ip in _EMBEDS_IPV4:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


class _AddressRefused(httpcore.ConnectError):
    """The name leads only to addresses that this node does not connect to."""


class _Unresolved(httpcore.ConnectError):
    """The name leads nowhere."""


class _CheckedBackend(httpcore.NetworkBackend):
    """Connects to checked addresses only, and puts the deadline on every socket operation."""

    def __init__(self) -> None:
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        refusal: Exception = _Unresolved(host)
        for address in _resolved(host, port):
            if not address_is_allowed(address):
                refusal = _AddressRefused(address)
                continue
            try:
                stream = self._plain.connect_tcp(address, port, _remaining(timeout), local_address, socket_options)
                return _DeadlineStream(stream)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                refusal = error
        raise refusal


def _resolved(host: str, port: int) -> list[str]:
    """Addresses of a name, in the system's order, each once. The system's resolver sets its own time limit."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _Unresolved(str(error)) from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _remaining(timeout: float | None) -> float:
    """Seconds for the next socket operation. Raises when the deadline is over."""
    left = _deadline.get() - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the deadline is over")
    return left if timeout is None else min(timeout, left)


class _DeadlineStream(httpcore.NetworkStream):
    """A stream whose every operation ends by the deadline: a peer that trickles bytes holds nothing up."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _remaining(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _remaining(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, _remaining(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


@cache
def _certificates() -> ssl.SSLContext:
    """Whom this node trusts. Reading them takes longer than most requests."""
    return httpx.create_ssl_context()


class _CheckedTransport(httpx.HTTPTransport):
    """httpx's transport over a pool that connects through `_CheckedBackend`; httpx itself has no room for one."""

    def __init__(self) -> None:
        super().__init__(verify=_certificates(), trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=_certificates(),
            max_connections=50,
            max_keepalive_connections=20,
            keepalive_expiry=30.0,
            network_backend=_CheckedBackend(),
        )


@cache
def _client(_process: int) -> httpx.Client:
    """One client for each process: connections are kept alive, and never shared with a forked child."""
    client = httpx.Client(
        transport=_CheckedTransport(),
        timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        follow_redirects=False,
        trust_env=False,
        headers={"Accept": "application/json", "Accept-Encoding": "zstd, gzip"},
    )
    # What HTTP/1.1 does anyway.
    del client.headers["Connection"]
    return client


def _transport_error(host: str, error: httpx.TransportError) -> PeerUnavailable | InvalidInput:
    causes = list(_causes(error))
    if any(isinstance(cause, _AddressRefused) for cause in causes):
        return InvalidInput(
            _("%(host)s leads to a private address, which this node does not ask.") % {"host": host},
            remedy=_("Use a public address, or set ALLOW_PRIVATE_PEERS where private ones are meant."),
            field="url",
            code="private_address",
        )
    if any(isinstance(cause, _Unresolved) for cause in causes):
        return PeerUnavailable(_("The name %(host)s cannot be found.") % {"host": host}, code="unresolved")
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return PeerUnavailable(_("%(host)s has no valid certificate.") % {"host": host}, code="bad_certificate")
    if isinstance(error, httpx.ConnectError):
        return PeerUnavailable(_("%(host)s cannot be reached.") % {"host": host}, code="unreachable")
    return PeerUnavailable(_("%(host)s broke off the answer.") % {"host": host}, code="broken_off")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
