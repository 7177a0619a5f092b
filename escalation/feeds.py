"""Shifts as an iCalendar file (RFC 5545). Instants are written in UTC, so no program needs to know our zones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from escalation.models import Feed, Rota
from escalation.on_call import watches
from escalation.rota import stints
from escalation.shift_notices import layer_names

BACK = timedelta(days=31)
AHEAD = timedelta(days=184)
REFRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Entry:
    uid: str
    summary: str
    start: datetime
    end: datetime
    path: str


def entries_of(feed: Feed, at: datetime, *, host: str, path: str) -> list[Entry]:
    """The shifts that a feed shows at ``at``: a month back, half a year ahead. ``path`` is the vendor's root."""
    rotas = list(Rota.objects.in_use().order_by("name", "pk"))
    if feed.rota_id is not None:
        rotas = [rota for rota in rotas if rota.pk == feed.rota_id]
    names = layer_names(rotas)
    found = []
    for pk, watch in watches(rotas, at - BACK, at + AHEAD, now=at).items():
        for each in stints(watch.roster, at - BACK, at + AHEAD):
            if feed.rota_id is None and each.person != feed.person_id:
                continue
            name = names.get((pk, each.layer), "")
            where = f"{watch.rota.name} · {name}" if name else watch.rota.name
            if feed.rota_id is None:
                summary = _("On call: %(where)s") % {"where": where}
            else:
                summary = f"{watch.people[each.person].name}: {name or watch.rota.name}"
            uid = f"{pk}-{each.layer}-{each.person}-{each.start:%Y%m%dT%H%M%SZ}@{host}"
            found.append(Entry(uid, summary, each.start, each.end, f"{path}desk/rotas/{watch.rota.slug}/"))
    return sorted(found, key=lambda entry: (entry.start, entry.uid))


def etag_of(entries: Iterable[Entry]) -> str:
    """Changes with what the calendar shows."""
    said = "\n".join(f"{each.uid} {each.end.isoformat()} {each.summary}" for each in entries)
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def as_calendar(entries: Iterable[Entry], *, name: str, at: datetime) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//supportdesk//rotas//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for each in entries:
        event = Event()
        event.add("uid", each.uid)
        event.add("dtstamp", at.astimezone(UTC))
        event.add("dtstart", each.start.astimezone(UTC))
        event.add("dtend", each.end.astimezone(UTC))
        event.add("summary", each.summary)
        event.add("url", each.path)
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
