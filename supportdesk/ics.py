"""Reading a calendar file (iCalendar, RFC 5545) as absences: whole days, and for what cannot be read a sentence that
names the event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from icalendar import Calendar
from icalendar.cal import Component

LARGEST = 1_000_000
MOST_EVENTS = 500
LONGEST = timedelta(days=366)
LONGEST_NAME = 200


class UnreadableCalendar(ValueError):  # noqa: N818 (what it is, not that it is one)
    """The file is no calendar, too large, or holds too much; the text says which, for people."""


@dataclass(frozen=True, slots=True)
class Away:
    """One event as whole days, both included."""

    uid: str
    name: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Read:
    """What a file holds: the events in order, and a sentence for each that was left out."""

    events: tuple[Away, ...]
    problems: tuple[str, ...]


def read(data: bytes, zone: ZoneInfo) -> Read:
    """The events of a calendar file; instants become dates in ``zone``. Raises UnreadableCalendar."""
    if len(data) > LARGEST:
        raise UnreadableCalendar(_("The file is larger than 1 MB: export only the absences."))
    try:
        calendar = Calendar.from_ical(data)
    except (ValueError, IndexError, KeyError, UnicodeDecodeError) as error:
        raise UnreadableCalendar(
            _("This is not a calendar file (.ics): %(why)s") % {"why": _first_line(error)}
        ) from error
    found = calendar.walk("VEVENT")
    if not found:
        raise UnreadableCalendar(_("There are no events in this calendar file."))
    if len(found) > MOST_EVENTS:
        raise UnreadableCalendar(
            _("There are %(count)s events in this file; at most %(most)s can be read at once.")
            % {"count": len(found), "most": MOST_EVENTS}
        )
    events: dict[str, Away] = {}
    problems: list[str] = []
    for number, event in enumerate(found, start=1):
        name = _name_of(event) or _("event %(number)s") % {"number": number}
        try:
            away = _away(event, name, zone)
        except ValueError as error:
            problems.append(_("“%(event)s”: %(why)s") % {"event": name, "why": error})
            continue
        if away is not None:
            events[away.uid or f"{number}"] = away
    return Read(tuple(sorted(events.values(), key=lambda each: (each.starts_on, each.ends_on))), tuple(problems))


def _away(event: Component, name: str, zone: ZoneInfo) -> Away | None:
    """The event as whole days; None when it was cancelled. Raises ValueError with what is wrong."""
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return None
    if event.get("RRULE") or event.get("RDATE"):
        raise ValueError(_("repeats. Enter its dates one by one."))
    starts, ends = _moment(event, "DTSTART"), _moment(event, "DTEND")
    if starts is None:
        raise ValueError(_("has no start."))
    if ends is None:
        ends = _after(starts, event)
    first, last = _day(starts, zone), _last_day(ends, starts, zone)
    if last < first:
        raise ValueError(_("ends before it starts."))
    if last - first > LONGEST:
        raise ValueError(_("lasts more than a year. Is the year of its end right?"))
    return Away(str(event.get("UID", ""))[:255], name, first, last)


def _moment(event: Component, prop: str) -> date | datetime | None:
    value = event.get(prop)
    if value is None:
        return None
    if isinstance(value, list):
        raise ValueError(_("has two of the same date."))
    try:
        moment = value.dt
    except AttributeError:
        raise ValueError(_("has a date that cannot be read.")) from None
    if not isinstance(moment, date):
        raise ValueError(_("has a date that cannot be read."))
    return moment


def _after(starts: date | datetime, event: Component) -> date | datetime:
    """The end where the file states a length, or nothing: a day for a date, no time for an instant (RFC 5545 3.6.1)."""
    length = event.get("DURATION")
    if length is None:
        return starts if isinstance(starts, datetime) else starts + timedelta(days=1)
    try:
        ends: date | datetime = starts + length.dt
    except (AttributeError, TypeError, OverflowError):
        raise ValueError(_("has a length that cannot be read.")) from None
    return ends


def _day(moment: date | datetime, zone: ZoneInfo) -> date:
    if not isinstance(moment, datetime):
        return moment
    return (moment.astimezone(zone) if moment.tzinfo else moment).date()


def _last_day(ends: date | datetime, starts: date | datetime, zone: ZoneInfo) -> date:
    """The last day touched: an end is the first moment, or day, that no longer belongs to the event."""
    if not isinstance(ends, datetime):
        return ends - timedelta(days=1)
    if isinstance(starts, datetime) and bool(starts.tzinfo) is bool(ends.tzinfo) and ends <= starts:
        return _day(ends, zone)
    return _day(ends - timedelta(microseconds=1), zone)


def _name_of(event: Component) -> str:
    return " ".join(str(event.get("SUMMARY", "")).split())[:LONGEST_NAME]


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:160]
