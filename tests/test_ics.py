"""Reading calendar files: whole days out, and a sentence for what cannot be read."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from supportdesk import ics

KYIV = ZoneInfo("Europe/Kyiv")


def calendar(*events: str) -> bytes:
    body = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//x//EN\n{body}END:VCALENDAR\n".replace("\n", "\r\n").encode()


def one(event: str) -> tuple[date, date]:
    found = ics.read(calendar(event), KYIV)
    assert found.problems == ()
    (away,) = found.events
    return away.starts_on, away.ends_on


@pytest.mark.parametrize(
    ("event", "first", "last"),
    [
        ("DTSTART;VALUE=DATE:20260803\nDTEND;VALUE=DATE:20260808", date(2026, 8, 3), date(2026, 8, 7)),
        ("DTSTART;VALUE=DATE:20260803", date(2026, 8, 3), date(2026, 8, 3)),
        ("DTSTART;VALUE=DATE:20260803\nDURATION:P2D", date(2026, 8, 3), date(2026, 8, 4)),
        ("DTSTART:20260803T220000Z\nDTEND:20260804T050000Z", date(2026, 8, 4), date(2026, 8, 4)),
        ("DTSTART:20260803T090000\nDTEND:20260805T000000", date(2026, 8, 3), date(2026, 8, 4)),
        ("DTSTART;TZID=America/Denver:20260803T200000\nDURATION:PT4H", date(2026, 8, 4), date(2026, 8, 4)),
        ("DTSTART:20260803T090000Z", date(2026, 8, 3), date(2026, 8, 3)),
    ],
    ids=["end is not included", "a date alone", "days long", "instants in the zone", "until midnight", "a zone", "now"],
)
def test_events_become_whole_days(event: str, first: date, last: date) -> None:
    assert one(f"UID:1\nSUMMARY:Away\n{event}") == (first, last)


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("DTSTART;VALUE=DATE:20260803\nRRULE:FREQ=WEEKLY", "repeats"),
        ("DTEND;VALUE=DATE:20260803", "has no start"),
        ("DTSTART;VALUE=DATE:20260803\nDTEND;VALUE=DATE:20260801", "ends before it starts"),
        ("DTSTART;VALUE=DATE:20260803\nDTEND;VALUE=DATE:20360803", "more than a year"),
        ("DTSTART;VALUE=DATE:notadate", ""),
    ],
)
def test_what_cannot_be_read_is_named_and_the_rest_is_kept(event: str, why: str) -> None:
    found = ics.read(
        calendar(f"SUMMARY:Team offsite\n{event}", "UID:2\nSUMMARY:Good\nDTSTART;VALUE=DATE:20260803"), KYIV
    )
    assert [away.name for away in found.events] == ["Good"]
    (problem,) = found.problems
    assert problem.startswith("“Team offsite”: ")
    assert why in problem


def test_a_cancelled_event_is_nothing() -> None:
    assert ics.read(calendar("SUMMARY:x\nSTATUS:CANCELLED\nDTSTART;VALUE=DATE:20260803"), KYIV) == ics.Read((), ())


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not a calendar file|no events"),
        (b"%PDF-1.7 \xff\xfe", "not a calendar file|no events"),
        (b"name,from,to\n", "not a calendar file|no events"),
        (calendar(), "no events"),
        (b"x" * (ics.LARGEST + 1), "larger than 1 MB"),
        (calendar(*["DTSTART;VALUE=DATE:20260803"] * (ics.MOST_EVENTS + 1)), "at most 500"),
    ],
    ids=["empty", "pdf", "csv", "no events", "too large", "too many"],
)
def test_what_is_no_calendar_says_so(data: bytes, why: str) -> None:
    with pytest.raises(ics.UnreadableCalendar, match=why):
        ics.read(data, KYIV)
