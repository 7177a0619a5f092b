"""Reports say what the clock rows say: every figure is counted a second way, from the values."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from statistics import median
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from plans.models import Plan
from plans.states import State
from sla import exports
from sla.attainment import Counts, Standing, standing_of
from sla.breaches import all_breaches, breaches
from sla.ledger import run_of
from sla.models import Clock
from sla.reports import By, Line, Selection, attainment, in_total, times
from sla.targets import Audience, Metric
from sla.terms import terms_by_id
from supportdesk.accounts.models import Membership, Team
from supportdesk.tenancy.scope import NoScope, all_vendors, vendor_scope
from tests.cast import Desk
from tests.sla.test_backtest import AT, lived_through, past
from tests.sla.test_preview import kyiv
from tests.sla.test_reactions import filed
from tickets import actions

__all__ = ["past"]

KYIV = ZoneInfo("Europe/Kyiv")
MARCH = Selection(kyiv("1 00:00"), kyiv("31 00:00"))
FIRST = (Metric.FIRST_RESPONSE, Audience.CONTRACT)


def shares(by: By, selection: Selection = MARCH) -> dict[str, Counts]:
    return {line.label: line.counts for line in attainment(selection, by, at=AT, zone=KYIV)}


class TestAttainment:
    def test_every_clock_is_counted_once_by_how_it_stands(self, past: Desk) -> None:
        clocks = list(Clock.objects.all())
        own = terms_by_id(clock.plan_version_id for clock in clocks)
        stood = Counter(standing_of(run_of(clock, own), AT) for clock in clocks)
        for by in By:
            (total,) = in_total(attainment(MARCH, by, at=AT, zone=KYIV))
            assert total == Line("", *FIRST, Counts(*(stood[standing] for standing in Standing)))

    def test_by_priority_in_the_order_of_urgency(self, past: Desk) -> None:
        assert list(shares(By.PRIORITY).items()) == [
            ("P1", Counts(met=1, late=1, breached=1)),
            ("P2", Counts(met=1)),
            ("P3", Counts(met=4, breached=1)),
        ]

    def test_by_month_of_the_vendors_zone(self, past: Desk) -> None:
        filed(past, "P1", kyiv("1 00:30"))  # still February in UTC
        year = replace(MARCH, start=datetime(2026, 1, 1, tzinfo=UTC))
        assert shares(By.MONTH, year) == {"2026-03-01": Counts(met=6, late=1, breached=3)}

    def test_by_plan_and_team(self, past: Desk) -> None:
        assert list(shares(By.PLAN)) == ["Enterprise"]
        second = Team.objects.create(slug="second-line", name="Second line")
        ticket = filed(past, "P1", kyiv("15 10:00"))
        actions.set_team(ticket, team=second, by=past.carol, at=kyiv("15 10:01"))
        assert shares(By.TEAM)["Second line"] == Counts(breached=1)
        assert shares(By.TEAM)["Oro support team"].total == 9

    def test_what_is_open_runs_until_its_due_instant_has_passed(self, in_oro: Desk) -> None:
        filed(in_oro, "P1", kyiv("2 10:00"))
        due = kyiv("2 14:00")
        for at, counts in ((due, Counts(running=1)), (due + timedelta(seconds=1), Counts(breached=1))):
            (line,) = attainment(MARCH, By.PRIORITY, at=at, zone=KYIV)
            assert line.counts == counts

    def test_the_period_is_half_open(self, past: Desk) -> None:
        assert not shares(By.PRIORITY, Selection(kyiv("2 10:01"), kyiv("3 10:00")))
        assert shares(By.PRIORITY, Selection(kyiv("2 10:00"), kyiv("2 10:01"))) != {}

    def test_one_plan_and_one_audience(self, past: Desk) -> None:
        plan = Plan.objects.get()
        assert shares(By.PRIORITY, replace(MARCH, plan_id=plan.pk)) == shares(By.PRIORITY)
        assert not shares(By.PRIORITY, replace(MARCH, plan_id=plan.pk + 1))
        assert not shares(By.PRIORITY, replace(MARCH, audience=Audience.INTERNAL))

    def test_another_vendors_clocks_are_not_counted(self, past: Desk, mallory: Membership) -> None:
        with vendor_scope(mallory.vendor):
            assert attainment(MARCH, By.TEAM, at=AT, zone=KYIV) == []
            assert times(MARCH, at=AT) == []
            assert breaches(MARCH, at=AT) == []

    def test_a_report_is_of_one_vendor(self, past: Desk) -> None:
        with all_vendors("a test"), pytest.raises(NoScope):
            attainment(MARCH, By.MONTH, at=AT, zone=KYIV)

    def test_the_planners_settings_are_as_before(self, past: Desk) -> None:
        shares(By.TEAM)
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('enable_sort'), current_setting('enable_nestloop')")
            assert cursor.fetchone() == ("on", "on")

    def test_months_are_counted_apart_and_cut_to_the_period(self, in_oro: Desk) -> None:
        last = datetime(2026, 3, 31, 23, 59, tzinfo=KYIV)
        for at in (kyiv("1 00:00"), kyiv("15 10:00"), last, last + timedelta(minutes=1)):
            filed(in_oro, "P1", at)
        later = last + timedelta(days=9)
        found = {
            line.label: line.counts.total
            for line in attainment(Selection(kyiv("15 10:00"), later), By.MONTH, at=later, zone=KYIV)
        }
        assert found == {"2026-03-01": 2, "2026-04-01": 1}

    def test_an_empty_period_has_no_months(self, past: Desk) -> None:
        assert attainment(Selection(kyiv("1 00:00"), kyiv("1 00:00")), By.MONTH, at=AT, zone=KYIV) == []

    @pytest.mark.parametrize("setting", ["", "x", "1 OR true", "-1", "0"])
    def test_what_is_no_vendors_number_sees_no_clock(self, past: Desk, setting: str) -> None:
        """The wall around this table compares numbers, read once for a query."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM sla_clock")
            assert cursor.fetchone() == (10,)
            cursor.execute("SELECT set_config('app.vendor', %s, true)", [setting])
            cursor.execute("SELECT count(*) FROM sla_clock")
            assert cursor.fetchone() == (0,)
            cursor.execute("SELECT set_config('app.vendor', %s, true)", [str(past.vendor.pk)])


