"""Who is on call in the demo: at each vendor a rota as its document suggests, with a cover, a request, a vacation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from escalation import actions, shift_notices
from escalation.actions.assignment import set_skills
from escalation.drafts import week_of
from escalation.models import Rota, Unit
from escalation.on_call import people_on_call
from escalation.queries import my_shifts
from supportdesk.accounts.models import Membership, Role, Team, Vendor

SINCE = timedelta(days=45)
AHEAD = timedelta(days=56)


@dataclass(frozen=True, slots=True)
class Turns:
    """A layer: people by their first names, and from which hour on they change, on Mondays or daily."""

    name: str
    people: tuple[str, ...]
    zone: str
    at: time
    length: int
    unit: Unit
    hours: str = "always"

    def terms(self, staff: dict[str, Membership], monday: date) -> actions.LayerTerms:
        return actions.LayerTerms(
            name=self.name,
            people=tuple(staff[name] for name in self.people),
            starts_on=monday,
            hands_over_at=self.at,
            length=self.length,
            unit=self.unit,
            zone=self.zone,
            week=week_of(self.hours, ""),
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """``name``, as a slug, is what the contract's policies call the rota: its first layer is woken first, its second
    next. ``away``: who goes on vacation soon; ``covers`` helps out this week; ``asks`` would like to be relieved."""

    name: str
    team: str
    zone: str
    layers: tuple[Turns, ...]
    away: str
    covers: str
    asks: str
    skills: dict[str, tuple[str, ...]]


PLANS = {
    # "Make sure you know how to request a shift change in Victor Ops": a primary and a secondary around the clock.
    "drud": Plan(
        "DDEV Live on-call",
        "tier-two",
        "America/Denver",
        (
            Turns("Primary", ("Sven", "Travis", "Kenji"), "America/Denver", time(9), 1, Unit.WEEKS),
            Turns("Secondary", ("Kenji", "Mallory", "Rosa"), "America/Denver", time(9), 1, Unit.WEEKS),
        ),
        away="Mallory",
        covers="Travis",
        asks="Sven",
        skills={"Sven": ("kubernetes", "monitoring"), "Travis": ("drupal",), "Rosa": ("golang", "kubernetes")},
    ),
    "platformsh-apps": Plan(
        "Drupal + Commerce P1",
        "level-1",
        "Europe/Paris",
        (
            Turns("Level 1", ("Carol", "Hugo"), "Europe/Paris", time(9), 1, Unit.DAYS),
            Turns("Level 2", ("Priya", "Jonas"), "Europe/Paris", time(9), 1, Unit.WEEKS),
            Turns("Director, off hours", ("Dan",), "Europe/Paris", time(9), 1, Unit.WEEKS, "off-hours"),
        ),
        away="Hugo",
        covers="Priya",
        asks="Carol",
        skills={"Carol": ("commerce", "french"), "Hugo": ("drupal", "french"), "Priya": ("drupal", "payments")},
    ),
    "platformsh": Plan(
        "Critical incidents",
        "support",
        "Europe/Paris",
        (
            Turns("Primary", ("Claire", "Diego", "Hana"), "Europe/Paris", time(9), 1, Unit.DAYS),
            Turns("Secondary", ("Liam", "Hana"), "Europe/Paris", time(9), 1, Unit.WEEKS),
        ),
        away="Diego",
        covers="Claire",
        asks="Hana",
        skills={"Claire": ("php", "french"), "Diego": ("networking", "spanish"), "Hana": ("php", "japanese")},
    ),
    # "24/7" for S1: three regions that follow the sun.
    "commercetools": Plan(
        "S1 follow the sun",
        "support",
        "UTC",
        (
            Turns("On call", ("Aisha", "Lukas", "Megan"), "UTC", time(0), 8, Unit.HOURS),
            Turns("Backup", ("Katharina", "Stefan"), "Europe/Berlin", time(9), 1, Unit.WEEKS),
        ),
        away="Stefan",
        covers="Katharina",
        asks="Megan",
        skills={"Aisha": ("api", "graphql"), "Lukas": ("api", "german"), "Megan": ("frontend",)},
    ),
    # "there is a customer support desk that is available 24x7x365"; by night in Kyiv it is day in Los Angeles.
    "orocloud": Plan(
        "P1 around the clock",
        "support",
        "Europe/Kyiv",
        (
            Turns("Primary", ("Oksana", "Taras", "Julia"), "Europe/Kyiv", time(9), 1, Unit.DAYS),
            Turns("Backup", ("Andriy", "Taras"), "Europe/Kyiv", time(9), 1, Unit.WEEKS),
            Turns("Second phone by night", ("Julia",), "Europe/Kyiv", time(9), 1, Unit.WEEKS, "nights"),
        ),
        away="Taras",
        covers="Julia",
        asks="Julia",
        skills={"Oksana": ("php", "ukrainian"), "Taras": ("php", "elasticsearch"), "Julia": ("billing",)},
    ),
}


def seed_rotas(vendor: Vendor, *, at: datetime) -> None:
    """The vendor's rota with what has happened to it; once, however often. Needs the vendor's scope."""
    plan = PLANS.get(vendor.slug)
    if plan is None or Rota.objects.exists():
        return
    staff = {member.name.split()[0]: member for member in Membership.objects.staff()}
    lead = next(member for member in staff.values() if member.role == Role.LEAD)
    admin = next(member for member in staff.values() if member.role == Role.ADMIN)
    made_at = at - SINCE
    day = made_at.astimezone(vendor.zoneinfo).date()
    rota = actions.make_rota(
        name=plan.name,
        zone=plan.zone,
        team=Team.objects.filter(slug=plan.team).first(),
        fallback_person=admin,
        layers=[turns.terms(staff, day - timedelta(days=day.weekday())) for turns in plan.layers],
        by=lead,
        at=made_at,
    )
    for name, skills in plan.skills.items():
        set_skills(staff[name], skills, by=lead, at=made_at)
    _cover(rota, [staff[plan.covers], staff[plan.asks], lead], by=lead, at=at)
    _ask(staff[plan.asks], at=at - timedelta(hours=20), now=at)
    first = (at + timedelta(days=12)).astimezone(vendor.zoneinfo).date()
    actions.note_time_off(
        staff[plan.away],
        starts_on=first,
        ends_on=first + timedelta(days=4),
        note="Vacation",
        by=staff[plan.away],
        at=at - timedelta(days=9),
    )
    shift_notices.schedule([rota], at=at)


def _cover(rota: Rota, helpers: list[Membership], *, by: Membership, at: datetime) -> None:
    """Tomorrow evening somebody helps out who is not on call then anyway."""
    evening = (at + timedelta(days=1)).replace(hour=16, minute=0, second=0, microsecond=0)
    busy = people_on_call(rota, evening)
    person = next((each for each in helpers if each not in busy), helpers[0])
    actions.cover(
        rota,
        layer_key=1,
        person=person,
        starts_at=evening,
        ends_at=evening + timedelta(hours=6),
        reason="School concert",
        by=by,
        at=at - timedelta(days=1),
    )


def _ask(giver: Membership, *, at: datetime, now: datetime) -> None:
    """Their shift after next, of anyone."""
    ahead = [each for each in my_shifts(giver, now, until=now + AHEAD) if each.start > now + timedelta(days=2)]
    if ahead:
        shift = ahead[0]
        actions.ask(
            shift.rota,
            layer_key=shift.layer,
            starts_at=shift.start,
            ends_at=shift.end,
            asked=None,
            note="My sister gets married",
            by=giver,
            at=at,
        )
