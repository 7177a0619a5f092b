"""Tickets that go to somebody by themselves: in turn, by load, and never to who is not there."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from escalation.actions.assignment import change_rule, set_skills
from escalation.assigning import Candidate, choose
from escalation.models import AssignmentRule, Method, TimeOff
from supportdesk.accounts.models import AuditEntry, Membership, Team, TeamMember
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import MONDAY, Desk, make_desk
from tests.escalation.rows import rota_row, version_row
from tickets import actions
from tickets.models import Ticket
from tickets.models.event import Kind

DAY = timedelta(days=1)
PAGE = "/orocloud/desk/assignment/"


def team_of(*people: Membership, slug: str = "support") -> Team:
    team = factories.TeamFactory.create(slug=slug)
    for person in people:
        TeamMember.objects.get_or_create(team=team, membership=person)
    return team


def rule(team: Team, method: Method = Method.ROUND_ROBIN, **more: object) -> AssignmentRule:
    said: dict[str, object] = {"only_on_shift": False, "minimum_tier": None, "skills": []}
    return change_rule(team, method=method, by=None, at=MONDAY, **(said | more))  # type: ignore[arg-type]


def file(desk: Desk, team: Team | None = None) -> Ticket:
    ticket = actions.open_ticket(
        by=desk.alice,
        at=MONDAY,
        project=desk.project,
        priority=desk.priority("P3"),
        subject="Slow",
        body="It is slow.",
        team=team,
    )
    return Ticket.objects.select_related("assignee__user").get(pk=ticket.pk)


class TestChoosing:
    @pytest.mark.parametrize(("last", "expected"), [(None, 1), (1, 2), (2, 5), (5, 1), (3, 5), (99, 1)])
    def test_in_turn_begins_after_the_last(self, last: int | None, expected: int) -> None:
        assert choose([Candidate(5), Candidate(1), Candidate(2)], Method.ROUND_ROBIN, last) == expected

    def test_by_load_takes_the_least_and_then_the_turn(self) -> None:
        people = [Candidate(1, 4), Candidate(2, 1), Candidate(3, 1)]
        assert choose(people, Method.LEAST_LOADED, None) == 2
        assert choose(people, Method.LEAST_LOADED, 2) == 3

    def test_of_nobody_is_nobody(self) -> None:
        assert choose([], Method.ROUND_ROBIN, 3) is None

    @given(st.sets(st.integers(1, 50), min_size=1, max_size=8))
    def test_in_turn_everybody_comes_once_before_anybody_twice(self, ids: set[int]) -> None:
        last: int | None = None
        seen = []
        for _ in ids:
            last = choose([Candidate(each) for each in ids], Method.ROUND_ROBIN, last)
            seen.append(last)
        assert set(seen) == ids


class TestARule:
    def test_gives_new_tickets_in_turn_and_says_why(self, in_oro: Desk) -> None:
        team = team_of(in_oro.carol, in_oro.dan)
        rule(team)
        tickets = [file(in_oro, team) for _ in range(3)]
        assert [each.assignee for each in tickets] == [in_oro.carol, in_oro.dan, in_oro.carol]
        event = tickets[0].events.get(kind=Kind.ASSIGNED)
        assert (event.by, event.data["reason"]) == (None, "in turn")

    def test_by_load_gives_to_who_has_least(self, in_oro: Desk) -> None:
        team = team_of(in_oro.carol, in_oro.dan)
        busy = file(in_oro, team)
        actions.assign(busy, to=in_oro.carol, by=in_oro.carol, at=MONDAY)
        rule(team, Method.LEAST_LOADED)
        assert file(in_oro, team).assignee == in_oro.dan

    def test_passes_over_who_is_away_below_the_tier_or_without_the_skill(self, in_oro: Desk) -> None:
        team = team_of(in_oro.carol, in_oro.dan, in_oro.erin)
        set_skills(in_oro.dan, ["PHP ", "search"], by=in_oro.erin, at=MONDAY)
        rule(team, skills=["php"])
        assert file(in_oro, team).assignee == in_oro.dan
        rule(team, minimum_tier=2)
        assert file(in_oro, team).assignee == in_oro.dan
        rule(team)
        for person in (in_oro.carol, in_oro.dan):
            TimeOff.objects.create(person=person, starts_at=MONDAY - DAY, ends_at=MONDAY + DAY, told_at=MONDAY - DAY)
        assert file(in_oro, team).assignee == in_oro.erin

    def test_only_on_shift_asks_the_teams_rota(self, in_oro: Desk) -> None:
        team = team_of(in_oro.carol, in_oro.dan)
        version_row(rota_row("Others"), [in_oro.carol])
        version_row(rota_row("Team", team=team), [in_oro.dan])
        rule(team, only_on_shift=True)
        assert [file(in_oro, team).assignee for _ in range(2)] == [in_oro.dan, in_oro.dan]

    def test_leaves_it_unassigned_when_nobody_fits_and_says_so(self, in_oro: Desk) -> None:
        team = team_of(in_oro.carol)
        rule(team, minimum_tier=3)
        ticket = file(in_oro, team)
        assert ticket.assignee is None
        assert ticket.events.get(kind=Kind.NOBODY_FITS).data["reason"] == "tier 3 or higher"
        assert not ticket.events.visible_to(in_oro.alice).filter(kind=Kind.NOBODY_FITS).exists()

    def test_follows_a_hand_over_and_never_gives_back_to_who_handed_over(self, in_oro: Desk) -> None:
        first, second = team_of(in_oro.erin, slug="first"), team_of(in_oro.carol, in_oro.dan, slug="second")
        rule(second)
        ticket = actions.assign(file(in_oro, first), to=in_oro.carol, by=in_oro.carol, at=MONDAY)
        ticket = actions.assign(ticket, to=None, by=in_oro.carol, at=MONDAY)
        actions.set_team(ticket, team=second, by=in_oro.carol, at=MONDAY)
        ticket.refresh_from_db()
        assert ticket.assignee == in_oro.dan

    def test_leaves_a_ticket_that_somebody_has(self, in_oro: Desk) -> None:
        first, second = team_of(in_oro.erin, slug="first"), team_of(in_oro.dan, slug="second")
        rule(second)
        ticket = actions.assign(file(in_oro, first), to=in_oro.carol, by=in_oro.carol, at=MONDAY)
        actions.set_team(ticket, team=second, by=in_oro.carol, at=MONDAY)
        ticket.refresh_from_db()
        assert ticket.assignee == in_oro.carol

    def test_none_assigns_nobody(self, in_oro: Desk) -> None:
        team = team_of(in_oro.carol)
        rule(team, Method.NONE)
        assert file(in_oro, team).assignee is None


@pytest.mark.django_db(transaction=True)
def test_tickets_at_one_instant_go_to_different_people() -> None:
    desk = make_desk("orocloud")
    with vendor_scope(desk.vendor):
        team = team_of(desk.carol, desk.dan, desk.erin)
        rule(team)
    together = Barrier(3)
    filed: list[int] = []

    def one() -> None:
        try:
            together.wait(20)
            with vendor_scope(desk.vendor):
                filed.append(file(desk, team).pk)
        finally:
            connection.close()

    threads = [Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with vendor_scope(desk.vendor):
        assert len(filed) == 3
        assert {each.assignee_id for each in Ticket.objects.all()} == {desk.carol.pk, desk.dan.pk, desk.erin.pk}


class TestThePage:
    def as_(self, who: Membership) -> Client:
        client = Client()
        client.force_login(who.user)
        return client

    def test_sets_a_rule_and_shows_who_would_be_next(self, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            team = team_of(oro.carol)
        sent = {f"team-{team.pk}-{name}": value for name, value in (("method", "round_robin"), ("skills", ""))}
        client = self.as_(oro.dan)
        html = client.post(f"{PAGE}{team.pk}/", sent, follow=True).content.decode()
        assert "Now between" in html
        with vendor_scope(oro.vendor):
            assert AuditEntry.objects.filter(action="assignment_rule.changed").count() == 1

    def test_warns_when_nobody_fits(self, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            team = team_of(oro.carol)
            rule(team, skills=["cobol"])
        assert "Nobody fits now" in self.as_(oro.dan).get(PAGE).content.decode()

    def test_keeps_skills_in_one_spelling(self, oro: Desk) -> None:
        sent = {f"person-{oro.carol.pk}-skills": " PHP, french,php "}
        self.as_(oro.dan).post(f"{PAGE}skills/{oro.carol.pk}/", sent)
        with vendor_scope(oro.vendor):
            oro.carol.refresh_from_db()
            assert oro.carol.skills == ["french", "php"]
        sent = {f"person-{oro.carol.pk}-skills": "x" * 41}
        assert self.as_(oro.dan).post(f"{PAGE}skills/{oro.carol.pk}/", sent).status_code == 422

    def test_is_the_leads(self, oro: Desk) -> None:
        assert self.as_(oro.carol).get(PAGE).status_code == 403
