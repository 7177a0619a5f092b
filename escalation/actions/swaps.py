"""Giving a shift away: asked, taken, declined, withdrawn, given back. Each is on record.

"Make sure you know how to request a shift change … it's your responsibility to cover your shifts and record changes"
(Drud, Escalation).
"""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from escalation import shift_notices
from escalation.actions.locking import leads_only, locked, staff_only
from escalation.actions.overrides import check_layer, check_stretch
from escalation.models import Rota, Swap, SwapState
from escalation.on_call import watches
from escalation.rota import shifts
from supportdesk.accounts import audit
from supportdesk.accounts.models import Membership, Role


@transaction.atomic
def ask(
    rota: Rota,
    *,
    layer_key: int,
    starts_at: datetime,
    ends_at: datetime,
    asked: Membership | None,
    by: Membership,
    at: datetime,
    giver: Membership | None = None,
    note: str = "",
) -> Swap:
    """Asks a colleague, or (None) anyone, to take a stretch of one's shifts; a lead asks for others too. A shift that
    runs is asked for from ``at`` on.

    Raises PermissionDenied; ValidationError when it is not the giver's, or was asked for already.
    """
    staff_only(by)
    giver = giver or by
    if giver.pk != by.pk:
        leads_only(by)
    rota = locked(rota)
    check_layer(rota, layer_key)
    starts_at = max(starts_at, at)
    check_stretch(starts_at, ends_at, at)
    if asked is not None and (not asked.is_staff_side or not asked.is_active or asked.pk == giver.pk):
        raise ValidationError({"asked": _("Ask a colleague of the support team.")})
    if not _has(rota, layer_key, giver, starts_at, ends_at, at):
        raise ValidationError(_("This is not, or no longer, all the shift of %(name)s.") % {"name": giver.name})
    pending = Swap.objects.filter(
        rota=rota, layer_key=layer_key, giver=giver, state__in=(SwapState.OPEN, SwapState.TAKEN)
    ).within(starts_at, ends_at)
    if pending.exists():
        raise ValidationError(_("Somebody was asked to take this time already. Withdraw that first to ask again."))
    swap = Swap.objects.create(
        rota=rota,
        layer_key=layer_key,
        giver=giver,
        asked=asked,
        starts_at=starts_at,
        ends_at=ends_at,
        note=" ".join(note.split())[:200],
        asked_at=at,
    )
    audit.record("swap.asked", by=by, at=at, subject=swap, **_facts(swap))
    shift_notices.tell_of_request(swap, by=by, at=at)
    return swap


@transaction.atomic
def take(swap: Swap, *, by: Membership, at: datetime) -> Swap:
    """``by`` takes the shift, of what is left of it. Two at once: one has it, the other is told.

    Raises PermissionDenied for customers and when somebody else was asked; ValidationError when it is too late.
    """
    staff_only(by)
    rota = locked(swap.rota)
    swap = _fresh(swap)
    if swap.giver_id == by.pk:
        raise ValidationError(_("This is your own shift: withdraw the request to keep it."))
    if swap.asked_id not in (None, by.pk):
        raise PermissionDenied(_("Somebody else was asked to take this shift."))
    if swap.ends_at <= at:
        raise ValidationError(_("This shift is over."))
    if swap.state == SwapState.OPEN and not _has(
        rota, swap.layer_key, swap.giver, max(swap.starts_at, at), swap.ends_at, at
    ):
        raise ValidationError(
            _("The rota changed: this is no longer the shift of %(name)s.") % {"name": swap.giver.name}
        )
    won = Swap.objects.filter(pk=swap.pk, state=SwapState.OPEN, ends_at__gt=at).update(
        state=SwapState.TAKEN, taker=by, taken_at=at
    )
    if not won:
        raise ValidationError(_too_late(swap))
    swap = _fresh(swap)
    audit.record("swap.taken", by=by, at=at, subject=swap, **_facts(swap))
    shift_notices.tell_of_answer(swap, by=by, at=at)
    shift_notices.schedule([rota], at=at)
    return swap


