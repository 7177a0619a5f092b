"""What triage decides: the team's own severity, the priority, the group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from plans.models import Priority, PriorityScheme
from supportdesk.accounts.models import Team
from tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Grades:
    """The codes of the vendor's contract, the most urgent first."""

    priorities: Sequence[Priority]
    severities: Sequence[Priority]

    @property
    def ranks(self) -> dict[str, int]:
        """The rank of each priority's code, 1 the most urgent."""
        return {priority.code: priority.rank for priority in self.priorities}


def grades() -> Grades:
    """What can be chosen now; a vendor without severities of its own grades by its priorities. One query."""
    rows = list(Priority.objects.current().select_related("scheme"))
    priorities = [row for row in rows if row.scheme.kind == PriorityScheme.Kind.PRIORITY]
    severities = [row for row in rows if row.scheme.kind == PriorityScheme.Kind.SEVERITY]
    return Grades(priorities, severities or priorities)


class TriageForm(forms.Form):
    """Severity, priority and group in one save."""

    priority = forms.TypedChoiceField(label=_("Priority"))
    severity = forms.TypedChoiceField(label=_("Severity"), required=False, empty_value=None)
    team = forms.TypedChoiceField(label=_("Group"), required=False, empty_value=None)
    reason = forms.CharField(label=_("Reason for another priority"), required=False, max_length=300)

    def __init__(self, data: Mapping[str, Any] | None = None, *, ticket: Ticket, offered: Grades) -> None:
        now = {"priority": ticket.priority_id, "severity": ticket.severity_id, "team": ticket.team_id}
        super().__init__(data, prefix="triage", initial=now)
        self._offer("priority", _with(offered.priorities, ticket.priority))
        self._offer("severity", _with(offered.severities, ticket.severity), empty=str(_("None yet")))
        self._offer("team", list(Team.objects.order_by("name")), empty=str(_("None")))

    def _offer(self, name: str, rows: Sequence[Priority | Team], *, empty: str = "") -> None:
        by_id = {str(row.pk): row for row in rows}
        field = self.fields[name]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [*([("", empty)] if empty else []), *((key, _name(row)) for key, row in by_id.items())]
        field.coerce = by_id.__getitem__


def _with(rows: Sequence[Priority], present: Priority | None) -> list[Priority]:
    """The rows, and the ticket's present one where the contract has retired it since."""
    return [*rows, *([present] if present is not None and present not in rows else [])]


def _name(row: Priority | Team) -> str:
    if isinstance(row, Team) or row.code == row.name:
        return str(row)
    return f"{row.code}: {row.name}"
