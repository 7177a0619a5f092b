"""A rota's layers while they are edited: what was sent, and what its buttons do to it.

The page works without scripts: every button that adds, removes or moves something sends the whole form and gets it
back changed. Nothing here is checked; ``rota_forms`` does that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from django.http import QueryDict

from escalation.models import Layer, Unit
from plans.contract.hours import parse_week, write_week

T = TypeVar("T")

FIELDS = ("key", "name", "zone", "starts_on", "hands_over_at", "length", "unit", "hours", "own_hours")
MOST = 12

PRESETS: dict[str, dict[str, str]] = {
    "business": {"mon-fri": "09:00-17:00"},
    "off-hours": {"mon-fri": "00:00-09:00, 17:00-24:00", "sat-sun": "00:00-24:00"},
    "nights": {"mon-sun": "22:00-06:00"},
    "weekends": {"sat-sun": "00:00-24:00"},
}
"""Hours with a name; "always" has none, "own" are written out."""

Week = dict[str, list[list[str]]]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(slots=True)
class Draft:
    """One layer as it was sent: every value as text, people by their ids in order."""

    values: dict[str, str] = field(default_factory=dict)
    people: list[str] = field(default_factory=list)

    def data(self, prefix: str) -> QueryDict:
        """As a form of that prefix takes it."""
        sent = QueryDict(mutable=True)
        for name, value in self.values.items():
            sent[f"{prefix}-{name}"] = value
        sent.setlist(f"{prefix}-person", self.people)
        return sent


def sent(data: QueryDict) -> list[Draft]:
    """The layers of a sent form."""
    try:
        count = min(max(int(data.get("layers", "0")), 0), MOST)
    except ValueError:
        count = 0
    return [
        Draft(
            {name: data.get(f"layer-{number}-{name}", "") for name in FIELDS},
            [each for each in data.getlist(f"layer-{number}-person") if each],
        )
        for number in range(count)
    ]


def of_rows(layers: Iterable[Layer]) -> list[Draft]:
    """The layers as they are."""
    return [
        Draft(
            {
                "key": str(row.key),
                "name": row.name,
                "zone": row.zone,
                "starts_on": row.starts_on.isoformat(),
                "hands_over_at": f"{row.hands_over_at:%H:%M}",
                "length": str(row.length),
                "unit": row.unit,
                **_hours_of(row.week),
            },
            [str(each.person_id) for each in sorted(row.participants.all(), key=lambda place: place.position)],
        )
        for row in layers
    ]


def blank(zone: str, monday: date, *, name: str) -> Draft:
    """A new layer: a week each, from Monday morning on."""
    return Draft(
        {
            "key": "",
            "name": name,
            "zone": zone,
            "starts_on": monday.isoformat(),
            "hands_over_at": "09:00",
            "length": "1",
            "unit": Unit.WEEKS.value,
            "hours": "always",
            "own_hours": "",
        }
    )


def changed(layers: list[Draft], button: str, *, new: Draft) -> list[Draft]:
    """What the button named ``add``, ``remove-1``, ``up-1``, ``down-1``, ``out-1-2``, ``earlier-1-2`` or ``later-1-2``
    does: layers by their number, people by theirs in it. Unknown names do nothing."""
    verb, *numbers = button.split("-")
    try:
        places = [int(number) for number in numbers]
        match verb, places:
            case "add", []:
                return [*layers, new][:MOST]
            case "remove", [layer]:
                return [each for number, each in enumerate(layers) if number != layer]
            case "up" | "down", [layer]:
                return _moved(layers, layer, -1 if verb == "up" else 1)
            case "out" | "earlier" | "later", [layer, place]:
                people = layers[layer].people
                if verb == "out":
                    del people[place]
                else:
                    layers[layer].people = _moved(people, place, -1 if verb == "earlier" else 1)
    except (ValueError, IndexError):
        pass
    return layers


def week_of(hours: str, own: str) -> Week | None:
    """The week that a choice of hours means; None: around the clock. Raises ValueError with what was expected."""
    if hours == "always":
        return None
    written: dict[str, str] = PRESETS.get(hours) or _lines(own)
    week = parse_week(written)
    return {day: [list(shift) for shift in shifts] for day, shifts in zip(DAYS, week, strict=True) if shifts}


def _lines(text: str) -> dict[str, str]:
    """``mon-fri 09:00-17:00`` on each line, a colon after the days or not."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if line.strip():
            days, hours = _split(line.strip())
            if days in found:
                raise ValueError(f"expected each day once, and '{days}' is given twice")
            found[days] = hours
    if not found:
        raise ValueError("expected a line such as 'mon-fri 09:00-17:00'")
    return found


def _split(line: str) -> tuple[str, str]:
    """Before the first digit are the days."""
    place = next((place for place, letter in enumerate(line) if letter.isdigit()), len(line))
    return line[:place].strip(" :"), line[place:].strip()


def _hours_of(week: Week | None) -> dict[str, str]:
    if week is None:
        return {"hours": "always", "own_hours": ""}
    for name in PRESETS:
        if week_of(name, "") == week:
            return {"hours": name, "own_hours": ""}
    spelt = write_week(tuple(tuple((opens, closes) for opens, closes in week.get(day, [])) for day in DAYS))
    named = {"24x7": {"mon-sun": "00:00-24:00"}, "24x5": {"mon-fri": "00:00-24:00"}}
    lines = named[spelt] if isinstance(spelt, str) else spelt
    return {"hours": "own", "own_hours": "\n".join(f"{days} {hours}" for days, hours in lines.items())}


def _moved(items: list[T], place: int, by: int) -> list[T]:
    other = place + by
    if 0 <= place < len(items) and 0 <= other < len(items):
        items[place], items[other] = items[other], items[place]
    return items
