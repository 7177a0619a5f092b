"""The contract's scope as a ticket's pages need it: what can be decided, what another team can be asked for, and which
warning a customer reads while that is in work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from plans import queries as plan_queries
from plans.contract.desk import ExclusionSection, HandoverKindSection, HandoverSection, ScopeSection
from plans.states import State
from tickets.forms import BodyField
from tickets.models import ExternalIssue, Ticket
from tickets.models.external_issue import IssueState
from tickets.models.scope_decision import ScopeAction
from tickets.transitions import may_follow

THEN: Mapping[str, State] = {
    ScopeAction.FORWARD: State.RESOLVED,
    ScopeAction.FEE: State.WAITING,
    ScopeAction.DECLINE: State.RESOLVED,
}
"""What usually follows; the agent may choose otherwise."""

MEANS: Mapping[str, Promise] = {
    ScopeAction.FORWARD: _("Our sales colleagues take it over, with your reason."),
    ScopeAction.FEE: _("The customer is asked to agree to a fee before any work."),
    ScopeAction.LIMITED: _("Support goes on within limits, which the customer reads on the ticket."),
    ScopeAction.DECLINE: _("The customer is told that this is not part of support."),
}


def section() -> ScopeSection:
    """What the contract in force says of scope; nothing where it is silent."""
    contract = plan_queries.current_contract()
    return contract.scope if contract and contract.scope else ScopeSection()


def warnings(issues: Iterable[ExternalIssue]) -> list[tuple[ExternalIssue, str]]:
    """The issues that customers are told of, each with the contract's warning while it is not refused."""
    said = {kind.slug: kind.warning or "" for _team, kind in section().handovers()}
    return [(each, said.get(each.kind, "")) for each in issues if each.name and each.state != IssueState.REFUSED]


class ScopeForm(forms.Form):
    """The reason, what the customer is told, and what follows; begun with the contract's words."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For colleagues and for sales; the customer does not see it."),
    )
    fee = forms.CharField(label=_("What it costs"), max_length=200, help_text=_("As in “4 hours at 150 EUR”."))
    body = BodyField(label=_("Message to the customer"), help_text=_("Sent as a public reply."))
    then_state = forms.TypedChoiceField(label=_("Then"), required=False, coerce=State, empty_value=None)

    def __init__(
        self, *args: Any, exclusion: ExclusionSection | None, ticket: Ticket, labels: dict[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.exclusion = exclusion
        action = ScopeAction(exclusion.action) if exclusion else None
        if action != ScopeAction.FEE:
            del self.fields["fee"]
        if exclusion is None:
            del self.fields["body"], self.fields["then_state"]
            self.fields["reason"].required = False
            self.fields["reason"].help_text = _("For colleagues; the customer does not see it.")
            return
        self.fields["body"].required = action != ScopeAction.LIMITED
        self.initial = {"body": exclusion.text, **self.initial}
        offered = [State.WAITING, State.IN_PROGRESS, State.RESOLVED]
        choices = [(each.value, labels[each.value]) for each in offered if may_follow(State(ticket.state), each)]
        self.fields["then_state"].choices = [("", _("Leave the status")), *choices]  # type: ignore[attr-defined]
        usual = THEN.get(exclusion.action)
        if usual is not None and usual.value in dict(choices):
            self.initial.setdefault("then_state", usual.value)


class IssueForm(forms.Form):
    """Where the matter is tracked, what it is there, and whether the ticket goes to that team."""

    kind = forms.ChoiceField(label=_("What is asked for"), required=False)
    title = forms.CharField(label=_("Title of the issue"), max_length=200)
    url = forms.URLField(
        label=_("Address of the issue"),
        max_length=500,
        assume_scheme="https",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"}),
    )
    hands_over = forms.BooleanField(label=_("Hand the ticket over to that group"), required=False, initial=True)

    def __init__(self, *args: Any, handovers: list[tuple[HandoverSection, HandoverKindSection]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.handovers = {kind.slug: (team, kind) for team, kind in handovers}
        if self.handovers:
            names = [(slug, kind.name) for slug, (_team, kind) in self.handovers.items()]
            self.fields["kind"].choices = [*names, ("", _("Something else"))]  # type: ignore[attr-defined]
        else:
            del self.fields["kind"], self.fields["hands_over"]

    def asked(self) -> dict[str, Any]:
        """As ``actions.add_issue`` takes it."""
        data = self.cleaned_data
        return {
            "title": data["title"],
            "url": data["url"],
            "asked": self.handovers.get(data.get("kind", "")),
            "hands_over": data.get("hands_over", False),
        }
