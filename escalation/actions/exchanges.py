"""Two shifts that change hands in one step: who gives one away takes another in return."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from escalation.actions.overrides import check_layer, check_stretch
from escalation.models import Rota, Swap, SwapState
from escalation.on_call import has_shift
from supportdesk.accounts.models import Membership


@dataclass(frozen=True, slots=True)
class InReturn:
    """A stretch of a layer of the same rota, which whoever is asked has."""

    layer_key: int
    starts_at: datetime
    ends_at: datetime


def check(rota: Rota, in_return: InReturn, *, asked: Membership | None, at: datetime) -> None:
    """Raises ValidationError, at ``in_return``, unless whoever is asked has all of what is taken in return."""
    if asked is None:
        raise ValidationError({"asked": _("Say whose shift you take in return.")})
    try:
        check_layer(rota, in_return.layer_key)
        check_stretch(max(in_return.starts_at, at), in_return.ends_at, at)
    except ValidationError as error:
        raise ValidationError({"in_return": error.messages}) from error
    if not has_shift(rota, in_return.layer_key, asked, max(in_return.starts_at, at), in_return.ends_at, at=at):
        message = _("This is not, or no longer, all the shift of %(name)s.") % {"name": asked.name}
        raise ValidationError({"in_return": message})


def check_still(rota: Rota, swap: Swap, *, by: Membership, at: datetime) -> None:
    """Before ``by`` agrees to an exchange: raises ValidationError when their own shift is over, is no longer theirs, or
    was offered to somebody else too."""
    layer, start, end = _returned(swap)
    if end <= at:
        raise ValidationError(_("Your shift that was asked for in return is over."))
    if not has_shift(rota, layer, by, max(start, at), end, at=at):
        raise ValidationError(_("The rota changed: what was asked for in return is no longer your shift."))
    waiting = Swap.objects.filter(rota=rota, layer_key=layer, giver=by, state__in=(SwapState.OPEN, SwapState.TAKEN))
    if waiting.within(start, end).exists():
        raise ValidationError(
            _("You asked somebody else to take the shift that is asked for in return. Withdraw that first.")
        )


def give_in_return(swap: Swap, *, at: datetime) -> Swap:
    """The other half of an exchange that was agreed to just now: from now on the giver has it."""
    assert swap.taker is not None
    layer, start, end = _returned(swap)
    return Swap.objects.create(
        rota=swap.rota,
        layer_key=layer,
        giver=swap.taker,
        asked=swap.giver,
        taker=swap.giver,
        starts_at=start,
        ends_at=end,
        asked_at=at,
        taken_at=at,
        state=SwapState.TAKEN,
        in_return_for=swap,
    )


def halves(swap: Swap) -> list[Swap]:
    """The swap; of an exchange both, what was asked for first."""
    first = swap.in_return_for_id or swap.pk
    both = Swap.objects.for_rows().filter(pk=first) | Swap.objects.for_rows().filter(in_return_for=first)
    return list(both.order_by("pk"))


def _returned(swap: Swap) -> tuple[int, datetime, datetime]:
    assert swap.return_layer_key is not None
    assert swap.return_starts_at is not None
    assert swap.return_ends_at is not None
    return swap.return_layer_key, swap.return_starts_at, swap.return_ends_at
