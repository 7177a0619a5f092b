"""What triage decides: the team's own severity, the priority, the kind of request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from django import forms
from django.utils.translation import gettext_lazy as _

from plans import queries as plan_queries
from plans.models import Category, Priority, PriorityScheme
from tickets.models import Ticket

Graded = TypeVar("Graded", Priority, Category)


@dataclass(frozen=True, slots=True)
class Grades:
    """What the vendor's contract grades by: its codes, the most urgent first, and the kinds of request."""

    priorities: Sequence[Priority] = ()
    severities: Sequence[Priority] = ()
    categories: Sequence[Category] = ()

    @property
    def ranks(self) -> dict[str, int]:
        """The rank of each priority's code, 1 the most urgent."""
        return {priority.code: priority.rank for priority in self.priorities}


def grades() -> Grades:
    """What can be chosen now; a vendor without severities of its own grades by its priorities. One query."""
    version = plan_queries.current_contract_id()
    return Grades() if version is None else grades_of(version)


@lru_cache(maxsize=256)
def grades_of(contract_version_id: int) -> Grades:
    """As ``grades``, by a contract in force. Kept in the process: its rows change only with another version."""
    rows = list(Priority.objects.current().select_related("scheme"))
    priorities = [row for row in rows if row.scheme.kind == PriorityScheme.Kind.PRIORITY]
    severities = [row for row in rows if row.scheme.kind == PriorityScheme.Kind.SEVERITY]
    return Grades(priorities, severities or priorities, list(Category.objects.offered()))


class TriageForm(forms.Form):
    """Severity, priority and category in one save. ``deciders``: the group that alone decides the severity, where the
    reader is not one of it."""

    severity = forms.TypedChoiceField(label=_("Severity"), required=False, empty_value=None)
    priority = forms.TypedChoiceField(label=_("Priority"))
    reason = forms.CharField(label=_("Reason for another priority"), required=False, max_length=300)
    category = forms.TypedChoiceField(label=_("Category"), required=False, empty_value=None)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, ticket: Ticket, offered: Grades, deciders: str = ""
    ) -> None:
        now = {"priority": ticket.priority_id, "severity": ticket.severity_id, "category": ticket.category_id}
        super().__init__(data, prefix="triage", initial=now)
        self._offer("priority", _with(offered.priorities, ticket.priority))
        self._offer("severity", _with(offered.severities, ticket.severity), empty=str(_("None yet")))
        self._offer("category", _with(offered.categories, ticket.category), empty=str(_("None")))
        if not offered.categories:
            del self.fields["category"]
        if deciders:
            self.fields["severity"].disabled = True
            self.fields["severity"].help_text = _("%(team)s alone decides the severity.") % {"team": deciders}

    def _offer(self, name: str, rows: Sequence[Priority | Category], *, empty: str = "") -> None:
        by_id = {str(row.pk): row for row in rows}
        field = self.fields[name]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [*([("", empty)] if empty else []), *((key, _name(row)) for key, row in by_id.items())]
        field.coerce = lambda value: by_id[str(value)]


def _with(rows: Sequence[Graded], present: Graded | None) -> list[Graded]:
    """The rows, and the ticket's present one where the contract has retired it since."""
    offered = list(rows)
    if present is not None and present not in offered:
        offered.append(present)
    return offered


def _name(row: Priority | Category) -> str:
    if isinstance(row, Category) or row.code == row.name:
        return str(row)
    return f"{row.code}: {row.name}"
