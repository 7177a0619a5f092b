"""Which columns the queue can have, and which of them a reader sees. Number and subject are always there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
NAMES = frozenset(column.name for column in COLUMNS)
USUAL = tuple(column.name for column in COLUMNS if column.is_usual)


def shown(chosen: Collection[str]) -> list[QueueColumn]:
    """The columns of these names in the queue's order, the usual ones without any; a name that is no column's (any
    more) is passed over."""
    known = NAMES & set(chosen) or USUAL
    return [column for column in COLUMNS if column.name in known]


def joins_of(columns: Sequence[QueueColumn]) -> list[str]:
    """What the rows need; how urgent one is it says in every case."""
    return ["priority", *(join for column in columns for join in column.joins)]