@transaction.atomic
def decline(swap: Swap, *, by: Membership, at: datetime, answer: str = "") -> None:
    """Who was asked says no; the giver is told. Twice is once. Raises PermissionDenied when it was not asked of
    them."""
    staff_only(by)
    locked(swap.rota)
    swap = _fresh(swap)
    if swap.asked_id != by.pk:
        raise PermissionDenied(_("Only who was asked can decline."))
    if not Swap.objects.filter(pk=swap.pk, state=SwapState.OPEN).update(
        state=SwapState.DECLINED, settled_at=at, answer=" ".join(answer.split())[:200]
    ):
        if swap.state == SwapState.DECLINED:
            return
        raise ValidationError(_too_late(swap))
    swap = _fresh(swap)
    audit.record("swap.declined", by=by, at=at, subject=swap, **_facts(swap))
    shift_notices.tell_of_answer(swap, by=by, at=at)


@transaction.atomic
def withdraw(swap: Swap, *, by: Membership, at: datetime) -> None:
    """The giver keeps the shift after all. Twice is once. Raises ValidationError when it was taken already."""
    staff_only(by)
    locked(swap.rota)
    swap = _fresh(swap)
    if swap.giver_id != by.pk:
        leads_only(by)
    if not Swap.objects.filter(pk=swap.pk, state=SwapState.OPEN).update(state=SwapState.WITHDRAWN, settled_at=at):
        if swap.state == SwapState.WITHDRAWN:
            return
        raise ValidationError(_too_late(swap))
    swap = _fresh(swap)
    audit.record("swap.withdrawn", by=by, at=at, subject=swap, **_facts(swap))
    shift_notices.tell_of_answer(swap, by=by, at=at)


@transaction.atomic
def give_back(swap: Swap, *, by: Membership, at: datetime) -> None:
    """The taker cannot after all, before it begins: it is the giver's again, who is told. A lead may at any time.

    Raises ValidationError when it began, or when the taker gave it on to somebody else.
    """
    staff_only(by)
    rota = locked(swap.rota)
    swap = _fresh(swap)
    if swap.state == SwapState.RETURNED:
        return
    if swap.state != SwapState.TAKEN:
        raise ValidationError(_("Nobody has taken this shift."))
    if swap.taker_id != by.pk:
        leads_only(by)
    if swap.ends_at <= at:
        raise ValidationError(_("This shift is over: it stays on record."))
    if swap.starts_at <= at and not by.is_at_least(Role.LEAD):
        raise ValidationError(_("This shift has begun: ask somebody to take it, or a lead."))
    given_on = Swap.objects.filter(rota=rota, layer_key=swap.layer_key, giver=swap.taker, state=SwapState.TAKEN)
    if given_on.within(swap.starts_at, swap.ends_at).exists():
        raise ValidationError(_("It was given on to somebody else since, who would have to give it back first."))
    Swap.objects.filter(pk=swap.pk).update(state=SwapState.RETURNED, settled_at=at)
    # Asked, but not taken: what the taker wanted to give on is no longer theirs.
    Swap.objects.filter(rota=rota, layer_key=swap.layer_key, giver=swap.taker, state=SwapState.OPEN).within(
        swap.starts_at, swap.ends_at
    ).update(state=SwapState.WITHDRAWN, settled_at=at)
    swap = _fresh(swap)
    audit.record("swap.given_back", by=by, at=at, subject=swap, **_facts(swap))
    shift_notices.tell_of_answer(swap, by=by, at=at)
    shift_notices.schedule([rota], at=at)


def _fresh(swap: Swap) -> Swap:
    return Swap.objects.for_rows().get(pk=swap.pk)


def _has(rota: Rota, layer_key: int, person: Membership, start: datetime, end: datetime, at: datetime) -> bool:
    """Whether the person is on call in the layer all the time from ``start`` to ``end``."""
    watch = watches([rota], start, end, now=at)[rota.pk]
    held = [each for each in shifts(watch.roster, start, end) if each.layer == layer_key and each.person == person.pk]
    return sum((each.end - each.start for each in held), start - start) == end - start


def _too_late(swap: Swap) -> str:
    match swap.state:
        case SwapState.TAKEN:
            taker = swap.taker.name if swap.taker else ""
            return _("Too late: %(name)s has taken this shift.") % {"name": taker}
        case SwapState.WITHDRAWN:
            return _("Too late: %(name)s withdrew the request.") % {"name": swap.giver.name}
        case _:
            return _("This request was answered already.")


def _facts(swap: Swap) -> dict[str, object]:
    return {
        "rota": swap.rota_id,
        "layer": swap.layer_key,
        "giver": swap.giver_id,
        "asked": swap.asked_id,
        "taker": swap.taker_id,
        "starts_at": swap.starts_at.isoformat(),
        "ends_at": swap.ends_at.isoformat(),
        "note": swap.note,
    }
