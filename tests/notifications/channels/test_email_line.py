"""Several e-mails over one connection, to a server that speaks SMTP on the loopback."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from supportdesk.notifications.channels import email
from supportdesk.notifications.channels.base import Refused, Sent, TryLater
from tests.notifications.channels.test_email import a_delivery


class Server(socketserver.ThreadingTCPServer):
    """Counts connections and messages; after ``patience`` messages of one connection it says goodbye, and it takes
    nothing for ``nobody@…``."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.connections = 0
        self.messages: list[str] = []
        self.patience = 100


class Talk(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        self.server.connections += 1
        self.say("220 hello")
        taken = 0
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb == "MAIL" and taken == self.server.patience:
                self.say("421 enough")
                return
            if verb == "RCPT" and "nobody@" in line:
                self.say("550 nobody here")
            elif verb == "DATA":
                self.say("354 go on")
                taken += 1
                self.server.messages.append(self.read_message())
                self.say("250 taken")
            else:
                self.say("250 yes")
            if verb == "QUIT":
                return

    def read_message(self) -> str:
        """Its Message-ID."""
        lines = list(iter(lambda: self.rfile.readline().decode(), ".\r\n"))
        return next(line for line in lines if line.startswith("Message-ID:"))

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address[:2]
        yield server
        server.shutdown()


def test_one_connection_serves_many(server: Server) -> None:
    with email.one_line():
        results = [email.send(a_delivery(key=f"message-{n}")) for n in range(5)]
    assert all(isinstance(each, Sent) for each in results)
    assert (server.connections, len(set(server.messages))) == (1, 5)


def test_alone_each_has_its_own(server: Server) -> None:
    for number in range(2):
        email.send(a_delivery(key=f"message-{number}"))
    assert (server.connections, len(server.messages)) == (2, 2)


def test_a_server_that_has_had_enough_is_called_again(server: Server) -> None:
    server.patience = 2
    with email.one_line():
        results = [email.send(a_delivery(key=f"message-{n}")) for n in range(5)]
    assert all(isinstance(each, Sent) for each in results)
    assert (server.connections, len(server.messages), len(set(server.messages))) == (3, 5, 5)


def test_a_server_that_never_takes_anything_is_not_called_again_and_again(server: Server) -> None:
    server.patience = 0
    with email.one_line():
        assert isinstance(email.send(a_delivery()), TryLater)
    assert server.connections == 1


def test_one_that_is_refused_costs_the_next_nothing(server: Server) -> None:
    with email.one_line():
        assert isinstance(email.send(a_delivery(address="nobody@northwind.example")), Refused)
        assert isinstance(email.send(a_delivery()), Sent)
    assert len(server.messages) == 1


def test_nobody_listens(server: Server, settings: Any) -> None:
    server.shutdown()
    server.server_close()
    with email.one_line(), pytest.raises(ConnectionRefusedError):
        email.send(a_delivery())
