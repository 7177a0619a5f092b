"""Pages: opened by what happens to tickets, taken step by step, answered by what people do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from escalation import actions
from escalation.history import history_of
from escalation.models import Page, PageState
from plans.states import State
from supportdesk.notifications import sealing
from supportdesk.notifications.models import ContactMethod, DeliveryState, Integration, IntegrationKind, Notice
from supportdesk.timers.models import Timer
from tests.cast import Desk
from tests.escalation.nights import MINUTE, NIGHT, filed, history, kinds, live, notices, page_of, sent, told
from tickets import actions as tickets
from tickets.errors import Refused
from tickets.models import Ticket

HOUR = timedelta(hours=1)


class TestOpening:
    @pytest.mark.parametrize(("priority", "pages"), [("Urgent", 1), ("High", 1), ("Medium", 0), ("Low", 0)])
    def test_only_urgent_and_high_page_at_drud(self, drud: Desk, priority: str, pages: int) -> None:
        ticket = filed(drud, priority)
        assert Page.objects.filter(ticket=ticket, policy="urgent-and-high").count() == pages

    def test_is_on_the_timeline_and_due_at_once(self, drud: Desk) -> None:
        page = page_of(filed(drud, "Urgent"))
        assert kinds(page) == ["opened"]
        assert (page.state, page.priority, page.rank, page.trigger) == (PageState.OPEN, "Urgent", 1, "opened")
        assert Timer.objects.get(kind="escalation.step", subject_id=page.pk).due_at == NIGHT

    def test_a_raised_priority_opens_one_and_a_lowered_one_settles_it(self, drud: Desk) -> None:
        ticket = filed(drud, "Low")
        tickets.set_priority(ticket, priority=drud.priority("High"), by=drud.carol, at=NIGHT + MINUTE)
        page = page_of(ticket)
        assert page.opened_at == NIGHT + MINUTE
        tickets.set_priority(ticket, priority=drud.priority("Urgent"), by=drud.carol, at=NIGHT + 2 * MINUTE)
        assert page_of(ticket) == page, "it was under the conditions already"
        tickets.set_priority(ticket, priority=drud.priority("Low"), by=drud.carol, at=NIGHT + 3 * MINUTE)
        page.refresh_from_db()
        assert page.state == PageState.RESOLVED

    def test_one_of_a_policy_is_unsettled_on_a_ticket(self, drud: Desk) -> None:
        page = page_of(filed(drud, "Urgent"))
        page.pk = None
        page._state.adding = True
        with pytest.raises(IntegrityError, match="page_one_unsettled"), transaction.atomic():
            page.save()

    def test_by_hand(self, drud: Desk) -> None:
        ticket = filed(drud, "Low")
        page = actions.page_by_hand(ticket, policy="urgent-and-high", by=drud.carol, at=NIGHT)
        assert (page.trigger, page.opened_by) == ("manual", drud.carol)
        with pytest.raises(Refused, match="already"):
            actions.page_by_hand(ticket, policy="urgent-and-high", by=drud.carol, at=NIGHT)
        with pytest.raises(Refused, match="Choose a policy"):
            actions.page_by_hand(ticket, policy="gone", by=drud.carol, at=NIGHT)
        with pytest.raises(PermissionDenied):
            actions.page_by_hand(ticket, policy="urgent-and-high", by=drud.alice, at=NIGHT)

    def test_a_hundred_take_as_many_statements_as_one(self, drud: Desk) -> None:
        from escalation.reactions import follow_tickets
        from tickets.models import Event
        from tickets.models.event import Kind

        some = [filed(drud, "Urgent", NIGHT - HOUR) for _ in range(12)]
        Page.objects.all().delete()
        events = [Event(ticket=each, kind=Kind.OPENED, at=NIGHT, by=drud.alice) for each in some]
        follow_tickets(events[:1])
        Page.objects.all().delete()
        counted = []
        for batch in (events[:1], events[1:]):
            with CaptureQueriesContext(connection) as queries:
                follow_tickets(batch)
            counted.append(len(queries))
        assert counted[0] == counted[1]
        assert Page.objects.count() == 12


class TestSteps:
    def test_wake_one_after_the_other_until_somebody_answers(self, drud: Desk) -> None:
        page = page_of(filed(drud, "Urgent"))
        live(NIGHT + 25 * MINUTE)
        assert told(page) == [
            (0, "Dan", "inbox email sms"),
            (5, "Dan", "voice"),
            (10, "Carol", "inbox email sms voice"),
            (20, "Dan", "inbox email sms voice"),
            (20, "Erin", "inbox email sms voice"),
        ]

    def test_tell_everybody_why_they_are_the_one(self, drud: Desk) -> None:
        page = page_of(filed(drud, "Urgent"))
        live(NIGHT + 11 * MINUTE)
        assert [person[2] for event in history(page) for person in event.data.get("people", ())] == [
            "on call: DDEV Live on-call",
            "on call: DDEV Live on-call",
            "on call: DDEV Live on-call, number 2",
        ]
        assert {notice.membership for notice in notices(page)} == {drud.dan, drud.carol}
        by_email = [each for each in sent(page) if each.channel == "email"]
        assert [each.address for each in by_email] == ["dan@drud.example", "carol@drud.example"]
        assert "/answers/" in by_email[0].body
        assert "/answers/" not in "".join(notice.body for notice in notices(page))

    def test_an_outage_is_not_followed_by_the_whole_chain(self, drud: Desk) -> None:
        from supportdesk.timers.firing import fire_due

        page = page_of(filed(drud, "Urgent"))
        fire_due(until=NIGHT + 2 * HOUR)
        fire_due(until=NIGHT + 2 * HOUR)
        assert told(page) == [(120, "Dan", "inbox email sms")]
        page.refresh_from_db()
        assert page.next_at == NIGHT + 2 * HOUR + 5 * MINUTE

    def test_nobody_on_call_is_no_reason_to_wait(self, apps: Desk) -> None:
        from escalation.models import Rota

        Rota.objects.update(archived_at=NIGHT - HOUR)
        page = page_of(filed(apps, "P1"))
        live(NIGHT + MINUTE)
        assert [name for _, name, _ in told(page)] == ["Dan", "Erin"], "the leads, at once"

    def test_wait_in_the_waiting_room_until_the_desk_is_open(self, drud: Desk) -> None:
        """Medium: two hours on a 24x5 week; filed on Friday evening in Denver, it warns on Monday."""
        saturday = NIGHT - timedelta(days=3)
        page = actions.page_by_hand(filed(drud, "Low", saturday), policy="waiting-room", by=drud.dan, at=saturday)
        live(saturday + timedelta(days=3))
        [(minutes, name, by), *_rest] = told(page, saturday)
        monday = saturday.replace(hour=7, minute=0) + timedelta(days=2)
        assert saturday + minutes * MINUTE == monday, "Monday 00:00 in Denver"
        assert (name, by) == ("Dan", "inbox email")

    def test_of_a_dozen_pages_take_as_many_statements_as_of_one(self, drud: Desk) -> None:
        from supportdesk.timers.firing import fire_due

        counted: list[int] = []
        for count in (1, 1, 12):  # the first fills what is kept in the process
            for _ in range(count):
                filed(drud, "Urgent", NIGHT + len(counted) * HOUR)
            with CaptureQueriesContext(connection) as queries:
                fire_due(until=NIGHT + len(counted) * HOUR + MINUTE)
            counted.append(len(queries))
            Timer.objects.all().delete()
        assert counted[1] == counted[2]

    def test_that_were_taken_are_taken_once(self, drud: Desk) -> None:
        page = page_of(filed(drud, "Urgent"))
        live(NIGHT + MINUTE)
        keys = [(each.channel, each.key) for each in sent(page)]
        assert len(keys) == len(set(keys)) == 2
        assert Notice.objects.filter(kind="page").count() == 1


class TestAcknowledging:
    def test_wakes_nobody_further(self, drud: Desk) -> None:
        page = page_of(filed(drud, "Urgent"))
        live(NIGHT + 6 * MINUTE)
        page = actions.acknowledge(page, by=drud.dan, at=NIGHT + 6 * MINUTE)
        live(NIGHT + HOUR)
        assert [minutes for minutes, _, _ in told(page)] == [0, 5]
        assert (page.state, page.answered_by) == (PageState.ACKNOWLEDGED, "Dan")

    def test_of_two_one_wins(self, drud: Desk) -> None:
        page = page_of(filed(drud, "Urgent"))
        actions.acknowledge(page, by=drud.dan, at=NIGHT)
        with pytest.raises(Refused, match="Dan was quicker"):
            actions.acknowledge(page, by=drud.carol, at=NIGHT)
        actions.acknowledge(page, by=drud.dan, at=NIGHT)
        assert kinds(page).count("acknowledged") == 1

    def test_calls_off_what_has_not_left(self, drud: Desk) -> None:
        page = page_of(filed(drud, "Urgent"))
        live(NIGHT + MINUTE)
        assert {each.state for each in sent(page)} >= {DeliveryState.PENDING}
        actions.acknowledge(page, by=drud.carol, at=NIGHT + MINUTE)
        assert DeliveryState.PENDING not in {each.state for each in sent(page)}
        assert not Timer.objects.filter(kind__startswith="delivery", subject_id__in=[e.pk for e in sent(page)]).exists()

    def test_runs_out_and_the_ladder_begins_again(self, drud: Desk) -> None:
        page = page_of(filed(drud, "Urgent"))
        live(NIGHT + 11 * MINUTE)
        actions.acknowledge(page, by=drud.carol, at=NIGHT + 11 * MINUTE)
        live(NIGHT + 11 * MINUTE + 2 * HOUR + MINUTE)
        assert told(page)[-1] == (131, "Dan", "inbox email sms")
        assert "resumed" in kinds(page)
        page.refresh_from_db()
        assert page.is_open

    def test_is_what_an_answer_to_the_customer_says_too(self, drud: Desk) -> None:
        ticket = filed(drud, "Urgent")
        tickets.reply(ticket, by=drud.carol, at=NIGHT + 3 * MINUTE, body="We are on it.")
        page = page_of(ticket)
        assert (page.state, page.acknowledged_by) == (PageState.ACKNOWLEDGED, drud.carol)

    def test_is_what_taking_the_ticket_says_and_giving_it_does_not(self, drud: Desk) -> None:
        ticket = filed(drud, "Urgent")
        tickets.assign(ticket, to=drud.dan, by=drud.carol, at=NIGHT + MINUTE)
        assert page_of(ticket).is_open
        tickets.assign(ticket, to=drud.carol, by=drud.carol, at=NIGHT + MINUTE)
        assert page_of(ticket).acknowledged_by == drud.carol

    def test_is_for_the_desk(self, drud: Desk) -> None:
        with pytest.raises(PermissionDenied):
            actions.acknowledge(page_of(filed(drud, "Urgent")), by=drud.alice, at=NIGHT)


class TestPassingOn:
    def test_the_next_step_is_taken_at_once(self, drud: Desk) -> None:
        page = page_of(filed(drud, "Urgent"))
        live(NIGHT + MINUTE)
        actions.acknowledge(page, by=drud.dan, at=NIGHT + MINUTE)
        page = actions.escalate_now(page, by=drud.dan, at=NIGHT + 2 * MINUTE)
        assert page.is_open
        assert told(page)[-1][:2] == (2, "Dan")
        page = actions.escalate_now(page, by=drud.dan, at=NIGHT + 3 * MINUTE)
        assert told(page)[-1][:2] == (3, "Carol")
        assert page.next_at == NIGHT + 13 * MINUTE

    def test_the_ladder_is_climbed_again_from_its_end(self, apps: Desk) -> None:
        ticket = filed(apps, "P3")
        page = actions.page_by_hand(ticket, policy="director", by=apps.carol, at=NIGHT)
        live(NIGHT + timedelta(days=1))
        page.refresh_from_db()
        assert page.next_at is None
        before = len(told(page))
        actions.escalate_now(page, by=apps.carol, at=NIGHT + timedelta(days=1))
        assert told(page)[before][1] == "Director of support"

    def test_to_a_colleague(self, drud: Desk) -> None:
        page = page_of(filed(drud, "Urgent"))
        live(NIGHT + MINUTE)
        page = actions.hand_to(page, to=drud.carol, by=drud.dan, at=NIGHT + MINUTE)
        assert (page.holder, page.next_at) == (drud.carol, NIGHT + 6 * MINUTE)
        assert notices(page)[-1].membership == drud.carol
        live(NIGHT + 7 * MINUTE)
        assert told(page)[-1] == (6, "Dan", "voice"), "the ladder goes on when Carol does not answer"
        with pytest.raises(Refused, match="support team"):
            actions.hand_to(page, to=drud.alice, by=drud.dan, at=NIGHT)


class TestNotes:
    def test_stand_on_both_timelines(self, drud: Desk) -> None:
        page = page_of(filed(drud, "Urgent"))
        actions.annotate(page, text=" The node was replaced. ", by=drud.dan, at=NIGHT)
        assert history(page)[-1].data["text"] == "The node was replaced."
        with pytest.raises(Refused):
            actions.annotate(page, text="  ", by=drud.dan, at=NIGHT)

    def test_the_bridge_is_made_or_pasted(self, drud: Desk) -> None:
        ticket = filed(drud, "Urgent")
        page = actions.open_bridge(page_of(ticket), url="", by=drud.dan, at=NIGHT)
        assert page.bridge == f"https://bridge.drud.example/{ticket.number}-{page.pk}"
        page = actions.open_bridge(page, url="https://meet.example/abc", by=drud.dan, at=NIGHT)
        assert page.bridge == "https://meet.example/abc"

    @pytest.mark.parametrize("url", ["http://meet.example/", "javascript:alert(1)", "https://u:p@meet.example/", "x"])
    def test_a_bridge_has_an_https_address(self, drud: Desk, url: str) -> None:
        with pytest.raises(Refused, match="https"):
            actions.open_bridge(page_of(filed(drud, "Urgent")), url=url, by=drud.dan, at=NIGHT)


class TestTheEnd:
    def test_resolving_the_ticket_resolves_its_pages(self, drud: Desk) -> None:
        ticket = filed(drud, "Urgent")
        tickets.resolve(ticket, by=drud.carol, at=NIGHT + MINUTE)
        page = page_of(ticket)
        assert (page.state, page.resolved_by, page.next_at) == (PageState.RESOLVED, drud.carol, None)
        assert not Timer.objects.filter(kind="escalation.step").exists()

    def test_an_answer_settles_what_waits_for_one(self, apps: Desk) -> None:
        ticket = filed(apps, "P3", body="REDPHONE we lose orders")
        page = page_of(ticket)
        tickets.reply(ticket, by=apps.carol, at=NIGHT + MINUTE, body="On it.")
        page.refresh_from_db()
        assert page.state == PageState.RESOLVED
        assert history(page)[-1].data["why"] == "The customer has an answer."

    def test_by_hand_is_once(self, drud: Desk) -> None:
        page = page_of(filed(drud, "Urgent"))
        actions.resolve(page, by=drud.dan, at=NIGHT, reason="False alarm")
        actions.resolve(page, by=drud.carol, at=NIGHT)
        assert kinds(page).count("resolved") == 1
        with pytest.raises(Refused, match="over"):
            actions.acknowledge(page, by=drud.dan, at=NIGHT)

    def test_a_reopened_ticket_pages_anew(self, drud: Desk) -> None:
        ticket = filed(drud, "Urgent")
        tickets.resolve(ticket, by=drud.carol, at=NIGHT + MINUTE)
        tickets.reply(ticket, by=drud.alice, at=NIGHT + HOUR, body="Down again.")
        assert Page.objects.filter(ticket=ticket).count() == 2
        assert Page.objects.unsettled().get().opened_at == NIGHT + HOUR


class TestTheKeyword:
    def test_rings_the_director_at_once(self, apps: Desk, settings: Settings) -> None:
        settings.DEMO = False
        ticket = filed(apps, "P3")
        tickets.reply(ticket, by=apps.alice, at=NIGHT + MINUTE, body="REDPHONE please, we lose orders.")
        page = page_of(ticket, "director")
        live(NIGHT + 2 * MINUTE)
        assert told(page, NIGHT + MINUTE)[0] == (0, "Director of support", "sms voice email")
        to_director = [each for each in sent(page) if each.membership is None]
        assert {(each.channel, each.address) for each in to_director} == {
            ("sms", "+13035550142"),
            ("voice", "+13035550142"),
            ("email", "director@platformsh-apps.example"),
        }
        by_phone = [each for each in to_director if each.channel != "email"]
        assert {(each.state, each.last_error) for each in by_phone} == {
            ("skipped", "No service for texts and calls is set up.")
        }

    @pytest.mark.parametrize("is_member", [False, True])
    def test_rings_the_directors_phone_by_the_vendors_carrier(self, apps: Desk, is_member: bool) -> None:
        carrier = Integration.objects.create(
            kind=IntegrationKind.TWILIO, name="Twilio", sealed=sealing.seal({"token": "t"}), created_at=NIGHT
        )
        if is_member:
            apps.erin.user.email = "director@platformsh-apps.example"
            apps.erin.user.save()
            ContactMethod.objects.create(
                membership=apps.erin, number="+13035550199", created_at=NIGHT, verified_at=NIGHT
            )
        ticket = filed(apps, "P3")
        tickets.reply(ticket, by=apps.alice, at=NIGHT + MINUTE, body="REDPHONE please, we lose orders.")
        page = page_of(ticket, "director")
        live(NIGHT + MINUTE + MINUTE / 60)
        rung = [each for each in sent(page) if each.address == "+13035550142"]
        who = apps.erin if is_member else None
        assert {(each.channel, each.state, each.integration, each.membership) for each in rung} == {
            ("sms", "pending", carrier, who),
            ("voice", "pending", carrier, who),
        }
        assert {each.destination for each in rung} == {carrier.destination}
        assert not [each for each in sent(page) if each.address == "+13035550199"], "the on-call phone, not their own"
        director = next(each for line in history_of(page) for each in line.told)
        assert director.name == ("Erin" if is_member else "Director of support")
        assert {way.channel for way in director.ways} >= {"sms", "voice", "email"}

    def test_tells_the_customer_and_nobody_twice(self, apps: Desk) -> None:
        from supportdesk.notifications.models import Delivery

        ticket = filed(apps, "P3")
        tickets.reply(ticket, by=apps.alice, at=NIGHT + MINUTE, body="REDPHONE please, we lose orders.")
        live(NIGHT + 2 * MINUTE)
        assert Notice.objects.filter(membership=apps.alice, kind="escalated").count() == 1
        assert not Delivery.objects.filter(kind="escalated").exclude(membership=apps.alice).exists()
        assert not Delivery.objects.filter(key__endswith="/director", kind="escalated").exists()


class TestPatience:
    def test_a_ticket_handed_over_that_nobody_takes(self, drud: Desk) -> None:
        from supportdesk.accounts.models import Team, TeamMember

        team = Team.objects.get(slug="ddev-live-support")
        TeamMember.objects.create(team=team, membership=drud.carol)
        ticket = filed(drud, "Low")
        tickets.set_team(ticket, team=team, by=drud.dan, at=NIGHT + 10 * MINUTE)
        live(NIGHT + 29 * MINUTE)
        assert not Page.objects.exists()
        live(NIGHT + 31 * MINUTE)
        page = page_of(ticket, "handed-over")
        assert told(page) == [(30, "Carol", "inbox email")]
        tickets.assign(ticket, to=drud.carol, by=drud.carol, at=NIGHT + 32 * MINUTE)
        page.refresh_from_db()
        assert page.state == PageState.RESOLVED

    def test_one_that_was_taken_in_time(self, drud: Desk) -> None:
        from supportdesk.accounts.models import Team

        ticket = filed(drud, "Low")
        tickets.set_team(ticket, team=Team.objects.get(slug="ddev-live-support"), by=drud.dan, at=NIGHT)
        tickets.assign(ticket, to=drud.carol, by=drud.carol, at=NIGHT + MINUTE)
        live(NIGHT + HOUR)
        assert not Page.objects.exists()

    def test_begins_anew_when_it_is_let_go(self, drud: Desk) -> None:
        from supportdesk.accounts.models import Team

        ticket = filed(drud, "Low")
        tickets.set_team(ticket, team=Team.objects.get(slug="ddev-live-support"), by=drud.dan, at=NIGHT)
        tickets.assign(ticket, to=drud.carol, by=drud.carol, at=NIGHT + MINUTE)
        tickets.assign(ticket, to=None, by=drud.carol, at=NIGHT + 20 * MINUTE)
        live(NIGHT + 49 * MINUTE)
        assert not Page.objects.exists()
        live(NIGHT + 51 * MINUTE)
        assert page_of(ticket).opened_at == NIGHT + 50 * MINUTE


def test_alarms_that_a_policy_sees_to_are_told_by_it_alone(drud: Desk) -> None:
    """Medium tickets have the waiting room; nobody gets the desk's own message of the warning besides."""
    from supportdesk.timers.firing import fire_due

    ticket: Ticket = filed(drud, "Medium")
    fire_due(until=NIGHT + timedelta(days=7))
    assert Page.objects.filter(ticket=ticket, policy="waiting-room").exists()
    assert not Notice.objects.filter(kind__startswith="sla.").exists()


def test_states_that_cannot_be_are_refused_by_the_database(drud: Desk) -> None:
    page = page_of(filed(drud, "Urgent"))
    for change in (
        {"state": PageState.ACKNOWLEDGED},
        {"state": PageState.RESOLVED},
        {"acknowledged_as": "somebody"},
        {"resolved_as": "somebody"},
        {"bridge": "http://meet.example/"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Page.objects.filter(pk=page.pk).update(**change)


def test_waiting_for_the_customer_does_not_wake_anybody_further(drud: Desk) -> None:
    ticket = filed(drud, "Urgent")
    live(NIGHT + MINUTE)
    tickets.reply(ticket, by=drud.carol, at=NIGHT + MINUTE, body="Which address?", then_state=State.WAITING)
    live(NIGHT + HOUR)
    assert told(page_of(ticket)) == [(0, "Dan", "inbox email sms")]
