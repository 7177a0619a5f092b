"""Which columns the queue can have, and which are seen, in which order. Number and subject come first, always."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class QueueColumn:
    """``joins`` are the ticket's relations that its cells need. ``is_usual``: seen by whoever chose nothing."""

    name: str
    label: Promise
    joins: tuple[str, ...] = ()
    is_usual: bool = True


COLUMNS: tuple[QueueColumn, ...] = (
    QueueColumn("customer", _("Customer"), ("organization", "plan_version__plan")),
    QueueColumn("project", _("Project"), ("project",), is_usual=False),
    QueueColumn("category", _("Category"), ("category",), is_usual=False),
    QueueColumn("priority", _("Priority"), ("priority", "severity")),
    QueueColumn("status", _("Status")),
    QueueColumn("group", _("Group"), ("team",), is_usual=False),
    QueueColumn("assignee", _("Assignee"), ("assignee__user",)),
    QueueColumn("received", _("Received"), is_usual=False),
    QueueColumn("updated", _("Updated"), is_usual=False),
    QueueColumn("due", _("Due")),
)
NAMES = tuple(column.name for column in COLUMNS)
USUAL = tuple(column.name for column in COLUMNS if column.is_usual)
_BY_NAME = {column.name: column for column in COLUMNS}


def shown(chosen: Sequence[str]) -> list[QueueColumn]:
    """The columns of these names in their order, the usual ones without any; a name that is no column's (any more) is
    passed over."""
    known = [name for name in dict.fromkeys(chosen) if name in _BY_NAME]
    return [_BY_NAME[name] for name in known or USUAL]


def arranged(first: Sequence[str]) -> list[QueueColumn]:
    """Every column there is, those of these names first and in their order."""
    return shown([*first, *NAMES])


def moved(names: Sequence[str], name: str, by: int) -> list[str]:
    """The same names with one of them so many places further on (or back, below zero), at the ends no further. Raises
    ValueError for one that is not among them."""
    place = names.index(name)
    rest = [each for each in names if each != name]
    rest.insert(max(0, place + by), name)
    return rest


def joins_of(columns: Sequence[QueueColumn]) -> list[str]:
    """What the rows need; how urgent one is it says in every case."""
    return ["priority", *(join for column in columns for join in column.joins)]
