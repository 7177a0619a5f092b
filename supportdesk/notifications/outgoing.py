"""HTTP to addresses that tenants chose: nowhere inside, no redirects, little data, and never for long.

The name is resolved once, every address it has is checked, and the connection goes to a checked one, while the
certificate and the Host header stay those of the name: a second answer of the name server changes nothing. No proxy of
the environment is asked, for it would resolve anew.
"""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpcore
from django.conf import settings

from supportdesk.notifications import addresses

TOTAL_SECONDS = 10.0
MOST_BYTES = 64 * 1024
LONGEST_URL = 2000
Resolve = Callable[[str, int], list[str]]


class NotAllowed(Exception):  # noqa: N818 - a refusal, named for what it is
    """The address is one that outgoing requests may not reach. It will not be tomorrow either."""


class Unreachable(Exception):  # noqa: N818 - said of the other side
    """Nothing usable came back: no such name, no connection, a time-out, a broken answer. ``is_uncertain``: the request
    had left, so it may have been heard."""

    def __init__(self, reason: str, *, is_uncertain: bool) -> None:
        super().__init__(reason)
        self.is_uncertain = is_uncertain


@dataclass(frozen=True, slots=True)
class Answer:
    """``headers`` by lower-case name; ``body`` the first 64 KiB."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """None when it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def __str__(self) -> str:
        words = " ".join(self.text.split())
        return f"{self.status} {words[:500]}".strip()


def request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    seconds: float = TOTAL_SECONDS,
    resolve: Resolve | None = None,
) -> Answer:
    """One request and its answer, whatever its status is; a redirect is an answer. Raises NotAllowed, Unreachable."""
    backend = GuardedBackend(deadline=time.monotonic() + seconds, resolve=resolve or system_resolver)
    target = _target(url)
    backend.only_listed = target.scheme == b"http"
    sent = [(b"User-Agent", b"supportdesk"), (b"Accept-Encoding", b"identity"), (b"Connection", b"close")]
    sent += [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_certificates(), network_backend=backend) as pool,
            pool.stream(
                method,
                target,
                headers=[(b"Host", _host(target)), *sent, (b"Content-Length", str(len(body)).encode())],
                content=body,
                extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), seconds)},
            ) as response,
        ):
            return Answer(
                response.status,
                {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers},
                _beginning(response.iter_stream()),
            )
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError) as error:
        raise Unreachable(_words(error), is_uncertain=backend.has_written) from error


def _target(url: str) -> httpcore.URL:
    if len(url) > LONGEST_URL or not url.isascii() or any(each.isspace() for each in url):
        raise NotAllowed("The address is not a web address.")
    try:
        target = httpcore.URL(url)
    except (httpcore.UnsupportedProtocol, ValueError) as error:
        raise NotAllowed("The address is not a web address.") from error
    if target.scheme not in (b"https", b"http") or not target.host or b"@" in target.host:
        raise NotAllowed("Only https addresses are spoken to.")
    return target


def _host(target: httpcore.URL) -> bytes:
    host = b"[%s]" % target.host if b":" in target.host else target.host
    usual = {b"https": 443, b"http": 80}[target.scheme]
    return host if target.port in (None, usual) else b"%s:%d" % (host, target.port)


def _beginning(chunks: Iterable[bytes]) -> bytes:
    body = b""
    for chunk in chunks:
        body += chunk
        if len(body) >= MOST_BYTES:
            break
    return body[:MOST_BYTES]


def _words(error: Exception) -> str:
    said: dict[type[Exception], str] = {
        httpcore.ConnectTimeout: "It could not be reached in time.",
        httpcore.ReadTimeout: "It did not answer in time.",
        httpcore.WriteTimeout: "It did not take the message in time.",
    }
    return said.get(type(error)) or f"{type(error).__name__}: {error}"


@cache
def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context()


_lookups = ThreadPoolExecutor(8, thread_name_prefix="lookup")


def system_resolver(host: str, port: int) -> list[str]:
    """Every address that the system's resolver has for it. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to checked addresses only, and lets nothing last beyond the deadline (``time.monotonic``)."""

    def __init__(self, *, deadline: float, resolve: Resolve) -> None:
        self._inner = httpcore.SyncBackend()
        self._deadline = deadline
        self._resolve = resolve
        self.only_listed = False
        self.has_written = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception | None = None
        for address in self._addresses(host, port):
            try:
                stream = self._inner.connect_tcp(address, port, timeout=self.left(timeout))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return GuardedStream(stream, self)
        raise failure or httpcore.ConnectError(f"{host} has no address.")

    def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        raise NotAllowed("Sockets of this machine are not spoken to.")

    def left(self, timeout: float | None) -> float:
        """Seconds that this step may take. Raises httpcore.ReadTimeout when there are none."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if timeout is None else min(timeout, left)

    def _addresses(self, host: str, port: int) -> list[str]:
        """All of the name's, when every single one of them may be reached."""
        try:
            found = _lookups.submit(self._resolve, host, port).result(self.left(None))
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error
        except OSError as error:
            raise httpcore.ConnectError(f"{host} has no address: {error}") from error
        allowed = addresses.networks(settings.OUTGOING_ALLOW)
        for each in found:
            address = addresses.parse(each)
            if addresses.is_listed(address, allowed):
                continue
            if self.only_listed:
                raise NotAllowed("Only https addresses are spoken to.")
            if not addresses.is_outside(address):
                raise NotAllowed(f"{host} leads to {each}, which is not a public address.")
        return found


class GuardedStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, backend: GuardedBackend) -> None:
        self._inner = inner
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, timeout=self._backend.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._backend.has_written = True
        self._inner.write(buffer, timeout=self._backend.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._inner.start_tls(
            ssl_context, server_hostname=server_hostname, timeout=self._backend.left(timeout)
        )
        return GuardedStream(stream, self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
