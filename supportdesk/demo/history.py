"""One ticket lived through: a story told by the real actions, each at an instant of the past."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from plans.models import Priority
from plans.states import State
from supportdesk.accounts.models import Membership
from supportdesk.demo.clocks import write_down
from supportdesk.demo.nights import live_through
from supportdesk.demo.pace import agents_answer, customers_answer
from supportdesk.demo.stage import Place, Stage
from supportdesk.demo.story import BY_CUSTOMER, Story, Teller, Turn
from supportdesk.demo.voices import Voices
from supportdesk.timers.firing import fire_due
from tickets import actions
from tickets.models import Ticket
from tickets.models.message import MessageChannel

REGRADED = (
    "Agreed with the customer: there is a workaround.",
    "Only one user is affected, as they told us on the phone.",
    "The functionality named is not among the critical ones.",
)
CLOSING = (
    "We have not heard of it again, so I am resolving this request. Reply any time and it is open again.",
    "Everything that we could do about this has been done. I am resolving it; please come back if you need more.",
    "It has been quiet for some days. I take it that this is settled and resolve it.",
)
TAKEN = (State.ACKNOWLEDGED, State.REOPENED)


class History:
    """The story of one ticket, told until ``until`` at most: what would come later has not happened yet.

    Everything is in the scope and transaction of the caller. ``now`` is how far it has been told.
    """

    def __init__(
        self,
        stage: Stage,
        place: Place,
        story: Story,
        *,
        priority: Priority,
        subject: str,
        until: datetime,
        rng: Random,
    ) -> None:
        self.stage, self.place, self.story, self.rng = stage, place, story, rng
        self.priority, self.subject, self.until = priority, subject, until
        self.requester = rng.choice(place.contacts)
        self.agent = rng.choice(stage.agents) if rng.random() < 0.9 else stage.lead
        self.voices = Voices(rng)
        organization = place.project.organization
        known = {
            "site": place.project.name,
            "host": place.host,
            "slug": organization.slug,
            "org": organization.name,
            "requester": self.requester.name,
        }
        self.teller = Teller(stage.book.words, known, rng)
        self.promised_at: datetime | None = None
        self.is_taken = False

    @property
    def is_urgent(self) -> bool:
        return self.priority.pages

    def tell(self, opened_at: datetime, turns: int | None = None) -> Ticket:
        """Files the ticket and goes through its turns, or the first ``turns`` of them, as far as time allows."""
        self.open(opened_at)
        return self.go_on(self.story.turns[:turns], to_the_end=turns is None)

    def go_on(self, turns: Sequence[Turn], *, to_the_end: bool = True) -> Ticket:
        """Goes through these turns, each at the instant at which people would."""
        for turn in turns:
            at = self._instant_of(turn)
            if turn.kind not in BY_CUSTOMER and not self.is_taken:
                self.take(at)
            if at >= self.until:
                break
            self.turn(turn, at)
        else:
            if to_the_end:
                self.settle()
        return self.end()

    def open(self, at: datetime) -> None:
        """The customer files it in the portal, by e-mail, or on the phone to an agent who writes it down."""
        channel = self.rng.choices(
            (MessageChannel.PORTAL, MessageChannel.EMAIL, MessageChannel.PHONE), weights=(82, 11, 7)
        )[0]
        written_at = at + timedelta(minutes=self.rng.uniform(3, 8)) if channel is MessageChannel.PHONE else at
        if written_at >= self.until:
            channel, written_at = MessageChannel.PORTAL, at
        tell, category = self.teller.fill, self.stage.categories.get(self.story.category)
        self.ticket = actions.open_ticket(
            by=self.agent if channel is MessageChannel.PHONE else self.requester,
            requester=self.requester,
            at=written_at,
            contact_at=at,
            project=self.place.project,
            priority=self.priority,
            subject=tell(self.subject),
            body=self.voices.customer(tell(self.story.body), self.requester, is_urgent=self.is_urgent),
            category=category,
            environment=self.story.environment,
            url=f"https://{self.place.host}{tell(self.story.path)}" if self.story.path else "",
            fields=self._answers(category.fields) if category else {},
            is_shared=len(self.place.contacts) > 1 and (self._needs_colleague() or self.rng.random() < 0.35),
            files=[SimpleUploadedFile(name, tell(text).encode()) for name, text in self.story.files.items()],
            channel=channel,
        )
        self.now = written_at

    def take(self, before: datetime) -> None:
        """Somebody sees it, grades it where the vendor does so, and an agent takes it, all before the first answer."""
        self.grade(min(self.now + timedelta(minutes=self.rng.uniform(1.5, 11)), before - timedelta(seconds=50)))
        at = max(self.now, before - timedelta(minutes=self.rng.uniform(1, 9)))
        if at >= self.until:
            return
        by = self.stage.lead if self.rng.random() < 0.15 else self.agent
        live_through(self.ticket, until=at)
        self.ticket = actions.assign(self.ticket, to=self.agent, by=by, at=at)
        self.now, self.is_taken = at, True
        if self.rng.random() < 0.07 and (lower := self.stage.next_lower(self.priority)) and at < before:
            self.ticket = actions.set_priority(
                self.ticket, priority=lower, by=self.agent, at=at, reason=self.rng.choice(REGRADED)
            )
            self.priority = lower

    def grade(self, at: datetime, *, is_agreed: bool = False) -> None:
        """Tier Two posts the severity, now and then another than the customer's word (Drud §Ticket Procedures)."""
        if not self.stage.triaging_team or self.ticket.severity_id is not None or at >= self.until:
            return
        at = max(at, self.now)
        graders = [each for each in self.stage.agents if self.stage.triaging_team in self.stage.team_of[each.pk]]
        lower = self.stage.next_lower(self.priority) if not is_agreed and self.rng.random() < 0.2 else None
        self.ticket = actions.triage(self.ticket, severity=lower or self.priority, by=self.rng.choice(graders), at=at)
        self.now = at

    def turn(self, turn: Turn, at: datetime) -> None:
        """One turn of the story, at this instant."""
        live_through(self.ticket, until=at)
        self.now = at
        text = self.teller.fill(turn.text)
        match turn.kind:
            case "customer" | "back":
                self._customer_writes(self.requester, text, at)
            case "colleague":
                others = [each for each in self.place.contacts if each != self.requester]
                self._customer_writes(self.rng.choice(others or [self.requester]), text, at)
            case "solved":
                self.ticket = actions.resolve(self.ticket, by=self.requester, at=at, reason=text)
            case "note":
                self.ticket = actions.note(self.ticket, by=self.agent, at=at, body=text).ticket
            case "team":
                self._hand_over(turn.text, at)
            case "call":
                self.ticket = actions.log_call(
                    self.ticket, by=self.agent, at=at, body=text, minutes=turn.minutes
                ).ticket
            case _:
                self._agent_writes(turn, text, at)

    def acknowledge(self, at: datetime) -> None:
        """The lead has seen it, and nobody has it yet."""
        self.ticket = actions.set_state(self.ticket, State.ACKNOWLEDGED, by=self.stage.lead, at=at)
        self.now = at

    def settle(self) -> None:
        """What stays open at the end of a story is resolved some days later."""
        at = (self.now + timedelta(hours=self.rng.uniform(50, 170))).replace(microsecond=0)
        at = self.stage.hours.next_open(at) or at
        if self.ticket.is_open and at < self.until:
            self.turn(Turn("resolve", self.rng.choice(CLOSING)), at)

    def end(self) -> Ticket:
        """Lets the time until ``until`` pass for its clocks and pages: what came due stands on the timeline."""
        write_down(self.ticket)
        live_through(self.ticket, until=self.until)
        if self.ticket.next_due_at is not None:
            while fire_due(until=self.until):
                pass
        return self.ticket

    def _agent_writes(self, turn: Turn, text: str, at: datetime) -> None:
        state: State | None = {"ask": State.WAITING, "resolve": State.RESOLVED}.get(turn.kind)
        if turn.kind in ("answer", "update") and self.ticket.state in TAKEN:
            state = State.IN_PROGRESS
        self.promised_at = at + timedelta(minutes=turn.minutes) if turn.kind == "update" else None
        self.ticket = actions.reply(
            self.ticket,
            by=self.agent,
            at=at,
            body=self.voices.agent(text, self.agent, self.requester, is_urgent=self.is_urgent),
            then_state=state,
            next_update_at=self.promised_at,
        ).ticket

    def _customer_writes(self, who: Membership, text: str, at: datetime) -> None:
        channel = MessageChannel.EMAIL if self.rng.random() < 0.3 else MessageChannel.PORTAL
        self.ticket = actions.reply(self.ticket, by=who, at=at, body=text, channel=channel).ticket

    def _hand_over(self, team_slug: str, at: datetime) -> None:
        team = self.stage.teams[team_slug]
        self.ticket = actions.set_team(self.ticket, team=team, by=self.agent, at=at)
        members = [each for each in self.stage.agents if team_slug in self.stage.team_of[each.pk]]
        if members:
            self.agent, before = self.rng.choice(members), self.agent
            self.ticket = actions.assign(self.ticket, to=self.agent, by=before, at=at)

    def _instant_of(self, turn: Turn) -> datetime:
        due, rng = self.ticket.next_due_at, self.rng
        if turn.kind in BY_CUSTOMER:
            at = customers_answer(
                self.now,
                due,
                zone=self.requester.user.zone,
                is_urgent=self.is_urgent,
                is_asked=self.ticket.state in (State.WAITING, State.RESOLVED),
                rng=rng,
            )
        elif turn.kind in ("note", "team"):
            at = self.now + timedelta(minutes=rng.uniform(2, 14))
        elif self.promised_at is not None and self.promised_at > self.now:
            late = rng.random() < 0.12
            at = self.promised_at + timedelta(minutes=rng.uniform(1, 9) if late else -rng.uniform(0.5, 4))
        else:
            at = agents_answer(self.now, due, hours=self.stage.hours, is_urgent=self.is_urgent, rng=rng)
        return max(at, self.now + timedelta(seconds=rng.uniform(35, 200))).replace(microsecond=0)

    def _answers(self, questions: list[dict[str, Any]]) -> dict[str, Any]:
        """What the customer filled in, of the questions that the category's form asks."""
        organization = self.place.project.organization
        known = {"company_name": organization.name, "license_key": f"ORO-EE-{organization.slug.upper()[:6]}-7Q4M"}
        told = known | {key: self.teller.filled(value) for key, value in self.story.fields.items()}
        return {question["key"]: told[question["key"]] for question in questions if question["key"] in told}

    def _needs_colleague(self) -> bool:
        return self.story.first("colleague") is not None
