"""Many deliveries in one thread's hand: few statements, and nobody is worse off for the company."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from supportdesk.notifications import delivery as module
from supportdesk.notifications import departures, preparing
from supportdesk.notifications.actions import send
from supportdesk.notifications.batch import Batch
from supportdesk.notifications.calling_off import call_off
from supportdesk.notifications.channels.base import Refused, Sent, TryLater
from supportdesk.notifications.channels.registry import CHANNELS
from supportdesk.notifications.models import Delivery, DeliveryState, Integration, IntegrationKind
from supportdesk.notifications.outbox import KIND, Recipient
from supportdesk.tenancy.scope import all_vendors, vendor_scope
from supportdesk.timers import claims, tasks
from supportdesk.timers.firing import fire_due
from supportdesk.timers.models import Timer
from supportdesk.timers.registry import DueTimer
from tests.notifications.conftest import People
from tests.notifications.wire import Wire, pump_until

NOON = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    wire = Wire()
    monkeypatch.setitem(CHANNELS, "webhook", wire)
    monkeypatch.setattr("supportdesk.notifications.outcomes.random.random", lambda: 0.5)
    return wire


@pytest.fixture
def hook(people: People) -> Integration:
    return integration(people, "Hook")


def integration(people: People, name: str) -> Integration:
    with vendor_scope(people.vendor):
        made: Integration = Integration.objects.create(kind=IntegrationKind.WEBHOOK, name=name, created_at=NOON)
        return made


def queue(to: Integration, count: int, *, order: str = "", prefix: str = "m", at: datetime = NOON) -> None:
    with vendor_scope(to.vendor_id):
        for number in range(count):
            recipient = Recipient(
                "webhook", to.name, "x", integration_id=to.pk, destination=to.destination, order=order
            )
            send([recipient], kind="report", title="x", body="", path="", key=f"{prefix}{number:02}", at=at)


def claimed(until: datetime = NOON + SECOND) -> list[list[DueTimer]]:
    """The batches that a pump hands out at this instant, none of them begun."""
    found: list[list[DueTimer]] = []
    fire_due(until=until, publish=lambda due: found.append(list(due)))
    return found


def states(people: People) -> dict[str, str]:
    with vendor_scope(people.vendor):
        return dict(Delivery.objects.order_by("pk").values_list("occasion", "state"))


def test_a_batch_goes_to_one_destination_and_few_are_shared_out(people: People, hook: Integration) -> None:
    other = integration(people, "Other")
    queue(hook, 6)
    queue(other, 2, prefix="o")
    found = claimed()
    with vendor_scope(people.vendor):
        to = dict(Delivery.objects.values_list("pk", "destination"))
    assert [[to[each.subject_id] for each in some] for some in found] == [
        *[[hook.destination] * 2] * 3,
        *[[other.destination]] * 2,
    ]


def test_a_batch_is_no_longer_than_that(hook: Integration) -> None:
    queue(hook, 110)
    assert [len(some) for some in claimed()] == [25, 25, 25, 25, 10]


def statements(hook: Integration, wire: Wire, count: int) -> int:
    queue(hook, count, prefix=f"of-{count}-", order="")
    fences = {each.subject_id: each.epoch for some in claimed() for each in some}
    with CaptureQueriesContext(connection) as captured:
        assert tasks.carry_out(KIND, fences, vendor_id=hook.vendor_id, at=NOON)
    return len(captured)


def test_it_takes_the_same_number_of_statements_for_any_number(hook: Integration, wire: Wire) -> None:
    few, many = statements(hook, wire, 2), statements(hook, wire, module.ROUND)
    assert few == many <= 40
    assert len(wire.reached) == 2 + module.ROUND


def test_what_is_called_off_meanwhile_no_longer_leaves(
    people: People, hook: Integration, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROUND", 1)
    monkeypatch.setattr(module, "THREADS", 1)

    def call_two_off(delivery: Delivery) -> None:
        wire.on_send = lambda delivery: None
        with vendor_scope(people.vendor):
            assert call_off(["m01", "m02"], why="Somebody is at it.", at=NOON) == 2

    wire.on_send = call_two_off
    queue(hook, 4)
    pump_until(NOON + SECOND)
    assert wire.reached == ["m00/x", "m03/x"]
    assert states(people) == {"m00": "sent", "m01": "cancelled", "m02": "cancelled", "m03": "sent"}


def test_what_there_is_no_time_for_is_put_back_and_was_no_attempt(
    people: People, hook: Integration, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROUND", 1)
    monkeypatch.setattr(module, "THREADS", 1)
    monkeypatch.setattr(module, "LONGEST_SHARE", 1e9)
    queue(hook, 3)
    [batch] = claimed()
    tasks.run_here(batch, NOON + SECOND)
    assert wire.reached == ["m00/x"]
    with vendor_scope(people.vendor):
        rest = Delivery.objects.exclude(occasion="m00")
        assert set(rest.values_list("state", "attempts")) == {("pending", 0)}
        for timer in Timer.objects.all():
            assert timer.due_at is not None
            assert NOON + SECOND <= timer.due_at < NOON + 3 * SECOND
            assert timer.last_error == module.OUT_OF_TIME
    monkeypatch.undo()
    monkeypatch.setitem(CHANNELS, "webhook", wire)


def test_a_row_that_cannot_be_written_costs_the_others_nothing(people: People, hook: Integration, wire: Wire) -> None:
    """PostgreSQL's text knows no NUL."""
    wire.answers = [Sent(), Sent("\0"), Sent()]
    queue(hook, 9)
    [batch, *_rest] = claimed()
    tasks.run_here(batch, NOON + SECOND)
    assert [states(people)[f"m0{number}"] for number in range(3)] == ["sent", "sending", "sent"]
    with vendor_scope(people.vendor):
        [failed] = Timer.objects.exclude(last_error="")
        assert "NUL" in failed.last_error
        assert failed.subject_id == Delivery.objects.get(occasion="m01").pk


