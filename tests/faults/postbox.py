"""A mail server on the loopback that takes everything and remembers it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

ANSWERS = {"DATA": "354 go on", "QUIT": "221 bye", "EHLO": "250 postbox", "HELO": "250 postbox"}


class Postbox(ThreadingTCPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails: list[EmailMessage] = []

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    @property
    def subjects(self) -> list[str]:
        return [str(each["Subject"]) for each in self.mails]


class _Session(StreamRequestHandler):
    server: Postbox

    def handle(self) -> None:
        self._say("220 postbox")
        while line := self.rfile.readline():
            verb = line[:4].decode().upper()
            self._say(ANSWERS.get(verb, "250 fine"))
            if verb == "DATA":
                self._take()
            if verb == "QUIT":
                return

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        self.server.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))
        self._say("250 taken")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def receiving() -> Iterator[Postbox]:
    with Postbox() as box:
        serving = Thread(target=box.serve_forever, args=(0.05,), daemon=True)
        serving.start()
        try:
            yield box
        finally:
            box.shutdown()
            serving.join(10)
