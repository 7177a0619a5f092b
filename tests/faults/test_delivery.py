"""Deliveries while workers are killed or stopped and the other side misbehaves: each has its effect exactly once,
recognisable by its identity, and nothing is lost."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection

from supportdesk.accounts.models import Role, Vendor
from supportdesk.notifications.models import Delivery, DeliveryState, Integration, IntegrationKind, Notice
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.faults.figures import Figures
from tests.faults.incidents import service, step
from tests.faults.messages import LEASE, Record, check_each_once, hook, identity, queue, states, unsettled
from tests.faults.sink import Heard, Say, Sink
from tests.workers import PATIENCE, Workers, eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.faults]

BOUNDARIES = ("before-fire", "after-fire", "before-begin", "after-begin", "before-send", "after-send")
"""Before and after the pump's commit, before and after a task has taken its messages, before a message leaves, and
between its answer and writing it down."""


def test_killed_at_every_boundary_of_a_message(
    oro: Vendor, sink: Sink, fleet: Workers, tmp_path: Path, figures: Figures, record_property: Record
) -> None:
    """One worker dies at each; what it had taken is taken again when its lease ends."""
    queue(hook(oro, sink), 40)
    for name in BOUNDARIES:
        mortal = fleet.start(name, SUPPORTDESK_KILL_AT=f"{name}:{tmp_path / name}")
        assert mortal.wait(PATIENCE) == -signal.SIGKILL
        assert (tmp_path / name).exists()
    with figures.recovery(within=LEASE + 20):
        fleet.start("survivor")
        eventually(lambda: not unsettled(oro), fleet.log)
    check_each_once(oro, sink, 40, record_property, most_repeats=8)
    figures.check(fire=60, send=60, oldest=60)


def test_a_sender_that_was_stopped_past_its_lease_writes_nothing(
    oro: Vendor, sink: Sink, fleet: Workers, figures: Figures, record_property: Record
) -> None:
    """By the time it goes on, another has sent the message and been told that its address is gone."""
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
    eventually(asked.is_set, fleet.log)
    zombie.send_signal(signal.SIGSTOP)
    fleet.start("second")
    figures.recovers(lambda: not unsettled(oro), fleet.log, within=LEASE + 20)
    with vendor_scope(oro):
        before = Delivery.objects.values().get()
    answers.set()
    zombie.send_signal(signal.SIGCONT)
    queue(hook(oro, sink, "another"), 4)
    eventually(lambda: not unsettled(oro), fleet.log)
    with vendor_scope(oro):
        assert Delivery.objects.filter(pk=before["id"]).values().get() == before
        assert Integration.objects.get(name="hook").is_enabled
    check_each_once(oro, sink, 5, record_property, most_repeats=1)
    figures.check(fire=20, send=20, oldest=20)


def test_several_pumps_send_each_once(
    oro: Vendor, sink: Sink, fleet: Workers, figures: Figures, record_property: Record
) -> None:
    for name in ("first", "second"):
        fleet.start(name)
    queue(hook(oro, sink), 200)
    eventually(lambda: not unsettled(oro), fleet.log)
    check_each_once(oro, sink, 200, record_property, most_repeats=0)
    figures.check(fire=5, send=20, oldest=5)


def test_the_connections_to_the_database_are_cut_in_the_middle_again_and_again(
    oro: Vendor, sink: Sink, fleet: Workers, figures: Figures, record_property: Record
) -> None:
    """As a server that is restarted cuts them: whatever transaction is open is gone."""
    sink.script = lambda heard: Say(after=0.05)
    fleet.start("only")
    queue(hook(oro, sink), 80)
    for reached in (1, 8, 16, 24):
        eventually(lambda reached=reached: len(sink.heard) >= reached, fleet.log)  # type: ignore[misc]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user"
            )
    figures.recovers(lambda: not unsettled(oro), fleet.log, within=LEASE + 20)
    check_each_once(oro, sink, 80, record_property, most_repeats=16)
    figures.check(fire=20, send=30, oldest=20)


def test_the_other_side_misbehaves_in_every_way(
    oro: Vendor, sink: Sink, fleet: Workers, figures: Figures, record_property: Record
) -> None:
    """What may work later arrives in the end, once; what is refused for good is a dead letter with its reason, of which
    the admins are told; and whatever is ordered behind it goes on."""
    with vendor_scope(oro):
        erin = factories.StaffFactory.create(role=Role.ADMIN)
    fleeting = {
        "broken": Say(500),
        "busy": Say(503, headers={"Retry-After": "1"}),
        "too-fast": Say(429, headers={"Retry-After": "1"}),
        "torn": Say(reset=True),
        "hangs": Say(after=60),
        "drips": Say(200, "x" * 400, drip=0.1),
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
        return fleeting[name] if seen[name] <= (1 if name in ("hangs", "drips") else 2) else Say(204, "")

    sink.script = script
    for name in (*fleeting, *for_good):
        queue(hook(oro, sink, name), 1, kind="page.report")
    fleet.env["DELIVERY_LEASE"] = "30"  # one that hangs is given up after ten seconds
    fleet.start("only")
    eventually(lambda: not unsettled(oro), fleet.log)
    with vendor_scope(oro):
        found = dict(Delivery.objects.values_list("integration__name", "state"))
        reasons = dict(Delivery.objects.dead().values_list("integration__name", "last_error"))
        told = Counter(Notice.objects.filter(kind="delivery.dead").values_list("membership_id", flat=True))
        assert not Integration.objects.get(name="gone").is_enabled
    assert found == dict.fromkeys(fleeting, "sent") | dict.fromkeys(for_good, "dead")
    assert "redirects are not followed" in reasons["elsewhere"]
    assert reasons["wrong"].startswith("400")
    assert told[erin.pk] == len(for_good)
    assert seen == dict.fromkeys(fleeting, 3) | {"hangs": 2, "drips": 2} | dict.fromkeys(for_good, 1)
    assert not any(each.path == "/inside" for each in sink.heard)
    assert len(sink.by(identity)) == len(found)
    record_property("attempts", dict(seen))
    figures.check(fire=20, send=40, oldest=20)


def test_a_200_that_says_failure_is_a_failure(oro: Vendor, sink: Sink, fleet: Workers, figures: Figures) -> None:
    """VictorOps' body decides, not the status; both attempts are of one incident."""
    answers = iter([Say(200, '{"result":"failure","message":"try again"}')])
    sink.script = lambda heard: next(answers, Say(200, '{"result":"success","entity_id":"1"}'))
    step(service(oro, IntegrationKind.VICTOROPS), "page-1", "trigger")
    fleet.start("only")
    eventually(lambda: not unsettled(oro), fleet.log)
    assert states(oro) == {"sent": 1}
    assert list(sink.by(lambda heard: heard.json["entity_id"]).values()) == [2]
    figures.check(fire=10, send=10, oldest=10)


