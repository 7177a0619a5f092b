"""Who is on call, as people: the rows of rotas gathered for the rules of ``rota``.

A person who has left the desk counts as away from ``now`` on; who was on call before stays told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Max, Q

from escalation import rota as rules
from escalation.models import Layer, Override, Rota, RotaVersion, Swap, SwapState, TimeOff
from sla.shifts import read_week
from supportdesk.accounts.models import Membership

INSTANT = timedelta(microseconds=1)
FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Watch:
    """A rota with the rules' view of it over a time, and everybody named there."""

    rota: Rota
    roster: rules.Roster
    people: dict[int, Membership]

    def person(self, duty: rules.Duty | None) -> Membership | None:
        return None if duty is None else self.people[duty.person]


def people_on_call(rota: Rota, at: datetime) -> tuple[Membership | None, ...]:
    """Who is on call at an instant: a place for each layer, the first to be woken first; None where it has nobody."""
    return on_call_of([rota], at)[rota.pk]


def on_call_of(rotas: Collection[Rota], at: datetime) -> dict[int, tuple[Membership | None, ...]]:
    """``people_on_call`` for many rotas, by their ids, in a constant number of queries."""
    return {
        pk: tuple(watch.person(duty) for duty in rules.on_call(watch.roster, at))
        for pk, watch in watches(rotas, at, at + INSTANT, now=at).items()
    }


def on_shift(at: datetime, *, team_id: int | None = None) -> set[int]:
    """The ids of all who are on call in any layer of any rota in use; of the team's rotas where it has some."""
    rotas = list(Rota.objects.in_use())
    found = on_call_of([rota for rota in rotas if team_id and rota.team_id == team_id] or rotas, at)
    return {person.pk for people in found.values() for person in people if person is not None}


def rotas_of(person: Membership, at: datetime) -> list[Rota]:
    """The rotas in use on which the person is on call, by name."""
    rotas = list(Rota.objects.in_use().order_by("name", "pk"))
    found = on_call_of(rotas, at)
    return [rota for rota in rotas if person in found[rota.pk]]


def is_on_shift(person: Membership, at: datetime) -> bool:
    return person.pk in on_shift(at)


def has_shift(rota: Rota, layer_key: int, person: Membership, start: datetime, end: datetime, *, at: datetime) -> bool:
    """Whether the person is on call in the layer all the time from ``start`` to ``end``, as things are."""
    watch = watches([rota], start, end, now=at)[rota.pk]
    held = [each for each in rules.shifts(watch.roster, start, end) if each.layer == layer_key]
    return sum((each.end - each.start for each in held if each.person == person.pk), timedelta()) == end - start


def fallback_of(rota: Rota) -> list[Membership]:
    """Who is told when nobody is on call: the rota's fallback person, then everybody of its fallback team; the vendor's
    leads where it names none who is here."""
    people: list[Membership] = []
    if rota.fallback_person_id is not None:
        people += Membership.objects.staff().filter(pk=rota.fallback_person_id)
    if rota.fallback_team_id is not None:
        people += Membership.objects.staff().filter(teams__team_id=rota.fallback_team_id).order_by("user__name", "pk")
    return list(dict.fromkeys(people)) or list(Membership.objects.leads().order_by("user__name", "pk"))


def watches(rotas: Iterable[Rota], start: datetime, end: datetime, *, now: datetime) -> dict[int, Watch]:
    """What decides who is on call in [start, end), by the rotas' ids. At most eight queries, whatever their number."""
    wanted = {rota.pk: rota for rota in rotas}
    terms = _terms(wanted, start, end)
    overrides = _overrides(wanted, start, end)
    swaps = _swaps(wanted, start, end)
    absences = _absences(start, end)
    named = {person for each in terms.values() for one in each for layer in one.layers for person in layer.people}
    named |= {each.person for some in overrides.values() for each in some}
    named |= {person for some in swaps.values() for each in some for person in (each.giver, each.taker)}
    people = {each.pk: each for each in Membership.objects.filter(pk__in=named).select_related("user")}
    absences += [rules.Absence(pk, now, FOREVER, FOREVER) for pk, each in people.items() if not each.is_active]
    found = {}
    for pk, rota in wanted.items():
        roster = rules.Roster(
            terms=tuple(terms.get(pk, ())),
            overrides=tuple(overrides.get(pk, ())),
            swaps=tuple(swaps.get(pk, ())),
            absences=tuple(absences),
        )
        found[pk] = Watch(rota, roster, people)
    return found


def layer_of(row: Layer, people: tuple[int, ...]) -> rules.Layer:
    """The rules' view of a layer's row."""
    return rules.Layer(
        key=row.key,
        zone=row.zone,
        starts=row.starts,
        length=row.turn_length,
        people=people,
        week=None if row.week is None else read_week(row.week),
        name=row.name,
    )


def _terms(rotas: Collection[int], start: datetime, end: datetime) -> dict[int, list[rules.Terms]]:
    """The versions in force in [start, end)."""
    standing = RotaVersion.objects.filter(rota__in=rotas, withdrawn_at__isnull=True, effective_at__lt=end)
    first = dict(standing.filter(effective_at__lte=start).values_list("rota").annotate(Max("effective_at")))
    in_force = Q(effective_at__gt=start)
    for pk, effective_at in first.items():
        in_force |= Q(rota=pk, effective_at=effective_at)
    found: dict[int, list[rules.Terms]] = {}
    for version in standing.filter(in_force).prefetch_related("layers__participants"):
        layers = tuple(
            layer_of(row, tuple(each.person_id for each in sorted(row.participants.all(), key=lambda p: p.position)))
            for row in sorted(version.layers.all(), key=lambda layer: layer.position)
        )
        found.setdefault(version.rota_id, []).append(rules.Terms(version.effective_at, layers))
    return found


def _overrides(rotas: Collection[int], start: datetime, end: datetime) -> dict[int, list[rules.Override]]:
    found: dict[int, list[rules.Override]] = {}
    for each in Override.objects.filter(rota__in=rotas).holding().within(start, end):
        since, until = max(each.starts_at, each.made_at), _earlier(each.ends_at, each.withdrawn_at)
        if since < until:
            found.setdefault(each.rota_id, []).append(
                rules.Override(each.pk, each.layer_key, each.person_id, since, until, each.made_at)
            )
    return found


def _swaps(rotas: Collection[int], start: datetime, end: datetime) -> dict[int, list[rules.Swap]]:
    found: dict[int, list[rules.Swap]] = {}
    for each in Swap.objects.filter(rota__in=rotas).taken().within(start, end):
        assert each.taken_at is not None, "a taken swap says when"
        assert each.taker_id is not None, "a taken swap has a taker"
        returned_at = each.settled_at if each.state == SwapState.RETURNED else None
        since, until = max(each.starts_at, each.taken_at), _earlier(each.ends_at, returned_at)
        if since < until:
            found.setdefault(each.rota_id, []).append(
                rules.Swap(
                    each.pk, each.layer_key, each.giver_id, each.taker_id, since, until, each.asked_at, each.taken_at
                )
            )
    return found


def _absences(start: datetime, end: datetime) -> list[rules.Absence]:
    found = []
    for each in TimeOff.objects.all().holding().within(start, end):
        since, until = max(each.starts_at, each.told_at), _earlier(each.ends_at, each.withdrawn_at)
        if since < until:
            found.append(rules.Absence(each.person_id, since, until, each.told_at))
    return found


def _earlier(end: datetime, other: datetime | None) -> datetime:
    return end if other is None else min(end, other)
