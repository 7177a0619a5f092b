"""What the engine takes for granted about the time zone database, checked against every zone of the release in use."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import pairwise

import pytest

from sla.openings import MEAN_TIME_UNTIL, RULES_SINCE
from sla.zones import ZONE_NAMES, zone

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HEADER = struct.Struct(">4s c 15x 6l")


def transitions(name: str) -> list[datetime]:
    """The instants at which the zone's file says that its clocks change (RFC 9636, the second block's 64-bit times)."""
    data = files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()
    _, _, utc, standard, leaps, times, types, letters = HEADER.unpack_from(data)
    second = HEADER.size + times * 5 + types * 6 + letters + leaps * 8 + standard + utc
    count = HEADER.unpack_from(data, second)[5]
    seconds = struct.unpack_from(f">{count}q", data, second + HEADER.size)
    return [EPOCH + timedelta(seconds=each) for each in seconds if each > -(10**11)]


CHANGES = {name: transitions(name) for name in ZONE_NAMES}


def test_the_files_are_read() -> None:
    assert datetime(2011, 12, 30, 10, tzinfo=UTC) in CHANGES["Pacific/Apia"]
    assert sum(map(len, CHANGES.values())) > 10_000


def test_no_zone_changes_twice_within_three_days() -> None:
    gaps = [after - before for changes in CHANGES.values() for before, after in pairwise(changes)]
    assert min(gaps) > timedelta(days=3)


def test_before_1800_every_zone_keeps_one_mean_time() -> None:
    first = min(changes[0] for changes in CHANGES.values() if changes)
    assert first.toordinal() > MEAN_TIME_UNTIL


def test_after_2100_only_rules_of_the_gregorian_calendar_are_left() -> None:
    last = max(changes[-1] for changes in CHANGES.values() if changes)
    assert last.toordinal() < RULES_SINCE


def test_unknown_zones_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^zone: 'Europe/Atlantis' is not a zone"):
        zone("Europe/Atlantis")