def test_a_tenant_whose_endpoint_hangs_delays_no_other(
    oro: Vendor, sink: Sink, fleet: Workers, figures: Figures, record_property: Record
) -> None:
    """Oro's endpoint takes everything and answers nothing; Drud's messages and pages all arrive meanwhile."""
    drud = factories.VendorFactory.create(slug="drud", name="Drud")
    sink.script = lambda heard: Say(after=60) if heard.path == "/hangs" else Say()
    queue(hook(oro, sink, "hangs"), 60, kind="page.report")
    queue(hook(oro, sink, "hangs-too"), 10)
    to = hook(drud, sink, "answers")
    fleet.start("only")
    eventually(lambda: any(each.path == "/hangs" for each in sink.heard), fleet.log)
    queue(to, 40)
    queue(to, 10, prefix="page", kind="page.report")
    eventually(lambda: not unsettled(drud), fleet.log)
    assert states(drud) == {"sent": 50}
    assert unsettled(oro, integration__name="hangs") == 60
    with vendor_scope(drud):
        rows = Delivery.objects.exclude(sent_at=None).values_list("sent_at", "queued_at")
        late = [(sent_at - queued_at).total_seconds() for sent_at, queued_at in rows if sent_at is not None]
    record_property("other tenant sent after", round(max(late), 3))
    assert max(late) < 5
    figures.check(fire=20, send=20, oldest=20)


def test_a_poisoned_message_is_isolated_and_set_aside(
    oro: Vendor, sink: Sink, fleet: Workers, figures: Figures
) -> None:
    """One whose content no channel can read neither stops its neighbours nor closes their destination."""
    queue(hook(oro, sink), 20)
    with vendor_scope(oro):
        poisoned = Delivery.objects.order_by("id")[7]
        Delivery.objects.filter(pk=poisoned.pk).update(payload={"links": 7})
    fleet.start("only")
    eventually(lambda: states(oro)["sent"] == 19, fleet.log)
    eventually(lambda: states(oro)["pending"] == 1, fleet.log)
    with vendor_scope(oro):
        row = Delivery.objects.get(pk=poisoned.pk)
    assert row.state == DeliveryState.PENDING
    assert "TypeError" in row.last_error
    assert max(sink.by(identity).values()) == 1
    figures.check(fire=10, send=10, oldest=10)


def test_addresses_inside_are_refused_by_the_worker(
    oro: Vendor, sink: Sink, workers: Workers, figures: Figures
) -> None:
    """However they are written: nothing is connected to, the letters are dead with their reason. (Names that change
    their mind between two questions: tests/notifications/test_outgoing.py.)"""
    inside = ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "169.254.169.254"]
    port = sink.url.rpartition(":")[2]
    for number, host in enumerate(inside):
        to = hook(oro, sink, f"hook-{number}")
        with vendor_scope(oro):
            Integration.objects.filter(pk=to.pk).update(config={"url": f"https://{host}:{port}/"})
        queue(to, 1)
    workers.start("only")
    eventually(lambda: states(oro) == {"dead": len(inside)}, workers.log)
    with vendor_scope(oro):
        reasons = list(Delivery.objects.values_list("last_error", flat=True))
    assert all("not a public address" in reason for reason in reasons)
    assert sink.heard == []
    figures.check(fire=10, send=10, oldest=10)