def test_a_row_that_cannot_be_prepared_costs_the_others_nothing(
    people: People, hook: Integration, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "THREADS", 1)
    real = preparing.prepare

    def prepare(batch: Batch, ids: Sequence[int]) -> list[Delivery]:
        ready = real(batch, ids)
        if any(each.occasion == "m01" for each in ready):
            raise LookupError("a broken row")
        return ready

    monkeypatch.setattr(module, "prepare", prepare)
    queue(hook, 3)
    [batch] = claimed()
    tasks.run_here(batch, NOON + SECOND)
    assert states(people) == {"m00": "sent", "m01": "pending", "m02": "sent"}
    with vendor_scope(people.vendor):
        assert Timer.objects.get().last_error == "LookupError: a broken row"


def test_what_a_killed_worker_had_in_hand_is_sent_under_the_same_keys(
    people: People, hook: Integration, wire: Wire
) -> None:
    def killed(delivery: Delivery) -> None:
        if delivery.occasion == "m02":
            wire.on_send = lambda delivery: None
            raise KeyboardInterrupt

    wire.on_send = killed
    queue(hook, 16)
    with pytest.raises(KeyboardInterrupt):
        pump_until(NOON + SECOND)
    pump_until(datetime.now(UTC) + timedelta(minutes=1))  # past the lease
    assert set(states(people).values()) == {"sent"}
    assert len(set(wire.reached)) == 16
    assert len(wire.reached) == 19, "no more than what had not been written is repeated"


def test_two_of_one_order_leave_one_after_the_other_at_once(people: People, hook: Integration, wire: Wire) -> None:
    queue(hook, 3, order="incident-1")
    pump_until(datetime.now(UTC) + SECOND)
    assert wire.reached == ["m00/x", "m01/x", "m02/x"]
    assert set(states(people).values()) == {"sent"}