class TestTimes:
    def test_median_and_p90_of_open_time(self, past: Desk) -> None:
        used = sorted(clock.open_seconds for clock in Clock.objects.all() if clock.open_seconds is not None)
        (found,) = times(MARCH, at=AT)
        assert (found.metric, found.audience, found.count) == (*FIRST, 7)
        assert found.median == timedelta(seconds=median(used))
        place = 0.9 * (len(used) - 1)
        lower, upper = used[int(place)], used[int(place) + 1]
        assert found.p90 == timedelta(seconds=lower + (upper - lower) * (place - int(place)))

    def test_open_time_leaves_out_nights_and_pauses(self, past: Desk) -> None:
        held = Clock.objects.get(priority="P2")
        # Friday 10–11, then after the customer's answer: Monday 11–17, Tuesday, Wednesday 9–15.
        assert held.open_seconds == (1 + 6 + 8 + 6) * 3600

    def test_what_was_withdrawn_or_is_open_has_none(self, past: Desk) -> None:
        assert not Clock.objects.exclude(outcome__in=["met", "late"]).filter(open_seconds__isnull=False).exists()
        assert not Clock.objects.filter(outcome__in=["met", "late"], open_seconds__isnull=True).exists()


class TestBreaches:
    def test_each_says_who_had_it_and_where_it_stood_when_it_was_due(self, in_oro: Desk) -> None:
        ticket = filed(in_oro, "P1", kyiv("2 10:00"))
        actions.assign(ticket, to=in_oro.carol, by=in_oro.carol, at=kyiv("2 11:00"))
        actions.set_state(ticket, State.WAITING, by=in_oro.carol, at=kyiv("2 11:00"))
        actions.reply(ticket, by=in_oro.alice, at=kyiv("2 12:00"), body="Here they are.")
        actions.assign(ticket, to=in_oro.dan, by=in_oro.dan, at=kyiv("2 15:30"))
        actions.reply(ticket, by=in_oro.dan, at=kyiv("2 16:00"), body="Sorry.")
        (breach,) = breaches(MARCH, at=AT)
        assert (breach.ticket_number, breach.assignee, breach.state) == (ticket.number, "Carol", "in_progress")
        assert (breach.due_at, breach.late) == (kyiv("2 15:00"), timedelta(hours=1))
        assert (breach.paused, breach.is_open, breach.team) == (timedelta(hours=1), False, "Oro support team")

    def test_nobody_and_not_even_triaged(self, in_oro: Desk) -> None:
        filed(in_oro, "P1", kyiv("2 10:00"))
        (breach,) = breaches(MARCH, at=kyiv("2 15:00"))
        assert (breach.assignee, breach.state, breach.is_open) == ("", "new", True)
        assert breach.late == timedelta(hours=1)

    def test_as_many_as_the_table_counts(self, past: Desk) -> None:
        (total,) = in_total(attainment(MARCH, By.MONTH, at=AT, zone=KYIV))
        found = breaches(MARCH, at=AT)
        assert len(found) == total.counts.late + total.counts.breached
        assert sum(breach.is_open for breach in found) == total.counts.breached

    def test_pages_follow_each_other_without_a_gap(self, past: Desk) -> None:
        whole = breaches(MARCH, at=AT)
        assert list(all_breaches(MARCH, at=AT, batch=1)) == whole
        assert breaches(MARCH, at=AT, after=whole[0].place, limit=1) == whole[1:2]
        with pytest.raises(ValueError, match="2026-03-01"):
            breaches(MARCH, at=AT, after="2026-03-01~1")

    def test_a_page_takes_two_queries_however_many_rows(self, past: Desk) -> None:
        for limit in (1, 50):
            with CaptureQueriesContext(connection) as captured:
                breaches(MARCH, at=AT, limit=limit)
            assert len(captured) == 2


