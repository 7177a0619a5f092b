"""Reads that span rotas, their layers and what changes shifts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from escalation import rota as rules
from escalation.models import Layer, Override, Rota, RotaVersion, Swap, SwapState
from escalation.on_call import Watch, watches
from escalation.shift_notices import layer_names
from supportdesk.accounts.models import Membership

AHEAD = timedelta(days=28)
WIDE = timedelta(days=35)
"""How far beyond a time its shifts are followed, so that they say when they really begin and end."""


@dataclass(frozen=True, slots=True)
class Now:
    """One layer of a rota at an instant: who, until when, and who is next."""

    name: str
    person: Membership | None
    until: datetime | None
    next_person: Membership | None
    lack: rules.Lack | None


@dataclass(frozen=True, slots=True)
class AtAGlance:
    """A rota as the list shows it. ``gaps``: how many stretches of the next four weeks nobody covers."""

    rota: Rota
    layers: list[Now]
    gaps: int
    next_gap: datetime | None
    is_mine: bool


@dataclass(frozen=True, slots=True)
class OnOffer:
    """A colleague's shift that could be taken in return for one's own."""

    person: Membership
    layer: int
    layer_name: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class MyShift:
    rota: Rota
    layer: int
    layer_name: str
    start: datetime
    end: datetime
    why: rules.Why
    instead_of: Membership | None
    is_asked_for: bool


def rotas_at_a_glance(who: Membership, at: datetime) -> list[AtAGlance]:
    """Every rota in use, by name. A constant number of queries."""
    rotas = list(Rota.objects.in_use().order_by("name", "pk"))
    found = watches(rotas, at, at + AHEAD, now=at)
    return [_at_a_glance(found[rota.pk], who, at) for rota in rotas]


def my_shifts(who: Membership, at: datetime, *, until: datetime) -> list[MyShift]:
    """The person's shifts that end after ``at`` and begin before ``until``, the next first."""
    rotas = list(Rota.objects.in_use().order_by("name", "pk"))
    names = layer_names(rotas)
    asked = list(Swap.objects.open(at).filter(giver=who))
    found = []
    for pk, watch in watches(rotas, at - WIDE, until + WIDE, now=at).items():
        for each in rules.shifts(watch.roster, at - WIDE, until + WIDE):
            if each.person == who.pk and each.end > at and each.start < until:
                is_asked_for = any(
                    swap.rota_id == pk
                    and swap.layer_key == each.layer
                    and swap.starts_at < each.end
                    and swap.ends_at > each.start
                    for swap in asked
                )
                other = watch.people.get(each.duty.instead_of or 0)
                name = names.get((pk, each.layer), "")
                found.append(
                    MyShift(watch.rota, each.layer, name, each.start, each.end, each.duty.why, other, is_asked_for)
                )
    return sorted(found, key=lambda shift: (shift.start, shift.rota.name, shift.layer))


def requests_for(who: Membership, at: datetime) -> list[Swap]:
    """Requests that this person could take: made to them, or to anyone."""
    waiting = Swap.objects.open(at).filter(Q(asked=who) | Q(asked__isnull=True)).exclude(giver=who)
    return list(waiting.filter(rota__archived_at__isnull=True).for_rows().order_by("starts_at", "pk")[:100])


def shifts_on_offer(rota: Rota, giver: Membership, at: datetime, *, until: datetime) -> list[OnOffer]:
    """The shifts of ``giver``'s colleagues in a rota that begin between ``at`` and ``until``, by person."""
    names = layer_names([rota])
    watch = watches([rota], at, until + WIDE, now=at)[rota.pk]
    found = [
        OnOffer(watch.people[each.person], each.layer, names.get((rota.pk, each.layer), ""), each.start, each.end)
        for each in rules.shifts(watch.roster, at, until + WIDE)
        if each.person != giver.pk and at < each.start < until and watch.people[each.person].is_active
    ]
    return sorted(found, key=lambda each: (each.person.name, each.person.pk, each.start, each.layer))


def requests_of(who: Membership, at: datetime) -> list[Swap]:
    """What this person asked for and, of what is still to come, what became of it; an exchange is one."""
    is_ahead = Q(ends_at__gt=at) | Q(return_ends_at__gt=at)
    own = Swap.objects.filter(Q(giver=who) | Q(taker=who), is_ahead, in_return_for__isnull=True)
    return list(own.exclude(state=SwapState.WITHDRAWN).for_rows().order_by("starts_at", "pk")[:100])


def planned_versions(rota: Rota, at: datetime) -> list[RotaVersion]:
    """Changes of the layers that do not hold yet, the next first."""
    return list(
        RotaVersion.objects.filter(rota=rota, effective_at__gt=at, withdrawn_at__isnull=True)
        .select_related("made_by__user")
        .order_by("effective_at")
    )


def layers_at(rota: Rota, at: datetime) -> list[Layer]:
    """The layers in force at an instant, with their people in order."""
    version = (
        RotaVersion.objects.filter(rota=rota, effective_at__lte=at, withdrawn_at__isnull=True)
        .order_by("-effective_at")
        .first()
    )
    if version is None:
        return []
    return list(
        Layer.objects.filter(version=version).prefetch_related("participants__person__user").order_by("position")
    )


def overrides_within(rota: Rota, start: datetime, end: datetime) -> list[Override]:
    return list(
        Override.objects.filter(rota=rota)
        .holding()
        .within(start, end)
        .select_related("person__user", "made_by__user", "withdrawn_by__user")
        .order_by("made_at", "pk")
    )


def changes_within(rota: Rota, start: datetime, end: datetime) -> list[tuple[Swap | Override, str]]:
    """What changed whose shifts in [start, end), with the layer's name, in the order in which it holds: covers, and
    swaps that were taken. At most fifty."""
    names = layer_names([rota])
    taken = Swap.objects.filter(rota=rota).taken().within(start, end).for_rows()
    found: list[Swap | Override] = [*overrides_within(rota, start, end), *taken]
    found.sort(key=lambda each: (each.starts_at, each.pk))
    return [(each, names.get((rota.pk, each.layer_key), "")) for each in found[:50]]


def _at_a_glance(watch: Watch, who: Membership, at: datetime) -> AtAGlance:
    terms = watch.roster.terms_at(at)
    held = rules.stints(watch.roster, at, at + AHEAD)
    missing = rules.gaps(watch.roster, at, at + AHEAD)
    now = rules.gaps(watch.roster, at, at + timedelta(microseconds=1), meant=True)
    layers = []
    for layer in terms.layers if terms else ():
        of_layer = [each for each in held if each.layer == layer.key]
        current = next((each for each in of_layer if each.start <= at), None)
        following = next((each for each in of_layer if each.start > at), None)
        layers.append(
            Now(
                layer.name,
                watch.people[current.person] if current else None,
                current.end if current and current.end < at + AHEAD else following.start if following else None,
                watch.people[following.person] if following else None,
                next((each.lack for each in now if each.layer == layer.key), None),
            )
        )
    is_mine = any(layer.person is not None and layer.person.pk == who.pk for layer in layers)
    return AtAGlance(watch.rota, layers, len(missing), missing[0].start if missing else None, is_mine)
