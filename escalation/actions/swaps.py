"""Giving a shift away, or exchanging it: asked, taken, declined, withdrawn, given back. Each is on record.

"Make sure you know how to request a shift change … it's your responsibility to cover your shifts and record changes"
(Drud, Escalation).
"""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from escalation import shift_notices
from escalation.actions import exchanges
from escalation.actions.exchanges import InReturn
from escalation.actions.locking import leads_only, locked, staff_only
from escalation.actions.overrides import check_layer, check_stretch
from escalation.models import Rota, Swap, SwapState
from escalation.models.swap import SwapQuerySet
from escalation.on_call import has_shift
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
    in_return: InReturn | None = None,
    note: str = "",
) -> Swap:
    """Asks a colleague, or (None) anyone, to take a stretch of one's shifts; a lead asks for others too. A shift that
    runs is asked for from ``at`` on. ``in_return``: the colleague's shift that the giver takes for it.

    Raises PermissionDenied; ValidationError when it is not the giver's, or was asked for already, and when what is
    wanted in return is not the colleague's.
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
    if not has_shift(rota, layer_key, giver, starts_at, ends_at, at=at):
        raise ValidationError(_("This is not, or no longer, all the shift of %(name)s.") % {"name": giver.name})
    pending = Swap.objects.filter(
        rota=rota, layer_key=layer_key, giver=giver, state__in=(SwapState.OPEN, SwapState.TAKEN)
    ).within(starts_at, ends_at)
    if pending.exists():
        raise ValidationError(_("Somebody was asked to take this time already. Withdraw that first to ask again."))
    if in_return is not None:
        exchanges.check(rota, in_return, asked=asked, at=at)
    swap = Swap.objects.create(
        rota=rota,
        layer_key=layer_key,
        giver=giver,
        asked=asked,
        starts_at=starts_at,
        ends_at=ends_at,
        note=" ".join(note.split())[:200],
        return_layer_key=in_return.layer_key if in_return is not None else None,
        return_starts_at=in_return.starts_at if in_return is not None else None,
        return_ends_at=in_return.ends_at if in_return is not None else None,
        asked_at=at,
    )
    audit.record("swap.asked", by=by, at=at, subject=swap, **_facts(swap))
    shift_notices.tell_of_request(swap, by=by, at=at)
    return swap


@transaction.atomic
def take(swap: Swap, *, by: Membership, at: datetime) -> Swap:
    """``by`` takes the shift, of what is left of it; in an exchange the giver has theirs from now on, too. Two at once:
    one has it, the other is told.

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
    if swap.state == SwapState.OPEN:
        if not has_shift(rota, swap.layer_key, swap.giver, max(swap.starts_at, at), swap.ends_at, at=at):
            raise ValidationError(
                _("The rota changed: this is no longer the shift of %(name)s.") % {"name": swap.giver.name}
            )
        if swap.is_exchange:
            exchanges.check_still(rota, swap, by=by, at=at)
    won = Swap.objects.filter(pk=swap.pk, state=SwapState.OPEN, ends_at__gt=at).update(
        state=SwapState.TAKEN, taker=by, taken_at=at
    )
    if not won:
        raise ValidationError(_too_late(swap))
    swap = _fresh(swap)
    audit.record("swap.taken", by=by, at=at, subject=swap, **_facts(swap))
    if swap.is_exchange:
        other = exchanges.give_in_return(swap, at=at)
        audit.record("swap.taken", by=by, at=at, subject=other, **_facts(other))
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
    """The taker cannot after all, before it begins: it is the giver's again, who is told. A lead may at any time. Of an
    exchange both halves go back, at the wish of either.

    Raises ValidationError when it began, or when the taker gave it on to somebody else.
    """
    staff_only(by)
    rota = locked(swap.rota)
    both = exchanges.halves(swap)
    if all(each.state == SwapState.RETURNED for each in both):
        return
    taken = [each for each in both if each.state == SwapState.TAKEN]
    if not taken:
        raise ValidationError(_("Nobody has taken this shift."))
    if by.pk not in [each.taker_id for each in both]:
        leads_only(by)
    ahead = [each for each in taken if each.ends_at > at]
    if not ahead:
        raise ValidationError(_("This shift is over: it stays on record."))
    if any(each.starts_at <= at for each in both) and not by.is_at_least(Role.LEAD):
        raise ValidationError(_("This shift has begun: ask somebody to take it, or a lead."))
    for each in ahead:
        if _on_to(each, SwapState.TAKEN).exists():
            raise ValidationError(_("It was given on to somebody else since, who would have to give it back first."))
    for each in ahead:
        Swap.objects.filter(pk=each.pk).update(state=SwapState.RETURNED, settled_at=at)
        # Asked, but not taken: what the taker wanted to give on is no longer theirs.
        _on_to(each, SwapState.OPEN).update(state=SwapState.WITHDRAWN, settled_at=at)
        audit.record("swap.given_back", by=by, at=at, subject=each, **_facts(each))
    shift_notices.tell_of_answer(_fresh(ahead[0]), by=by, at=at, is_exchange=len(ahead) > 1)
    shift_notices.schedule([rota], at=at)


def _on_to(swap: Swap, state: SwapState) -> SwapQuerySet:
    """What became, or is to become, of what the taker has by this swap."""
    found = Swap.objects.filter(rota=swap.rota, layer_key=swap.layer_key, giver=swap.taker, state=state)
    return found.within(swap.starts_at, swap.ends_at)


def _fresh(swap: Swap) -> Swap:
    return Swap.objects.for_rows().get(pk=swap.pk)


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
        "in_return": _in_return(swap),
        "in_return_for": swap.in_return_for_id,
    }


def _in_return(swap: Swap) -> dict[str, object] | None:
    if swap.return_starts_at is None or swap.return_ends_at is None:
        return None
    return {
        "layer": swap.return_layer_key,
        "starts_at": swap.return_starts_at.isoformat(),
        "ends_at": swap.return_ends_at.isoformat(),
    }
