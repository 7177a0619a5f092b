"""Time spent on tickets: logged, corrected, and measured by a timer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from supportdesk.accounts.models import AuditEntry, Role
from tests import factories
from tests.cast import MONDAY, Desk
from tests.tickets.conftest import File
from tickets import actions
from tickets.actions.time import rounded
from tickets.errors import Refused
from tickets.models import Event, RunningTimer, Ticket, TimeEntry
from tickets.models.event import Kind

HOUR = timedelta(hours=1)


class TestLogging:
    def test_is_of_the_day_in_the_persons_zone(self, in_oro: Desk, ticket: Ticket) -> None:
        late = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
        entry = actions.log_time(ticket, by=in_oro.carol, at=late, minutes=15, note=" Read  the log. ")
        assert (entry.spent_on, entry.note, entry.is_billable) == (date(2026, 3, 3), "Read the log.", False)
        told = Event.objects.get(kind=Kind.TIME_LOGGED)
        assert told.data == {"minutes": 15, "is_billable": False}
        assert not Event.objects.visible_to(in_oro.alice).filter(pk=told.pk).exists()

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"minutes": 0}, "minutes"),
            ({"minutes": 1441}, "minutes"),
            ({"spent_on": date(2026, 3, 3)}, "spent_on"),
            ({"allowance": "none-such"}, "allowance"),
        ],
    )
    def test_names_the_field_at_fault(self, in_oro: Desk, ticket: Ticket, said: dict[str, object], field: str) -> None:
        with pytest.raises(Refused) as refusal:
            actions.log_time(ticket, by=in_oro.carol, at=MONDAY, **({"minutes": 5} | said))  # type: ignore[arg-type]
        assert refusal.value.field == field

    def test_is_not_for_customers(self, in_oro: Desk, ticket: Ticket) -> None:
        with pytest.raises(PermissionDenied):
            actions.log_time(ticket, by=in_oro.alice, at=MONDAY, minutes=5)

    def test_comes_with_a_phone_call(self, in_oro: Desk, ticket: Ticket) -> None:
        call = actions.log_call(ticket, by=in_oro.carol, at=MONDAY + HOUR, body="Talked it through.", minutes=12)
        entry = TimeEntry.objects.get()
        assert (entry.minutes, entry.message, entry.person) == (12, call, in_oro.carol)

    def test_the_database_keeps_entries_sane(self, in_oro: Desk, ticket: Ticket) -> None:
        entry = actions.log_time(ticket, by=in_oro.carol, at=MONDAY, minutes=5)
        for wrong in ({"minutes": 0}, {"allowance": "hours"}):
            with pytest.raises(IntegrityError, match="timeentry"), transaction.atomic():
                TimeEntry.objects.filter(pk=entry.pk).update(**wrong)


class TestCorrecting:
    def test_keeps_what_it_said_in_the_audit_log(self, in_oro: Desk, ticket: Ticket) -> None:
        entry = actions.log_time(ticket, by=in_oro.carol, at=MONDAY, minutes=5)
        day = MONDAY.date()
        actions.change_time(entry, by=in_oro.carol, at=MONDAY + HOUR, minutes=50, spent_on=day, is_billable=True)
        audited = AuditEntry.objects.get(action="time.changed")
        assert (audited.data["before"]["minutes"], audited.data["after"]["minutes"]) == (5, 50)
        actions.delete_time(entry, by=in_oro.dan, at=MONDAY + HOUR)
        assert AuditEntry.objects.get(action="time.deleted").data["before"]["minutes"] == 50
        assert not TimeEntry.objects.exists()

    def test_is_for_oneself_and_leads(self, in_oro: Desk, ticket: Ticket) -> None:
        entry = actions.log_time(ticket, by=in_oro.dan, at=MONDAY, minutes=5)
        with pytest.raises(PermissionDenied):
            actions.delete_time(entry, by=in_oro.carol, at=MONDAY)
        with pytest.raises(PermissionDenied):
            actions.change_time(entry, by=in_oro.carol, at=MONDAY, minutes=1, spent_on=MONDAY.date())


class TestPuttingBack:
    @pytest.fixture
    def deleted(self, in_oro: Desk, ticket: Ticket) -> TimeEntry:
        message = actions.reply(ticket, by=in_oro.carol, at=MONDAY, body="On it.")
        entry = actions.log_time(
            ticket, by=in_oro.carol, at=MONDAY, minutes=25, note="Logs", is_billable=True, message=message
        )
        actions.delete_time(TimeEntry.objects.get(pk=entry.pk), by=in_oro.carol, at=MONDAY + HOUR)
        return entry

    def test_is_as_it_was_and_on_record(self, in_oro: Desk, ticket: Ticket, deleted: TimeEntry) -> None:
        assert not TimeEntry.objects.exists()
        for _press in range(2):
            actions.restore_time(ticket, deleted.pk, by=in_oro.carol, at=MONDAY + 2 * HOUR)
        back = TimeEntry.objects.get()
        names = [field.attname for field in TimeEntry._meta.concrete_fields]
        assert {name: getattr(back, name) for name in names} == {name: getattr(deleted, name) for name in names}
        told = AuditEntry.objects.filter(subject_id=deleted.pk).order_by("pk").values_list("action", flat=True)
        assert list(told) == ["time.deleted", "time.restored"]

    def test_ends_after_an_hour(self, in_oro: Desk, ticket: Ticket, deleted: TimeEntry) -> None:
        with pytest.raises(Refused, match="more than an hour ago"):
            actions.restore_time(ticket, deleted.pk, by=in_oro.carol, at=MONDAY + 2 * HOUR + timedelta(seconds=1))
        assert not TimeEntry.objects.exists()

    def test_is_for_oneself_and_leads(self, in_oro: Desk, ticket: Ticket, deleted: TimeEntry) -> None:
        colleague = factories.StaffFactory.create(role=Role.AGENT, tier=1)
        with pytest.raises(PermissionDenied):
            actions.restore_time(ticket, deleted.pk, by=colleague, at=MONDAY + HOUR)
        with pytest.raises(PermissionDenied):
            actions.restore_time(ticket, deleted.pk, by=in_oro.alice, at=MONDAY + HOUR)
        assert actions.restore_time(ticket, deleted.pk, by=in_oro.dan, at=MONDAY + HOUR).person == in_oro.carol

    def test_is_of_this_ticket_and_of_what_was_deleted(
        self, in_oro: Desk, file: File, ticket: Ticket, deleted: TimeEntry
    ) -> None:
        kept = actions.log_time(ticket, by=in_oro.carol, at=MONDAY, minutes=5)
        for on, pk in ((file(), deleted.pk), (ticket, kept.pk), (ticket, 0)):
            with pytest.raises(Refused):
                actions.restore_time(on, pk, by=in_oro.carol, at=MONDAY + HOUR)


class TestTheTimer:
    def test_logs_every_begun_minute(self, in_oro: Desk, ticket: Ticket) -> None:
        actions.start_timer(ticket, by=in_oro.carol, at=MONDAY)
        entry = actions.stop_timer(by=in_oro.carol, at=MONDAY + timedelta(minutes=4, seconds=1), note="Looked.")
        assert (entry.minutes, entry.note, entry.ticket) == (5, "Looked.", ticket)
        assert not RunningTimer.objects.exists()

    def test_runs_on_one_ticket_at_a_time(self, in_oro: Desk, file: File) -> None:
        one, two = file(), file()
        assert actions.start_timer(one, by=in_oro.carol, at=MONDAY) is None
        assert actions.start_timer(one, by=in_oro.carol, at=MONDAY + HOUR) is None
        logged = actions.start_timer(two, by=in_oro.carol, at=MONDAY + HOUR)
        assert logged is not None
        assert (logged.ticket, logged.minutes) == (one, 60)
        actions.start_timer(one, by=in_oro.dan, at=MONDAY)
        assert {(each.person_id, each.ticket_id) for each in RunningTimer.objects.all()} == {
            (in_oro.carol.pk, two.pk),
            (in_oro.dan.pk, one.pk),
        }
        with pytest.raises(IntegrityError, match="runningtimer_one_each"), transaction.atomic():
            RunningTimer.objects.create(person=in_oro.carol, ticket=one, started_at=MONDAY)

    def test_may_be_forgotten(self, in_oro: Desk, ticket: Ticket) -> None:
        actions.start_timer(ticket, by=in_oro.carol, at=MONDAY)
        actions.discard_timer(by=in_oro.carol)
        assert not TimeEntry.objects.exists()
        with pytest.raises(Refused):
            actions.stop_timer(by=in_oro.carol, at=MONDAY)

    def test_counts_for_the_ticket_that_goes_on(self, in_oro: Desk, file: File) -> None:
        one, two = file(), file()
        actions.start_timer(one, by=in_oro.carol, at=MONDAY)
        actions.merge(one, into=two, by=in_oro.carol, at=MONDAY)
        assert actions.stop_timer(by=in_oro.carol, at=MONDAY + HOUR).ticket == two

    @pytest.mark.parametrize(
        ("spent", "minutes"),
        [(timedelta(), 1), (timedelta(seconds=60), 1), (timedelta(seconds=61), 2), (timedelta(days=3), 1440)],
    )
    def test_is_rounded_up_and_ends_after_a_day(self, spent: timedelta, minutes: int) -> None:
        assert rounded(spent) == minutes
