"""Giving a team's tickets to its people by themselves: in turn, or to whoever has least.

Runs in the transaction of what it reacts to. Only people who are there are chosen: of the team, of the tier and the
skills asked for, not away, on shift where the rule says so, and not who has just handed the ticket over. When nobody
fits the ticket stays with the team, and the timeline says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from escalation.models import AssignmentRule, Method, TimeOff
from escalation.on_call import on_shift
from supportdesk.accounts.models import Membership
from tickets import events
from tickets.actions import assign
from tickets.models import Event
from tickets.models.event import Kind

SYSTEM = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """``load``: open tickets assigned to them."""

    id: int
    load: int = 0


def follow_tickets(happened: Sequence[Event]) -> None:
    """A new ticket, and one that came to another team, goes to somebody of the team where a rule says so."""
    wanted = [each for each in happened if _wants_somebody(each)]
    if not wanted:
        return
    teams = {each.ticket.team_id for each in wanted}
    rules = {rule.team_id: rule for rule in AssignmentRule.objects.filter(team__in=teams).exclude(method=Method.NONE)}
    for event in wanted:
        rule = rules.get(event.ticket.team_id)
        if rule is not None:
            _assign(event, rule)


def choose(candidates: Sequence[Candidate], method: Method, last: int | None) -> int | None:
    """Who is next: after ``last`` in the order of ids, beginning again; by load first where the method says so. None
    when nobody is left. Pure."""
    if not candidates:
        return None
    order = sorted(each.id for each in candidates)
    after = [each for each in order if last is not None and each > last]
    turn = {each: place for place, each in enumerate(after + [each for each in order if each not in after])}
    if method is Method.LEAST_LOADED:
        return min(candidates, key=lambda each: (each.load, turn[each.id])).id
    return min(candidates, key=lambda each: turn[each.id]).id


def fitting(rule: AssignmentRule, at: datetime, *, without: Membership | None = None) -> list[Membership]:
    """The people of the rule's team who could take a ticket at ``at``, with their load as ``open_count``."""
    people = Membership.objects.staff().filter(teams__team_id=rule.team_id)
    if rule.minimum_tier is not None:
        people = people.filter(tier__gte=rule.minimum_tier)
    if rule.skills:
        people = people.filter(skills__contains=rule.skills)
    if without is not None:
        people = people.exclude(pk=without.pk)
    away = TimeOff.objects.filter(starts_at__lte=at, ends_at__gt=at, withdrawn_at__isnull=True)
    people = people.exclude(pk__in=away.values("person"))
    if rule.only_on_shift:
        people = people.filter(pk__in=on_shift(at, team_id=rule.team_id))
    is_open = Q(assigned__isnull=False) & ~Q(assigned__state="resolved")
    return list(people.annotate(open_count=Count("assigned", filter=is_open)).order_by("pk"))


def _wants_somebody(event: Event) -> bool:
    ticket = event.ticket
    if ticket.team_id is None or ticket.assignee_id is not None or not ticket.is_open:
        return False
    return event.kind == Kind.OPENED or (event.kind == Kind.TEAM_CHANGED and event.data.get("to") is not None)


def _assign(event: Event, rule: AssignmentRule) -> None:
    # Whoever comes second waits here, and then finds whose turn it is after the first.
    rule = AssignmentRule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
    at = max(event.at, event.ticket.created_at)
    giver = event.by if event.by is not None and event.kind == Kind.TEAM_CHANGED else None
    people = {person.pk: person for person in fitting(rule, at, without=giver)}
    candidates = [Candidate(pk, getattr(person, "open_count", 0)) for pk, person in people.items()]
    chosen = choose(candidates, Method(rule.method), rule.last_person_id)
    if chosen is None:
        events.record(event.ticket, Kind.NOBODY_FITS, by=SYSTEM, at=at, team=rule.team_id, reason=_reason(rule))
        return
    rule.last_person_id = chosen
    rule.save(update_fields=["last_person"])
    assigned = assign(event.ticket, to=people[chosen], by=SYSTEM, at=at, reason=_why(rule))
    # Who holds this row in hand, such as the other reactions, sees what the database holds.
    event.ticket.assignee, event.ticket.updated_at = assigned.assignee, assigned.updated_at


def _why(rule: AssignmentRule) -> str:
    if rule.method == Method.LEAST_LOADED:
        return _("fewest open tickets")
    return _("in turn")


def _reason(rule: AssignmentRule) -> str:
    wanted = []
    if rule.only_on_shift:
        wanted.append(_("on shift"))
    if rule.minimum_tier is not None:
        wanted.append(_("tier %(tier)s or higher") % {"tier": rule.minimum_tier})
    if rule.skills:
        wanted.append(_("with %(skills)s") % {"skills": ", ".join(rule.skills)})
    return ", ".join(wanted)
