"""Telling people of their shifts: before one begins, and when somebody changes who has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from escalation.models import Layer, Override, Participant, Rota, RotaVersion, Swap, SwapState
from escalation.on_call import Watch, watches
from escalation.rota import Shift, stints
from supportdesk.accounts.models import Membership, TeamMember, Vendor
from supportdesk.notifications.actions import INBOX, Occasion, is_muted, tell_many
from supportdesk.timers import actions as timers
from supportdesk.timers.registry import DueTimer

TIMER = "escalation.shift"
SHIFT = "shift"
SWAP = "swap"
NEAR = timedelta(days=9)
FAR = timedelta(days=62)
INSTANT = timedelta(microseconds=1)


def schedule(rotas: Iterable[Rota], *, at: datetime) -> None:
    """Sets each rota's timer to when the next notice is due. Called after whatever changes who is on call; a shift
    that begins sooner than the notice would come is told of at once."""
    rotas = list(rotas)
    timers.set_many(TIMER, _due(rotas, at=at, after={rota.pk: at for rota in rotas}))


def fire(due: Sequence[DueTimer], *, at: datetime) -> None:
    """Tells whose shifts begin within the notice of their rota, and sets the timers anew. An inline timer handler."""
    rotas = {rota.pk: rota for rota in Rota.objects.in_use().filter(pk__in=[each.subject_id for each in due])}
    since = {each.subject_id: each.due_at for each in due}
    if rotas:
        vendor = Vendor.objects.get(pk=due[0].vendor_id)
        horizon = at + max(_notice(rota) for rota in rotas.values()) + INSTANT
        found = watches(rotas.values(), min(since.values()) - INSTANT, horizon, now=at)
        names = layer_names(rotas.values())
        occasions = []
        for pk, watch in found.items():
            first, last = since[pk], at + _notice(watch.rota)
            for stint in stints(watch.roster, first - INSTANT, last + INSTANT):
                if first < stint.start <= last and stint.end > at:
                    person = watch.people[stint.person]
                    name = names.get((pk, stint.layer), "")
                    occasions.append((_beginning(watch.rota, name, stint, person, vendor, at), [person]))
        tell_many(occasions)
    reached = {pk: at + _notice(rota) for pk, rota in rotas.items()}
    timers.set_many(TIMER, _due(rotas.values(), at=at, after=reached))


def _notice(rota: Rota) -> timedelta:
    return timedelta(minutes=rota.notice_minutes)


def _due(rotas: Iterable[Rota], *, at: datetime, after: dict[int, datetime]) -> dict[int, datetime | None]:
    """For each rota when the shift that begins next after an instant is to be told of; looking again later where none
    begins for a long time."""
    found: dict[int, datetime | None] = {}
    wanted = []
    for rota in rotas:
        if rota.archived_at is not None or not rota.notice_minutes or is_muted(at):
            found[rota.pk] = None
        else:
            wanted.append(rota)
    for horizon in (NEAR, FAR):
        start = min((after[rota.pk] for rota in wanted), default=at)
        for pk, watch in watches(wanted, start, start + horizon, now=at).items() if wanted else ():
            begins = _next_beginning(watch, after[pk], start + horizon)
            if begins is not None:
                found[pk] = max(begins - _notice(watch.rota), at)
        wanted = [rota for rota in wanted if rota.pk not in found]
    return found | {rota.pk: at + FAR / 2 for rota in wanted}


def _next_beginning(watch: Watch, after: datetime, end: datetime) -> datetime | None:
    return min((each.start for each in stints(watch.roster, after, end) if each.start > after), default=None)


def layer_names(rotas: Iterable[Rota]) -> dict[tuple[int, int], str]:
    """What each layer is called, by rota and key: in its latest version."""
    rows = Layer.objects.filter(version__rota__in=list(rotas)).order_by("version__effective_at", "version_id")
    return {(rota, key): name for rota, key, name in rows.values_list("version__rota", "key", "name")}


def tell_of_cover(override: Override, relieved: Sequence[Membership], *, by: Membership, at: datetime) -> None:
    """Who covers, and whose shifts they cover."""
    rota, where = override.rota, _place(override.rota, override.layer_key)
    said = _("%(who)s covers %(where)s from %(start)s to %(end)s")
    people = [each for each in (override.person, *relieved) if each.pk != by.pk]
    _tell(
        people,
        lambda person: (
            (_("You cover %(where)s from %(start)s to %(end)s") if person.pk == override.person_id else said)
            % (_span(override.starts_at, override.ends_at, person) | {"who": override.person.name, "where": where})
        ),
        rota,
        kind=SHIFT,
        key=f"cover-{override.pk}",
        body=_("Arranged by %(name)s.") % {"name": by.name} + (f" {override.reason}" if override.reason else ""),
        at=at,
    )


def tell_of_uncover(override: Override, back: Sequence[Membership], *, by: Membership, at: datetime) -> None:
    """Who no longer covers, and who has their shifts back."""
    where = _place(override.rota, override.layer_key)
    _tell(
        [each for each in (override.person, *back) if each.pk != by.pk],
        lambda person: (
            (
                _("You no longer cover %(where)s from %(start)s to %(end)s")
                if person.pk == override.person_id
                else _("%(where)s is yours again, from %(start)s to %(end)s")
            )
            % (_span(max(override.starts_at, at), override.ends_at, person) | {"where": where})
        ),
        override.rota,
        kind=SHIFT,
        key=f"uncover-{override.pk}",
        body=_("Taken back by %(name)s.") % {"name": by.name},
        at=at,
    )


def tell_of_request(swap: Swap, *, by: Membership, at: datetime) -> None:
    """Who was asked; when anyone was, all who have a place in the rota or its team."""
    where = _place(swap.rota, swap.layer_key)
    asked = [swap.asked] if swap.asked is not None else _colleagues(swap.rota)
    _tell(
        [each for each in asked if each.pk not in (swap.giver_id, by.pk)],
        lambda person: (
            (
                _("%(who)s asks you to swap: you take %(where)s, %(start)s to %(end)s; they take %(back)s")
                if swap.is_exchange
                else _("%(who)s asks for cover: %(where)s, %(start)s to %(end)s")
            )
            % (
                _span(swap.starts_at, swap.ends_at, person)
                | {"who": swap.giver.name, "where": where, "back": _back(swap, person)}
            )
        ),
        swap.rota,
        kind=SWAP,
        key=f"swap-{swap.pk}-asked",
        body=swap.note,
        at=at,
        page="my-shifts",
    )


def tell_of_answer(swap: Swap, *, by: Membership, at: datetime, is_exchange: bool | None = None) -> None:
    """Whoever waits for it: the giver; of what was withdrawn who was asked, of what was given back both.
    ``is_exchange`` False: of an exchange, this half alone."""
    is_exchange = swap.is_exchange if is_exchange is None else is_exchange
    said = _exchanged()[SwapState(swap.state)] if is_exchange else _given()[SwapState(swap.state)]
    people = {
        SwapState.WITHDRAWN: [swap.asked, swap.giver],
        SwapState.RETURNED: [swap.giver, swap.taker],
    }.get(SwapState(swap.state), [swap.giver])
    names = {
        "who": by.name,
        "where": _place(swap.rota, swap.layer_key),
        "giver": swap.giver.name,
        "taker": swap.taker.name if swap.taker is not None else "",
    }
    _tell(
        [each for each in people if each is not None and each.pk != by.pk],
        lambda person: said % (_span(swap.starts_at, swap.ends_at, person) | names | {"back": _back(swap, person)}),
        swap.rota,
        kind=SWAP,
        key=f"swap-{swap.pk}-{swap.state}",
        body=swap.answer,
        at=at,
        page="my-shifts",
    )


def _given() -> dict[SwapState, str]:
    return {
        SwapState.TAKEN: _("%(who)s takes your shift: %(where)s, %(start)s to %(end)s"),
        SwapState.DECLINED: _("%(who)s cannot take your shift: %(where)s, %(start)s to %(end)s"),
        SwapState.WITHDRAWN: _("No longer needed: cover of %(where)s, %(start)s to %(end)s"),
        SwapState.RETURNED: _("Given back: %(where)s, %(start)s to %(end)s is with %(giver)s again"),
    }


def _exchanged() -> dict[SwapState, str]:
    return {
        SwapState.TAKEN: _("%(who)s swaps with you: they take %(where)s, %(start)s to %(end)s; you take %(back)s"),
        SwapState.DECLINED: _("%(who)s cannot swap %(where)s, %(start)s to %(end)s for %(back)s"),
        SwapState.WITHDRAWN: _("No longer offered: %(where)s, %(start)s to %(end)s for %(back)s"),
        SwapState.RETURNED: _(
            "Swapped back: %(where)s, %(start)s to %(end)s is with %(giver)s again, %(back)s with %(taker)s"
        ),
    }


def tell_of_change(
    rota: Rota, version: RotaVersion, before: RotaVersion | None, *, by: Membership | None, at: datetime
) -> None:
    """Who has a place in the new layers and had none, and who no longer has one: in their inbox."""
    then, now = (
        set(Participant.objects.filter(layer__version=each).values_list("person_id", flat=True)) if each else set()
        for each in (before, version)
    )
    people = Membership.objects.filter(pk__in=then ^ now).exclude(pk=by.pk if by else 0).select_related("user")
    _tell(
        list(people),
        lambda person: (
            (
                _("You take turns in %(rota)s from %(start)s")
                if person.pk in now
                else _("You leave %(rota)s on %(start)s")
            )
            % (_span(version.effective_at, version.effective_at, person) | {"rota": rota.name})
        ),
        rota,
        kind=SHIFT,
        key=f"rota-version-{version.pk}",
        body="",
        at=at,
        channels=(INBOX,),
    )


def when(instant: datetime, person: Membership) -> str:
    """An instant as the person reads it."""
    local = instant.astimezone(person.user.zoneinfo)
    return formats.date_format(local, pgettext("date format", "D j M, H:i T"))


def _span(start: datetime, end: datetime, person: Membership) -> dict[str, str]:
    return {"start": when(start, person), "end": when(end, person)}


def _back(swap: Swap, person: Membership) -> str:
    """What is taken in return; nothing where nothing is."""
    if swap.return_layer_key is None or swap.return_starts_at is None or swap.return_ends_at is None:
        return ""
    where = _place(swap.rota, swap.return_layer_key) + ", " if swap.return_layer_key != swap.layer_key else ""
    span = _span(swap.return_starts_at, swap.return_ends_at, person)
    return where + _("%(start)s to %(end)s") % span


def _place(rota: Rota, key: int) -> str:
    name = layer_names([rota]).get((rota.pk, key), "")
    return f"{rota.name} · {name}" if name else rota.name


def _colleagues(rota: Rota) -> list[Membership]:
    places = Participant.objects.filter(
        layer__version__rota=rota, layer__version__withdrawn_at__isnull=True
    ).values_list("person_id", flat=True)
    team = TeamMember.objects.filter(team=rota.team_id).values_list("membership_id", flat=True)
    return list(Membership.objects.staff().filter(pk__in={*places, *team}))


def _beginning(rota: Rota, layer: str, stint: Shift, person: Membership, vendor: Vendor, at: datetime) -> Occasion:
    where = f"{rota.name} · {layer}" if layer else rota.name
    title = _("On call from %(start)s: %(where)s") if stint.start > at else _("On call since %(start)s: %(where)s")
    return Occasion(
        kind=SHIFT,
        title=title % {"start": when(stint.start, person), "where": where},
        body=_("If you cannot be there, ask somebody to cover: it is recorded, and they are woken in your place."),
        path=reverse("my-shifts", kwargs={"vendor": vendor.slug}),
        key=f"shift-{rota.pk}-{stint.layer}-{person.pk}-{stint.start:%Y%m%dT%H%M}",
        at=at,
    )


def _tell(
    people: Sequence[Membership],
    title: Callable[[Membership], str],
    rota: Rota,
    *,
    kind: str,
    key: str,
    body: str,
    at: datetime,
    page: str = "rota",
    channels: Sequence[str] | None = None,
) -> None:
    if not people:
        return
    vendor = Vendor.objects.get(pk=rota.vendor_id)
    named = {"slug": rota.slug} if page == "rota" else {}
    path = reverse(page, kwargs={"vendor": vendor.slug} | named)
    occasions = [(Occasion(kind, title(each), body, path, key, at, None, ""), [each]) for each in people]
    if channels is None:
        tell_many(occasions)
    else:
        tell_many(occasions, channels=channels)