def test_one_that_was_settled_before_it_was_seen_to_wait_is_not_waited_for(
    people: People, hook: Integration, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one before is sent by another worker between the look at it and the commit that says that we wait."""
    queue(hook, 2, order="incident-1")
    real = preparing.prepare

    def prepare(batch: Batch, ids: Sequence[int]) -> list[Delivery]:
        ready = real(batch, ids)
        monkeypatch.setattr(module, "prepare", real)
        Delivery.objects.filter(occasion="m00").update(state=DeliveryState.SENT, sent_at=NOON)
        return ready

    monkeypatch.setattr(module, "prepare", prepare)
    with vendor_scope(people.vendor):
        second = Timer.objects.get(subject_id=Delivery.objects.get(occasion="m01").pk)
    tasks.carry_out(KIND, {second.subject_id: second.epoch}, vendor_id=people.vendor.pk, at=NOON)
    with vendor_scope(people.vendor):
        second.refresh_from_db()
        assert second.due_at is not None
        assert second.due_at < NOON + SECOND


def test_one_that_fails_asks_its_destination_again_before_the_next(
    people: People, hook: Integration, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "THREADS", 1)
    wire.answers = [Sent(), TryLater("500"), TryLater("500"), TryLater("500"), Sent()]
    queue(hook, 8)
    [batch] = claimed()
    tasks.run_here(batch, NOON + SECOND)
    assert wire.reached == ["m00/x", "m01/x", "m02/x", "m03/x"], "then the breaker is open"
    with vendor_scope(people.vendor):
        assert set(Delivery.objects.filter(occasion__gt="m03").values_list("state", "attempts")) == {("pending", 0)}


def test_nothing_more_of_a_batch_is_posted_to_one_that_is_gone(
    people: People, hook: Integration, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "THREADS", 1)
    wire.answers = [Refused("410 Gone", is_gone=True)]
    queue(hook, 4)
    pump_until(NOON + SECOND)
    assert wire.reached == ["m00/x"]
    assert set(states(people).values()) == {"dead"}


@pytest.mark.parametrize("is_batch", [True, False])
def test_what_another_run_has_taken_is_not_begun(
    people: People, hook: Integration, wire: Wire, monkeypatch: pytest.MonkeyPatch, *, is_batch: bool
) -> None:
    monkeypatch.setattr(module, "THREADS", 1)
    queue(hook, 3 if is_batch else 1)
    [batch] = claimed()
    first = batch[0]
    with vendor_scope(people.vendor):
        length = timedelta(seconds=30)
        assert claims.begin(KIND, first.subject_id, vendor_id=people.vendor.pk, epoch=first.epoch, length=length)
    tasks.run_here(batch, NOON + SECOND)
    assert wire.reached == (["m01/x", "m02/x"] if is_batch else [])


def test_one_that_somebody_is_just_changing_is_waited_for_alone(
    people: People, hook: Integration, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Called off in a transaction that is rolled back: it leaves after all, and with the others."""
    monkeypatch.setattr(module, "THREADS", 1)
    queue(hook, 3)
    [batch] = claimed()
    blocked = in_another_session(lambda: call_off(["m01"], why="No.", at=NOON), people)
    tasks.run_here(batch, NOON + SECOND)
    blocked()
    assert wire.reached == ["m00/x", "m02/x", "m01/x"]


def in_another_session(change: Callable[[], object], people: People, *, stands: bool = False) -> Callable[[], None]:
    """Makes the change in a transaction of its own that is rolled back, or ``stands``, as soon as somebody waits for
    it; returns when it is made, with what waits for its end."""
    from threading import Event, Thread
    from time import monotonic

    made = Event()

    def work() -> None:
        try:
            with vendor_scope(people.vendor):
                change()
                made.set()
                began = monotonic()
                while not is_waited_for() and monotonic() - began < 5:
                    pass
                if not stands:
                    raise RuntimeError("rolled back")
        except RuntimeError:
            pass
        finally:
            connection.close()

    thread = Thread(target=work)
    thread.start()
    assert made.wait(10)
    return lambda: thread.join(10)


def is_waited_for() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
        return bool(cursor.fetchone()[0])


def test_who_calls_off_and_who_sends_never_wait_in_a_ring(people: People, hook: Integration, wire: Wire) -> None:
    """Both change several at once; whoever comes second finds what the first has left."""
    from threading import Thread

    queue(hook, 60)
    errors: list[Exception] = []

    def call_them_off() -> None:
        try:
            for number in reversed(range(0, 60, 6)):
                with vendor_scope(people.vendor):
                    call_off([f"m{each:02}" for each in range(number, number + 6)], why="No.", at=NOON)
        except Exception as error:  # noqa: BLE001 - it is looked at below
            errors.append(error)
        finally:
            connection.close()

    thread = Thread(target=call_them_off)
    thread.start()
    pump_until(NOON + SECOND)
    thread.join(30)
    assert errors == []
    found = states(people)
    assert set(found.values()) <= {"sent", "cancelled"}
    assert {key for key, state in found.items() if state == "sent"} <= {each.split("/")[0] for each in wire.reached}
    with all_vendors("a test looks for what is left"):
        assert not Timer.objects.exists()


def test_what_a_killed_worker_had_begun_stays_an_attempt_however_long_it_waits(
    people: People, hook: Integration, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sends it at last asks the service first whether it had arrived."""
    queue(hook, 2, order="incident-1")
    with vendor_scope(people.vendor):
        Delivery.objects.update(state=DeliveryState.SENDING, attempts=1)
    monkeypatch.setattr("supportdesk.notifications.lanes.Lanes._has_room", lambda *_: False)
    [first, *_rest] = claimed()
    tasks.run_here(first, NOON + SECOND)
    monkeypatch.undo()
    for batch in claimed(NOON + 10 * SECOND):
        if batch[0].subject_id != first[0].subject_id:
            tasks.run_here(batch, NOON + SECOND)  # behind the other
    with vendor_scope(people.vendor):
        assert set(Delivery.objects.values_list("state", "attempts")) == {("sending", 1)}
    assert wire.reached == []


def test_whoever_waits_looks_again_when_what_it_waits_for_is_written_down(
    people: People, hook: Integration, wire: Wire
) -> None:
    """The first is settled by somebody who cannot see yet that the second waits for it, and is not done writing when
    the second looks again."""

    def settle() -> None:
        Delivery.objects.filter(occasion="m00").update(state=DeliveryState.SENT, sent_at=NOON)
        departures.wake_next(Delivery.objects.filter(occasion="m00"), at=NOON + SECOND)

    queue(hook, 2, order="incident-1")
    [_first, [second]] = claimed()
    written = in_another_session(settle, people, stands=True)
    tasks.run_here([second], NOON + SECOND)
    written()
    assert wire.reached == []
    pump_until(NOON + 2 * SECOND)
    assert wire.reached == ["m01/x"]


@pytest.mark.parametrize(("state", "goes_on_at"), [("pending", 2), ("sending", 12)])
def test_what_stood_behind_something_called_off_goes_on(
    people: People, hook: Integration, wire: Wire, state: str, goes_on_at: int
) -> None:
    """At once; behind what may be on its way, when that is over for certain."""
    queue(hook, 2, order="incident-1")
    [_first, [second]] = claimed()
    with vendor_scope(people.vendor):
        Delivery.objects.filter(occasion="m00").update(state=state)
    tasks.run_here([second], NOON + SECOND)
    with vendor_scope(people.vendor):
        assert call_off(["m00"], why="No.", at=NOON + SECOND) == 1
    pump_until(NOON + (goes_on_at - 1) * SECOND)
    assert wire.reached == []
    pump_until(NOON + goes_on_at * SECOND)
    assert wire.reached == ["m01/x"]
    assert states(people) == {"m00": "cancelled", "m01": "sent"}
