"""Time zones, always read from the ``tzdata`` package.

``ZoneInfo(name)`` prefers the operating system's files, whose version differs from machine to machine: a web process
and a worker could then disagree about a deadline. The package is pinned with the other requirements, so every process
of one deployment computes with the same rules, and ``TZDATA_VERSION`` says which.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.resources import files
from zoneinfo import ZoneInfo

TZDATA_VERSION = str(import_module("tzdata").IANA_VERSION)
"""The IANA release in use, e.g. "2026a". Stored beside what was computed, so that open deadlines can be recomputed."""

_DATA = files("tzdata")
ZONE_NAMES: frozenset[str] = frozenset(_DATA.joinpath("zones").read_text(encoding="utf-8").split())


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of that exact IANA name. Raises ValueError for a name that the database does not have."""
    if name not in ZONE_NAMES:
        raise ValueError(f"zone: {name!r} is not a zone of the IANA database {TZDATA_VERSION}")
    with _DATA.joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)
