"""The clock table of DESIGN §4, row by row. All instants are UTC on Tuesday 10 March 2026 unless they say otherwise."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sla.book import Book
from sla.clocks import advance, most_pressing, next_alarm_at, replay, step
from sla.facts import Fact, FactKind
from sla.runs import AlarmKind, Outcome, Run
from sla.targets import Audience, BestEffort, Metric, Terms
from tests.sla.promises import ALWAYS, CLOSED, OFFICE, enterprise, hours, minutes, target, terms, utc

CONTRACT, INTERNAL = Audience.CONTRACT, Audience.INTERNAL


def fact(kind: FactKind, at: str, **carried: Any) -> Fact:
    return Fact(utc(at), kind, **carried)


def opened(at: str = "10:00", priority: str = "P1", plan: Terms | None = None, **carried: Any) -> Fact:
    return fact(FactKind.OPENED, at, priority=priority, terms=plan or enterprise(), **carried)


def replied(at: str) -> Fact:
    return fact(FactKind.REPLIED, at)


def wrote(at: str) -> Fact:
    return fact(FactKind.CUSTOMER_WROTE, at)


def moved(at: str, state: str, reason: str = "") -> Fact:
    return fact(FactKind.STATE_CHANGED, at, state=state, reason=reason)


def reprioritised(at: str, priority: str) -> Fact:
    return fact(FactKind.PRIORITY_CHANGED, at, priority=priority)


def came_back(at: str, state: str = "new", **carried: Any) -> Fact:
    owed = {"since": utc("10:00"), "asked_at": utc("10:00"), "unanswered_at": utc("10:00")}
    return fact(FactKind.CAME_BACK, at, state=state, **(owed | carried))


def runs(book: Book, metric: Metric, audience: Audience = CONTRACT) -> list[Run]:
    return [run for run in book.runs if (run.metric, run.audience) == (metric, audience)]


def only(book: Book, metric: Metric, audience: Audience = CONTRACT) -> Run:
    [run] = runs(book, metric, audience)
    return run


def at(book: Book, instant: str) -> Book:
    return advance(book, utc(instant))[0]


class TestFirstResponse:
    def test_starts_when_the_request_is_received(self) -> None:
        run = only(replay([opened("10:00")]), Metric.FIRST_RESPONSE)
        assert (run.started_at, run.due_at, run.warn_at) == (utc("10:00"), utc("12:00"), utc("11:30"))
        assert run.is_open

    def test_of_a_ticket_that_an_agent_opened_starts_at_the_customers_contact(self) -> None:
        run = only(replay([opened("10:00", since=utc("09:20"))]), Metric.FIRST_RESPONSE)
        assert (run.started_at, run.due_at) == (utc("09:20"), utc("11:20"))

    def test_is_met_by_a_public_reply(self) -> None:
        run = only(replay([opened(), replied("11:00")]), Metric.FIRST_RESPONSE)
        assert (run.settled_at, run.outcome, run.breached_at) == (utc("11:00"), Outcome.MET, None)

    def test_is_met_by_a_logged_call(self) -> None:
        book = replay([opened(), fact(FactKind.CALL_LOGGED, "11:00")])
        assert only(book, Metric.FIRST_RESPONSE).outcome is Outcome.MET

    def test_is_not_met_by_the_call_in_which_the_customer_asked(self) -> None:
        book = replay([opened(), fact(FactKind.CALL_LOGGED, "09:55")])
        assert only(book, Metric.FIRST_RESPONSE).is_open

    def test_is_not_met_by_the_customers_own_messages_nor_by_a_status(self) -> None:
        book = replay([opened(), wrote("10:30"), moved("10:40", "acknowledged")])
        assert only(book, Metric.FIRST_RESPONSE).is_open

    def test_is_cancelled_by_resolving_before_it_is_due(self) -> None:
        book = replay([opened(), moved("11:00", "resolved")])
        assert only(book, Metric.FIRST_RESPONSE).outcome is Outcome.CANCELLED

    def test_is_owed_again_when_a_ticket_that_nobody_answered_is_reopened(self) -> None:
        book = replay([opened(), moved("11:00", "resolved"), moved("15:00", "reopened")])
        first, second = runs(book, Metric.FIRST_RESPONSE)
        assert (first.outcome, second.started_at, second.cycle) == (Outcome.CANCELLED, utc("15:00"), 2)

    def test_is_not_owed_again_once_it_was_given(self) -> None:
        book = replay([opened(), replied("10:30"), moved("11:00", "resolved"), moved("15:00", "reopened")])
        assert len(runs(book, Metric.FIRST_RESPONSE)) == 1


class TestDeadline:
    def test_an_answer_at_the_due_instant_is_in_time(self) -> None:
        assert only(replay([opened(), replied("12:00")]), Metric.FIRST_RESPONSE).outcome is Outcome.MET

    def test_an_answer_after_it_is_late_and_the_breach_is_dated_at_the_due_instant(self) -> None:
        run = only(replay([opened(), replied("12:00:01")]), Metric.FIRST_RESPONSE)
        assert (run.outcome, run.breached_at, run.settled_at) == (Outcome.LATE, utc("12:00"), utc("12:00:01"))

    def test_the_instant_of_noticing_does_not_matter(self) -> None:
        late = only(at(replay([opened()]), "2026-03-12T10:00"), Metric.FIRST_RESPONSE)
        assert (late.warned_at, late.breached_at) == (utc("11:30"), utc("12:00"))

    def test_at_the_due_instant_itself_nothing_is_broken_yet(self) -> None:
        assert only(at(replay([opened()]), "12:00"), Metric.FIRST_RESPONSE).breached_at is None
        assert only(at(replay([opened()]), "12:00:01"), Metric.FIRST_RESPONSE).breached_at == utc("12:00")

    def test_a_call_logged_afterwards_counts_from_when_it_was_made(self) -> None:
        book = at(replay([opened()]), "13:00")
        book, _ = step(book, fact(FactKind.CALL_LOGGED, "11:50"))
        assert only(book, Metric.FIRST_RESPONSE).outcome is Outcome.MET

    def test_alarms_come_once_in_due_order_with_their_true_instants(self) -> None:
        book, alarms = advance(replay([opened()]), utc("13:00"))
        assert [(alarm.at, alarm.kind, alarm.run.metric, alarm.run.audience) for alarm in alarms] == [
            (utc("10:22:30"), AlarmKind.WARNING, Metric.UPDATE, CONTRACT),
            (utc("10:30"), AlarmKind.BREACH, Metric.UPDATE, CONTRACT),
            (utc("10:45"), AlarmKind.WARNING, Metric.FIRST_RESPONSE, INTERNAL),
            (utc("11:00"), AlarmKind.BREACH, Metric.FIRST_RESPONSE, INTERNAL),
            (utc("11:30"), AlarmKind.WARNING, Metric.FIRST_RESPONSE, CONTRACT),
            (utc("12:00"), AlarmKind.BREACH, Metric.FIRST_RESPONSE, CONTRACT),
        ]
        assert advance(book, utc("13:00")) == (book, ())

    def test_a_fact_brings_the_alarms_that_nobody_had_noticed(self) -> None:
        _, alarms = step(replay([opened()]), replied("10:40"))
        assert [(alarm.at, alarm.kind) for alarm in alarms] == [
            (utc("10:22:30"), AlarmKind.WARNING),
            (utc("10:30"), AlarmKind.BREACH),
        ]

    def test_the_next_alarm_is_the_earliest_that_is_still_to_come(self) -> None:
        book = replay([opened()])
        assert next_alarm_at(book.runs) == utc("10:22:30")
        assert next_alarm_at(at(book, "10:29").runs) == utc("10:30")
        assert next_alarm_at(at(book, "2026-03-12T10:00").runs) is None

    def test_best_effort_settles_and_is_never_due(self) -> None:
        waiting = at(replay([opened(priority="P3")]), "2027-03-10T10:00")
        assert only(waiting, Metric.FIRST_RESPONSE).breached_at is None
        answered = replay([opened(priority="P3"), fact(FactKind.REPLIED, "2027-03-10T10:00")])
        assert only(answered, Metric.FIRST_RESPONSE).outcome is Outcome.MET

    def test_a_calendar_that_never_opens_never_breaches(self) -> None:
        plan = terms(target(Metric.FIRST_RESPONSE, "P1", hours(2), calendar=CLOSED))
        book = at(replay([opened(plan=plan)]), "2036-03-10T10:00")
        assert only(book, Metric.FIRST_RESPONSE).breached_at is None
        assert next_alarm_at(book.runs) is None


class TestNextResponse:
    def test_belongs_to_the_first_response_until_that_is_given(self) -> None:
        assert runs(replay([opened(), wrote("10:10")]), Metric.NEXT_RESPONSE) == []

    def test_starts_at_the_oldest_unanswered_message(self) -> None:
        book = replay([opened(), replied("10:20"), wrote("10:40"), wrote("10:50")])
        run = only(book, Metric.NEXT_RESPONSE)
        assert (run.started_at, run.due_at) == (utc("10:40"), utc("11:40"))

    def test_is_met_by_a_public_reply_and_starts_again_with_the_next_message(self) -> None:
        book = replay([opened(), replied("10:20"), wrote("10:40"), replied("11:00"), wrote("11:30")])
        first, second = runs(book, Metric.NEXT_RESPONSE)
        assert (first.outcome, first.settled_at) == (Outcome.MET, utc("11:00"))
        assert (second.is_open, second.started_at, second.cycle) == (True, utc("11:30"), 2)

    def test_is_ended_by_no_reply_needed(self) -> None:
        book = replay([opened(), replied("10:20"), wrote("10:40"), fact(FactKind.NO_REPLY_NEEDED, "10:50")])
        assert only(book, Metric.NEXT_RESPONSE).outcome is Outcome.CANCELLED

    def test_is_ended_by_resolving_and_late_if_it_was_due_before(self) -> None:
        history = [opened(), replied("10:20"), wrote("10:40")]
        in_time = replay([*history, moved("11:40", "resolved")])
        assert only(in_time, Metric.NEXT_RESPONSE).outcome is Outcome.CANCELLED
        after = replay([*history, moved("11:41", "resolved")])
        assert only(after, Metric.NEXT_RESPONSE).outcome is Outcome.LATE

    def test_is_not_met_by_a_logged_call(self) -> None:
        book = replay([opened(), replied("10:20"), wrote("10:40"), fact(FactKind.CALL_LOGGED, "10:50")])
        assert only(book, Metric.NEXT_RESPONSE).is_open

    def test_does_not_start_after_a_call_that_was_the_first_response(self) -> None:
        book = replay([opened(), wrote("10:10"), fact(FactKind.CALL_LOGGED, "10:20")])
        assert runs(book, Metric.NEXT_RESPONSE) == []

    def test_of_a_message_that_reopens_starts_with_the_reopening(self) -> None:
        book = replay(
            [opened(), replied("10:20"), moved("10:30", "resolved"), wrote("12:00"), moved("12:00", "reopened")]
        )
        assert only(book, Metric.NEXT_RESPONSE).started_at == utc("12:00")

    def test_without_a_first_response_target_the_request_itself_is_the_first_message(self) -> None:
        plan = terms(target(Metric.NEXT_RESPONSE, "P1", hours(1)))
        book = replay([opened(plan=plan), replied("10:20")])
        assert only(book, Metric.NEXT_RESPONSE).outcome is Outcome.MET


class TestUpdateCadence:
    def test_each_public_update_restarts_it(self) -> None:
        book = replay([opened(), replied("10:20"), replied("10:45")])
        assert [(run.started_at, run.due_at, run.outcome) for run in runs(book, Metric.UPDATE)] == [
            (utc("10:00"), utc("10:30"), Outcome.MET),
            (utc("10:20"), utc("10:50"), Outcome.MET),
            (utc("10:45"), utc("11:15"), None),
        ]

    def test_a_stated_next_update_replaces_the_interval(self) -> None:
        promise = fact(FactKind.UPDATE_PROMISED, "10:20", until=utc("14:00"))
        book = replay([opened(), replied("10:20"), promise])
        run = runs(book, Metric.UPDATE)[-1]
        assert (run.promised_at, run.due_at, run.warn_at) == (utc("14:00"), utc("14:00"), utc("13:05"))

    def test_after_a_stated_one_the_interval_holds_again(self) -> None:
        promise = fact(FactKind.UPDATE_PROMISED, "10:20", until=utc("14:00"))
        book = replay([opened(), replied("10:20"), promise, replied("14:00")])
        assert [(run.due_at, run.outcome) for run in runs(book, Metric.UPDATE)][1:] == [
            (utc("14:00"), Outcome.MET),
            (utc("14:30"), None),
        ]

    def test_two_stated_updates_one_missed(self) -> None:
        book = replay(
            [
                opened(),
                replied("10:15"),
                fact(FactKind.UPDATE_PROMISED, "10:15", until=utc("12:00")),
                replied("12:10"),
                fact(FactKind.UPDATE_PROMISED, "12:10", until=utc("16:00")),
                replied("15:55"),
            ]
        )
        assert [run.outcome for run in runs(book, Metric.UPDATE)] == [Outcome.MET, Outcome.LATE, Outcome.MET, None]

    def test_waiting_does_not_move_an_instant_that_was_stated(self) -> None:
        promise = fact(FactKind.UPDATE_PROMISED, "10:20", until=utc("14:00"))
        book = replay([opened(), replied("10:20"), promise, moved("10:20", "waiting")])
        assert runs(book, Metric.UPDATE)[-1].due_at == utc("14:00")

    def test_runs_only_at_a_priority_that_has_one_and_from_when_it_has(self) -> None:
        book = replay([opened(priority="P2"), reprioritised("15:00", "P1")])
        assert only(book, Metric.UPDATE).started_at == utc("15:00")
        lowered, _ = step(book, reprioritised("15:10", "P2"))
        assert only(lowered, Metric.UPDATE).outcome is Outcome.CANCELLED

    def test_runs_only_while_the_ticket_is_open(self) -> None:
        book = replay([opened(), replied("10:20"), moved("10:30", "resolved")])
        assert [run.outcome for run in runs(book, Metric.UPDATE)] == [Outcome.MET, Outcome.CANCELLED]

    def test_may_run_only_while_a_ticket_is_being_worked(self) -> None:
        hourly = target(Metric.UPDATE, "Urgent", minutes(60), runs_in=frozenset({"in_progress"}))
        history = [opened(priority="Urgent", plan=terms(hourly))]
        assert runs(replay(history), Metric.UPDATE) == []
        history += [moved("10:30", "in_progress"), moved("11:00", "waiting"), moved("12:00", "in_progress")]
        assert [(run.started_at, run.outcome) for run in runs(replay(history), Metric.UPDATE)] == [
            (utc("10:30"), Outcome.CANCELLED),
            (utc("12:00"), None),
        ]


class TestResolution:
    def test_is_met_by_resolving(self) -> None:
        book = replay([opened(), moved("17:00", "resolved")])
        assert only(book, Metric.RESOLUTION).outcome is Outcome.MET

    def test_reopening_opens_a_new_cycle_and_leaves_the_first_result(self) -> None:
        book = replay([opened(), moved("17:00", "resolved"), moved("2026-03-11T09:00", "reopened")])
        first, second = runs(book, Metric.RESOLUTION)
        assert (first.outcome, first.settled_at) == (Outcome.MET, utc("17:00"))
        assert (second.started_at, second.due_at) == (utc("2026-03-11T09:00"), utc("2026-03-11T17:00"))

    def test_resolving_twice_is_once(self) -> None:
        once = replay([opened(), moved("17:00", "resolved")])
        assert step(once, moved("18:00", "resolved"))[0].runs == once.runs

    def test_of_a_merged_ticket_is_not_met(self) -> None:
        book = replay([opened(), fact(FactKind.MERGED, "11:00")])
        assert only(book, Metric.RESOLUTION).outcome is Outcome.CANCELLED
        assert not any(run.is_open for run in book.runs)


class TestMergingUndone:
    def test_goes_on_where_it_was_and_the_time_in_between_counts(self) -> None:
        before = replay([opened()])
        after = replay([opened(), fact(FactKind.MERGED, "11:00"), came_back("11:30")])
        assert at(after, "11:30").runs == at(before, "11:30").runs
        assert after.merged_away == {}

    def test_a_promise_broken_before_is_broken_once(self) -> None:
        merged = replay([opened(), fact(FactKind.MERGED, "12:30")])
        assert only(merged, Metric.FIRST_RESPONSE).outcome is Outcome.LATE
        back, alarms = step(merged, came_back("13:00"))
        run = only(back, Metric.FIRST_RESPONSE)
        assert (run.is_open, run.breached_at) == (True, utc("12:00"))
        assert (alarms, at(back, "14:00").runs) == ((), back.runs)

    def test_a_promise_that_came_due_in_between_is_broken_now(self) -> None:
        merged = replay([opened(), fact(FactKind.MERGED, "11:45")])
        back, alarms = step(merged, came_back("12:15"))
        assert only(back, Metric.FIRST_RESPONSE).breached_at == utc("12:00")
        assert (utc("12:00"), AlarmKind.BREACH) in [(alarm.at, alarm.kind) for alarm in alarms]

    def test_of_a_ticket_that_waited_is_paused_again(self) -> None:
        back = replay(
            [
                opened(),
                replied("10:30"),
                moved("11:00", "waiting"),
                fact(FactKind.MERGED, "11:30"),
                came_back("11:50", "waiting", asked_at=None, unanswered_at=None),
            ]
        )
        run = only(back, Metric.RESOLUTION)
        assert (run.paused_at, [(each.began_at, each.ended_at) for each in run.pauses]) == (
            utc("11:50"),
            [(utc("11:00"), utc("11:30"))],
        )


class TestPause:
    def test_waiting_for_the_customer_stops_the_clock_and_keeps_the_reason(self) -> None:
        book = replay([opened(), moved("11:00", "waiting", "Asked for logs")])
        run = only(book, Metric.RESOLUTION)
        assert (run.paused_at, run.paused_reason, run.due_at) == (utc("11:00"), "Asked for logs", None)
        assert only(at(book, "2026-03-20T10:00"), Metric.RESOLUTION) == run

    def test_any_message_of_the_customer_resumes_it(self) -> None:
        book = replay([opened(), moved("11:00", "waiting"), wrote("13:00")])
        run = only(book, Metric.RESOLUTION)
        assert (run.is_paused, run.due_at) == (False, utc("20:00"))
        [pause] = run.pauses
        assert (pause.began_at, pause.ended_at, pause.reason) == (utc("11:00"), utc("13:00"), "waiting")

    def test_is_per_target(self) -> None:
        book = replay([opened(), moved("10:30", "waiting")])
        assert only(book, Metric.FIRST_RESPONSE, CONTRACT).is_paused
        assert not only(book, Metric.FIRST_RESPONSE, INTERNAL).is_paused

    def test_waiting_again_pauses_again(self) -> None:
        book = replay(
            [
                opened(),
                moved("11:00", "waiting"),
                wrote("12:00"),
                moved("13:00", "waiting"),
                moved("15:00", "in_progress"),
            ]
        )
        run = only(book, Metric.RESOLUTION)
        assert [(pause.began_at, pause.ended_at) for pause in run.pauses] == [
            (utc("11:00"), utc("12:00")),
            (utc("13:00"), utc("15:00")),
        ]
        assert run.due_at == utc("21:00")

    def test_beginning_at_the_due_instant_does_not_save_the_deadline(self) -> None:
        book = at(replay([opened(), moved("12:00", "waiting")]), "14:00")
        assert only(book, Metric.FIRST_RESPONSE).breached_at == utc("12:00")

    def test_an_answer_while_paused_is_in_time_if_time_was_left(self) -> None:
        book = replay([opened(), moved("11:00", "waiting"), replied("2026-03-12T10:00")])
        run = only(book, Metric.FIRST_RESPONSE)
        assert (run.outcome, run.is_paused, run.due_at) == (Outcome.MET, False, utc("2026-03-12T11:00"))

    def test_a_warning_that_was_given_is_not_given_again_after_it(self) -> None:
        book, _ = step(replay([opened()]), moved("11:40", "waiting"))
        assert only(book, Metric.FIRST_RESPONSE).warned_at == utc("11:30")
        _, again = step(book, wrote("16:00"))
        assert [alarm.run.metric for alarm in again if alarm.run.metric is Metric.FIRST_RESPONSE] == []


class TestPriorityChange:
    def test_keeps_the_start_and_takes_the_new_target(self) -> None:
        book = replay([opened(priority="P2"), reprioritised("10:30", "P1")])
        run = only(book, Metric.FIRST_RESPONSE)
        assert (run.started_at, run.due_at, run.target.priority) == (utc("10:00"), utc("12:00"), "P1")

    def test_keeps_the_pauses(self) -> None:
        book = replay([opened(), moved("10:30", "waiting"), wrote("11:30"), reprioritised("11:40", "P2")])
        run = only(book, Metric.FIRST_RESPONSE)
        assert len(run.pauses) == 1
        assert run.due_at == utc("15:00"), "1 h of the 4 was paused; Kyiv's office is open from 07:00 to 15:00 UTC"

    def test_leaves_settled_clocks_frozen(self) -> None:
        before = replay([opened(), replied("10:10")])
        after, _ = step(before, reprioritised("10:30", "P2"))
        assert only(after, Metric.FIRST_RESPONSE) == only(before, Metric.FIRST_RESPONSE)

    def test_to_a_deadline_in_the_past_breaches_at_once_dated_at_that_deadline(self) -> None:
        book, alarms = step(replay([opened(priority="P3")]), reprioritised("14:00", "P1"))
        assert only(book, Metric.FIRST_RESPONSE).breached_at == utc("12:00")
        assert (utc("12:00"), AlarmKind.BREACH) in [(alarm.at, alarm.kind) for alarm in alarms]

    def test_to_a_deadline_ahead_takes_a_breach_back(self) -> None:
        book, _ = step(at(replay([opened()]), "12:30"), reprioritised("12:40", "P2"))
        run = only(book, Metric.FIRST_RESPONSE)
        assert (run.breached_at, run.warned_at, run.due_at) == (None, None, utc("14:00"))

    def test_cancels_a_promise_that_the_new_priority_does_not_make(self) -> None:
        book = replay([opened(), reprioritised("10:30", "P3")])
        assert only(book, Metric.RESOLUTION).outcome is Outcome.CANCELLED

    def test_starts_a_promise_that_only_the_new_one_makes_from_the_original_start(self) -> None:
        book = replay([opened(priority="P3"), moved("10:30", "waiting"), wrote("11:30"), reprioritised("12:00", "P1")])
        run = only(book, Metric.RESOLUTION)
        assert (run.started_at, run.due_at) == (utc("10:00"), utc("19:00"))

    def test_severity_drives_the_internal_clocks(self) -> None:
        book = replay([opened(priority="P2"), fact(FactKind.SEVERITY_CHANGED, "10:20", severity="P1")])
        assert only(book, Metric.FIRST_RESPONSE, INTERNAL).due_at == utc("11:00")
        assert only(book, Metric.FIRST_RESPONSE, CONTRACT).due_at == utc("14:00")

    def test_a_new_version_of_the_terms_retimes_what_is_open(self) -> None:
        faster = terms(target(Metric.FIRST_RESPONSE, "P1", hours(1)), version=2)
        book = replay([opened(), fact(FactKind.TERMS_CHANGED, "10:30", terms=faster)])
        run = only(book, Metric.FIRST_RESPONSE)
        assert (run.due_at, run.plan_version_id) == (utc("11:00"), 2)


class TestOneSave:
    def test_a_reply_that_also_sets_waiting_settles_first_then_pauses(self) -> None:
        book = replay([opened(), replied("11:00"), moved("11:00", "waiting")])
        assert only(book, Metric.FIRST_RESPONSE).pauses == ()
        update = runs(book, Metric.UPDATE)[-1]
        assert (update.started_at, update.paused_at) == (utc("11:00"), utc("11:00"))

    def test_a_reply_that_also_resolves_meets_both(self) -> None:
        book = replay([opened(), replied("11:00"), moved("11:00", "resolved")])
        assert only(book, Metric.FIRST_RESPONSE).outcome is Outcome.MET
        assert only(book, Metric.RESOLUTION).outcome is Outcome.MET


class TestDeliveryAndCallback:
    PLAN = terms(
        target(Metric.DELIVERY, "dns", hours(16), calendar=ALWAYS),
        target(Metric.CALLBACK, "P1", minutes(30)),
    )

    def test_a_call_back_starts_when_it_is_asked_for_and_is_met_by_a_call(self) -> None:
        history = [opened(plan=self.PLAN), fact(FactKind.CALLBACK_REQUESTED, "10:10")]
        assert only(replay(history), Metric.CALLBACK).due_at == utc("10:40")
        book = replay([*history, fact(FactKind.CALL_LOGGED, "10:30")])
        assert only(book, Metric.CALLBACK).outcome is Outcome.MET

    def test_a_delivery_starts_when_it_is_asked_for_and_is_met_by_delivering(self) -> None:
        plan = terms(target(Metric.DELIVERY, "*", hours(16)))
        history = [opened(plan=plan), fact(FactKind.DELIVERY_REQUESTED, "10:10", key="*:delivery:contract")]
        assert only(replay(history), Metric.DELIVERY).due_at == utc("2026-03-11T02:10")
        book = replay([*history, fact(FactKind.DELIVERED, "20:00")])
        assert only(book, Metric.DELIVERY).outcome is Outcome.MET


def test_the_most_pressing_is_due_first_and_at_one_instant_the_contract() -> None:
    plan = terms(
        target(Metric.FIRST_RESPONSE, "P1", hours(1), audience=INTERNAL),
        target(Metric.FIRST_RESPONSE, "P1", hours(1)),
        target(Metric.RESOLUTION, "P1", BestEffort()),
        target(Metric.UPDATE, "P1", minutes(10), runs_in=frozenset({"in_progress"}), calendar=OFFICE),
    )
    book = replay([opened(plan=plan)])
    pressing = most_pressing(book.runs)
    assert pressing is not None
    assert pressing.audience is CONTRACT
    assert most_pressing(replay([opened(plan=plan), moved("10:05", "waiting")]).runs) is None


def test_terms_without_targets_make_no_clocks() -> None:
    assert replay([opened(plan=terms()), replied("11:00")]).runs == ()


def test_instants_compare_across_zones() -> None:
    from zoneinfo import ZoneInfo

    kyiv: datetime = utc("12:00").astimezone(ZoneInfo("Europe/Kyiv"))
    book = replay([opened(), Fact(kyiv, FactKind.REPLIED)])
    assert only(book, Metric.FIRST_RESPONSE).outcome is Outcome.MET
