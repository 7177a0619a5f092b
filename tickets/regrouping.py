"""Forms that put tickets together and take them apart."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from plans import choices
from plans.models import Priority
from plans.states import State
from supportdesk.accounts.models import Membership
from tickets import transitions
from tickets.asking import WHEN, WRITTEN
from tickets.forms import BodyField
from tickets.models import Link, Message, Ticket
from tickets.models.link import LinkKind
from tickets.picking import TicketField

BACKWARDS = {
    "has_duplicate": (LinkKind.DUPLICATE, _("Has the duplicate")),
    "causes": (LinkKind.CAUSED, _("Causes")),
    "blocked_by": (LinkKind.BLOCKS, _("Blocked by")),
    "incident_of": (LinkKind.PART, _("Incident of")),
}
"""Links as they are made from their other end."""


class LinkForm(forms.Form):
    """What this ticket has to do with another one, read from either end."""

    kind = forms.ChoiceField(
        label=_("This ticket is"),
        choices=[*LinkKind.choices, *((value, text) for value, (_kind, text) in BACKWARDS.items())],
    )

    prefix = "link"

    def __init__(self, *args: Any, ticket: Ticket, by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Ticket.objects.visible_to(by).exclude(pk=ticket.pk)
        self.fields["to"] = TicketField(
            label=_("Number or words"), who=by, among=others, widget=forms.TextInput(attrs={"autocomplete": "off"})
        )

    def ends(self, ticket: Ticket) -> tuple[Ticket, Ticket, LinkKind]:
        """From which ticket to which, and the kind, as ``actions.link`` takes them."""
        other, chosen = self.cleaned_data["to"], self.cleaned_data["kind"]
        if chosen in BACKWARDS:
            return other, ticket, BACKWARDS[chosen][0]
        return ticket, other, LinkKind(chosen)


class MergeForm(forms.Form):
    """Into which ticket, and whether that may open a private ticket to more people."""

    opens_to_new_readers = forms.BooleanField(label=_("Yes, let them read it"), required=False)

    def __init__(self, *args: Any, ticket: Ticket, by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Ticket.objects.visible_to(by).filter(organization_id=ticket.organization_id).exclude(pk=ticket.pk)
        self.fields["into"] = TicketField(
            label=_("Merge into"),
            who=by,
            among=others.open(),
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
            help_text=_("An open ticket of the same organization: its number, or words of it."),
        )


class SplitForm(forms.Form):
    """The new ticket: what is asked of one and is not known from the message."""

    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    subject = forms.CharField(label=_("Subject of the new ticket"), max_length=200)
    body = BodyField(label=_("What it is about"), help_text=_("Keep the part that belongs to the new ticket."))
    priority: forms.ModelChoiceField[Priority] = forms.ModelChoiceField(
        queryset=None, label=_("Priority"), empty_label=None
    )
    original_waits = forms.BooleanField(
        label=_("The customer still waits for an answer on the present ticket too"), required=False
    )

    def __init__(self, *args: Any, message: Message, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["priority"].queryset = choices.customer_priorities()  # type: ignore[attr-defined]
        self.initial = {
            "body": message.body,
            "subject": _first_line(message.body),
            "priority": message.ticket.priority_id,
            "original_waits": message.ticket.unanswered_since not in (None, message.created_at),
            **self.initial,
        }


class TogetherForm(forms.Form):
    """One answer for the tickets of an incident."""

    children: forms.ModelMultipleChoiceField[Ticket] = forms.ModelMultipleChoiceField(
        queryset=None, label=_("Tickets"), widget=forms.CheckboxSelectMultiple
    )
    body = BodyField(label=_("Answer to each customer"))
    then_state = forms.TypedChoiceField(label=_("Then"), required=False, coerce=State, empty_value=None)
    next_update_at = forms.DateTimeField(
        label=_("Next update at"), required=False, widget=forms.DateTimeInput(attrs=WHEN, format=WRITTEN)
    )

    def __init__(self, *args: Any, incident: Ticket, labels: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parts = Ticket.objects.filter(pk__in=Link.objects.children_of(incident).values("source"))
        field = self.fields["children"]
        field.queryset = parts.for_rows().order_by("pk")  # type: ignore[attr-defined]
        states = {each: labels[each.value] for each in (State.WAITING, State.RESOLVED)}
        offered = [(each.value, label) for each, label in states.items() if each in _reachable()]
        self.fields["then_state"].choices = [("", _("Leave the status")), *offered]  # type: ignore[attr-defined]


def _reachable() -> set[State]:
    """The states that some open ticket may go to."""
    return {to for state in State if state is not State.RESOLVED for to in transitions.next_states(state)}


def _first_line(text: str) -> str:
    lines = [line.strip("#>*- \t") for line in text.splitlines() if line.strip()]
    return lines[0][:120] if lines else ""
