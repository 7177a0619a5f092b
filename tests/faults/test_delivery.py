"""Deliveries while workers are killed or stopped, Redis and the database go away, and the other side misbehaves: each
has its effect exactly once, recognisable by its identity, and nothing is lost.

How late each first attempt was is recorded with every test, and asserted in none.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from supportdesk.accounts.models import Vendor
from supportdesk.notifications import sealing
from supportdesk.notifications.actions import send
from supportdesk.notifications.incidents import post
from supportdesk.notifications.models import Delivery, DeliveryState, Integration, IntegrationKind
from supportdesk.notifications.outbox import Recipient
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.faults.sink import Heard, Say, Sink, listening
from tests.workers import Workers, database_now, eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.faults]

PATIENCE = 120.0
LEASE = 4
"""Seconds. The real one is longer than the longest exchange; here everybody answers at once or is meant to be late."""

Record = Callable[[str, object], None]


@pytest.fixture
def sink() -> Iterator[Sink]:
    with listening() as sink:
        yield sink


@pytest.fixture
def fleet(workers: Workers, sink: Sink) -> Workers:
    workers.env |= {
        "OUTGOING_ALLOW": "127.0.0.0/8",
        "PROVIDER_URLS": json.dumps({"pagerduty": sink.url}),
        "DELIVERY_LEASE": str(LEASE),
    }
    return workers


@pytest.fixture
def oro(db: None) -> Vendor:
    return factories.VendorFactory.create(slug="oro", name="Oro")


def hook(vendor: Vendor, sink: Sink, name: str = "hook") -> Integration:
    with vendor_scope(vendor):
        made: Integration = Integration.objects.create(
            kind=IntegrationKind.WEBHOOK,
            name=name,
            config={"url": f"{sink.url}/{name}"},
            sealed=sealing.seal({"secret": "whsec_" + "A" * 43 + "="}),
            created_at=database_now(),
        )
        return made


def queue(to: Integration, count: int, *, prefix: str = "m", kind: str = "report") -> None:
    with vendor_scope(to.vendor_id):
        recipient = Recipient("webhook", to.name, "x", integration_id=to.pk, destination=to.destination)
        at = database_now()
        for number in range(count):
            send([recipient], kind=kind, title="x", body="", path="", key=f"{to.name}-{prefix}{number}", at=at)


def states(vendor: Vendor, **of: Any) -> Counter[str]:
    with vendor_scope(vendor):
        return Counter(Delivery.objects.filter(**of).values_list("state", flat=True))


def unsettled(vendor: Vendor, **of: Any) -> int:
    found = states(vendor, **of)
    return found["pending"] + found["sending"]


def identity(heard: Heard) -> object:
    return heard.headers["webhook-id"]


def check_each_once(vendor: Vendor, sink: Sink, count: int, record: Record, *, most_repeats: int) -> None:
    """Everything is sent, under as many identities as there are messages; repeats bear the identity of the first."""
    assert states(vendor) == {"sent": count}
    heard = sink.by(identity)
    assert len(heard) == count
    with vendor_scope(vendor):
        assert set(Delivery.objects.values_list("reference", flat=True)) == set(heard)
        late = [
            (each.sent_at - each.queued_at).total_seconds()
            for each in Delivery.objects.all()
            if each.sent_at is not None
        ]
    repeats = sum(heard.values()) - count
    assert repeats <= most_repeats
    record("repeats", repeats)
    record("sent_after_seconds", {"median": sorted(late)[len(late) // 2], "most": max(late)})


def test_killed_before_the_message_left_and_after_it_was_taken(
    oro: Vendor, sink: Sink, fleet: Workers, tmp_path: Path, record_property: Record
) -> None:
    """The first worker dies as it is about to send, the second between the answer and writing it down."""
    queue(hook(oro, sink), 30)
    for name in ("before-send", "after-send"):
        mortal = fleet.start(name, SUPPORTDESK_KILL_AT=f"{name}:{tmp_path / name}")
        mortal.wait(PATIENCE)
        assert mortal.returncode == -signal.SIGKILL
    assert (tmp_path / "after-send").exists()
    fleet.start("survivor")
    eventually(lambda: not unsettled(oro), fleet.log, PATIENCE)
    check_each_once(oro, sink, 30, record_property, most_repeats=8)


def test_a_sender_that_was_stopped_past_its_lease_writes_nothing(
    oro: Vendor, sink: Sink, fleet: Workers, record_property: Record
) -> None:
    answers = threading.Event()
    asked = threading.Event()

    def script(heard: Heard) -> Say:
        is_first = not asked.is_set()
        asked.set()
        if is_first:
            answers.wait(PATIENCE)
        return Say(200 if not is_first else 410)

    sink.script = script
    queue(hook(oro, sink), 1)
    zombie = fleet.start("zombie")
    eventually(asked.is_set, fleet.log, PATIENCE)
    zombie.send_signal(signal.SIGSTOP)
    fleet.start("second")
    eventually(lambda: not unsettled(oro), fleet.log, PATIENCE)
    with vendor_scope(oro):
        before = Delivery.objects.values().get()
    answers.set()
    zombie.send_signal(signal.SIGCONT)
    queue(hook(oro, sink, "another"), 4)
    eventually(lambda: not unsettled(oro), fleet.log, PATIENCE)
    with vendor_scope(oro):
        assert Delivery.objects.filter(pk=before["id"]).values().get() == before
        assert Integration.objects.get(name="hook").is_enabled
    check_each_once(oro, sink, 5, record_property, most_repeats=1)


@contextmanager
def redis_at(port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    program = shutil.which("redis-server")
    assert program is not None, "redis-server is not installed (on Debian and Ubuntu: apt-get install redis-server)"
    server = subprocess.Popen(
        [program, "--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    try:
        yield server
    finally:
        server.kill()
        server.wait(10)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def command(port: int, *words: str) -> None:
    with socket.create_connection(("127.0.0.1", port), 5) as redis:
        redis.sendall((" ".join(words) + "\r\n").encode())
        redis.recv(100)


@pytest.mark.skipif(
    shutil.which("redis-server") is None and os.environ.get("CI") != "true",
    reason="redis-server is not installed (in CI that fails)",
)
def test_redis_is_emptied_and_goes_away(
    oro: Vendor, sink: Sink, fleet: Workers, tmp_path: Path, record_property: Record
) -> None:
    port = free_port()
    fleet.env["REDIS_URL"] = f"redis://127.0.0.1:{port}/0"
    sink.script = lambda heard: Say(after=0.05)
    to = hook(oro, sink)
    with redis_at(port, tmp_path):
        fleet.start("first")
        queue(to, 60)
        for _ in range(3):
            command(port, "FLUSHALL")
            time.sleep(0.2)
    queue(to, 20, prefix="while-away-")
    with redis_at(port, tmp_path):
        eventually(lambda: not unsettled(oro), fleet.log, PATIENCE)
    check_each_once(oro, sink, 80, record_property, most_repeats=12)


def test_several_pumps_send_each_once(oro: Vendor, sink: Sink, fleet: Workers, record_property: Record) -> None:
    for name in ("first", "second"):
        fleet.start(name)
    queue(hook(oro, sink), 200)
    eventually(lambda: not unsettled(oro), fleet.log, PATIENCE)
    check_each_once(oro, sink, 200, record_property, most_repeats=0)


def test_the_connections_to_the_database_are_cut_in_the_middle_again_and_again(
    oro: Vendor, sink: Sink, fleet: Workers, record_property: Record
) -> None:
    """As a server that is restarted cuts them: whatever transaction is open is gone."""
    sink.script = lambda heard: Say(after=0.05)
    fleet.start("only")
    queue(hook(oro, sink), 80)
    for _ in range(4):
        time.sleep(0.3)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    eventually(lambda: not unsettled(oro), fleet.log, PATIENCE)
    check_each_once(oro, sink, 80, record_property, most_repeats=16)


def test_the_other_side_misbehaves_in_every_way(
    oro: Vendor, sink: Sink, fleet: Workers, record_property: Record
) -> None:
    """What may work later arrives in the end, once; what is refused for good is a dead letter with its reason."""
    fleeting = {
        "broken": Say(500),
        "busy": Say(503, headers={"Retry-After": "1"}),
        "too-fast": Say(429, headers={"Retry-After": "1"}),
        "torn": Say(reset=True),
    }
    for_good = {
        "wrong": Say(400, '{"error":"no"}'),
        "unknown": Say(404),
        "gone": Say(410),
        "elsewhere": Say(302, headers={"Location": f"{sink.url}/inside"}),
    }
    seen: Counter[str] = Counter()

    def script(heard: Heard) -> Say:
        name = heard.path.strip("/")
        seen[name] += 1
        if name in for_good:
            return for_good[name]
        return fleeting[name] if seen[name] <= 2 else Say(204, "")

    sink.script = script
    for name in (*fleeting, *for_good):
        queue(hook(oro, sink, name), 1, kind="page.report")
    fleet.start("only")
    eventually(lambda: not unsettled(oro), fleet.log, PATIENCE)
    with vendor_scope(oro):
        found = dict(Delivery.objects.values_list("integration__name", "state"))
        reasons = dict(Delivery.objects.dead().values_list("integration__name", "last_error"))
        assert not Integration.objects.get(name="gone").is_enabled
    assert found == dict.fromkeys(fleeting, "sent") | dict.fromkeys(for_good, "dead")
    assert "redirects are not followed" in reasons["elsewhere"]
    assert reasons["wrong"].startswith("400")
    assert seen == dict.fromkeys(fleeting, 3) | dict.fromkeys(for_good, 1)
    assert not any(each.path == "/inside" for each in sink.heard)
    record_property("attempts", dict(seen))


def test_a_tenant_whose_endpoint_hangs_delays_no_other(
    oro: Vendor, sink: Sink, fleet: Workers, record_property: Record
) -> None:
    """Oro's endpoint takes everything and answers nothing; Drud's messages and pages all arrive meanwhile."""
    drud = factories.VendorFactory.create(slug="drud", name="Drud")
    sink.script = lambda heard: Say(after=60) if heard.path == "/hangs" else Say()
    queue(hook(oro, sink, "hangs"), 60, kind="page.report")
    queue(hook(oro, sink, "hangs-too"), 10)
    to = hook(drud, sink, "answers")
    fleet.start("only")
    eventually(lambda: any(each.path == "/hangs" for each in sink.heard), fleet.log, PATIENCE)
    queue(to, 40)
    queue(to, 10, prefix="page", kind="page.report")
    eventually(lambda: not unsettled(drud), fleet.log, PATIENCE)
    assert states(drud) == {"sent": 50}
    assert unsettled(oro, integration__name="hangs") == 60
    with vendor_scope(drud):
        rows = Delivery.objects.exclude(sent_at=None).values_list("sent_at", "queued_at")
        late = [(sent_at - queued_at).total_seconds() for sent_at, queued_at in rows if sent_at is not None]
    record_property("other_tenant_sent_after_seconds", max(late))


def test_a_trigger_that_is_slow_is_not_overtaken_by_its_resolution(
    oro: Vendor, sink: Sink, fleet: Workers, record_property: Record
) -> None:
    tries: Counter[str] = Counter()

    def script(heard: Heard) -> Say:
        action = heard.json["event_action"]
        tries[action] += 1
        return Say(500) if action == "trigger" and tries[action] < 3 else Say(202, '{"status":"success"}')

    sink.script = script
    with vendor_scope(oro):
        pager = Integration.objects.create(
            kind=IntegrationKind.PAGERDUTY,
            name="pager",
            sealed=sealing.seal({"routing_key": "R" * 32}),
            created_at=database_now(),
        )
    fleet.start("first")
    fleet.start("second")
    for number, action in enumerate(("trigger", "acknowledge", "resolve")):
        if number:
            eventually(lambda: bool(sink.heard), fleet.log, PATIENCE)
        with vendor_scope(oro):
            post(
                integration=pager,
                action=action,  # type: ignore[arg-type]
                incident_key="page-1",
                title="Down",
                body="",
                severity="critical",
                path="/",
                key=f"page-1-{action}",
                at=database_now(),
            )
    eventually(lambda: not unsettled(oro), fleet.log, PATIENCE)
    said = [(each.json["event_action"], each.json["dedup_key"]) for each in sink.heard]
    assert [action for action, _ in said] == ["trigger", "trigger", "trigger", "acknowledge", "resolve"]
    assert len({key for _, key in said}) == 1
    assert states(oro) == {"sent": 3}


def test_a_poisoned_message_is_isolated(oro: Vendor, sink: Sink, fleet: Workers, record_property: Record) -> None:
    """One whose content no channel can read neither stops its neighbours nor closes their destination."""
    queue(hook(oro, sink), 20)
    with vendor_scope(oro):
        poisoned = Delivery.objects.order_by("id")[7]
        Delivery.objects.filter(pk=poisoned.pk).update(payload={"links": 7})
    fleet.start("only")
    eventually(lambda: states(oro)["sent"] == 19, fleet.log, PATIENCE)
    eventually(lambda: states(oro)["pending"] == 1, fleet.log, PATIENCE)
    with vendor_scope(oro):
        row = Delivery.objects.get(pk=poisoned.pk)
    assert row.state == DeliveryState.PENDING
    assert "TypeError" in row.last_error
    assert max(sink.by(identity).values()) == 1


@contextmanager
def databases_clock_ahead_by(hours: int) -> Iterator[None]:
    """For connections that are made within: the database's own clock says so."""
    name = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA shifted")
        cursor.execute(
            "CREATE FUNCTION shifted.statement_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS "
            f"$$ SELECT pg_catalog.statement_timestamp() + interval '{int(hours)} hours' $$"
        )
        cursor.execute(f'ALTER DATABASE "{name}" SET search_path = shifted, pg_catalog, public')
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{name}" RESET search_path')
            cursor.execute("DROP SCHEMA shifted CASCADE")


def test_the_databases_clock_jumps(oro: Vendor, sink: Sink, fleet: Workers, record_property: Record) -> None:
    """What waits for a second attempt is due at once by a clock that is two hours ahead; all is sent once."""
    is_well = threading.Event()
    sink.script = lambda heard: Say(200) if is_well.is_set() else Say(429, headers={"Retry-After": "600"})
    to = hook(oro, sink)
    queue(to, 5)
    first = fleet.start("first")
    eventually(lambda: bool(sink.heard), fleet.log, PATIENCE)
    first.send_signal(signal.SIGKILL)
    first.wait(10)
    is_well.set()
    tries = sum(sink.by(identity).values())
    with databases_clock_ahead_by(2):
        fleet.start("second")
        eventually(lambda: not unsettled(oro), fleet.log, PATIENCE)
    assert states(oro) == {"sent": 5}
    assert sum(sink.by(identity).values()) == tries + 5
    with vendor_scope(oro):
        assert not Delivery.objects.exclude(sent_at__gt=F("queued_at") + timedelta(hours=1)).exists()
