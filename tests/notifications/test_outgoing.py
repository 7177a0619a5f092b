"""HTTP to where tenants point: never inside, never elsewhere, never for long."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from typing import Any

import httpcore
import pytest
from pytest_django import Settings

from supportdesk.notifications import outgoing
from supportdesk.notifications.outgoing import NotAllowed, Unreachable, request
from tests.faults.sink import Say, Sink, listening


@pytest.fixture
def sink() -> Iterator[Sink]:
    with listening() as sink:
        yield sink


@pytest.fixture
def inside_allowed(settings: Settings) -> None:
    settings.OUTGOING_ALLOW = ["127.0.0.0/8"]


class Resolver:
    """A name server that gives its answers in turn, the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "::1",
        "10.0.0.8",
        "169.254.169.254",
        "100.64.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_a_name_that_leads_inside_is_refused_before_anything_is_sent(address: str, sink: Sink) -> None:
    with pytest.raises(NotAllowed, match="not a public address"):
        request("POST", "https://hooks.example/x", resolve=Resolver([address]))
    assert sink.heard == []


def test_one_address_inside_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(NotAllowed, match=r"10\.0\.0\.1"):
        request("POST", "https://hooks.example/x", resolve=Resolver(["93.184.216.34", "10.0.0.1"]))


def test_an_address_written_out_is_checked_as_a_name_is(sink: Sink) -> None:
    for host in ("127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost"):
        with pytest.raises(NotAllowed):
            request("POST", f"https://{host}:{sink.url.rpartition(':')[2]}/")
    assert sink.heard == []


def test_the_name_is_resolved_once_and_the_checked_address_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebinding: the second answer would lead inside, and is never asked for."""
    connected: list[tuple[str, int]] = []

    def connect(self: object, host: str, port: int, **kwargs: Any) -> None:
        connected.append((host, port))
        raise httpcore.ConnectError("nobody there")

    monkeypatch.setattr("httpcore.SyncBackend.connect_tcp", connect)
    resolver = Resolver(["93.184.216.34"], ["127.0.0.1"])
    with pytest.raises(Unreachable) as raised:
        request("POST", "https://hooks.example/x", resolve=resolver)
    assert not raised.value.is_uncertain
    assert connected == [("93.184.216.34", 443)]
    assert resolver.asked == 1


def test_certificate_and_host_are_those_of_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    said: dict[str, Any] = {}

    class Stream(httpcore.NetworkStream):
        def start_tls(
            self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
        ) -> Any:
            said["sni"] = server_hostname
            said["checked"] = ssl_context.verify_mode == ssl.CERT_REQUIRED and ssl_context.check_hostname
            return self

        def write(self, buffer: bytes, timeout: float | None = None) -> None:
            said["sent"] = said.get("sent", b"") + buffer

        def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
            return b"HTTP/1.1 204 No Content\r\n\r\n"

        def close(self) -> None:
            said["closed"] = True

        def get_extra_info(self, info: str) -> Any:
            return None

    monkeypatch.setattr("httpcore.SyncBackend.connect_tcp", lambda self, *args, **kwargs: Stream())
    answer = request("POST", "https://hooks.example:8443/x", body=b"{}", resolve=Resolver(["93.184.216.34"]))
    assert answer.status == 204
    assert (said["sni"], said["checked"], said["closed"]) == ("hooks.example", True, True)
    assert b"\r\nHost: hooks.example:8443\r\n" in said["sent"]


def test_a_redirect_is_an_answer_and_is_not_followed(sink: Sink, inside_allowed: None) -> None:
    sink.script = lambda heard: Say(302, headers={"Location": f"{sink.url}/inside"})
    assert request("POST", f"{sink.url}/hook").status == 302
    assert [each.path for each in sink.heard] == ["/hook"]


def test_plain_http_is_for_networks_that_the_operator_allowed(sink: Sink) -> None:
    with pytest.raises(NotAllowed, match="https"):
        request("GET", "http://hooks.example/", resolve=Resolver(["93.184.216.34"]))
    with pytest.raises(NotAllowed):
        request("GET", sink.url)


@pytest.mark.parametrize(
    "url", ["ftp://hooks.example/", "file:///etc/passwd", "https:///x", "gopher://x/", "nothing", "https://a b/"]
)
def test_only_web_addresses_are_spoken_to(url: str) -> None:
    with pytest.raises(NotAllowed):
        request("GET", url, resolve=Resolver(["93.184.216.34"]))


def test_no_proxy_of_the_environment_is_asked(
    sink: Sink, inside_allowed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert request("GET", f"{sink.url}/direct").status == 200


def test_an_answer_that_drips_is_cut_off_at_the_total_time(sink: Sink, inside_allowed: None) -> None:
    sink.script = lambda heard: Say(body="x" * 500, drip=0.05)
    began = time.monotonic()
    with pytest.raises(Unreachable) as raised:
        request("POST", sink.url, seconds=0.6)
    assert raised.value.is_uncertain
    assert time.monotonic() - began < 10


def test_one_that_hangs_may_have_heard_us(sink: Sink, inside_allowed: None) -> None:
    sink.script = lambda heard: Say(after=30)
    with pytest.raises(Unreachable, match="in time") as raised:
        request("POST", sink.url, seconds=0.5)
    assert raised.value.is_uncertain


def test_a_name_server_that_hangs_is_not_waited_for() -> None:
    def hangs(host: str, port: int) -> list[str]:
        time.sleep(3)
        return ["93.184.216.34"]

    with pytest.raises(Unreachable, match="in time") as raised:
        request("POST", "https://hooks.example/", seconds=0.2, resolve=hangs)
    assert not raised.value.is_uncertain


def test_only_the_beginning_of_a_long_answer_is_read(sink: Sink, inside_allowed: None) -> None:
    sink.script = lambda heard: Say(body="x" * 3_000_000)
    assert len(request("GET", sink.url).body) == outgoing.MOST_BYTES


def test_a_torn_connection_is_unreachable(sink: Sink, inside_allowed: None) -> None:
    sink.script = lambda heard: Say(reset=True)
    with pytest.raises(Unreachable) as raised:
        request("POST", sink.url)
    assert raised.value.is_uncertain
