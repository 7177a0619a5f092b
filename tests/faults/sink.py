"""A provider on the loopback that answers as it was told to, and remembers what reached it.

``Sink.script`` is called with each request, in its own thread, and says how to answer: with a status, by hanging, by
resetting the connection, byte by byte. What counts is not how many requests came but how many identities: ``by``.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Heard:
    """A request as it arrived; ``at`` in monotonic seconds."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Say:
    """An answer. ``after`` seconds; ``reset``: the connection is torn down instead; ``drip``: the body comes byte by
    byte, so many seconds apart."""

    status: int = 200
    body: str = "{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0
    reset: bool = False
    drip: float = 0.0


Script = Callable[[Heard], Say]


class Sink:
    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.script: Script = lambda heard: Say()
        self._guard = threading.Lock()
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def by(self, identity: Callable[[Heard], object]) -> Counter[object]:
        """How many requests came under each identity."""
        with self._guard:
            return Counter(identity(each) for each in self.heard)

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                heard = Heard(self.command, self.path, headers, body, time.monotonic())
                with sink._guard:
                    sink.heard.append(heard)
                say = sink.script(heard)
                if say.after:
                    sink._closing.wait(say.after)
                with suppress(OSError):
                    self._reset() if say.reset else self._say(say)

            do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - the names that http.server calls

            def _say(self, say: Say) -> None:
                body = say.body.encode()
                self.send_response(say.status)
                for name, value in ({"Content-Type": "application/json"} | dict(say.headers)).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if not say.drip:
                    self.wfile.write(body)
                    return
                for each in body:
                    if sink._closing.wait(say.drip):
                        return
                    self.wfile.write(bytes([each]))
                    self.wfile.flush()

            def _reset(self) -> None:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing: what it heard is there to be asked."""

        return Handler


@contextmanager
def listening() -> Iterator[Sink]:
    sink = Sink()
    try:
        yield sink
    finally:
        sink.close()
