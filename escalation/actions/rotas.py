"""Making rotas and changing their layers: what held until now stays as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext as _

from escalation import shift_notices
from escalation.actions.locking import colleague, leads_only, locked
from escalation.models import Layer, Participant, Rota, RotaVersion, Unit
from escalation.on_call import layer_of
from supportdesk.accounts import audit
from supportdesk.accounts.models import Membership, Team
from supportdesk.accounts.models.vendor import check_zone

MOST_LAYERS = 8
MOST_PEOPLE = 60


@dataclass(frozen=True, slots=True)
class LayerTerms:
    """A layer as it is asked for. ``key`` None: a new one. ``week`` maps weekdays to hours; None: around the clock."""

    name: str
    people: tuple[Membership, ...]
    starts_on: date
    hands_over_at: time
    length: int
    unit: Unit
    zone: str
    week: dict[str, Any] | None = None
    key: int | None = None

    def row(self, position: int, key: int) -> Layer:
        return Layer(
            key=key,
            position=position,
            name=self.name,
            zone=self.zone,
            starts_on=self.starts_on,
            hands_over_at=self.hands_over_at,
            length=self.length,
            unit=self.unit,
            week=self.week,
        )


@transaction.atomic
def make_rota(
    *,
    name: str,
    zone: str,
    layers: Sequence[LayerTerms],
    by: Membership | None,
    at: datetime,
    team: Team | None = None,
    fallback_person: Membership | None = None,
    fallback_team: Team | None = None,
    notice_minutes: int = 60,
    slug: str = "",
) -> Rota:
    """A rota that holds from ``at`` on; policies name it by its slug, which comes from its name unless one is given.

    Raises PermissionDenied below a lead, ValidationError naming what is wrong."""
    leads_only(by)
    rota = Rota(
        name=_named(name),
        slug=_free_slug(slug or name),
        zone=zone,
        team=team,
        fallback_person=fallback_person,
        fallback_team=fallback_team,
        notice_minutes=notice_minutes,
        made_by=by,
        made_at=at,
    )
    check_zone(zone)
    rota.save()
    audit.record("rota.made", by=by, at=at, subject=rota, **_facts(rota))
    _write_version(rota, layers, effective_at=at, by=by, at=at)
    shift_notices.schedule([rota], at=at)
    return rota


@transaction.atomic
def change_rota(
    rota: Rota,
    *,
    name: str,
    zone: str,
    team: Team | None,
    fallback_person: Membership | None,
    fallback_team: Team | None,
    notice_minutes: int,
    by: Membership | None,
    at: datetime,
) -> Rota:
    """What it is called and who is told when it has nobody; its zone is what new layers begin with. Raises as above."""
    leads_only(by)
    rota = locked(rota)
    before = _facts(rota)
    check_zone(zone)
    rota.name, rota.zone, rota.team = _named(name), zone, team
    rota.fallback_person, rota.fallback_team, rota.notice_minutes = fallback_person, fallback_team, notice_minutes
    now = _facts(rota)
    if now != before:
        rota.save()
        changed = {key: {"from": before[key], "to": now[key]} for key in now if now[key] != before[key]}
        audit.record("rota.changed", by=by, at=at, subject=rota, changed=changed)
        shift_notices.schedule([rota], at=at)
    return rota


@transaction.atomic
def change_layers(
    rota: Rota, layers: Sequence[LayerTerms], *, effective_at: datetime, by: Membership | None, at: datetime
) -> RotaVersion | None:
    """These layers hold from ``effective_at`` (``at`` or later) on; None when that is what holds then anyway.

    A version planned for the same instant is replaced; one planned for later still takes over then. Raises
    PermissionDenied below a lead, ValidationError naming what is wrong.
    """
    leads_only(by)
    rota = locked(rota)
    if effective_at < at:
        raise ValidationError({"effective_at": _("Choose now or later: who was on call stays on record.")})
    standing = RotaVersion.objects.filter(rota=rota, withdrawn_at__isnull=True, effective_at__lte=effective_at)
    before = standing.order_by("-effective_at").first()
    if before is not None and _spelt(before) == [_spelt_terms(each) for each in layers]:
        return None
    if before is not None and before.effective_at == effective_at and effective_at > at:
        _withdraw(before, at=at)
    version = _write_version(rota, layers, effective_at=effective_at, by=by, at=at)
    shift_notices.tell_of_change(rota, version, before, by=by, at=at)
    shift_notices.schedule([rota], at=at)
    return version


@transaction.atomic
def withdraw_version(version: RotaVersion, *, by: Membership, at: datetime) -> None:
    """Layers that do not hold yet never will. Twice is once. Raises ValidationError when they hold already."""
    leads_only(by)
    rota = locked(version.rota)
    version = RotaVersion.objects.get(pk=version.pk)
    if version.withdrawn_at is not None:
        return
    if version.effective_at <= at:
        raise ValidationError(_("These layers hold already: change them instead."))
    _withdraw(version, at=at)
    audit.record("rota.change_withdrawn", by=by, at=at, subject=rota, effective_at=version.effective_at.isoformat())
    shift_notices.schedule([rota], at=at)


@transaction.atomic
def archive_rota(rota: Rota, *, by: Membership, at: datetime) -> None:
    """Nobody is on call on it any more; what was stays on record. Twice is once."""
    leads_only(by)
    if Rota.objects.filter(pk=rota.pk, archived_at__isnull=True).update(archived_at=at):
        audit.record("rota.archived", by=by, at=at, subject=rota, name=rota.name)
        shift_notices.schedule([Rota.objects.get(pk=rota.pk)], at=at)


@transaction.atomic
def restore_rota(rota: Rota, *, by: Membership, at: datetime) -> None:
    """As it was before it was archived."""
    leads_only(by)
    if Rota.objects.filter(pk=rota.pk, archived_at__isnull=False).update(archived_at=None):
        audit.record("rota.restored", by=by, at=at, subject=rota, name=rota.name)
        shift_notices.schedule([Rota.objects.get(pk=rota.pk)], at=at)


def _write_version(
    rota: Rota, layers: Sequence[LayerTerms], *, effective_at: datetime, by: Membership | None, at: datetime
) -> RotaVersion:
    _check(layers)
    version = RotaVersion.objects.create(rota=rota, effective_at=effective_at, made_by=by, made_at=at)
    last = Layer.objects.filter(version__rota=rota).aggregate(last=Max("key"))["last"] or 0
    known = set(Layer.objects.filter(version__rota=rota).values_list("key", flat=True))
    places: list[Participant] = []
    for position, terms in enumerate(layers, start=1):
        if terms.key in known:
            key = int(terms.key or 0)
        else:
            key = last = last + 1
        row = terms.row(position, key)
        row.version = version
        row.save()
        places += [
            Participant(layer=row, position=place, person=person) for place, person in enumerate(terms.people, start=1)
        ]
    Participant.objects.bulk_create(places)
    audit.record(
        "rota.layers_changed",
        by=by,
        at=at,
        subject=rota,
        effective_at=effective_at.isoformat(),
        layers=[_spelt_terms(each) for each in layers],
    )
    return version


def _withdraw(version: RotaVersion, *, at: datetime) -> None:
    version.withdrawn_at = at
    version.save(update_fields=["withdrawn_at"])


def _check(layers: Sequence[LayerTerms]) -> None:
    if not layers:
        raise ValidationError(_("A rota has at least one layer."))
    if len(layers) > MOST_LAYERS:
        raise ValidationError(_("A rota has at most %(most)s layers.") % {"most": MOST_LAYERS})
    keys = [each.key for each in layers if each.key is not None]
    if len(keys) != len(set(keys)):
        raise ValidationError(_("A layer was sent twice. Load the page again."))
    for each in layers:
        if not each.name.strip():
            raise ValidationError(_("Every layer has a name, such as Primary."))
        if len(each.people) > MOST_PEOPLE:
            raise ValidationError(_("A layer has at most %(most)s places.") % {"most": MOST_PEOPLE})
        for person in each.people:
            colleague(person)
        if not 1 <= each.length <= 999:
            raise ValidationError(_("A turn lasts 1 to 999 hours, days or weeks."))
        check_zone(each.zone)
        try:
            layer_of(each.row(1, 1), ())
        except ValueError as error:
            raise ValidationError(str(error)) from error


def _spelt(version: RotaVersion) -> list[dict[str, Any]]:
    """A version's layers in the spelling of ``_spelt_terms``."""
    rows = Layer.objects.filter(version=version).prefetch_related("participants").order_by("position")
    return [
        {
            "key": row.key,
            "name": row.name,
            "people": [each.person_id for each in sorted(row.participants.all(), key=lambda place: place.position)],
            "starts": row.starts.isoformat(),
            "turn": f"{row.length} {row.unit}",
            "zone": row.zone,
            "week": row.week,
        }
        for row in rows
    ]


def _spelt_terms(terms: LayerTerms) -> dict[str, Any]:
    return {
        "key": terms.key,
        "name": terms.name,
        "people": [person.pk for person in terms.people],
        "starts": datetime.combine(terms.starts_on, terms.hands_over_at).isoformat(),
        "turn": f"{terms.length} {terms.unit}",
        "zone": terms.zone,
        "week": terms.week,
    }


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise ValidationError({"name": _("Name the rota, for instance after its team.")})
    return name


def _free_slug(name: str) -> str:
    base = slugify(name)[:50] or "rota"
    taken = set(Rota.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    taken.add("new")  # the address of the page on which rotas are made
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def _facts(rota: Rota) -> dict[str, Any]:
    return {
        "name": rota.name,
        "zone": rota.zone,
        "team": rota.team_id,
        "fallback_person": rota.fallback_person_id,
        "fallback_team": rota.fallback_team_id,
        "notice_minutes": rota.notice_minutes,
    }