class TestCsv:
    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\n=1"])
    def test_what_a_spreadsheet_would_run_is_led_by_an_apostrophe(self, text: str) -> None:
        assert exports.cell(text) == f"'{text}"

    def test_other_text_and_numbers_stay_as_they_are(self) -> None:
        assert [exports.cell(value) for value in ("The shop is down", 1.5, 0, "")] == ["The shop is down", 1.5, 0, ""]

    def test_the_rows_read_back(self, past: Desk) -> None:
        rows = exports.attainment_rows(attainment(MARCH, By.PRIORITY, at=AT, zone=KYIV), By.PRIORITY)
        read = list(csv.DictReader(StringIO("".join(exports.lines(rows)))))
        assert read[0] == {
            "priority": "P1", "metric": "first_response", "audience": "contract", "share_in_time": "0.3333",
            "met": "1", "late": "1", "breached": "1", "running": "0", "best_effort": "0",
        }  # fmt: skip


@pytest.fixture
def desk(oro: Desk) -> Desk:
    """The same past, and no scope is active."""
    with vendor_scope(oro.vendor):
        return lived_through(oro)


@pytest.fixture
def page(desk: Desk) -> str:
    return reverse("reports", kwargs={"vendor": desk.vendor.slug})


def get(who: Membership, path: str, **query: str) -> tuple[int, str]:
    client = Client()
    with time_machine.travel(AT, tick=False):
        client.force_login(who.user, backend="django.contrib.auth.backends.ModelBackend")
        response = client.get(path, query)
    return response.status_code, response.content.decode()


class TestPage:
    def test_a_lead_reads_the_figures(self, desk: Desk, page: str) -> None:
        status, html = get(desk.dan, page)
        assert status == 200
        for expected in ("66.7 %", "6 of 9 in time", "March 2026", "Not in time", "nobody, Oro support team"):
            assert expected in html

    @pytest.mark.parametrize("by", list(By))
    def test_told_apart_by_each(self, desk: Desk, page: str, by: By) -> None:
        assert get(desk.erin, page, by=by.value)[0] == 200

    @pytest.mark.parametrize("name", ["alice", "grace", "carol"])
    def test_customers_and_agents_do_not(self, desk: Desk, page: str, name: str) -> None:
        for path in (page, page + "attainment.csv", page + "times.csv", page + "breaches.csv"):
            assert get(getattr(desk, name), path)[0] == 403

    def test_a_period_that_ends_before_it_starts_is_said_at_its_field(self, desk: Desk, page: str) -> None:
        status, html = get(desk.dan, page, start="2026-03-10", end="2026-03-01")
        assert (status, "The period ends before it starts." in html) == (422, True)
        assert get(desk.dan, page + "breaches.csv", start="2026-03-10", end="2026-03-01")[0] == 404

    def test_a_period_without_clocks_says_so(self, desk: Desk, page: str) -> None:
        status, html = get(desk.dan, page, start="2025-03-10", end="2025-03-11")
        assert status == 200
        assert "No clock started in this period" in html

    def test_a_made_up_place_in_the_list_is_not_found(self, desk: Desk, page: str) -> None:
        assert get(desk.dan, page, after="yesterday")[0] == 404

    def test_csv_of_each(self, desk: Desk, page: str) -> None:
        assert get(desk.dan, page + "attainment.csv", by="team")[1].startswith(
            "\ufeffteam,metric,audience,share_in_time"
        )
        assert "first_response,contract,7," in get(desk.dan, page + "times.csv")[1]
        rows = list(csv.DictReader(StringIO(get(desk.dan, page + "breaches.csv")[1].removeprefix("\ufeff"))))
        assert {row["state_when_due"] for row in rows} == {"new"}
        assert len(rows) == 3

    def test_the_page_takes_as_many_queries_for_many_clocks_as_for_few(self, desk: Desk, page: str) -> None:
        few = queries(desk.dan, page)
        with vendor_scope(desk.vendor):
            for _ in range(12):
                filed(desk, "P1", kyiv("12 10:00"))
        assert queries(desk.dan, page) == few


def queries(who: Membership, path: str) -> int:
    get(who, path)
    with CaptureQueriesContext(connection) as captured:
        get(who, path)
    return len(captured)
